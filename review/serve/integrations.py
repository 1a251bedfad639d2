"""Integrations: functions, VPC links, HTTP endpoints and mocks, called as API Gateway calls them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from ..graph import Resource
from .backends import Backends
from .errors import GatewayError
from .events import Call, event_of, response_of
from .functions import Function
from .mapping import context_of, filled, mocked, parameter
from .network import Network, Relay, Verdict
from .request import Pairs, Response, Trace

_MOST_FUNCTION_BYTES: Final = 6 * 1024 * 1024
"""Of an event and of a whole response. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_CONNECTION: Final = ("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade")
_HOP: Final = frozenset((*_CONNECTION, "proxy-authenticate", "proxy-authorization", "expect", "host", "content-length"))
_REMAPPED: Final = frozenset(("authorization", "connection", "date", "server", "user-agent", "www-authenticate"))
"""Response headers that REST APIs rename."""
_DROPPED: Final = frozenset(
    ("transfer-encoding", "proxy-authenticate", "te", "trailer", "upgrade", "expect", "host", "keep-alive")
)


class Integrations:
    """Calls what is behind the routes of one stack."""

    def __init__(
        self,
        network: Network,
        backends: Backends,
        functions: Mapping[str, Function | str],
        relays: Mapping[str, Sequence[Relay]],
    ) -> None:
        """`functions` by URN; a text is the reason why one cannot run. `relays` has the addresses that they call."""
        self._network, self._backends, self._functions, self._relays = network, backends, functions, relays
        # Each call has its route's own time-out.
        self._client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=httpx.Timeout(None))
        self._verdicts: dict[tuple[str, ...], Verdict] = {}

    async def stop(self) -> None:
        await self._client.aclose()

    async def answer(self, call: Call, trace: Trace) -> Response:
        """The integration's response. Raises GatewayError."""
        target = call.route.target
        if target.kind == "MOCK":
            return mocked(call, context_of(call.request, call, call.api.id))
        started = time.perf_counter()
        try:
            if target.function is not None:
                return await self._function(call, target.function, trace)
            return await self._http(call, trace)
        finally:
            name = target.function.name if target.function is not None else "integration"
            trace.hops.insert(0, (name, (time.perf_counter() - started) * 1000))

    async def call_function(self, resource: Resource, event: Mapping[str, Any]) -> Any:
        """The result of a function that is called by itself, such as an authorizer's. Raises GatewayError."""
        result = await self._running(resource).invoke(json.dumps(event).encode())
        if result.error is not None:
            raise GatewayError("AUTHORIZER_FAILURE", f"{resource.name} failed: {result.error.get('errorMessage')}")
        return json.loads(result.payload or b"null")

    def _running(self, resource: Resource) -> Function:
        found = self._functions.get(resource.urn, f"{resource.name} is not served")
        if isinstance(found, str):
            raise GatewayError("API_CONFIGURATION_ERROR", found)
        return found

    async def _function(self, call: Call, resource: Resource, trace: Trace) -> Response:
        target = call.route.target
        if obstacle := self._network.to_function(call.api.api, target.call):
            raise GatewayError("API_CONFIGURATION_ERROR", obstacle)
        function = self._running(resource)
        event = json.dumps(event_of(call, target.payload)).encode()
        if len(event) > _MOST_FUNCTION_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE", "the event is larger than the 6 MB that Lambda takes")
        relays = self._relays.get(resource.urn, ())
        before = [relay.sent for relay in relays]
        try:
            result = await asyncio.wait_for(function.invoke(event), target.seconds)
        except TimeoutError:
            raise GatewayError("INTEGRATION_TIMEOUT", f"no answer within {target.seconds:g} s") from None
        finally:
            # A function that refuses a request calls nothing.
            for relay, sent in zip(relays, before, strict=True):
                if relay.sent > sent:
                    trace.hops += [(name, 0.0) for name in relay.verdict.hops]
                    trace.note = relay.verdict.blocked_by
        if result.error is not None:
            reason = result.error.get("errorMessage", "")
            raise GatewayError("BAD_FUNCTION_RESPONSE", f"{resource.name} failed: {reason}")
        if result.stream is not None:
            return _streamed(result.prelude or {}, result.stream)
        if len(result.payload) > _MOST_FUNCTION_BYTES:
            raise GatewayError("BAD_FUNCTION_RESPONSE", "the response is larger than 6 MB")
        answer = response_of(json.loads(result.payload or b"null"), call)
        return _to_client(answer, rest=call.api.is_rest)

    async def _http(self, call: Call, trace: Trace) -> Response:
        target, integration = call.route.target, call.route.target.call.integration
        # Also for an integration over the internet: no other address is called.
        address = self._backends.address(Verdict((), ()))
        if integration.linked or integration.balancer is not None:
            verdict = self._verdict(call)
            trace.hops += [(name, 0.0) for name in verdict.hops]
            if verdict.blocked_by:
                after = f"AWS answers so after {target.seconds:g} s"
                raise GatewayError("INTEGRATION_TIMEOUT", f"{verdict.blocked_by} ({after})")
            if not await self._backends.healthy(verdict):
                return Response(503, [("Content-Type", "text/html")], b"<h1>503 Service Temporarily Unavailable</h1>\n")
            address = self._backends.address(verdict)
        context = context_of(call.request, call, call.api.id)
        path, query, headers = _rest_request(call, context) if call.api.is_rest else _http_request(call, context)
        method = call.request.method if target.method in ("", "ANY") else target.method
        url = f"http://{address}{path}" + (f"?{query}" if query else "")
        length = [("Content-Length", str(len(call.request.body)))] if call.request.body else []
        try:
            request = self._client.build_request(method, url, content=call.request.body or None)
            request.headers = httpx.Headers([(name.encode(), _in_bytes(value)) for name, value in [*headers, *length]])
            answer = await asyncio.wait_for(self._client.send(request, stream=True), target.seconds)
            streams = integration.streams
            body = b"" if streams else await asyncio.wait_for(_whole(answer), target.seconds)
        except TimeoutError:
            raise GatewayError("INTEGRATION_TIMEOUT", f"{address} gave no answer within {target.seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            note = f"{address}: {str(problem) or type(problem).__name__}; start your backend, or name it by --backend"
            raise GatewayError("INTEGRATION_FAILURE", note) from None
        kept = [
            (name.decode(), value.decode("latin-1"))
            for name, value in answer.headers.raw
            if name.decode().lower() not in _HOP or name.decode().lower() in _REMAPPED
        ]
        made = Response(answer.status_code, kept, body, stream=_parts(answer) if streams else None)
        return _to_client(made, rest=call.api.is_rest)

    def _verdict(self, call: Call) -> Verdict:
        key = (call.api.id, call.route.key)
        if key not in self._verdicts:
            self._verdicts[key] = self._network.behind(call.api.api, call.route.target.call)
        return self._verdicts[key]


def _rest_request(call: Call, context: Mapping[str, str]) -> tuple[str, str, Pairs]:
    """Path, query and headers of a REST API's HTTP integration."""
    path = urlsplit(call.route.target.uri).path or "/"
    query: Pairs = call.request.query
    signed = call.route.authorizer is not None and call.route.authorizer.kind.name == "IAM"
    headers = [
        (name, value)
        for name, value in call.request.seen_by_integrations()
        if name.lower() not in _HOP
        and name.lower() not in ("content-encoding", "content-md5", "max-forwards", "via", "www-authenticate")
        and not (signed and name.lower() == "authorization")
    ]
    headers.append(("x-amzn-apigateway-api-id", call.api.id))
    for place, source in call.route.target.parameters.items():
        value = parameter(source, call, context)
        kind, _, name = place.removeprefix("integration.request.").partition(".")
        if kind == "path":
            path = path.replace(f"{{{name}}}", quote(value or "", safe="/:@!$&'()*+,;=-._~%"))
        elif value is not None and kind == "header":
            headers = [*((key, one) for key, one in headers if key.lower() != name.lower()), (name, value)]
        elif value is not None and kind == "querystring":
            query = [*query, (name, value)]
    return path, "&".join(f"{quote(key)}={quote(value)}" for key, value in query), [("Host", _host(call)), *headers]


def _http_request(call: Call, context: Mapping[str, str]) -> tuple[str, str, Pairs]:
    """Path, query and headers of an HTTP API's integration. The path has the stage unless it is overwritten."""
    path, query = call.public_path, call.request.raw_query
    forwarded = f"by=127.0.0.1;for={call.request.source_ip};host={call.request.host};proto=https"
    headers = [
        (name, value) for name, value in call.request.seen_by_integrations() if name.lower() not in (*_HOP, "via")
    ]
    headers += [("Forwarded", forwarded), ("Via", "HTTP/1.1 AmazonAPIGateway")]
    headers.insert(0, ("Host", call.request.host))
    for place, written in call.route.target.parameters.items():
        action, _, where = place.partition(":")
        value = filled(written, call, context)
        kind, _, name = where.partition(".")
        if kind == "path":
            path = value if value.startswith("/") else f"/{value}"
        elif kind == "header":
            others = [(key, one) for key, one in headers if key.lower() != name.lower()]
            before = [one for key, one in headers if key.lower() == name.lower()]
            if action == "append":
                headers.append((name, value))
            elif action == "remove":
                headers = others
            else:
                headers = [*others, (name, value)] if value or not before else others
        elif kind == "querystring":
            kept = [part for part in query.split("&") if part and part.partition("=")[0] != name]
            query = "&".join(kept if action == "remove" else [*kept, f"{quote(name)}={quote(value)}"])
    return path, query, headers


def _in_bytes(value: str) -> bytes:
    """A header's value as HTTP writes it: Latin-1, else UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _host(call: Call) -> str:
    return urlsplit(call.route.target.uri).netloc or call.request.host


def _to_client(answer: Response, *, rest: bool) -> Response:
    """The response as the gateway passes it on."""
    headers = []
    for name, value in answer.headers:
        low = name.lower()
        if low in _DROPPED or low == "content-length":
            continue
        if rest and low in _REMAPPED:
            name = f"x-amzn-remapped-{low}"
        headers.append((name, value))
    answer.headers = headers
    return answer.default_type("application/json") if rest else answer


def _streamed(prelude: Mapping[str, Any], stream: AsyncIterator[bytes]) -> Response:
    headers = [(str(name), str(value)) for name, value in (prelude.get("headers") or {}).items()]
    for name, values in (prelude.get("multiValueHeaders") or {}).items():
        headers += [(str(name), str(value)) for value in values]
    headers += [("Set-Cookie", str(one)) for one in prelude.get("cookies") or []]
    answer = Response(int(prelude.get("statusCode", 200)), headers, stream=stream)
    return _to_client(answer, rest=True)


async def _whole(answer: httpx.Response) -> bytes:
    """The body as it came, with its content encoding."""
    return b"".join([part async for part in _parts(answer)])


async def _parts(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()
