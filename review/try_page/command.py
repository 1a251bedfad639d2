"""`gatehouse try`: evaluates a stack, serves its APIs on 127.0.0.1, and shows each request."""

import argparse
import asyncio
import atexit
import contextlib
import gc
import json
import signal
import sys
import webbrowser
from collections.abc import Collection, Coroutine, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import h11
import httpx

from ..cli.arguments import add_environment, add_project
from ..evaluate.own_process import evaluate_stack
from ..evaluate.problems import ProgramError, StackFileError
from ..evaluate.project_file import Project, find_project_folder, load
from ..evaluate.runner import run_in_thread
from ..evaluate.stack_file import list_stacks, locate_file
from ..facts import limits
from ..graph import Graph
from ..graph.prose import make_printable
from ..local_gateway.backends import BackendError
from ..local_gateway.check import check
from ..local_gateway.printed_calls import route_lines
from ..local_gateway.request import Trace
from ..local_gateway.stack import Options, Stack
from .checked import format_rows, list_fields
from .introduction import introduce_stack
from .page import Page
from .stack_lines import StackLines
from .watch import Watch

Made = TypeVar("Made")
OK: Final = 0
DISAGREEMENT: Final = 1
FAULT: Final = 2
_UNNAMED: Final = "dev"
_OF_ONE_SENT: Final = ("api", "method", "path", "headers", "body")
_EPILOG: Final = """\
Each API has a port of its own on 127.0.0.1. Requests come from the internet, or through the endpoint of a private API,
unless they say otherwise: X-Gatehouse-Source-Ip, X-Gatehouse-Vpc-Endpoint, X-Gatehouse-Principal.

Functions are programs of the stack's author, and run as you do. Try only stacks whose code you trust.
"""


def build_parser(name: str) -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(
        prog=name,
        description="Serve a stack's APIs on this machine: keys, throttles, authorizers, functions and the network.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("stack", nargs="?", metavar="STACK", help="a stack by name, or a file that is read as one")
    add_project(made)
    made.add_argument(
        "--backend",
        action="append",
        default=[],
        metavar="[NAME=]URL",
        help="your backend, http://127.0.0.1:8080; by name if the stack has several; else one that echoes",
    )
    made.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="the code of a function that the stack names only by ARN, orders=./orders",
    )
    made.add_argument("--port", type=_parse_port, default=0, help="port of the first API; free ones if omitted")
    made.add_argument(
        "--aws-endpoint", type=_parse_url, default="", metavar="URL", help="an emulator for AWS calls of functions"
    )
    made.add_argument(
        "--token",
        nargs="*",
        type=_parse_claim,
        metavar="CLAIM=VALUE",
        help="print a token with these claims as well; CLAIM:=JSON for a list, a number or an object",
    )
    made.add_argument(
        "--log",
        choices=("text", "json", "access"),
        default="text",
        help="text (the default), an object a line, or also the lines of the access logs",
    )
    made.add_argument(
        "--once", type=Path, metavar="FILE", help="send the requests of a JSON file, print the answers, end"
    )
    made.add_argument(
        "--check", action="store_true", help="try every need of every way once right and once wrong, print a table, end"
    )
    add_environment(made)
    page = made.add_mutually_exclusive_group()
    page.add_argument("--no-page", action="store_true", help="serve the APIs alone, without the page")
    page.add_argument("--open", action="store_true", help="open the page in your browser")
    made.add_argument("--watch", action="store_true", help="evaluate again when a file of the project changes")
    return made


def _parse_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in ("http", "https") or parts.hostname is None or parts.port == 0
    except ValueError:
        wrong = True
    if url and wrong:
        raise argparse.ArgumentTypeError(f"got {url!r}; want http://host:port")
    return url


def _parse_port(port: str) -> int:
    if not port.isdecimal() or int(port) >= limits.PORTS.stop:
        most = limits.PORTS.stop - 1
        raise argparse.ArgumentTypeError(f"got {port!r}; want a port from 1 to {most:,}, or 0 for a free one")
    return int(port)


def _parse_claim(claim: str) -> tuple[str, Any]:
    name, equals, value = claim.partition("=")
    if not (name.removesuffix(":") and equals):
        raise argparse.ArgumentTypeError(f"got {claim!r}; want a claim and its value, such as scope=orders/read")
    if not name.endswith(":"):
        return name, value
    try:
        return name.removesuffix(":"), json.loads(value)
    except ValueError:
        wanted = 'want JSON behind :=, such as groups:=["admin", "users"]'
        raise argparse.ArgumentTypeError(f"got {claim!r}; {wanted}") from None


def main(arguments: Sequence[str], name: str = "gatehouse try") -> int:
    """The command. Returns its exit status."""
    options = build_parser(name).parse_args(arguments)
    # To collect the modules at the end of this process would take as long as all else together.
    atexit.register(gc.freeze)
    # They end the evaluated program, too, which is another process.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with TemporaryDirectory(prefix="gatehouse-evaluated-", ignore_cleanup_errors=True) as folder:
            session = _Session(options, folder)
            # In this thread, where Ctrl-C ends a program that never ends.
            return asyncio.run(session.run(session.evaluate()))
    except (StackFileError, ProgramError, BackendError) as error:
        return _report_fault(str(error))
    except OSError as error:
        return _report_fault(error.strerror or str(error))
    except KeyboardInterrupt:
        return OK


def _report_fault(message: str) -> int:
    print("\n".join(map(make_printable, message.splitlines())), file=sys.stderr)
    return FAULT


class _Session:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace, folder: str) -> None:
        """`folder` is for files that the program makes while it is evaluated."""
        self._options, self._folder = options, folder
        self._json = options.log == "json"
        self._project: Project = load(options.project or find_project_folder(Path.cwd()))
        names = list_stacks(self._project)
        self._name: str = options.stack or (names[0] if names else _UNNAMED)
        self._watch = Watch(self._project.root, enabled=options.watch)
        shown = not (options.no_page or options.once or options.check)
        self._page = Page(self._name, self._read_lines) if shown else None

    def evaluate(self) -> Graph:
        """The graph, by the Python of the program's environment. Raises StackFileError and ProgramError."""
        return evaluate_stack(self._project, self._name, Path(mkdtemp(dir=self._folder)), self._options.env)

    async def run(self, graph: Graph) -> int:
        """Serve until Ctrl-C, or until the requests of `--once` are answered."""
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        # SIGHUP: the terminal is closed.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with contextlib.suppress(NotImplementedError, RuntimeError):
                loop.add_signal_handler(number, stopped.set)
        stack = await _await_unless_stopped(stopped, self._start_stack(graph))
        if stack is None:
            return OK
        try:
            if self._options.once is not None:
                return await self._send_file(stack)
            if self._options.check:
                return await self._check(stack)
            self._introduce(stack)
            if self._options.open:
                await asyncio.to_thread(webbrowser.open, stack.page_url)
            while await self._watch.wait_for_change(stopped):
                stack = await self._restart_stack(stack, stopped)
        finally:
            await stack.stop()
        return OK

    async def _start_stack(self, graph: Graph, replaced: Stack | None = None) -> Stack:
        options = Options(
            backends=self._options.backend,
            functions=self._options.function,
            port=self._options.port,
            aws_endpoint=self._options.aws_endpoint,
            project=self._project,
        )
        self._watch.take(graph)
        stack = Stack(graph, options, self._say, self._show_trace, replaced)
        if replaced is not None:
            await replaced.stop(replaced=True)
        if self._page is not None:
            self._page.take(stack, replaced)
        await stack.start(self._page)
        return stack

    def _read_lines(self, stack: Stack) -> StackLines:
        return StackLines(stack.graph, locate_file(self._project, self._name), self._project.root)

    async def _restart_stack(self, stack: Stack, stopped: asyncio.Event) -> Stack:
        """The stack after a change; the one before if the program fails now, or if the command is stopped meanwhile."""
        evaluation, stop = asyncio.wrap_future(run_in_thread(self.evaluate)), asyncio.ensure_future(stopped.wait())
        ends: set[asyncio.Future[Any]] = {evaluation, stop}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if stopped.is_set():
            return stack
        stop.cancel()
        try:
            graph = evaluation.result()
        except (StackFileError, ProgramError) as error:
            self._refuse(error)
            return stack
        self._say("a file changed: evaluated again")
        before = _list_calls(stack)
        try:
            stack = await _await_unless_stopped(stopped, self._start_stack(graph, stack)) or stack
        except (BackendError, OSError) as error:
            self._refuse(error)
            # The attempt has stopped it.
            return await _await_unless_stopped(stopped, self._start_stack(stack.graph, stack)) or stack
        if _list_calls(stack) != before:
            self._introduce(stack)
        return stack

    def _say(self, text: str) -> None:
        if self._json:
            self._print_object({"message": make_printable(text)})
        else:
            self._print(f"  {text}")

    def _refuse(self, error: Exception) -> None:
        for line in f"not taken over: {error}".splitlines():
            self._say(line)
        if self._page is not None:
            self._page.show_message(f"A changed file is not taken over: {error}")

    def _introduce(self, stack: Stack) -> None:
        if self._json:
            names = ("api", "method", "path", "url", "headers")
            fields = map(vars, route_lines(stack))
            routes = [{name: route[name] for name in names} for route in fields]
            served = {"apis": stack.urls, "page": stack.page_url, "routes": routes}
            unread = [one._asdict() for one in stack.unread]
            self._print_object({**served, "notServed": [*stack.describe_unserved()], "unread": unread})
        else:
            claims = None if self._options.token is None else dict(self._options.token)
            self._print(*introduce_stack(self._name, stack, claims))

    def _show_trace(self, trace: Trace) -> None:
        if self._page is not None:
            self._page.add(trace)
        if self._json:
            self._print_object({**trace.list_fields(), "milliseconds": round(trace.milliseconds, 1)})
            return
        hops = " → ".join([trace.api, *(f"{name}{f' {took:.0f} ms' if took else ''}" for name, took in trace.hops)])
        note = [f"      {trace.note}"] if trace.note else []
        note += [trace.access_log] if self._options.log == "access" and trace.access_log else []
        self._print(f"{trace.status} {trace.method} {trace.path} · {hops} · {trace.milliseconds:.0f} ms", *note)

    def _print(self, *lines: str) -> None:
        # With --once and --check, standard output has the answers only. Names of a program may not steer the terminal.
        file = sys.stderr if self._options.once or self._options.check else sys.stdout
        print(*map(make_printable, lines), sep="\n", file=file, flush=True)

    def _print_object(self, fields: dict[str, Any]) -> None:
        self._print(json.dumps(fields))

    async def _check(self, stack: Stack) -> int:
        """Try every need of every way, and print each with the line that refused it."""
        rows, lines = await check(stack), self._read_lines(stack)
        if self._json:
            print(json.dumps({"checked": [list_fields(row, lines) for row in rows]}), flush=True)
        else:
            table = [*format_rows(rows, lines), *(f"{one}." for one in stack.unread)]
            print(*map(make_printable, table), sep="\n", flush=True)
        return OK if all(row.agrees for row in rows) else DISAGREEMENT

    async def _send_file(self, stack: Stack) -> int:
        """Send the requests of a file, one after the other, and print the answers as JSON."""
        try:
            requests = json.loads(self._options.once.read_text(encoding="utf-8"))
        except ValueError as problem:
            return _report_fault(
                f'{self._options.once}: want JSON, a list such as [{{"path": "/live/orders"}}]: {problem}'
            )
        except OSError as problem:
            return _report_fault(f"{self._options.once}: {problem}")
        if wrong := list(_list_mistakes(requests, stack.urls)):
            lines = [f"{self._options.once}: nothing was sent", *wrong, *map(str, stack.unread)]
            return _report_fault("\n  ".join(lines))
        answers = []
        async with stack.make_client() as client:
            for number, request in enumerate(requests, 1):
                url = stack.urls[request.get("api") or next(iter(stack.urls))] + request.get("path", "/")
                body = request.get("body")
                text = body if isinstance(body, str | None) else json.dumps(body)
                method, headers = request.get("method", "GET"), request.get("headers")
                try:
                    answer = await client.request(method, url, headers=headers, content=text)
                except (httpx.HTTPError, httpx.InvalidURL, h11.ProtocolError, UnicodeError, TypeError) as problem:
                    return _report_fault(f"{self._options.once}: request {number}: {problem}")
                answers.append({"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text})
        print(json.dumps(answers, indent=2))
        return OK


async def _await_unless_stopped(stopped: asyncio.Event, work: Coroutine[Any, Any, Made]) -> Made | None:
    """The result of some work. None if the command is stopped before, which cancels the work."""
    working, stop = asyncio.ensure_future(work), asyncio.ensure_future(stopped.wait())
    await asyncio.wait([working, stop], return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not working.done():
        working.cancel()
    await asyncio.wait([working])
    return None if working.cancelled() else working.result()


def _list_mistakes(requests: Any, apis: Collection[str]) -> Iterator[str]:
    """Why the requests of `--once` cannot be sent."""
    if not isinstance(requests, list):
        yield 'want a list of requests, such as [{"path": "/live/orders"}]'
        return
    if not apis:
        yield "no API is served: no ApiFront of this stack declares one"
        return
    for number, request in enumerate(requests, 1):
        if not isinstance(request, dict) or (unknown := request.keys() - _OF_ONE_SENT):
            got = json.dumps(request) if not isinstance(request, dict) else ", ".join(sorted(unknown))
            yield f"request {number}: got {make_printable(got)}; want an object with some of {', '.join(_OF_ONE_SENT)}"
            continue
        if request.get("api") and request["api"] not in [*apis]:
            yield f"request {number}: there is no API {request['api']!r}; the stack has {', '.join(apis)}"
        if not str(request.get("path", "/")).startswith("/"):
            yield f"request {number}: path: got {request['path']!r}; want one that begins with /"


def _list_calls(stack: Stack) -> list[tuple[str, str, str, list[str]]]:
    """The printed calls, without the values of headers, since each token is another."""
    return [(line.api, line.method, line.path, sorted(line.headers)) for line in route_lines(stack)]
