"""What each call must show, and who can show it: what decides that a caller is admitted, with its content.

Two states of a stack admit the same callers if these are equal, besides the network paths that `reach` has.
"""

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.tables import table
from ...aws.compute.functions import environment
from ...aws.gateway import access, openapi
from ...aws.gateway.api import Api, ApiKind, Call, Integration, Requirement, function_in, in_stages, stage_name
from ...aws.gateway.apis import places
from ...aws.gateway.definitions import definition
from ...aws.gateway.usage_plans import members
from ...aws.identity.callers import account_of
from ...aws.identity.iam import Decision
from ...aws.model.model import AwsModel
from ...facts import limits
from ...graph import UNKNOWN, Resource, reveal
from ...graph.given import Fact, held
from ...graph.reading import first, items, mapping, naming, number, output, pointed, text, within
from ..engine.side import each_block
from .other_demands import as_text, named_as, others, whole
from .points import ADDRESS, Found, Pattern, Point, Points, Recent, Sense, each
from .policy_terms import Statement, holds_secret, terms

Sample = tuple[str, str]  # method and path of a call
METHODS: Final = limits.METHODS
_KEY: Final = "aws:kms/key:Key"
_BESIDE_IDENTITIES: Final = tuple(table("caller_inputs")["besideIdentities"])
"""Types whose policies let identities of their own account in beside the policies of these."""
_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_VALIDATOR: Final = "x-amazon-apigateway-request-validator"
_CACHED: Final = ".Access-Control-Max-Age"  # for how long a browser keeps an answer
_HARMLESS: Final = ("authorizerCredentials", "authorizerCredentialsArn", "restApi", "apiId")
_NAMES: Final = {key: (word, Sense[sense]) for key, (word, sense) in table("caller_inputs")["authorizer"].items()}
"""Words for what an authorizer requires."""


def sampled(path: str) -> str:
    """A path of a request that a path with variables takes."""
    parts = ("z/z" if part.endswith("+}") else "z" if part.startswith("{") else part for part in path.split("/"))
    return "/".join(parts)


class _CallDemands:
    """What the calls of a model's APIs need. `renewed` has the URNs of resources that get other ids."""

    def __init__(self, model: AwsModel, renewed: Collection[str]) -> None:
        self._model, self._graph, self._renewed = model, model.graph, renewed

    def is_answered(self, api: Api, call: Call) -> bool:
        """Whether the call gets further than API Gateway: one whose function it may not invoke is answered with 500."""
        function = call.integration.function
        if function is None or call.integration.has_credentials or not call.integration.certain:
            return True
        permissions = self._model.permissions
        known = all(isinstance(ground, Fact) for ground in (*permissions.grounds(function, api), *call.named))
        return permissions.for_call(function, api, call) is not None or not known

    def points(self, api: Api, call: Call) -> Iterator[Found]:
        for need in call.requires:
            point, said = Point("", "requirement", Sense.ASKS), "API key" if need is Requirement.KEY else need.value
            yield (point, UNKNOWN, "") if need is Requirement.UNKNOWN else (point, need.value, said)
        if Requirement.KEY in call.requires:
            keys = [("", ""), *self._keys(api)]
            yield from ((Point("", "API key", Sense.MEETS), key, name) for key, name in keys)
        yield from self._signatures(call)
        scheme, host = call.integration.key[-2:]
        if host and self._graph.find(host.partition(":")[0]) is None:
            yield from each(Point("", "target", Sense.EITHER), [f"{scheme}://{host}"])
        if isinstance(call.declared, Resource):
            scopes = items(held(call.declared, "authorizationScopes"))
            yield from each(Point("", "scope", Sense.LIMITS), map(str, scopes))
            for resource in pointed(self._graph, call.declared, "authorizerId"):
                yield from self._of_authorizer({key: held(resource, key) for key in resource.inputs})
        elif isinstance(call.declared, Mapping):
            yield from self._of_operation(api, call.declared)
        yield from _content_types(call.integration)
        if call.integration.kind == "MOCK":
            written = {key: call.integration.written.get(key) for key in ("responses", "requestTemplates")}
            shown = each_block(written, lambda block: {key: block[key] for key in block if not key.endswith(_CACHED)})
            yield whole(Point("", "answer of the API itself", Sense.EITHER), shown)

    def _signatures(self, call: Call) -> Iterator[Found]:
        """Secrets of a webhook, one of which the forwarder requires: each with its scheme."""
        variables = environment(call.integration.function)
        scheme = text(variables.get("WEBHOOK_SCHEME")) or "github"
        timed = scheme in ("stripe", "slack")  # others sign no time
        seconds = (number(variables.get("WEBHOOK_TOLERANCE_SECONDS")) if timed else None) or math.inf
        for key in ("WEBHOOK_SECRET", "WEBHOOK_PREVIOUS_SECRET"):
            if secret := reveal(variables.get(key)):
                shown = f"{scheme} signature" + (" by the previous secret" if "PREVIOUS" in key else "")
                shown += f" of the last {seconds:g} s" if seconds < math.inf else ""
                yield Point("", "signature", Sense.LIMITS), Recent(_digest(f"{scheme} {secret}"), seconds), shown

    def _of_operation(self, api: Api, operation: Mapping[str, Any]) -> Iterator[Found]:
        body = mapping(definition(self._graph, api.resource))
        schemes = openapi.written_schemes(body)
        for requirement in operation.get("security") or []:
            for name, scopes in mapping(requirement).items():
                scheme = dict(schemes.get(name, {}))
                yield from each(Point("", "scope", Sense.LIMITS), map(str, scopes or ()))
                yield from self._of_authorizer({**mapping(scheme.pop(_AUTHORIZER, None)), "header": scheme.get("name")})
        validator = operation.get(_VALIDATOR) or body.get(_VALIDATOR)
        if validator:
            rules = mapping(body.get(f"{_VALIDATOR}s")).get(str(validator))
            schemas = within(body, "components", "schemas") or body.get("definitions")
            parts = [rules, operation.get("parameters"), operation.get("requestBody"), schemas]
            yield whole(Point("", "validation", Sense.EITHER), parts)

    def _of_authorizer(self, written: Mapping[str, Any]) -> Iterator[Found]:
        parts = {**mapping(next(iter(items(written.get("jwtConfiguration"))), None)), **written}
        others = {}
        # The header of the scheme counts only for an authorizer without identity sources.
        silent = (*_HARMLESS, "jwtConfiguration", "name", "header" if parts.get("type") == "request" else "")
        for key, value in parts.items():
            if key in _NAMES:
                word, sense = _NAMES[key]
                for name in _values(key, value):
                    # Its function, audience, issuer or pool.
                    by_name = self._graph.find(name) or self._graph.find(name.rpartition("/")[2])
                    named = function_in(self._graph, name) if key == "authorizerUri" else by_name
                    new = "new " if named and named.urn in self._renewed and sense is Sense.LIMITS else ""
                    yield Point("", word, sense), f"{new}{name}", f"{new}{named.name}" if named else name
            elif key not in silent and value is not None:
                others[key] = value
        if len(others) > 1 or "header" not in others:
            yield whole(Point("", "settings of the authorizer", Sense.DETAIL), others)

    def _keys(self, api: Api) -> Iterator[tuple[str, str]]:
        """Keys that are enabled and in a plan of the API: by its value, or by its name while AWS makes the value."""
        graph = self._graph
        for plan in naming(graph, api.resource, types.USAGE_PLAN, "apiStages", "apiId"):
            for link in members(graph, plan):
                resources = pointed(graph, link, "keyId", types=("aws:apigateway/apiKey:ApiKey",))
                if not resources:
                    yield as_text(held(link, "keyId")), text(held(link, "keyId")) or "a key of another stack"
                for key in resources:
                    value = held(key, "value")
                    mark = "new " if key.urn in self._renewed else ""
                    if held(key, "enabled") is not False:
                        yield _digest(value) if isinstance(value, str) else f"{mark}{key.name}", key.name


def _content_types(integration: Integration) -> Iterator[Found]:
    """Content types of requests that API Gateway passes on by a template, if it passes on no others."""
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    templates = mapping(integration.written.get("requestTemplates"))
    behavior, point = integration.written.get("passthroughBehavior"), Point("", "content type", Sense.LIMITS)
    if integration.kind not in ("AWS", "HTTP", "MOCK"):
        return  # a proxy passes on everything
    if behavior is UNKNOWN:
        yield point, UNKNOWN, ""
    elif text(behavior).upper() == "NEVER" or (text(behavior).upper() == "WHEN_NO_TEMPLATES" and templates):
        yield from each(point, templates or ["of a template"])


def deciding_functions(model: AwsModel) -> set[str]:
    """URNs of functions that decide on callers: authorizers."""
    graph = model.graph
    bodies = [mapping(definition(graph, api.resource)) for api in model.apis.all]
    schemes = [scheme for body in bodies for scheme in openapi.written_schemes(body).values()]
    uris = [resource.inputs.get("authorizerUri") for resource in graph]
    uris += [within(scheme, _AUTHORIZER, "authorizerUri") for scheme in schemes]
    return {function.urn for uri in uris if uri is not None and (function := function_in(graph, uri)) is not None}


def _values(key: str, value: Any) -> list[str]:
    """Values of an authorizer's input. Sources in one text are several, and every call has its own context."""
    texts = [str(part) for part in items(value)]
    if not key.startswith("identitySource"):
        return texts
    return [source for text in texts for source in text.replace(" ", "").split(",") if "context." not in source]


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


class Demands:
    """What callers of a model need.

    `renewed` has the URNs of resources that get other ids, `names` other names by URN, `subjects` those by name.
    """

    def __init__(
        self, model: AwsModel, names: Mapping[str, str], renewed: Collection[str], subjects: Mapping[str, str]
    ) -> None:
        self._model, self._graph, self._names, self._renewed = model, model.graph, names, renewed
        self._subjects, self.account = subjects, model.graph.account
        self._calls = _CallDemands(model, renewed)
        entries = {address: of for api in model.apis.all for address, of in self._entries(api)}
        self.entries: Final[dict[str, tuple[Api, str]]] = entries
        """By address, an API with its calls there, and the stage of a domain's calls if it has several."""
        self.who: Final[dict[str, str]] = {}  # by call, who may send it by address; empty for the whole internet
        self.unanswered: Final[set[tuple[str, str]]] = set()
        """Addresses and calls that get no further than API Gateway. Like `who`, `points` fills it in."""
        self.open_alone: Final = {system.name for system in self._graph.of_type("aws:efs/fileSystem:FileSystem")}
        """What everybody may use who reaches it, as long as it has no policy."""
        self.bare: Final[dict[str, Point | None]] = {}
        """By address of an API without a policy, where that admits or denies everybody; None for IAM's own account."""

    def moved(self) -> list[str]:
        """New addresses that replaced APIs get."""
        return [key for key, (api, _) in self.entries.items() if api.resource.urn in self._renewed and key[-1:] == ")"]

    def takes_inside(self, address: str) -> bool:
        """Whether the stage `$default` of an HTTP API takes the name of another stage as a part of the path."""
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
        api, _, stage = address.rpartition(", ")
        root = self.entries.get(f"{api}, $default)")
        return root is not None and root[0].call_for("GET", f"/{stage[:-1]}/z") is not None

    def balancers_of(self, listener: str) -> set[str]:
        listeners = (resource for resource in self._graph.of_type(*types.LISTENER) if resource.name == listener)
        balancers = (self._model.balancers.balancer(resource) for resource in listeners)
        return {self._model.names.of(balancer) for balancer in balancers if balancer is not None}

    def lets(self, subject: str, statement: Statement, accounts: Collection[str]) -> bool | None:
        """Whether a principal of these own accounts may do what a statement allows by its own policies as well.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
        """
        held_by = [one for one in self._graph if one.custom and subject == self._subjects.get(one.name, one.name)]
        kinds, parts = [resource.type for resource in held_by], dict(statement.parts)
        # A role or a key may have the name of a bucket.
        service = f"aws:{parts.get('Action', '').partition(':')[0]}/"
        kinds = [kind for kind in kinds if kind.startswith(service)] or kinds
        arn = parts.get("Principal AWS", "")
        account = account_of(arn) or arn
        if account not in accounts:
            return False
        keys = [resource for resource in held_by if resource.type == _KEY] if _KEY in kinds else []
        if keys and all(self._model.keys.trusts_account(resource, parts.get("Action", "*")) for resource in keys):
            parts["Resource"] = text(output(keys[0], "arn"))  # a star in its policy stands for the key
        elif not kinds or not all(kind.startswith(_BESIDE_IDENTITIES) for kind in kinds):
            return False
        if arn in (account, f"arn:{self._graph.partition}:iam::{account}:root"):
            return True  # it names no identity, and each needs a policy of its own
        role = self._graph.find(arn, *types.ROLE)
        asked = (parts.get(key, "*").replace("*", "any") for key in ("Action", "Resource"))
        decision = Decision.UNKNOWN if role is None else self._model.roles.decision(role, *asked)
        return None if decision is Decision.UNKNOWN else decision is Decision.ALLOW

    def points(self, samples: Mapping[str, Collection[Sample]]) -> Points:
        """All points; of calls, those of the samples, which are given by address."""
        points: Points = {}
        for point, key, shown in self._all(samples):
            points.setdefault(point, {})[key] = shown
        return points

    def _all(self, samples: Mapping[str, Collection[Sample]]) -> Iterator[Found]:
        for address, (api, stage) in self.entries.items():
            yield from each(ADDRESS, [address])
            for method, path in samples.get(address, ()):
                if (call := api.call_for(method, sampled(path))) is not None:
                    name = f"{method} {path}" if path != "$default" else path
                    if not self._calls.is_answered(api, call):
                        self.unanswered.add((address, name))
                    self.who[f"{name} at {address}"] = self._sender(api, call, address)
                    yield from each(Point(address, "call", Sense.ADMITS), [name])
                    for point, key, shown in self._calls.points(api, call):
                        yield Point(f"{name} at {address}", *point[1:]), key, shown
            yield from each(Point(address, "stage", Sense.DETAIL), filter(None, [stage]))
            yield from self._of_api(api, address)
        for point, key, shown in others(self._model):
            yield point._replace(subject=self._subjects.get(point.subject, point.subject)), key, shown

    def _sender(self, api: Api, call: Call, address: str) -> str:
        if api.kind is ApiKind.PRIVATE:
            return "anyone who reaches the private API"
        domain = address.partition("/")[0]
        trusted = [resource for resource in api.domains if held(resource, "mutualTlsAuthentication") is not None]
        if any(text(held(resource, "domainName")) == domain for resource in trusted):
            return "anyone with a client certificate"
        admitted = access.audience(api, call)
        if admitted.anyone and not access.uncertainty(api, call):
            return ""
        return f"callers from {admitted.label or 'addresses that are not known'}"

    def _entries(self, api: Api) -> Iterator[tuple[str, tuple[Api, str]]]:
        name = self._names.get(api.resource.urn, api.resource.name)
        stages: dict[str, Api] = {}
        for one in api.stages:  # each with the targets that its variables give
            calls = (replace(call, integration=in_stages(self._graph, call.integration, [one])) for call in api.calls)
            stages[stage_name(one)] = replace(api, calls=tuple(calls))
        if api.kind is ApiKind.PRIVATE or not api.default_endpoint_closed:
            kind = "" if api.resource.type in types.REST_API else f"{api.kind.value}, "
            yield from ((f"{name} ({kind}{stage})", (there, "")) for stage, there in stages.items())
        for name, base, link in places(self._graph, api.resource):
            written = held(link, "stageName"), held(link, "stage"), held(link, "actions", "invokeApi", "stage")
            stage = next(filter(None, map(text, written)), "")
            yield f"{name}/{base}".rstrip("/"), (stages.get(stage, api), stage if len(stages) > 1 else "")

    def _of_api(self, api: Api, address: str) -> Iterator[Found]:
        # The API, and the resources that hold its policy.
        holders = [api.resource, *naming(self._graph, api.resource, types.REST_POLICY, "restApiId")]
        hidden = any(holds_secret(holder.inputs.get("policy")) for holder in holders)
        for policy in api.policies:
            yield from terms(address, policy, hidden=hidden, arn=text(api.arn))
        if not api.policies:
            signed = any(Requirement.IAM in call.requires for call in api.calls)
            open_to = None if signed else Point(address, "", Sense.ADMITS)
            self.bare[address] = Point(address, "denial", Sense.ASKS) if api.kind is ApiKind.PRIVATE else open_to
        if api.acl is not None:
            acl = named_as(first(self._graph, api.acl, "webAclArn", types=()), api.acl)
            yield from each(Point(address, "web ACL", Sense.ASKS), [acl])
        cors = within(api.resource.inputs, "corsConfiguration")
        for word in ("origin", "method of browsers", "header of browsers"):
            allowed = items(within(cors, f"allow{word.split()[0].title()}s"))
            yield from ((Point(address, word, Sense.ADMITS), Pattern(entry), entry) for entry in map(str, allowed))
        if api.kind is ApiKind.PRIVATE:
            ids = items(held(api.resource, "endpointConfiguration", "vpcEndpointIds"))
            named = (named_as(self._graph.find(identifier), identifier) for identifier in ids)
            yield from each(Point(address, "endpoint", Sense.ADMITS), named)
            for endpoint in self._model.api_endpoints:
                if held(endpoint.resource, "privateDnsEnabled") is True:
                    yield from each(Point(address, "private DNS", Sense.ADMITS), [endpoint.resource.name])
