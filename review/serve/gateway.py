"""One API on this machine: a request passes the steps of API Gateway, in its order.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Final

from ..aws.gateway import throttle
from ..aws.gateway.api import Requirement
from .access_log import access_log_line
from .apis import ServedApi, Stage
from .asgi import MOST_BYTES, received, send_response
from .authorization import Authorization
from .call import Call, context_of
from .callers import Callers
from .cors import actual, preflight
from .errors import GatewayError, customized, response
from .integrations import Integrations
from .keys import ACCOUNT, QUOTA, Buckets, Keys
from .matching import match
from .proxy import sendable
from .request import OnTrace, Pairs, Request, Response, Trace
from .stages import deployed_stage_of
from .validation import validate

_MOST_HEADERS: Final = 10_240
_MOST_HEADERS_PRIVATE: Final = 8_000


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
    on_trace: OnTrace

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

        def ended() -> None:
            trace.end()
            self.on_trace(trace)

        await send_response(send, answer, ended)

    async def _handle(self, request: Request) -> tuple[Response, Trace]:
        """The response to a request, and what happened to it."""
        trace = Trace(self.api.name, request.method, request.raw_path, request=request)
        stage, call, failed = None, None, None
        try:
            try:
                _measure(request, is_private=self.api.is_private)
                stage, path = deployed_stage_of(self.api, request)
                if (answered := preflight(self.api, request)) is not None:
                    answer = answered
                else:
                    call = self._matched(request, stage, path)
                    trace.route = call.route.name
                    call = await self._admitted(call, trace)
                    answer = await self.integrations.answer(call, trace)
            except GatewayError:
                raise
            except Exception as problem:  # an error here is another error on AWS, or none
                note = f"this declaration cannot be served: {type(problem).__name__}: {problem}"
                raise GatewayError("API_CONFIGURATION_ERROR", note) from problem
        except GatewayError as error:
            failed = error
            trace.remark(error.note)
            answer = response(error, rest=self.api.is_rest)
            if self.api.is_rest:
                answer = customized(answer, error, self.api.gateway_responses)
        answer.headers = [(name, _local(name, value, request)) for name, value in answer.headers]
        answer.headers += self._own_headers(request)
        if "websocket" in request.header("upgrade").lower():
            trace.remark("REST and HTTP APIs pass no upgrade to WebSocket on: the request is sent without it")
        answer = actual(self.api, request, answer)
        # Texts of the stack and its authorizers write headers too, in gateway responses and for CORS.
        if not sendable(answer.status, answer.headers):
            trace.remark("the status or a header of this answer is none of HTTP")
            answer = response(GatewayError("API_CONFIGURATION_ERROR"), rest=self.api.is_rest)
            answer.headers += self._own_headers(request)
        trace.status = answer.status
        if stage is not None:
            trace.access_log = access_log_line(stage, call or context_of(request, self.api), answer, trace, failed)
        return answer, trace

    def _matched(self, request: Request, stage: Stage, path: str) -> Call:
        matched = match(self.api.routes, request.method, path, rest=self.api.is_rest)
        if matched is None:
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", f"no route takes {request.method} {path}")
        route, variables = matched
        return Call(request, self.api, stage, route, variables, path, self.account)

    async def _admitted(self, call: Call, trace: Trace) -> Call:
        """The call with its identity and key. Raises GatewayError for the first check that fails."""
        # Policies are of any size, and this thread serves everybody.
        allowed, doubt = await asyncio.to_thread(self.callers.admit, call)
        unknown = Requirement.UNKNOWN in call.route.requires and "which authorization the route requires"
        doubts = (doubt, unknown, *call.route.unproven.values())
        trace.remark(*(f"cannot tell: {reason}" for reason in doubts if reason))
        call = replace(call, identity=await self.authorization.identify(call, allowed=allowed))
        if call.route.key_required:
            call = self.keys.checked(call)
        self._throttle(call)
        validate(call)
        return call

    def _throttle(self, call: Call) -> None:
        throttles = throttle.list_stage_throttles(self.api.api, call.route)
        place = self.api.stages.index(call.stage)
        limits_by_key: dict[Any, throttle.Throttle] = {"account": ACCOUNT}
        if place < len(throttles) and (limit := throttles[place]) is not None:
            limits_by_key[self.api.id, call.stage.name, call.route.name] = limit
        limits_by_key |= self.keys.limits(call)
        if (empty := self.buckets.take(limits_by_key)) is not None:
            if isinstance(empty, tuple) and empty[0] == QUOTA:
                raise GatewayError(
                    "QUOTA_EXCEEDED", f"the quota is {limits_by_key[empty].burst} requests, counted in this run"
                )
            own = isinstance(empty, tuple) and empty[0] == self.api.id
            whose = "the account" if empty == "account" else call.route.name if own else "this key"
            raise GatewayError("THROTTLED", f"the throttle of {whose} is {limits_by_key[empty]}")

    def _own_headers(self, request: Request) -> Pairs:
        if self.api.is_rest:
            return [("x-amzn-RequestId", request.request_id), ("x-amz-apigw-id", request.extended_id)]
        return [("Apigw-Requestid", request.extended_id)]


def _local(name: str, value: str, request: Request) -> str:
    """A header's value. An address of this API that a backend makes with the scheme of AWS has that of this machine."""
    own = f"https://{request.host}"
    if name.lower() == "location" and (value == own or value.startswith((f"{own}/", f"{own}?"))):
        return f"http{value.removeprefix('https')}"
    return value


def _measure(request: Request, *, is_private: bool) -> None:
    """Raises GatewayError for a request that is larger than API Gateway takes.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
    """
    if len(request.body) > MOST_BYTES:
        raise GatewayError("REQUEST_TOO_LARGE", "a request's body may have 10 MB")
    line = len(request.method) + len(request.raw_path) + len(request.raw_query) + 2
    if line > _MOST_HEADERS:
        raise GatewayError("URL_TOO_LONG", f"the method and the URL may have {_MOST_HEADERS:,} bytes")
    size = line + sum(len(name) + len(value) for name, value in request.headers)
    most = _MOST_HEADERS_PRIVATE if is_private else _MOST_HEADERS
    if size > most:
        raise GatewayError("HEADERS_TOO_LARGE", f"the URL and the headers may have {most:,} bytes together")
