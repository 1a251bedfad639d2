"""Requests and stacks that try to get further than they may."""

import asyncio
import socket
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest

from review.local_gateway.backends import Backends, make_local_client
from review.local_gateway.environment import Environment, _Pending
from review.local_gateway.network import Verdict
from review.local_gateway.testing import Served
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of
from review.tests.local_gateway.calling import call, stack
from review.tests.local_gateway.conftest import Backend, Shared, function_of, listening
from review.tests.local_gateway.programs import shop, without


def opened(served: Served) -> None:
    """Take the authorizers away."""
    for gateway in served.stack.gateways:
        gateway.api.routes = tuple(replace(route, authorizer=None) for route in gateway.api.routes)


def sent(served: Served, head: bytes) -> bytes:
    port = httpx.URL(served.url()).port or 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_target_that_is_no_path_reaches_no_other_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, stack(graph_of("examples/http-alb-ec2.yaml")) as served:
        opened(served)
        port = other.getsockname()[1]
        for target in (f"@127.0.0.1:{port}/x", f"http://127.0.0.1:{port}/x", "*", "0/x"):
            assert sent(served, f"GET {target} HTTP/1.1".encode()).startswith(b"HTTP/1.1 400 "), target
        # A positive answer to CONNECT would open a tunnel.
        assert sent(served, b"CONNECT / HTTP/1.1").startswith(b"HTTP/1.1 400 ")
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.accept()


def test_a_health_check_reaches_no_other_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, listening(Backend) as port:
        path = f"@127.0.0.1:{other.getsockname()[1]}/x"
        group = replace(function_of(""), inputs={"healthCheck": {"protocol": "HTTP", "path": path}})

        async def run() -> list[str]:
            async with make_local_client() as client:
                backends = Backends([f"http://127.0.0.1:{port}"], "", {}, client)
                return await backends.list_unhealthy_groups(Verdict(groups=(group,)))

        assert asyncio.run(run()) == []


def test_a_function_outside_the_stack_is_named() -> None:
    with stack(without(graph_of("examples/open-proxy.yaml"), "proxy-function")) as served:
        assert plain_http.get(f"{served.url()}/live/forward").status_code == 500
        assert "does not have the code of the function" in served.traces[-1].note


def test_a_caller_sends_each_identity_header_once_with_one_address(shared: Shared) -> None:
    served, line = shared("examples/webhook.yaml"), "GET /live/hooks HTTP/1.1\r\n"
    for source in ("abc", "", "192.0.2.1, 198.51.100.1", "192.0.2.0/24"):
        told = sent(served, f"{line}X-Gatehouse-Source-Ip: {source}".encode())
        assert told.startswith(b"HTTP/1.1 400 "), source
    for name in ("Source-Ip", "Vpc-Endpoint", "Principal"):
        caller_headers = f"X-Gatehouse-{name}: 192.0.2.1"
        assert f"send X-Gatehouse-{name} once".encode() in sent(
            served, f"{line}{caller_headers}\r\n{caller_headers}".encode()
        )


class Endless(Backend):
    """Sends without an end, until nobody takes it."""

    framing = ("Transfer-Encoding", "chunked")
    sent = 0

    def body(self) -> None:
        with suppress(OSError):
            while type(self).sent < 1 << 30:
                self.wfile.write(b"100000\r\n" + bytes(1 << 20) + b"\r\n")
                type(self).sent += 1 << 20


def test_an_endless_backend_is_left_at_the_limit() -> None:
    with listening(Endless) as port, stack(shop(), backends=[f"http://127.0.0.1:{port}"]) as served:
        assert plain_http.get(served.url() + "/orders/1").status_code == 503
    assert "larger than 10 MB" in served.traces[0].note
    # What the sockets' buffers take is more than the limit.
    assert Endless.sent < 64 << 20


def test_an_endless_stream_of_a_function_waits_for_its_caller() -> None:
    async def run() -> tuple[int, bool]:
        environment = Environment("f", "arn", print)
        pending = environment._current = _Pending(b"", time.time() + 1, asyncio.get_running_loop().create_future())
        taken = 0

        async def receive() -> dict[str, Any]:
            nonlocal taken
            taken += 1
            return {"type": "http.request", "body": b"{}" + bytes(8) + b"x", "more_body": True}

        await environment._take_stream(receive)
        await environment._ending
        return taken, pending.parts.full()

    taken, full = asyncio.run(run())
    assert (taken < 20, full) == (True, True)


def test_a_site_that_resolves_to_this_machine_reads_nothing(shared: Shared) -> None:
    served = shared("examples/open-proxy.yaml")
    for host, status in (("evil.example", 403), ("localhost", 200)):
        assert call(served, "GET", "/forward", headers={"Host": host}).status_code == status
