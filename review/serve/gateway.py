"""One API on this machine: a request passes the steps of API Gateway, in its order.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped] # it ships no types

from ..aws import access, effective_access, throttle
from ..aws.iam import Decision
from ..aws.model import AwsModel
from .authorization import Authorization
from .call import Call, context_of, flat
from .cors import actual, preflight
from .errors import GatewayError, response
from .integrations import Integrations
from .keys import Keys
from .matching import match
from .private_callers import PrivateCallers
from .request import Pairs, Request, Response, Trace
from .served_api import AuthorizerKind, ServedApi, Stage
from .throttle import ACCOUNT, Buckets

_MOST_BYTES: Final = 10 * 1024 * 1024
"""Of a request's body, for REST and HTTP APIs alike."""
_OWN_HOSTS: Final = frozenset(("127.0.0.1", "localhost"))
_AWS_NAMES: Final = (".amazonaws.com", ".amazonaws.com.cn")
_REFERENCE: Final = re.compile(r"\$context\.([A-Za-z0-9_.]+)")
_JSON: Final = "application/json"


class Gateway:
    """One API, with its keys, throttles and authorizers."""

    def __init__(
        self,
        api: ServedApi,
        model: AwsModel,
        keys: Keys,
        authorization: Authorization,
        integrations: Integrations,
        buckets: Buckets,
        *,
        lenient: bool,
    ) -> None:
        self.api, self._model, self._keys = api, model, keys
        self._authorization, self._integrations, self._buckets = authorization, integrations, buckets
        self._lenient = lenient
        self._account = model.graph.account
        self._callers = PrivateCallers(api.api, model)

    async def handle(self, request: Request) -> tuple[Response, Trace]:
        """The response to a request, and what happened to it."""
        trace = Trace(self.api.name, request.method, request.raw_path)
        call: Call | None = None
        if not self.api.is_private:
            # execute-api endpoints have only private APIs behind them.
            request.vpc = request.vpc_endpoint = ""
        try:
            stage, path = self._stage(request)
            if (answered := preflight(self.api, request)) is not None:
                answer = answered
            else:
                call = self._matched(request, stage, path)
                trace.route = call.route.key
                call = await self._admitted(call)
                answer = await self._integrations.answer(call, trace)
        except GatewayError as error:
            answer, trace.note = self._refused(error), error.note
        answer.headers += self._own_headers(request)
        answer = actual(self.api, request, answer)
        trace.status = answer.status
        trace.context = {
            **dict(flat(call.context if call else context_of(request, self.api))),
            "status": str(answer.status),
            **({"error.message": trace.note} if trace.note else {}),
        }
        trace.log_format = call.stage.log_format if call else next((one.log_format for one in self.api.stages), "")
        return answer, trace

    @staticmethod
    def ended(trace: Trace, length: int) -> None:
        """Completes a trace once the response's bytes are sent, which takes a stream its time."""
        trace.milliseconds = (time.perf_counter() - trace.started) * 1000
        trace.context |= {"responseLength": str(length), "responseLatency": f"{trace.milliseconds:.0f}"}
        trace.context["accessLog"] = _REFERENCE.sub(
            lambda found: trace.context.get(found[1], "-").replace('"', '\\"'), trace.log_format
        )

    def _stage(self, request: Request) -> tuple[Stage, str]:
        """The stage that a request names, and the encoded path within it. Raises GatewayError."""
        if len(request.body) > _MOST_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE", "a request's body may have 10 MB")
        host = request.host_name
        known = _OWN_HOSTS.union(name for stage in self.api.stages for name in stage.domains)
        # A site whose name resolves to this machine must not read answers (DNS rebinding).
        if host not in known and not host.endswith(_AWS_NAMES):
            raise GatewayError("FORBIDDEN", f"the request is for {host}: call 127.0.0.1, or a domain of the stack")
        mapped = [(base, stage) for stage in self.api.stages for name, base in stage.domains.items() if name == host]
        for base, stage in sorted(mapped, key=lambda one: -len(one[0])):
            if (rest := _below(f"/{base}" if base else "", request.raw_path)) is not None:
                return stage, rest
        if mapped:
            raise GatewayError("FORBIDDEN", f"no base path of {host} leads here")
        nowhere = "FORBIDDEN" if self.api.is_rest else "MISSING_AUTHENTICATION_TOKEN"
        if self.api.api.default_endpoint_closed:
            domains = ", ".join(name for stage in self.api.stages for name in stage.domains)
            raise GatewayError(nowhere, f"the default endpoint is disabled: send Host: {domains or '(no domain)'}")
        if not self.api.stages:
            raise GatewayError("FORBIDDEN", "no stage is deployed")
        for stage in self.api.stages:
            if stage.name != "$default" and (rest := _below(f"/{stage.name}", request.raw_path)) is not None:
                return stage, rest
        default = next((stage for stage in self.api.stages if stage.name == "$default"), None)
        if default is not None:
            return default, request.raw_path or "/"
        names = ", ".join(f"/{stage.name}" for stage in self.api.stages)
        raise GatewayError(nowhere, f"the path names no stage: begin with {names}")

    def _matched(self, request: Request, stage: Stage, path: str) -> Call:
        found = match(self.api.routes, request.method, path, rest=self.api.is_rest)
        if found is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", f"no route takes {request.method} {path}")
        return Call(request, self.api, stage, found.route, found.variables, path, self._account)

    async def _admitted(self, call: Call) -> Call:
        """The call with its identity and key. Raises GatewayError for the first check that fails."""
        self._check_policy(call)
        call = replace(call, identity=await self._authorization.identify(call))
        if call.route.key_required:
            call = self._keys.checked(call)
        self._throttle(call)
        _validate(call)
        return call

    def _check_policy(self, call: Call) -> None:
        api, request, arn = self.api.api, call.request, call.arn
        contexts: Sequence[Mapping[str, Any]] = [{"aws:SourceIp": request.source_ip}]
        who = request.source_ip
        if self.api.is_private:
            caller = self._callers.of(request)
            passed = effective_access.through(api, call.route.target.call, caller.endpoint)
            if passed in (Decision.DENY, Decision.SILENT) and not self._lenient:
                raise GatewayError(
                    "FORBIDDEN", f"the policy of endpoint {caller.endpoint.id} does not let the call pass"
                )
            request.vpc, request.vpc_endpoint = caller.endpoint.vpc, caller.endpoint.id
            contexts, who = caller.contexts(request.source_ip), caller.name
        by_identity = access.decided_by_identity(call.route.target.call)
        if self.api.is_private and not api.policies and not self._lenient:
            raise GatewayError("ACCESS_DENIED", "a private API without a resource policy admits no one")
        principal = (call.route.kind is AuthorizerKind.IAM and request.principal) or "*"
        for policy in api.policies:
            decisions = {access.decide(policy, arn, context, principal) for context in contexts}
            admitting = {Decision.ALLOW, Decision.SILENT} if by_identity else {Decision.ALLOW}
            if decisions <= admitting or self._lenient:
                continue
            if Decision.UNKNOWN in decisions or decisions & admitting:
                note = f"cannot tell whether the resource policy admits {who}"
                raise GatewayError("ACCESS_DENIED", f"{note}{self._callers.missing(request)}")
            how = " with an explicit deny" if Decision.DENY in decisions else ""
            user = "anonymous" if principal == "*" else principal
            message = f"User: {user} is not authorized to perform: execute-api:Invoke on resource: {arn}{how}"
            raise GatewayError("ACCESS_DENIED", f"the resource policy does not admit {who}", message)

    def contradiction(self, request: Request) -> str:
        """Why no caller can be at the place that a request names. Empty if one can."""
        return self._callers.contradiction(request) if self.api.is_private else ""

    def _throttle(self, call: Call) -> None:
        found = throttle.by_stage(self.api.api, call.route.target.call)
        place = self.api.stages.index(call.stage)
        wanted: dict[Any, throttle.Throttle] = {"account": ACCOUNT}
        if place < len(found) and (limit := found[place]) is not None:
            wanted[self.api.id, call.stage.name, call.route.key] = limit
        wanted |= self._keys.limits(call)
        if (empty := self._buckets.take(wanted)) is not None:
            raise GatewayError("THROTTLED", f"the throttle is {wanted[empty]}")
        self._keys.count(call)

    def _refused(self, error: GatewayError) -> Response:
        made = response(error, rest=self.api.is_rest)
        default = "DEFAULT_4XX" if made.status < 500 else "DEFAULT_5XX"
        custom = self.api.gateway_responses.get(error.kind) or self.api.gateway_responses.get(default) or {}
        for name, value in (custom.get("responseParameters") or {}).items():
            if name.startswith("gatewayresponse.header."):
                made.headers.append((name.removeprefix("gatewayresponse.header."), str(value).strip("'")))
        return replace(made, status=int(custom.get("statusCode") or made.status))

    def _own_headers(self, request: Request) -> Pairs:
        if self.api.is_rest:
            return [("x-amzn-RequestId", request.request_id), ("x-amz-apigw-id", request.extended_id)]
        return [("Apigw-Requestid", request.extended_id)]


def _validate(call: Call) -> None:
    """Raises GatewayError if the request lacks what its route requires."""
    required = call.route.required
    missing = [one.removeprefix("method.request.").partition(".")[2] for one in required if not call.value(one)]
    if missing:
        message = f"Missing required request parameters: [{', '.join(missing)}]"
        raise GatewayError("BAD_REQUEST_PARAMETERS", message, message)
    schemas = call.route.body_schemas
    schema = schemas.get(call.request.media or _JSON, schemas.get("$default"))
    if schema is None:
        return
    try:
        jsonschema.validate(json.loads(call.request.body), schema)
    except jsonschema.ValidationError as problem:
        note = f"the body does not fit the route's schema: {problem.message}"
        raise GatewayError("BAD_REQUEST_BODY", note) from None
    except ValueError:
        raise GatewayError("BAD_REQUEST_BODY", "the body is not JSON") from None


def _below(prefix: str, path: str) -> str | None:
    """The part of a path below a prefix, at least `/`. None if the path is elsewhere."""
    inside = not prefix or path == prefix or path.startswith(f"{prefix}/")
    return (path.removeprefix(prefix) or "/") if inside else None
