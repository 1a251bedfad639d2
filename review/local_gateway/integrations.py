"""Integrations: functions, VPC links and HTTP endpoints, called as API Gateway calls them, and preflights."""

import asyncio
import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from ..graph import Graph, Resource
from ..graph.json_parsing import parse_json
from ..graph.reading import as_integer, as_mapping, as_text, get_declared_input
from .apis import Authorizer
from .asgi import HOST, MOST_BYTES
from .backends import Backends
from .call import Call
from .errors import WEBHOOK, FunctionFailure, GatewayError
from .exchange import Exchange
from .functions import Function, find_version
from .functions_by_arn import name_in
from .mapping import map_request
from .mocks import answer_mock
from .network import Network, Verdict
from .proxy import STATUSES, build_event, describe_outside_paths, make_response, make_stream_response, to_client
from .relays import Relay, describe_refusal
from .request import Pairs, Response, Trace

_MOST_FUNCTION_BYTES: Final = 6 * 1024 * 1024
"""Of an event and of a whole response. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@dataclass
class Integrations:
    """Calls what is behind the routes of one stack."""

    graph: Graph
    network: Network
    backends: Backends
    functions: Mapping[str, Function | str]
    """By URN; a text is the reason why a function cannot run."""
    by_arn: Mapping[str, Resource]
    """Functions that the stack does not declare, by name."""
    relays: Mapping[str, Sequence[Relay]]
    """Addresses that each function calls, by its URN."""
    client: httpx.AsyncClient
    _running: defaultdict[str, list[Trace]] = field(default_factory=lambda: defaultdict(list), init=False)
    """The requests that are in each function now, by its URN."""

    async def answer(self, call: Call, trace: Trace) -> Response:
        """The integration's response. Raises GatewayError."""
        route = call.route
        if route.kind == "MOCK":
            return answer_mock(call)
        function = route.function or self.by_arn.get(name_in(route.uri))
        started = time.perf_counter()
        try:
            return await (
                self._call_function(call, function, trace)
                if route.kind == "AWS_PROXY"
                else self._call_http(call, trace)
            )
        finally:
            name = "integration" if function is None else function.name
            trace.hops.insert(0, (name, (time.perf_counter() - started) * 1000))

    async def call_authorizer(self, authorizer: Authorizer, event: Mapping[str, Any]) -> Any:
        """The result of an authorizer's function. Raises GatewayError, and FunctionFailure if the function fails."""
        function = authorizer.function or self.by_arn.get(name_in(authorizer.uri))
        if function is None:
            note = f"the function of authorizer {authorizer.name} is not in the stack"
            raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR", note)
        try:
            return _parse_payload((await self._find_running(function).invoke(json.dumps(event).encode())).payload)
        except FunctionFailure:
            raise
        except GatewayError as error:
            raise GatewayError("AUTHORIZER_FAILURE", error.note) from None

    async def _answer_blocked(self, verdict: Verdict, call: Call, trace: Trace) -> Response | None:
        """The answer to a call that arrives at no backend; None if it arrives. Raises GatewayError."""
        trace.add_notes(verdict.uncertainty and f"cannot tell: {verdict.uncertainty}")
        if verdict.blocked_by and verdict.balancer is not None:
            status, after = (503, "at once") if verdict.is_empty else (504, "after 10 s")
            trace.add_notes(f"{verdict.blocked_by} (the load balancer answers so {after})")
            return _make_error_page(status)
        if verdict.blocked_by:
            after = f"AWS answers so after {call.route.seconds:g} s"
            raise GatewayError("INTEGRATION_TIMEOUT", f"{verdict.blocked_by} ({after})")
        if failing := await self.backends.list_unhealthy_groups(verdict):
            # A load balancer sends requests to unhealthy targets if it has no others.
            message = f"{self.backends.find_address(verdict)} fails the health check of {', '.join(failing)}"
            message += ": on AWS, ECS and Auto Scaling replace such targets"
            trace.add_notes(message)
        return None

    def _find_running(self, resource: Resource) -> Function:
        function = self.functions.get(resource.urn, f"{resource.name} is not served")
        if isinstance(function, str):
            raise GatewayError("API_CONFIGURATION_ERROR", function)
        return function

    async def _call_function(self, call: Call, resource: Resource | None, trace: Trace) -> Response:
        route = call.route
        if resource is None:
            name = name_in(route.uri)
            note = f"the stack does not have the code of the function {name}: serve it with --function {name}=./folder"
            raise GatewayError("API_CONFIGURATION_ERROR", note)
        function = self._find_running(resource)
        trace.event = event = json.dumps(build_event(call)).encode()
        if len(event) > _MOST_FUNCTION_BYTES:
            raise GatewayError("REQUEST_TOO_LARGE", "the event is larger than the 6 MB that Lambda takes")
        relays = self.relays.get(resource.urn, ())
        before, started = [relay.sent for relay in relays], time.perf_counter()
        running = self._running[resource.urn]
        running.append(trace)
        for other in running if len(running) > 1 else ():
            other.is_alone = False
        version = find_version(self.graph, route.uri)
        try:
            result = await function.invoke(event, route.seconds, *version, log=trace.log)
        except TimeoutError:
            raise GatewayError(
                "INTEGRATION_TIMEOUT", f"no answer within {route.seconds:g} s", setting="route.timeoutMilliseconds"
            ) from None
        finally:
            self._running[resource.urn].remove(trace)
            # A function that refuses a request calls nothing.
            for relay, sent in zip(relays, before, strict=True):
                if relay.sent > sent:
                    if relay.verdict.stopped is not None:
                        trace.stopped = len(trace.hops) + relay.verdict.stopped
                    exchanges = [each for each in relay.exchanges if each.started >= started and _is_of(each, trace)]
                    trace.exchanges += exchanges
                    times = [0.0] * (len(relay.verdict.hops) - 1) + [sum(each.milliseconds for each in exchanges)]
                    trace.hops += [*zip(relay.verdict.hops, times, strict=False)]
                    uncertainty = relay.verdict.uncertainty
                    trace.add_notes(
                        relay.verdict.blocked_by or (uncertainty and f"cannot tell: {uncertainty}"), relay.down
                    )
        if len(result.payload) > _MOST_FUNCTION_BYTES:
            raise GatewayError("BAD_FUNCTION_RESPONSE", "the response is larger than 6 MB")
        payload = _parse_payload(result.payload)
        answer = make_response(payload, call) if result.stream is None else make_stream_response(payload, result.stream)
        if call.api.is_rest:
            own = call.request.trace
            parent = "" if "Parent=" in own else f";Parent={call.request.request_id.replace('-', '')[:16]};Sampled=0"
            answer.headers.append(("X-Amzn-Trace-Id", own + parent))
        if self.network.find_checks(call.api, route):
            _note_refusal(resource, answer, trace)
        return answer

    async def _call_http(self, call: Call, trace: Trace) -> Response:
        route = call.route
        path, headers = map_request(call)
        verdict = self.network.trace_link(call.api, route)
        trace.hops += [(name, 0.0) for name in verdict.hops]
        trace.stopped = verdict.stopped
        if (answered := await self._answer_blocked(verdict, call, trace)) is not None:
            return to_client(answered, rest=call.api.is_rest)
        address = self.backends.find_address(verdict)
        try:
            # The client would add headers of its own.
            request = httpx.Request(call.sent_method, f"http://{address}{path}", content=call.request.body or None)
            # HTTP writes Latin-1, and UTF-8 where that has no such character.
            rewritten = _rewrite_balancer_headers(verdict, headers)
            passed = [
                (name.encode(), value.encode("latin-1" if max(value, default="") < "\u0100" else "utf-8"))
                for name, value in rewritten
            ]
            request.headers = httpx.Headers(passed)
            exchange = Exchange(address, call.sent_method, path, rewritten)
            exchange.add_body(call.request.body)
            trace.exchanges.append(exchange)
            async with asyncio.timeout(route.seconds):
                answer = await self.client.send(request, stream=True)
                fields = [(name.decode(), value.decode("latin-1")) for name, value in answer.headers.raw]
                exchange.end(answer.status_code, fields)
                if verdict.hops:
                    trace.hops[-1] = (verdict.hops[-1], exchange.milliseconds)
                body = b"" if route.streams else await _read_whole(answer, trace)
        except TimeoutError:
            note = f"{address} gave no answer within {route.seconds:g} s"
            raise GatewayError("INTEGRATION_TIMEOUT", note, setting="route.timeoutMilliseconds") from None
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            note = f"{address}: {str(problem) or type(problem).__name__}"
            note = describe_refusal(address) if isinstance(problem, httpx.ConnectError) else note
            if verdict.balancer is not None:
                trace.add_notes(note)
                return to_client(_make_error_page(502), rest=call.api.is_rest)
            raise GatewayError("INTEGRATION_FAILURE", note) from None
        if answer.status_code not in STATUSES:
            await answer.aclose()
            raise GatewayError("INTEGRATION_FAILURE", f"{address} sent status {answer.status_code}, which HTTP has not")
        trace.add_notes(describe_outside_paths(fields, call))
        stream = _stream_parts(answer, trace) if route.streams else None
        return to_client(Response(answer.status_code, fields, body, stream), rest=call.api.is_rest)


def _is_of(exchange: Exchange, trace: Trace) -> bool:
    """Whether a call belongs to a request: by the trace ID, which the forwarder passes on, or because it is alone."""
    identifiers = [value for name, value in exchange.headers if name.lower() == "x-amzn-trace-id"]
    own = trace.request.trace.partition(";")[0] if trace.request else ""
    return any(own in identifier for identifier in identifiers) if identifiers else trace.is_alone


def _note_refusal(function: Resource, answer: Response, trace: Trace) -> None:
    """Names the signature check of a forwarder that refuses a request before it calls the backend."""
    if answer.status == httpx.codes.UNAUTHORIZED and len(trace.hops) == 0:
        with suppress(ValueError):
            reason = as_text(as_mapping(parse_json(answer.body)).get("message"))
            trace.add_notes(f"{function.name} answers for the backend: {reason}" if reason else "")
        trace.setting = WEBHOOK


_REASONS: Final = {502: "Bad Gateway", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out"}
_VALID: Final = re.compile(r"[-A-Za-z0-9]+")
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""


def _make_error_page(status: int) -> Response:
    """An error page of an application load balancer, which API Gateway passes on.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
    """
    title = f"{status} {_REASONS[status]}"
    body = f"<body>\r\n<center><h1>{title}</h1></center>\r\n</body>"
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n{body}\r\n</html>\r\n"
    return Response(status, [("Server", "awselb/2.0"), ("Content-Type", "text/html")], page.encode())


def _rewrite_balancer_headers(verdict: Verdict, headers: Pairs) -> Pairs:
    """The headers that a load balancer passes on: with its own, and without those of invalid names, if it drops them.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    """
    drops = verdict.balancer is not None and get_declared_input(verdict.balancer, "dropInvalidHeaderFields") is True
    passed = [header for header in headers if not drops or _VALID.fullmatch(header[0])]
    if verdict.listener is None:
        return passed
    chain = [value for name, value in passed if name.lower() == "x-forwarded-for"]
    own = {
        "X-Forwarded-For": ", ".join([*chain, HOST]),
        "X-Forwarded-Port": f"{as_integer(get_declared_input(verdict.listener, 'port')) or 80}",
        "X-Forwarded-Proto": as_text(get_declared_input(verdict.listener, "protocol")).lower(),
    }
    replaced = {name.lower() for name in own}
    return [*(header for header in passed if header[0].lower() not in replaced), *own.items()]


def _parse_payload(payload: bytes) -> Any:
    """A function's result. Raises GatewayError if it is no JSON."""
    try:
        return json.loads(payload or b"null")
    except (ValueError, RecursionError):
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function returned no JSON") from None


async def _read_whole(answer: httpx.Response, trace: Trace) -> bytes:
    """The whole body. Raises GatewayError at the first byte too many."""
    body = bytearray()
    async with aclosing(_stream_parts(answer, trace)) as parts:
        async for part in parts:
            body += part
            if len(body) > MOST_BYTES:
                raise GatewayError(
                    "INTEGRATION_FAILURE", f"the response of {answer.url.netloc.decode()} is larger than 10 MB"
                )
    return bytes(body)


async def _stream_parts(answer: httpx.Response, trace: Trace) -> AsyncGenerator[bytes]:
    """The body as it comes, with its content encoding. If the backend cuts it, the trace has the reason."""
    try:
        async for part in answer.aiter_raw():
            yield part
    except httpx.HTTPError as problem:
        trace.add_notes(f"the backend cut its answer: {problem}")
        raise
    finally:
        await answer.aclose()
