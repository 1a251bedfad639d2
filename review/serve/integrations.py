"""Integrations: functions, VPC links, HTTP endpoints and mocks, called as API Gateway calls them."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from ..graph import Resource
from .backends import Backends
from .call import Call
from .errors import GatewayError
from .functions import Function
from .mapping import outgoing
from .mocks import mocked
from .network import Network, Relay, Verdict, refusal
from .proxy import event_of, response_of, streamed, to_client
from .request import Response, Trace

_MOST_FUNCTION_BYTES: Final = 6 * 1024 * 1024
"""Of an event and of a whole response. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_STATUSES: Final = range(200, 600)


@dataclass
class Integrations:
    """Calls what is behind the routes of one stack."""

    network: Network
    backends: Backends
    functions: Mapping[str, Function | str]
    """By URN; a text is the reason why a function cannot run."""
    relays: Mapping[str, Sequence[Relay]]
    """Addresses that each function calls, by its URN."""
    client: httpx.AsyncClient

    async def answer(self, call: Call, trace: Trace) -> Response:
        """The integration's response. Raises GatewayError."""
        integration = call.route.integration
        if integration.kind == "MOCK":
            return mocked(call)
        function, started = integration.function, time.perf_counter()
        try:
            return await (self._http(call, trace) if function is None else self._function(call, function, trace))
        finally:
            name = "integration" if function is None else function.name
            trace.hops.insert(0, (name, (time.perf_counter() - started) * 1000))

    async def call_function(self, resource: Resource, event: Mapping[str, Any]) -> Any:
        """The result of a function that is called by itself, such as an authorizer's. Raises GatewayError."""
        try:
            return _parsed((await self._running(resource).invoke(json.dumps(event).encode())).payload)
        except GatewayError as error:
            raise GatewayError("AUTHORIZER_FAILURE", error.note) from None

    def _running(self, resource: Resource) -> Function:
        found = self.functions.get(resource.urn, f"{resource.name} is not served")
        if isinstance(found, str):
            raise GatewayError("API_CONFIGURATION_ERROR", found)
        return found

    async def _function(self, call: Call, resource: Resource, trace: Trace) -> Response:
        route = call.route
        if obstacle := self.network.to_function(call.api.api, route):
            raise GatewayError("API_CONFIGURATION_ERROR", obstacle)
        function = self._running(resource)
        event = json.dumps(event_of(call, route.payload)).encode()
        if len(event) > _MOST_FUNCTION_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE", "the event is larger than the 6 MB that Lambda takes")
        relays = self.relays.get(resource.urn, ())
        before = [relay.sent for relay in relays]
        down = [await relay.follow() for relay in relays]
        try:
            result = await asyncio.wait_for(function.invoke(event), route.seconds)
        except TimeoutError:
            raise GatewayError("INTEGRATION_TIMEOUT", f"no answer within {route.seconds:g} s") from None
        finally:
            # A function that refuses a request calls nothing.
            for relay, sent in zip(relays, before, strict=True):
                if relay.sent > sent:
                    trace.hops += [(name, 0.0) for name in relay.verdict.hops]
                    trace.note = relay.verdict.blocked_by
        if len(result.payload) > _MOST_FUNCTION_BYTES:
            raise GatewayError("BAD_FUNCTION_RESPONSE", "the response is larger than 6 MB")
        told = _parsed(result.payload)
        answer = response_of(told, call) if result.stream is None else streamed(told, result.stream)
        if answer.status >= 500:
            trace.note = trace.note or next(filter(None, down), "")
        return answer

    async def _http(self, call: Call, trace: Trace) -> Response:
        route, integration = call.route, call.route.integration
        if integration.kind.startswith("AWS"):
            raise GatewayError(
                "API_CONFIGURATION_ERROR", "the function or service of AWS is not in the stack: not served"
            )
        # Also for an integration over the internet: no other address is called.
        address = self.backends.address(Verdict((), ()))
        if integration.linked or integration.balancer is not None:
            verdict = self.network.behind(call.api.api, route)
            trace.hops += [(name, 0.0) for name in verdict.hops]
            if verdict.blocked_by:
                after = f"AWS answers so after {route.seconds:g} s"
                raise GatewayError("INTEGRATION_TIMEOUT", f"{verdict.blocked_by} ({after})")
            if failing := await self.backends.unhealthy(verdict):
                trace.note = f"{self.backends.address(verdict)} fails the health check of {', '.join(failing)}"
                return Response(503, [("Content-Type", "text/html")], b"<h1>503 Service Temporarily Unavailable</h1>\n")
            address = self.backends.address(verdict)
        path, headers = outgoing(call)
        method = call.request.method if route.sent_method in ("", "ANY") else route.sent_method
        try:
            request = self.client.build_request(method, f"http://{address}{path}", content=call.request.body or None)
            request.headers = httpx.Headers([(name.encode(), _in_bytes(value)) for name, value in headers])
            async with asyncio.timeout(route.seconds):
                answer = await self.client.send(request, stream=True)
                body = b"" if integration.streams else b"".join([part async for part in _parts(answer, trace)])
        except TimeoutError:
            raise GatewayError("INTEGRATION_TIMEOUT", f"{address} gave no answer within {route.seconds:g} s") from None
        except httpx.ConnectError:
            raise GatewayError("INTEGRATION_FAILURE", refusal(address)) from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise GatewayError("INTEGRATION_FAILURE", f"{address}: {str(problem) or type(problem).__name__}") from None
        if answer.status_code not in _STATUSES:
            await answer.aclose()
            raise GatewayError("INTEGRATION_FAILURE", f"{address} sent status {answer.status_code}, which HTTP has not")
        fields = [(name.decode(), value.decode("latin-1")) for name, value in answer.headers.raw]
        stream = _parts(answer, trace) if integration.streams else None
        return to_client(Response(answer.status_code, fields, body, stream), rest=call.api.is_rest)


def _parsed(payload: bytes) -> Any:
    """A function's result. Raises GatewayError if it is no JSON."""
    try:
        return json.loads(payload or b"null")
    except ValueError:
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function returned no JSON") from None


def _in_bytes(value: str) -> bytes:
    """A header's value as HTTP writes it: Latin-1, else UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


async def _parts(answer: httpx.Response, trace: Trace) -> AsyncIterator[bytes]:
    """The body as it comes, with its content encoding. If the backend cuts it, the trace has the reason."""
    try:
        async for part in answer.aiter_raw():
            yield part
    except httpx.HTTPError as problem:
        trace.note = f"the backend cut its answer: {problem}"
        raise
    finally:
        await answer.aclose()
