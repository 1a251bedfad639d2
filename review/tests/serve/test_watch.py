"""`gatehouse try --watch`: what counts as a change, and what a change leaves."""

import asyncio
import contextlib
import functools
import socket
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from review.evaluate.problems import ProgramError
from review.graph import Graph
from review.serve import command
from review.serve.stack import Options, Stack
from review.serve.watch import Watch
from review.tests.helpers.stacks import graph_of

_SECONDS = 120


def test_a_change_during_the_evaluation_is_seen(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    watch = Watch(tmp_path, enabled=True)
    (tmp_path / "Pulumi.dev.yaml").touch()
    assert asyncio.run(asyncio.wait_for(watch.changed(asyncio.Event()), _SECONDS))


def test_keys_stay_and_new_routes_are_printed_after_a_change(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, other = graph_of("examples/partner-api.yaml"), graph_of("examples/webhook.yaml")
    session = command._Session(command.parser("try").parse_args(["examples/partner-api.yaml", "--watch"]), "")

    async def changes() -> None:
        stopped = asyncio.Event()
        stack = await session._started(first)
        before = set(stack.keys.values)
        monkeypatch.setattr(session, "evaluate", lambda: first)
        stack = await session._again(stack, stopped)
        assert set(stack.keys.values) == before != set()
        assert "curl" not in capsys.readouterr().out
        monkeypatch.setattr(session, "evaluate", lambda: other)
        stack = await session._again(stack, stopped)
        assert "curl" in capsys.readouterr().out
        urls = dict(stack.urls)
        for graph in (replace(other, resources={}), other):
            monkeypatch.setattr(session, "evaluate", functools.partial(lambda given: given, graph))
            stack = await session._again(stack, stopped)
        # An API that comes back has the port that it had.
        assert stack.urls == urls
        await stack.stop()

    asyncio.run(changes())


def test_a_change_that_cannot_be_served_leaves_the_stack_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, other = graph_of("examples/open-proxy.yaml"), graph_of("examples/private-greeter.yaml")
    session = command._Session(command.parser("try").parse_args(["dev", "--backend", "backend=http://127.0.0.1:1"]), "")

    async def changes() -> None:
        stopped = asyncio.Event()
        stack = await session._started(first)
        urls = dict(stack.urls)
        # It has no backend of this name.
        monkeypatch.setattr(session, "evaluate", lambda: other)
        stack = await session._again(stack, stopped)
        assert (stack.graph, stack.urls) == (first, urls)
        assert "not taken over: --backend backend: " in capsys.readouterr().out
        await stack.stop()

    asyncio.run(changes())


def test_ctrl_c_ends_an_evaluation_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, left, graph = threading.Event(), threading.Event(), graph_of("examples/open-proxy.yaml")
    evaluated = []
    session = command._Session(command.parser("try").parse_args(["dev", "--watch"]), "")

    def endless() -> Graph:
        ended.wait(_SECONDS)
        evaluated.append("too late")
        left.set()
        raise ProgramError("ended")

    async def interrupted() -> Stack:
        stopped, stack = asyncio.Event(), Stack(graph, Options(), print, print)
        monkeypatch.setattr(session, "evaluate", endless)
        asyncio.get_running_loop().call_soon(stopped.set)
        assert await session._again(stack, stopped) is stack
        return stack

    asyncio.run(interrupted())
    assert evaluated == []
    # No other test finds this thread still running.
    ended.set()
    assert left.wait(_SECONDS)


def test_a_change_leaves_no_moment_in_which_another_program_can_take_a_port(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = graph_of("examples/open-proxy.yaml")
    session = command._Session(command.parser("try").parse_args(["dev", "--watch"]), "")
    monkeypatch.setattr(session, "evaluate", lambda: graph)
    stop, taken = Stack.stop, []

    async def stop_and_take(stack: Stack, **given: bool) -> None:
        ports = [int(url.strip("/").rpartition(":")[2]) for url in (*stack.urls.values(), stack.page_url)]
        await stop(stack, **given)
        for port in ports:
            with contextlib.suppress(OSError):
                taken.append(socket.create_server(("127.0.0.1", port)))

    async def changes() -> None:
        stack = await session._started(graph)
        urls = dict(stack.urls)
        monkeypatch.setattr(Stack, "stop", stop_and_take)
        stack = await session._again(stack, asyncio.Event())
        monkeypatch.setattr(Stack, "stop", stop)
        assert (taken, stack.urls) == ([], urls)
        await stack.stop()

    try:
        asyncio.run(changes())
    finally:
        for other in taken:
            other.close()
    assert "not taken over" not in capsys.readouterr().out
