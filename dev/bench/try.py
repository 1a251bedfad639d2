"""Requests per second through `gatehouse try`, beside the same backend called directly.

    python -m dev.bench.try [--calls 300]

Three ways are called in turn, so that a slow moment of the machine hits each: the backend alone; a VPC link to
it (gateway and backend); and the forwarder (gateway, function and backend). With 1 caller it prints the 10th
percentile and the median of a request, with 32 callers the requests per second. The gateway's own share is the
VPC link's time less the backend's. If GATEHOUSE_MINISTACK is a Python with `ministack`, one function is called through
this gateway and through that emulator as well.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from dev.beside_emulator.both import PYTHON, both
from dev.server_process import server_process
from review.serve.stack import Options
from review.serve.testing import serving
from tests.stacks import ROOT, graph_with

GOAL_MILLISECONDS: Final = 2.0
_CALLERS: Final = 32
_UNTHROTTLED: Final = {"rate": 10_000, "burst": 5_000}
_LINK: Final = {
    "topology": "vpc-link",
    "backend": {"kind": "fargate", "image": "nginx:1.29", "port": 80},
    "ingress": {"kind": "alb"},
    "api": {
        "kind": "http",
        "routes": [{"path": "/", "methods": ["ANY"]}],
        "throttle": {"rate": 10_000, "burst": 5_000},
    },
    "protection": {"acknowledgePublic": True},
}
_PROXY: Final = {
    "topology": "public-proxy",
    "backend": {"kind": "ec2", "image": "nginx:1.29", "port": 80},
    "api": {"routes": [{"path": "/", "methods": ["GET"]}], "throttle": _UNTHROTTLED},
    "protection": {"acknowledgePublic": True},
}


async def measure(urls: dict[str, tuple[str, dict[str, str]]], calls: int) -> int:
    """Print the figures. Returns 1 if the goal is missed."""
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=httpx.Limits(max_connections=_CALLERS)) as client:

        def one(url: str, headers: dict[str, str]) -> Callable[[], Awaitable[float]]:
            async def call() -> float:
                started = time.perf_counter()
                answer = await client.get(url, headers=headers)
                answer.raise_for_status()
                return (time.perf_counter() - started) * 1000

            return call

        ways = {name: one(*way) for name, way in urls.items()}
        for call in ways.values():
            await call()
        alone: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(calls):
            for name, call in ways.items():
                alone[name].append(await call())
        for name, taken in alone.items():
            tenth = statistics.quantiles(taken, n=10)[0]
            print(f"{name:10} 1 caller   p10 {tenth:6.2f} ms   median {statistics.median(taken):6.2f} ms")
        for name, call in ways.items():
            started = time.perf_counter()
            await asyncio.gather(*(call() for _ in range(calls)))
            print(f"{name:10} {_CALLERS} callers  {calls / (time.perf_counter() - started):8.0f} requests/s")
        share = statistics.quantiles(alone["vpc-link"], n=10)[0] - statistics.quantiles(alone["backend"], n=10)[0]
        print(f"the gateway's own share: {share:.2f} ms (goal {GOAL_MILLISECONDS:g} ms)")
        return int(share > GOAL_MILLISECONDS)


@contextmanager
def backend_alone() -> Iterator[str]:
    """The backend that echoes, in a process of its own."""
    command = [sys.executable, "-m", "uvicorn", "review.serve.backends:echo", "--log-level", "error", "--port"]
    with server_process(lambda port: [*command, str(port)], cwd=ROOT) as address:
        yield f"http://{address}"


@contextmanager
def beside() -> Iterator[dict[str, tuple[str, dict[str, str]]]]:
    """One function through this gateway and through the emulator; nothing without the emulator."""
    if not PYTHON:
        yield {}
        return
    with both(PYTHON) as served:
        yield {
            "function": (f"{served.local.url('web')}/echo", {}),
            "emulator": (f"{served.address}/echo", {"Host": served.hosts["web"]}),
        }


def main() -> int:
    """Serve both stacks before one backend, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=300)
    calls = parser.parse_args().calls
    with backend_alone() as backend, beside() as others:
        options = Options(backends=[backend])
        with serving(graph_with(_LINK), options) as link, serving(graph_with(_PROXY), options) as proxy:
            urls: dict[str, tuple[str, dict[str, str]]] = {
                "backend": (backend, {}),
                "vpc-link": (next(link.routes()).url, {}),
                "forwarder": (next(proxy.routes()).url, {}),
            }
            return asyncio.run(measure(urls | others, calls))


if __name__ == "__main__":
    sys.exit(main())
