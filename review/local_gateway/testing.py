"""A served stack for tests of your own backend, as a context manager.

from gatehouse_review.local_gateway.testing import served

def test_orders() -> None:
    with served("dev", backend="http://127.0.0.1:8080") as stack:
        route = stack.route("GET", "/orders")
        answer = requests.get(route.url, headers=route.headers)
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from ..evaluate.project_file import find_project_folder, load
from ..extras import describe_missing_extra
from ..graph import Graph

try:
    from ..evaluate.own_process import evaluate_stack
    from .check import Row, check
    from .printed_calls import RouteLine, route_lines
    from .request import Trace
    from .stack import Options, Stack
    from .unread import Unread
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(describe_missing_extra("try", missing), name=missing.name) from None


@dataclass
class Served:
    """A stack that answers on 127.0.0.1."""

    stack: Stack
    loop: asyncio.AbstractEventLoop
    log: list[str] = field(default_factory=list)
    """Lines of functions, and what `gatehouse try` would print."""
    traces: list[Trace] = field(default_factory=list)
    """Every request so far, with its hops and why it was refused."""

    def url(self, api: str = "") -> str:
        """Address of an API; of the first one if omitted. Raises LookupError if it is not served."""
        name = api or next(iter(self.stack.urls), "")
        if name not in self.stack.urls:
            raise LookupError(
                f"no API {name} is served: {'; '.join(map(str, self.unread)) or 'no ApiFront declares it'}"
            )
        return self.stack.urls[name]

    def routes(self) -> Iterator[RouteLine]:
        """Every route but mocks, with an address and headers that it accepts."""
        return route_lines(self.stack)

    def route(self, method: str, path: str) -> RouteLine:
        """The route, with an address and headers that it accepts. Raises LookupError if there is none."""
        routes = {f"{route.method} {route.path}": route for route in reversed([*self.routes()])}
        try:
            return routes[f"{method} {path}"]
        except KeyError:
            raise LookupError(f"no route {method} {path}; the stack has {', '.join(reversed(routes))}") from None

    @property
    def unread(self) -> list[Unread]:
        """Resources and inputs that are not served, each once."""
        return self.stack.unread

    def check(self) -> list[Row]:
        """Tries every need of every way once right and once wrong. Returns what was tried.

        Raises DisagreementError if the gateway admits or refuses a call otherwise than the component states.
        """
        rows = asyncio.run_coroutine_threadsafe(check(self.stack), self.loop).result()
        if wrong := [str(row) for row in rows if not row.agrees]:
            raise DisagreementError("\n".join(wrong))
        return rows


class DisagreementError(AssertionError):
    """Calls that the gateway answers otherwise than the components state."""


class StackPage(Protocol):
    """A page that shows a stack and its requests, as an ASGI application."""

    def take(self, stack: Stack) -> None: ...

    def add(self, trace: Trace) -> None: ...

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None: ...


@contextmanager
def served(
    stack: str,
    *,
    project: Path | str | None = None,
    backend: str | Sequence[str] = (),
    functions: Sequence[str] = (),
    clock: Callable[[], float] | None = None,
    environment: Sequence[str] = (),
) -> Iterator[Served]:
    """Serve a stack on free ports while the block runs.

    `stack` is a name or a file. `project` defaults to the nearest folder with a Pulumi.yaml. `backend` is a URL, or
    several `name=URL`; if omitted, a backend that echoes requests as JSON. `functions` are `NAME=FOLDER` for those that
    the stack names only by ARN. `clock` replaces the clock of throttles.
    `environment` names variables that the program gets beside those that every program gets.
    Raises StackFileError, ProgramError, BackendError, and OSError if a port is in use.
    """
    home = load(Path(project) if project is not None else find_project_folder(Path.cwd()))
    backends = (backend,) if isinstance(backend, str) else tuple(backend)
    with TemporaryDirectory(prefix="gatehouse-evaluated-", ignore_cleanup_errors=True) as folder:
        graph = evaluate_stack(home, stack, Path(folder), environment)
        options = Options(backends=backends, functions=functions, clock=clock, project=home)
        with serve_graph(graph, options) as gateway:
            yield gateway


@contextmanager
def serve_graph(graph: Graph, options: Options, page: StackPage | None = None) -> Iterator[Served]:
    """Serve a graph while the block runs, in a thread of its own; with its page, if one is given."""
    loop = asyncio.new_event_loop()
    log: list[str] = []
    traces: list[Trace] = []

    def show_trace(trace: Trace) -> None:
        traces.append(trace)
        if page is not None:
            page.add(trace)

    stack = Stack(graph, options, log.append, show_trace)
    if page is not None:
        page.take(stack)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(stack.start(page), loop).result()
        try:
            yield Served(stack, loop, log, traces)
        finally:
            asyncio.run_coroutine_threadsafe(stack.stop(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(_end_tasks(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_tasks() -> None:
    """End what still runs in this loop, so that nothing is destroyed while it waits."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
