"""Who may invoke a function: the permissions that its resource policy is made of.

https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import Answer, Truth, make_doubt
from ...graph.evidence import (
    Evidence,
    get_deployed_input,
    is_declared,
    list_unreferenced_evidence,
    make_input_evidence,
    make_reference_evidence,
)
from ...graph.graph import group_pairs
from ...graph.reading import as_text, find_referenced, get_output, list_dependencies
from ..catalog import types
from ..identity.iam import match_glob
from ..network.coverage import restricts_requests
from .api import Api, ApiKind, Call, find_function, stage_name
from .apis import STAGES

API_GATEWAY = "apigateway.amazonaws.com"
_INVOKE = "lambda:invokefunction"
_LIMITS: Final = ("sourceArn", "sourceAccount", "principalOrgId", "eventSourceToken")
"""Inputs of a permission that narrow its principal."""
_SOURCES: Final = ("sourceArn", "sourceAccount")
_BUCKET: Final = re.compile(r"arn:[^:]*:s3:::")
_NOTIFICATION: Final = ("aws:s3/bucketNotification:BucketNotification",)
_QUALIFIED: Final = re.compile(r"(?::function:[^:/]+|^[^:/]+):([^:/]+)(?:/invocations)?$")


class LambdaPermissions:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def list_for_function(self, function: Resource) -> list[Resource]:
        return self._by_function.get(function.urn, [])

    def find_for_call(self, function: Resource, api: Api, call: Call) -> Resource | None:
        """The permission that lets API Gateway invoke the function for this call."""
        return self.find_for_api(function, api, call.integration.uri, _list_source_arns(api, call))

    def find_for_authorizer(self, function: Resource, api: Api, uri: Any, authorizer_id: str) -> Resource | None:
        """The permission that lets API Gateway invoke the function of an authorizer. `authorizer_id` may be empty."""
        base = f"{as_text(get_output(api.resource, 'executionArn'))}/authorizers/"
        return self.find_for_api(
            function, api, uri, [base + (authorizer_id or "unknown")], "" if authorizer_id else base
        )

    def find_for_api(
        self, function: Resource, api: Api, uri: Any, source_arns: Iterable[str], any_below: str = ""
    ) -> Resource | None:
        """The permission that lets an API invoke the function that `uri` names, as the source with any of these ARNs.

        A permission for a source whose ARN begins with `any_below` is enough as well.
        """
        arns, called = list(source_arns), find_qualifier(self._graph, uri)
        for permission in self.list_for_function(function):
            source = get_deployed_input(permission, "sourceArn")
            by_gateway = as_text(get_deployed_input(permission, "principal")) in (API_GATEWAY, "*")
            by_gateway &= not admits_only_urls(permission)
            # IAM compares the names of actions without case.
            if not (by_gateway and match_glob(as_text(get_deployed_input(permission, "action")).lower(), _INVOKE)):
                continue
            account = get_deployed_input(permission, "sourceAccount")
            if not self.is_for_qualifier(permission, called):
                continue
            if account not in (None, UNKNOWN) and self._graph.account and account != self._graph.account:
                continue
            of_api = source is None or self._depends_on(permission, api)
            below = bool(any_below) and as_text(source).startswith(any_below)
            if of_api or below or any(match_glob(as_text(source), arn) for arn in arns):
                return permission
        return None

    def is_for_qualifier(self, permission: Resource, called: Any) -> bool:
        """Whether a permission may be one of the version or alias that is called; of none, if `called` is empty."""
        qualifier = get_deployed_input(permission, "qualifier")
        if qualifier is None:
            qualifier = find_qualifier(self._graph, get_deployed_input(permission, "function"))
        return UNKNOWN in (qualifier, called) or as_text(qualifier) == called

    def list_evidence(self, function: Resource, api: Api) -> Iterator[Evidence]:
        """Evidence that no permission of the function admits a call of the API."""
        yield from list_unreferenced_evidence(self._graph, function, [(types.PERMISSION, ("function",))])
        for resource in self.list_for_function(function):
            yield from (
                make_input_evidence(resource, key)
                for key in ("principal", "action", "qualifier", "sourceAccount", "invokedViaFunctionUrl")
            )
            yield make_reference_evidence(self._graph, resource, "sourceArn", types=())
        if self.list_for_function(function):
            yield from list_unreferenced_evidence(self._graph, api.resource, STAGES)
            for stage in api.stages:
                yield make_input_evidence(stage, "name" if stage.type in types.HTTP_STAGE else "stageName")

    def list_without_source(self) -> Iterator[tuple[Resource, Resource, Answer]]:
        """Functions that a principal may invoke whatever account its source is of, each with the permission.

        The answer is a doubt if a limit of the permission is not known.
        """
        for urn, permissions in self._by_function.items():
            for permission in permissions:
                narrowed = [self._narrows(permission, key) for key in _LIMITS]
                if True not in narrowed and not admits_only_urls(permission):
                    doubt = f"whose sources {permission.name} admits" * (None in narrowed)
                    yield self._graph.resources[urn], permission, make_doubt(doubt)

    def _narrows(self, permission: Resource, key: str) -> Truth:
        """Whether a limit of a permission names an account or a source. None if it is not known whose that is."""
        limit = get_deployed_input(permission, key)
        if limit in (None, ""):
            return False
        if key not in _SOURCES:
            return True
        if limit is UNKNOWN:
            made_of = list_dependencies(self._graph, permission, key) if is_declared(permission, key) else []
            return True if any(one.custom and not one.is_other_stack for one in made_of) else None
        if key == "sourceArn" and _BUCKET.match(as_text(limit)):
            return True if self._has_bucket(as_text(limit)) else None
        # Lambda takes only whole ARNs, as `ArnLike` does.
        is_whole = key == "sourceArn" and as_text(limit).count(":") > 4
        return not is_whole or restricts_requests({"ArnLike": {"aws:SourceArn": limit}})

    def _has_bucket(self, arn: str) -> bool:
        """Whether the program declares a bucket or its notifications: its ARN has no account."""
        name, notifications = arn.rpartition(":")[2], self._graph.list_by_type(*_NOTIFICATION)
        return self._graph.find(arn) is not None or any(
            get_deployed_input(one, "bucket") == name for one in notifications
        )

    def list_for_other_apis(self, apis: Sequence[Api]) -> Iterator[tuple[Resource, Resource]]:
        """Functions that an API which the graph does not hold may invoke, each with the permission."""
        for urn, permissions in self._by_function.items():
            function = self._graph.resources[urn]
            called = any(call.integration.function is function for api in apis for call in api.calls)
            for permission in permissions:
                principal = get_deployed_input(permission, "principal")
                source = get_deployed_input(permission, "sourceArn")
                ours = any(self._depends_on(permission, api) or as_text(source).startswith(api.arn) for api in apis)
                # A source may name no API, or any.
                ours |= called and (source in (None, "") or "*" in as_text(source).partition("/")[0])
                if principal == API_GATEWAY and not ours:
                    yield function, permission

    def _depends_on(self, permission: Resource, api: Api) -> bool:
        """Where the source is known only after deployment: whether it is made from this API."""
        if get_deployed_input(permission, "sourceArn") is not UNKNOWN:
            return False
        makers = {api.resource.urn, *(stage.urn for stage in api.stages)}
        return bool(makers & set(permission.property_dependencies.get("sourceArn", ())))

    @functools.cached_property
    def _by_function(self) -> dict[str, list[Resource]]:
        permissions = self._graph.list_by_type(*types.PERMISSION)
        return group_pairs(
            (function.urn, resource) for resource in permissions for function in self._find_functions(resource)
        )

    def _find_functions(self, permission: Resource) -> list[Resource]:
        named = find_function(self._graph, get_deployed_input(permission, "function"))
        if named is not None:
            return [named]
        return find_referenced(self._graph, permission, "function", types=types.INVOKED)


def admits_only_urls(permission: Resource) -> bool:
    """Whether a permission is known to admit calls through function URLs only. The URLs themselves are read as callers.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    kind = get_deployed_input(permission, "functionUrlAuthType")
    return get_deployed_input(permission, "invokedViaFunctionUrl") is True or kind in ("NONE", "AWS_IAM")


def find_qualifier(graph: Graph, named: Any) -> Any:
    """The alias or version by which an ARN or a name calls a function; empty without one, `UNKNOWN` if not known."""
    if named is UNKNOWN:
        return UNKNOWN
    if ":" not in as_text(named):
        return ""
    if (alias := graph.find(named, *types.ALIAS)) is not None:
        # Without a name of its own Pulumi makes one up.
        return (
            get_output(alias, "name")
            if get_deployed_input(alias, "name") is None
            else get_deployed_input(alias, "name")
        )
    match = _QUALIFIED.search(as_text(named))
    return match[1].replace("$LATEST", "") if match else ""


def _list_source_arns(api: Api, call: Call) -> Iterator[str]:
    """The ARN that API Gateway names itself by for a call, in the spellings that AWS accepts."""
    base = as_text(get_output(api.resource, "executionArn"))
    for stage in sorted({*map(stage_name, api.stages)} or {"stage"}):
        if api.kind is ApiKind.HTTP and call.path == "$default":
            yield f"{base}/{stage}/$default"
            continue
        method = "*" if call.method == "ANY" else call.method
        yield f"{base}/{stage}/{method}{call.path}"
        # `/forward/{proxy+}` as `/forward/*`.
        open_ended = "/".join("*" if part.startswith("{") else part for part in call.path.split("/"))
        yield f"{base}/{stage}/{method}{open_ended}"
