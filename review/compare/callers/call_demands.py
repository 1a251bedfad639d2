"""What one call must show: its requirements, keys, tokens, signatures and scopes, and what its authorizer asks for."""

import hashlib
import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.tables import table
from ...aws.compute.functions import environment
from ...aws.gateway import openapi
from ...aws.gateway.api import Api, Call, Integration, Requirement, function_in
from ...aws.gateway.definitions import definition
from ...aws.gateway.usage_plans import members
from ...aws.model.model import AwsModel
from ...graph import UNKNOWN, Resource, reveal
from ...graph.given import Fact, held
from ...graph.reading import items, mapping, naming, number, pointed, text, within
from ..engine.side import each_block
from .other_demands import as_text, whole
from .points import Found, Point, Recent, Sense, each

_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_VALIDATOR: Final = "x-amazon-apigateway-request-validator"
_CACHED: Final = ".Access-Control-Max-Age"  # for how long a browser keeps an answer
_HARMLESS: Final = ("authorizerCredentials", "authorizerCredentialsArn", "restApi", "apiId")
_NAMES: Final = {key: (word, Sense[sense]) for key, (word, sense) in table("caller_inputs")["authorizer"].items()}
"""Words for what an authorizer asks for."""


class CallDemands:
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
        for one in call.requires:
            point, said = Point("", "requirement", Sense.ASKS), "API key" if one is Requirement.KEY else one.value
            yield (point, UNKNOWN, "") if one is Requirement.UNKNOWN else (point, one.value, said)
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
        """Secrets of a webhook, one of which the forwarder asks for: each with its scheme."""
        given = environment(call.integration.function)
        scheme = text(given.get("WEBHOOK_SCHEME")) or "github"
        timed = scheme in ("stripe", "slack")  # others sign no time
        seconds = (number(given.get("WEBHOOK_TOLERANCE_SECONDS")) if timed else None) or math.inf
        for key in ("WEBHOOK_SECRET", "WEBHOOK_PREVIOUS_SECRET"):
            if secret := reveal(given.get(key)):
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
                for one in _values(key, value):
                    # Its function, audience, issuer or pool.
                    by_name = self._graph.find(one) or self._graph.find(one.rpartition("/")[2])
                    named = function_in(self._graph, one) if key == "authorizerUri" else by_name
                    new = "new " if named and named.urn in self._renewed and sense is Sense.LIMITS else ""
                    yield Point("", word, sense), f"{new}{one}", f"{new}{named.name}" if named else one
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
    """Content types of requests that API Gateway passes on by a template, if it passes on no others.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
    """
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
    uris = [one.inputs.get("authorizerUri") for one in graph]
    uris += [within(scheme, _AUTHORIZER, "authorizerUri") for scheme in schemes]
    return {found.urn for uri in uris if uri is not None and (found := function_in(graph, uri)) is not None}


def _values(key: str, value: Any) -> list[str]:
    """Values of an authorizer's input. Sources in one text are several, and every call has its own context."""
    texts = [str(one) for one in items(value)]
    if not key.startswith("identitySource"):
        return texts
    return [one for text in texts for one in text.replace(" ", "").split(",") if "context." not in one]


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
