"""One API on this machine: a request passes the steps of API Gateway, in its order.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import asyncio
from collections.abc import AsyncIterator, Hashable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Final

import httpx

from .access_log import format_access_log_line
from .apis import ServedApi
from .asgi import MOST_BYTES, receive_request, send_response
from .authorization import Authorization
from .call import Call, build_context
from .callers import Callers
from .cors import answer_preflight, replace_cors_headers
from .errors import GatewayError, add_custom_headers, make_response, name_setting
from .exchange import MOST_KEPT, Allowance
from .integrations import Integrations
from .keys import ACCOUNT, QUOTA, Buckets, Keys, Throttle, find_stage_throttle
from .matching import match
from .proxy import is_sendable
from .request import OnTrace, Pairs, Request, Response, Trace
from .stages import find_path
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
        request = await receive_request(scope, receive)
        if request is None:
            return
        answer, trace = await self.answer(request)
        if not answer.find_header("date"):
            answer.headers.append(("date", formatdate(usegmt=True)))

        trace.answer = answer
        if answer.stream is not None:
            answer.stream = _keep_first_bytes(answer.stream, trace)

        def ended() -> None:
            trace.end()
            self.on_trace(trace)

        await send_response(send, answer, ended)

    async def answer(self, request: Request) -> tuple[Response, Trace]:
        """The response to a request as it came, with the headers that tell its caller, and what happened to it."""
        if malformed := self.callers.apply_identity_headers(request):
            text = f"{malformed}\n".encode()
            answer = Response(httpx.codes.BAD_REQUEST, [("content-type", "text/plain")], text)
            return answer, Trace(self.api.name, request.method, request.raw_path, status=answer.status, note=malformed)
        return await self._handle(request)

    async def _handle(self, request: Request) -> tuple[Response, Trace]:
        """The response to a request, and what happened to it."""
        trace = Trace(self.api.name, request.method, request.raw_path, request=request)
        is_in_stage, call, failed = False, None, None
        try:
            try:
                _measure(request, is_private=self.api.is_private)
                path = find_path(self.api, request)
                is_in_stage = True
                if (answered := answer_preflight(self.api, request)) is not None:
                    answer = answered
                else:
                    call = self._match_route(request, path)
                    trace.route = call.route.name
                    if call.route.unserved:
                        return self._refuse_unserved(call, trace), trace
                    call = await self._admit(call, trace)
                    answer = await self.integrations.answer(call, trace)
            except GatewayError:
                raise
            except Exception as problem:  # an error here is another error on AWS, or none
                note = f"this declaration cannot be served: {type(problem).__name__}: {problem}"
                raise GatewayError("API_CONFIGURATION_ERROR", note) from problem
        except GatewayError as error:
            failed = error
            trace.add_notes(error.note)
            trace.setting = error.setting
            answer = make_response(error, rest=self.api.is_rest)
            if self.api.is_rest:
                answer = add_custom_headers(answer, error, self.api.gateway_responses)
        answer.headers = [(name, _localize_header(name, value, request)) for name, value in answer.headers]
        answer.headers += self._make_own_headers(request)
        if "websocket" in request.find_header("upgrade").lower():
            trace.add_notes("REST and HTTP APIs pass no upgrade to WebSocket on: the request is sent without it")
        answer = replace_cors_headers(self.api, request, answer)
        # Texts of the stack and its authorizers write headers too, in gateway responses and for CORS.
        if not is_sendable(answer.status, answer.headers):
            trace.add_notes("the status or a header of this answer is none of HTTP")
            answer = make_response(GatewayError("API_CONFIGURATION_ERROR"), rest=self.api.is_rest)
            answer.headers += self._make_own_headers(request)
        trace.status = answer.status
        if is_in_stage:
            context = call or build_context(request, self.api)
            trace.access_log = format_access_log_line(self.api, context, answer, trace, failed)
        return answer, trace

    def _refuse_unserved(self, call: Call, trace: Trace) -> Response:
        """The answer of this command itself to a call that it cannot answer as AWS does."""
        text = f"{call.route.name} is not served here: {'; '.join(call.route.unserved)}"
        trace.add_notes(text)
        trace.status = httpx.codes.NOT_IMPLEMENTED
        return Response(trace.status, [("Content-Type", "text/plain; charset=utf-8")], f"{text}\n".encode())

    def _match_route(self, request: Request, path: str) -> Call:
        matched = match(self.api.routes, request.method, path, rest=self.api.is_rest)
        if matched is None:
            note = f"no route takes {request.method} {path}"
            raise GatewayError("MISSING_AUTHENTICATION_TOKEN", note, setting="api.routes")
        route, variables = matched
        return Call(request, self.api, route, variables, path, self.account)

    async def _admit(self, call: Call, trace: Trace) -> Call:
        """The call with its identity and key. Raises GatewayError for the first check that fails."""
        # Policies are of any size, and this thread serves everybody.
        allowed, uncertainty = await asyncio.to_thread(self.callers.admit, call)
        trace.add_notes(uncertainty and f"cannot tell: {uncertainty}")
        with name_setting("route.authorization"):
            call = replace(call, identity=await self.authorization.identify(call, allowed=allowed))
        if call.route.key_required:
            call = self.keys.check_key(call)
        self._apply_throttles(call, trace)
        validate(call)
        return call

    def _apply_throttles(self, call: Call, trace: Trace) -> None:
        limits_by_key: dict[Any, Throttle] = {"account": ACCOUNT}
        if (limit := find_stage_throttle(self.api, call.route)) is not None:
            limits_by_key[self.api.id, call.route.name] = limit
        limits_by_key |= self.keys.list_limits(call)
        empty = self.buckets.take(limits_by_key)
        trace.allowances = [
            Allowance(self._name_limit(key, call), _describe_limit(key, limit), self.buckets.count_left(key))
            for key, limit in limits_by_key.items()
        ]
        if empty is not None:
            if _is_quota(empty):
                note = f"the quota is {limits_by_key[empty].burst} requests, counted in this run"
                raise GatewayError("QUOTA_EXCEEDED", note, setting=f"plan:{_name_plan(empty)}.quota")
            whose = self._name_limit(empty, call)
            own = {"the account": "", call.route.name: "route.throttle"}
            setting = own[whose] if whose in own else f"plan:{_name_plan(empty)}.throttle"
            raise GatewayError("THROTTLED", f"the throttle of {whose} is {limits_by_key[empty]}", setting=setting)

    def _name_limit(self, key: Hashable, call: Call) -> str:
        """Whose a throttle or a quota is."""
        own = isinstance(key, tuple) and key[0] == self.api.id
        return "the account" if key == "account" else call.route.name if own else "this key"

    def _make_own_headers(self, request: Request) -> Pairs:
        if self.api.is_rest:
            return [("x-amzn-RequestId", request.request_id), ("x-amz-apigw-id", request.extended_id)]
        return [("Apigw-Requestid", request.extended_id)]


async def _keep_first_bytes(stream: AsyncIterator[bytes], trace: Trace) -> AsyncIterator[bytes]:
    async for part in stream:
        trace.received += part[: MOST_KEPT - len(trace.received)]
        yield part


def _is_quota(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == QUOTA


def _name_plan(key: Hashable) -> str:
    """The resource of the usage plan that a bucket is of, by its URN among the bucket's parts."""
    parts = key if isinstance(key, tuple) else ()
    return next((str(part).rpartition("::")[2] for part in parts if str(part).startswith("urn:")), "")


def _describe_limit(key: Hashable, limit: Throttle) -> str:
    return f"quota of {limit.burst:,} requests" if _is_quota(key) else f"throttle of {limit}"


def _localize_header(name: str, value: str, request: Request) -> str:
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
