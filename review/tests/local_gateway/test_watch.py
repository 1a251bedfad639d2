"""`gatehouse try --watch`: what counts as a change, and what a change leaves."""

import asyncio
import functools
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from review.evaluate.problems import ProgramError
from review.graph import Graph
from review.local_gateway.stack import Options, Stack
from review.tests.helpers.stacks import graph_of
from review.try_page import command
from review.try_page.watch import Watch

_SECONDS = 120


def session(*arguments: str) -> command._Session:
    return command._Session(command.build_parser("try").parse_args([*arguments, "--watch"]), "")


def test_a_change_during_the_evaluation_is_seen(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    watch = Watch(tmp_path, enabled=True)
    (tmp_path / "Pulumi.dev.yaml").touch()
    assert asyncio.run(asyncio.wait_for(watch.wait_for_change(asyncio.Event()), _SECONDS))


def test_keys_stay_and_new_routes_are_printed_after_a_change(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, other = graph_of("examples/partner-api.yaml"), graph_of("examples/webhook.yaml")
    made = session("examples/partner-api.yaml")

    async def changes() -> None:
        stack = await made._start_stack(first)
        before = set(stack.keys.values)

        async def again(graph: Graph) -> Stack:
            monkeypatch.setattr(made, "evaluate", functools.partial(lambda given: given, graph))
            return await made._restart_stack(stack, asyncio.Event())

        stack = await again(first)
        assert set(stack.keys.values) == before != set()
        assert "curl" not in capsys.readouterr().out
        stack = await again(other)
        assert "curl" in capsys.readouterr().out
        urls = dict(stack.urls)
        for graph in (replace(other, resources={}), other):
            stack = await again(graph)
        # An API that comes back has the port that it had.
        assert stack.urls == urls
        await stack.stop()

    asyncio.run(changes())


def test_a_change_that_cannot_be_served_leaves_the_stack_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, other = graph_of("examples/open-proxy.yaml"), graph_of("examples/private-greeter.yaml")
    made = session("dev", "--backend", "backend=http://127.0.0.1:1")
    # It has no backend of this name.
    monkeypatch.setattr(made, "evaluate", lambda: other)

    async def changes() -> None:
        stack = await made._start_stack(first)
        urls = dict(stack.urls)
        stack = await made._restart_stack(stack, asyncio.Event())
        assert (stack.graph, stack.urls) == (first, urls)
        await stack.stop()

    asyncio.run(changes())
    assert "not taken over: --backend backend: " in capsys.readouterr().out


def test_ctrl_c_ends_an_evaluation_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, left, graph = threading.Event(), threading.Event(), graph_of("examples/open-proxy.yaml")
    made = session("dev")

    def endless() -> Graph:
        ended.wait(_SECONDS)
        left.set()
        raise ProgramError("ended")

    async def interrupted() -> bool:
        stopped, stack = asyncio.Event(), Stack(graph, Options(), print, print)
        monkeypatch.setattr(made, "evaluate", endless)
        asyncio.get_running_loop().call_soon(stopped.set)
        return await made._restart_stack(stack, stopped) is stack

    assert asyncio.run(interrupted())
    assert not left.is_set()
    # No other test finds this thread still running.
    ended.set()
    assert left.wait(_SECONDS)
