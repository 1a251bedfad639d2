"""One API on this machine: a request passes the steps of API Gateway, in its order.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped] # it ships no types

from ..aws import throttle
from .apis import ServedApi, Stage
from .asgi import received, send_response
from .authorization import Authorization
from .call import Call, context_of, flat
from .callers import Callers
from .cors import actual, preflight
from .errors import GatewayError, response
from .integrations import Integrations
from .keys import ACCOUNT, Buckets, Keys
from .matching import match, stage_of
from .request import Pairs, Request, Response, Told, Trace

_MOST_BYTES: Final = 10 * 1024 * 1024
"""Of a request's body, for REST and HTTP APIs alike."""
_JSON: Final = "application/json"
_FREE: Final = (401, 403, 429)
"""AWS charges nothing for calls that it refuses for credentials, keys or throttles.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-pricing.html"""


@dataclass
class Gateway:
    """One API as an ASGI application, with its keys, throttles and authorizers."""

    api: ServedApi
    account: str
    callers: Callers
    keys: Keys
    authorization: Authorization
    integrations: Integrations
    buckets: Buckets
    told: Told
    cost: float | None
    """The price of a request, if it is known."""

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        request = await received(scope, receive)
        if request is None:
            return
        if malformed := self.callers.posed(request):
            await send_response(send, Response(400, [("content-type", "text/plain")], f"{malformed}\n".encode()))
            return
        answer, trace = await self._handle(request)
        if not answer.header("date"):
            answer.headers.append(("date", formatdate(usegmt=True)))
        trace.cost = 0.0 if self.cost and answer.status in _FREE and not trace.hops else self.cost

        def ended(length: int) -> None:
            trace.end(length)
            self.told(trace)

        await send_response(send, answer, ended)

    async def _handle(self, request: Request) -> tuple[Response, Trace]:
        """The response to a request, and what happened to it."""
        trace = Trace(self.api.name, request.method, request.raw_path)
        call: Call | None = None
        reason = ""
        try:
            _measure(request)
            stage, path = stage_of(self.api, request)
            if (answered := preflight(self.api, request)) is not None:
                answer = answered
            else:
                call = self._matched(request, stage, path)
                trace.route = call.route.name
                call = await self._admitted(call, trace)
                answer = await self.integrations.answer(call, trace)
        except GatewayError as error:
            answer, reason = self._refused(error), error.note
            trace.remark(error.note)
        answer.headers += self._own_headers(request)
        answer = actual(self.api, request, answer)
        trace.status = answer.status
        trace.context = {
            **dict(flat(call.context if call else context_of(request, self.api))),
            "status": str(answer.status),
            **({"error.message": reason} if reason else {}),
        }
        trace.log_format = call.stage.log_format if call else next((one.log_format for one in self.api.stages), "")
        return answer, trace

    def _matched(self, request: Request, stage: Stage, path: str) -> Call:
        found = match(self.api.routes, request.method, path, rest=self.api.is_rest)
        if found is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", f"no route takes {request.method} {path}")
        return Call(request, self.api, stage, *found, path, self.account)

    async def _admitted(self, call: Call, trace: Trace) -> Call:
        """The call with its identity and key. Raises GatewayError for the first check that fails."""
        allowed, doubt = self.callers.admit(call)
        trace.remark(doubt and f"cannot tell: {doubt}")
        call = replace(call, identity=await self.authorization.identify(call, allowed=allowed))
        if call.route.key_required:
            call = self.keys.checked(call)
        self._throttle(call)
        _validate(call)
        return call

    def _throttle(self, call: Call) -> None:
        found = throttle.by_stage(self.api.api, call.route)
        place = self.api.stages.index(call.stage)
        wanted: dict[Any, throttle.Throttle] = {"account": ACCOUNT}
        if place < len(found) and (limit := found[place]) is not None:
            wanted[self.api.id, call.stage.name, call.route.name] = limit
        wanted |= self.keys.limits(call)
        if (empty := self.buckets.take(wanted)) is not None:
            raise GatewayError("THROTTLED", f"the throttle is {wanted[empty]}")
        self.keys.count(call)

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


def _measure(request: Request) -> None:
    """Raises GatewayError for a body that API Gateway does not take."""
    if len(request.body) > _MOST_BYTES:
        raise GatewayError("REQUEST_TOO_LARGE", "a request's body may have 10 MB")


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
