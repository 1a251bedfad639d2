"""`gatehouse try --watch`: what counts as a change, and what a change leaves."""

import asyncio
import contextlib
import functools
import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from review.evaluate.problems import ProgramError
from review.graph import Asset, Graph
from review.serve import command, functions
from review.serve.stack import Options, Stack
from review.serve.watch import Watch
from review.tests.graph_builder import Builder
from review.tests.serve.programs import lambda_function
from tests.helpers.stacks import graph_of

_SECONDS = 120


def test_a_change_during_the_evaluation_is_seen(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    watch = Watch(tmp_path, enabled=True)
    (tmp_path / "Pulumi.dev.yaml").touch()
    assert asyncio.run(asyncio.wait_for(watch.changed(asyncio.Event()), _SECONDS))
    assert watch.files == set()


@pytest.mark.parametrize("name", ["index.ts", "lib/front.mts", "lib/front.cjs", "package.json", "Pulumi.yaml"])
def test_files_of_every_language_are_watched(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.touch()
    watch = Watch(tmp_path, enabled=True)
    file.write_text("// changed")
    os.utime(file, (1, 1))
    assert asyncio.run(asyncio.wait_for(watch.changed(asyncio.Event()), _SECONDS))
    assert watch.files == {file}


def test_a_file_that_becomes_a_link_is_another_file(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    for name in (file, tmp_path.parent / "outside.py"):
        name.touch()
    watch = Watch(tmp_path, enabled=True)
    file.unlink()
    file.symlink_to(tmp_path.parent / "outside.py")
    assert asyncio.run(asyncio.wait_for(watch.changed(asyncio.Event()), _SECONDS))
    assert not watch.files


@pytest.mark.parametrize("whole", [True, False])
def test_every_file_of_a_functions_folder_is_watched(whole: bool, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    code = tmp_path / "code"
    code.mkdir()
    (code / "main.py").write_text("def handler(event, context):\n    return open('template.json').read()")
    (code / "template.json").write_text("one")
    session = command._Session(command.parser("try").parse_args(["dev", "--watch", "--project", str(tmp_path)]), "")
    build, base = Builder(), str(tmp_path)
    files = {name: Asset(path=f"code/{name}", base=base) for name in ("main.py", "template.json")}
    asset = Asset(path="code", archive=True, base=base) if whole else Asset(members=files)
    lambda_function(build, "function", code=asset, timeout=20)
    graph = build.graph()
    session._watch.take(graph)

    async def run() -> None:
        stopped = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            assert not await asyncio.wait_for(session._watch.changed(stopped), 0.2)
        for name in (".env", "bootstrap"):
            (code / name).write_text("x")
            assert await asyncio.wait_for(session._watch.changed(stopped), _SECONDS), name
            assert session._watch.files == set(), name
        # Of the code alone, the program is not evaluated again: there is none here.
        stack = Stack(graph, Options(), print, print)
        (function,) = graph.of_type("aws:lambda/function:Function")
        made = functions.Function(function, {}, print)
        stack._functions[function.urn], stack._cleanup = made, [made.stop]
        try:
            for told in ("one", "other"):
                (code / "template.json").write_text(told)
                assert await asyncio.wait_for(session._watch.changed(stopped), _SECONDS)
                assert await session._again(stack, stopped) is stack
                found = stack._functions[function.urn]
                assert isinstance(found, functions.Function)
                assert json.loads((await found.invoke(b"1")).payload) == told
        finally:
            await stack.stop()

    asyncio.run(run())


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
    first, other = graph_of("dev"), graph_of("examples/private-greeter.yaml")
    session = command._Session(command.parser("try").parse_args(["dev", "--backend", "backend=http://127.0.0.1:1"]), "")

    async def changes() -> None:
        stopped = asyncio.Event()
        stack = await session._started(first)
        ports = stack.ports()
        # It has no backend of this name.
        monkeypatch.setattr(session, "evaluate", lambda: other)
        stack = await session._again(stack, stopped)
        assert (stack.graph, stack.ports()) == (first, ports)
        assert "not taken over: --backend backend: " in capsys.readouterr().out
        await stack.stop()

    asyncio.run(changes())


def test_ctrl_c_ends_an_evaluation_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, evaluated, graph = threading.Event(), [], graph_of("dev")
    session = command._Session(command.parser("try").parse_args(["dev", "--watch"]), "")

    def endless() -> Graph:
        ended.wait(_SECONDS)
        evaluated.append("too late")
        raise ProgramError("ended")

    async def interrupted() -> Stack:
        stopped, stack = asyncio.Event(), Stack(graph, Options(), print, print)
        monkeypatch.setattr(session, "evaluate", endless)
        asyncio.get_running_loop().call_soon(stopped.set)
        assert await session._again(stack, stopped) is stack
        return stack

    asyncio.run(interrupted())
    assert evaluated == []
    ended.set()
