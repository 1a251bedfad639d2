"""`gatehouse try` as a process: its output, its end, its page, and one sentence for what cannot work."""

import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from review.evaluate.own_process import evaluate_stack
from review.evaluate.project_file import HOME, Project
from review.graph import Graph
from review.local_gateway import asgi
from review.local_gateway.request import Trace
from review.tests.helpers import plain_http
from review.tests.helpers.fixture_types import Write
from review.tests.helpers.stacks import PROGRAM, REVIEW, ROOT, graph_of
from review.tests.helpers.waiting import SECONDS, until
from review.tests.local_gateway.programs import changed, shop
from review.try_page import command


@contextmanager
def running(*arguments: str, cwd: Path = PROGRAM) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command, and the first line that it prints with --log json."""
    whole = [sys.executable, "-m", "review.cli", "try", *arguments, "--log", "json"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(whole, cwd=cwd, env=environment, stdout=-1, stderr=-1, text=True)
    try:
        assert process.stdout is not None
        told: dict[str, Any] = {}
        while "apis" not in told:
            line = process.stdout.readline()
            assert line, process.wait()
            told = json.loads(line)
        yield process, told
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)


@dataclass(frozen=True)
class Done:
    """A command that ended, in the process of the tests: a Python of its own takes two seconds to start."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command. It evaluates the stacks of this project once for all tests."""

    def known(project: Project, stack: str, folder: Path, names: Sequence[str]) -> Graph:
        own = project.root == HOME and stack in ("dev", "examples/open-proxy.yaml")
        return graph_of(stack) if own else evaluate_stack(project, stack, folder, names)

    monkeypatch.setattr(command, "evaluate_stack", known)
    monkeypatch.chdir(PROGRAM)
    return lambda *arguments: Done(command.main(arguments), *capsys.readouterr())


@pytest.fixture
def once(run: Run, tmp_path: Path) -> Run:
    """`once(requests, "--log", "json")` sends requests to the open example."""

    def sent(requests: object, *more: str) -> Done:
        file = tmp_path / "requests.json"
        file.write_text(json.dumps(requests))
        return run("examples/open-proxy.yaml", "--once", str(file), *more)

    return sent


@pytest.mark.slow
def test_ctrl_c_ends_everything_with_status_zero() -> None:
    with running("dev") as (process, told):
        (route, *_) = told["routes"]
        address = ("127.0.0.1", httpx.URL(route["url"]).port or 0)
        assert "page.js" in plain_http.get(told["page"]).text
        assert plain_http.request(route["method"], route["url"], headers=route["headers"]).status_code == 200
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert children
        with socket.create_connection(address) as unfinished:
            unfinished.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n")
            assert plain_http.get(told["page"]).status_code == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address)


@pytest.mark.slow
def test_the_page_is_opened_or_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {shlex.quote(str(opened))}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    with running("dev", "--open") as (_, told):
        until(lambda: opened.exists() and opened.read_text().strip() == told["page"])
    with running("dev", "--no-page") as (_, told):
        assert told["page"] == ""
    with pytest.raises(SystemExit):
        run("dev", "--open", "--no-page")


def test_ctrl_c_ends_a_program_that_never_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object, **__: object) -> Graph:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("still evaluates")

    monkeypatch.setattr(command, "evaluate_stack", endless)
    # A shell has a command in the background ignore the signal, and those that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run("dev").status == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_once_sends_a_file_of_requests_and_each_is_one_object(once: Run) -> None:
    requests = [{"path": "/live/forward/a"}, {"path": "/nowhere", "method": "POST", "body": {"a": 1}}]
    done = once(requests, "--log", "json")
    assert (done.status, [answer["status"] for answer in json.loads(done.out)]) == (0, [200, 403]), done.err
    logged = next(one for one in map(json.loads, done.err.splitlines()) if "status" in one)
    assert (logged["status"], logged["route"]) == (200, "GET /forward/{proxy+}")
    assert [name for name, _ in logged["hops"]] == ["proxy-function", "backend"]


@pytest.mark.slow
def test_once_names_the_apis_that_are_not_served(tmp_path: Path, write_project: Write, run: Run) -> None:
    write_project('import pulumi_aws as aws\n\naws.apigateway.RestApi("own")\n')
    (tmp_path / "requests.json").write_text('[{"path": "/any"}]')
    done = run("dev", "--project", str(tmp_path), "--once", str(tmp_path / "requests.json"))
    assert (done.status, "own (RestApi) is not served: no component declares it" in done.err) == (2, True)


@pytest.mark.slow
def test_a_change_is_taken_over_on_the_same_port(tmp_path: Path, write_project: Write) -> None:
    program = (REVIEW / "tests" / "programs" / "served.py").read_text()
    write_project(program)
    # An editor's lock on a file that is changed.
    (tmp_path / ".#__main__.py").symlink_to("ann@laptop.123")
    with running("dev", "--watch", cwd=tmp_path) as (process, told):
        (url,) = told["apis"].values()

        def answers(text: str) -> bool:
            with suppress(httpx.HTTPError):
                return plain_http.get(f"{url}/hello").text == text
            return False

        assert answers("one")
        (tmp_path / "__main__.py").write_text(program.replace("'one'", "'two'"))
        until(lambda: answers("two"))
        assert process.poll() is None


@pytest.mark.slow
def test_a_program_is_evaluated_in_its_own_environment(tmp_path: Path, run: Run) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n")
    program = "import only_there\n" + (REVIEW / "tests" / "programs" / "served.py").read_text()
    (tmp_path / "__main__.py").write_text(program)
    venv.create(tmp_path / "venv", symlinks=True)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    shared = Path(sys.prefix) / "lib" / packages.parent.name / "site-packages"
    (packages / "shared.pth").write_text(f"import site; site.addsitedir({str(shared)!r})\n")
    (packages / "only_there.py").write_text("")
    (tmp_path / "requests.json").write_text('[{"path": "/any"}]')
    arguments = ["dev", "--project", str(tmp_path), "--once", str(tmp_path / "requests.json")]
    done = run(*arguments)
    assert (done.status, [answer["status"] for answer in json.loads(done.out)]) == (0, [404]), done.err
    (packages / "only_there.py").unlink()
    assert "only_there" in run(*arguments).err


def test_no_name_of_a_program_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    session = command._Session(command.build_parser("try").parse_args(["dev"]), "")
    key = "GET /a\x1b]0;mine\x07\n  GET /b\n    curl -s http://127.0.0.1:1/c"
    graph = changed(shop(), "front-any-orders", routeKey=key, authorizationType="\u202eNONE")

    async def introduced() -> None:
        stack = await session._start_stack(graph)
        session._introduce(stack)
        session._say("f: a\n  g: cold start\u2028  g: again\x0b  g: again")
        session._show_trace(Trace("front\x1b[2J", "GET", "/", hops=[("link\x9b31m", 1.0)], note="a\rb"))
        await stack.stop()

    asyncio.run(introduced())
    lines = capsys.readouterr().out.split("\n")
    assert any("curl" in line for line in lines)
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if line.startswith(("  GET /b", "  g:", "    curl -s http"))] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "nope"),
        (["dev", "--backend", "wrong=http://127.0.0.1:1"], "the stack's backends are backend"),
        (["dev", "--backend", "https://127.0.0.1:1"], "https is not served; give http://host:port"),
        (["dev", "--once", "/nowhere.json"], "/nowhere.json"),
        (["dev", "--backend", "http://127.0.0.1:1/api"], "no path is allowed; give http://host:port"),
        (["dev", "--backend", "http://user@127.0.0.1:1"], "no user is allowed; give http://host:port"),
    ],
)
def test_what_cannot_work_is_one_message(run: Run, arguments: list[str], sentence: str) -> None:
    done = run(*arguments)
    assert (done.status, sentence in done.err, "Traceback" in done.err) == (2, True, False)


@pytest.mark.slow
def test_a_wrong_config_names_its_keys_and_no_line_of_our_code(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text((PROGRAM / "Pulumi.dev.yaml").read_text().replace("port: 80", "port: 70000"))
    done = run(str(file))
    assert (done.status, "gatehouse:backend.port" in done.err, ".py:" in done.err) == (2, True, False)


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--port=70000", "got '70000'; want a port from 1 to 65,535, or 0 for a free one"),
        ("--port=http", "got 'http'; want a port"),
        ("--token=scope", "got 'scope'; want a claim and its value, such as scope=orders/read"),
        ("--aws-endpoint=127.0.0.1:5000", "got '127.0.0.1:5000'; want http://host:port"),
    ],
)
def test_an_option_without_its_form_is_refused(capsys: pytest.CaptureFixture[str], option: str, sentence: str) -> None:
    with pytest.raises(SystemExit):
        command.build_parser("try").parse_args(["dev", option])
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("requests", "sentence"),
    [
        ({"path": "/"}, "want a list of requests"),
        (["/live"], 'request 1: got "/live"; want an object'),
        ([{}, {"methd": "POST"}], "request 2: got methd; want an object with some of api, method, path, headers, body"),
        ([{"api": "frnt"}], "there is no API 'frnt'; the stack has front"),
        ([{"path": "live"}], "path: got 'live'; want one that begins with /"),
        *(([request], "request 1: ") for request in (
            {"headers": {"x-a": 1}}, {"method": "GET /"}, {"headers": {"x-a": "\u20ac"}}, {"headers": {"x a": "1"}},
            {"headers": {"x-a": "1\r\nx-b: 2"}}, {"headers": {"content-length": "9"}, "body": "x"}, {"path": "/\n"},
            {"body": "\ud800"},
        )),
    ],
)  # fmt: skip
def test_requests_that_cannot_be_sent_are_named(once: Run, requests: object, sentence: str) -> None:
    done = once(requests)
    assert (done.status, sentence in done.err, "Traceback" in done.err) == (2, True, False), done.err


def test_a_port_that_cannot_be_had_is_one_message(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("dev", "--port", str(port))
    assert (done.status, done.err) == (2, f"port {port}: Address already in use; choose another by --port\n")
    with pytest.raises(OSError, match="port 65536: ports end at 65,535; choose another by --port"):
        asgi.bind_socket(65_536)
