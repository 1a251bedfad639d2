"""`gatehouse try` as a process: its output, its end, its page, and one sentence for what cannot work."""

import asyncio
import contextlib
import functools
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.project_file import HOME, Project, load
from review.graph import UNKNOWN, Asset, Graph, reveal
from review.serve import asgi, command, functions
from review.serve.evaluated import evaluated
from review.serve.page import Page
from review.serve.request import Request, Response, Trace
from review.serve.stack import Options, Stack
from review.tests.graph_builder import Builder
from review.tests.serve.conftest import Shared
from review.tests.serve.programs import changed, lambda_function, shop
from review.tests.serve.test_serving import signature
from tests.helpers import plain_http
from tests.helpers.stacks import ROOT, graph_of

pytestmark = pytest.mark.xdist_group("serve")
_SECONDS = 120


@contextmanager
def running(*arguments: str, cwd: Path = ROOT) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The command, and the first line that it prints with --log json."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "review.cli", "try", *arguments, "--log", "json"],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
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
        process.communicate(timeout=_SECONDS)


@dataclass(frozen=True)
class Done:
    """A command that ended, in the process of the tests: a Python of its own takes two seconds to start."""

    status: int
    out: str
    err: str

    @property
    def answers(self) -> list[dict[str, Any]]:
        """The answers that --once prints."""
        return list(json.loads(self.out))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Runs the command. It evaluates the stack `dev` once for all tests."""

    def known(project: Project, stack: str, folder: Path, names: Sequence[str]) -> Graph:
        return graph_of("dev") if (project.root, stack) == (HOME, "dev") else evaluated(project, stack, folder, names)

    monkeypatch.setattr(command, "evaluated", known)
    return lambda *arguments: Done(command.main(arguments), *capsys.readouterr())


@pytest.mark.slow
def test_ctrl_c_ends_everything_with_status_zero() -> None:
    with running("dev") as (process, told):
        (route, *_) = told["routes"]
        assert "<svg" in plain_http.get(told["page"]).text
        assert plain_http.request(route["method"], route["url"], headers=route["headers"]).status_code == 200
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert children
        with socket.create_connection(("127.0.0.1", httpx.URL(route["url"]).port or 0)) as unfinished:
            unfinished.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n")
            assert plain_http.get(told["page"]).status_code == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(_SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", httpx.URL(route["url"]).port or 0))


def test_ctrl_c_ends_a_program_that_never_ends(run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object, **__: object) -> Graph:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("still evaluates")

    monkeypatch.setattr(command, "evaluated", endless)
    # A shell has a command in the background ignore the signal, and those that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert run("dev").status == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_each_request_is_one_object(run: Callable[..., Done], tmp_path: Path) -> None:
    file = tmp_path / "requests.json"
    file.write_text(json.dumps([{"path": "/live/forward"}]))
    done = run("dev", "--once", str(file), "--log", "json")
    told = [json.loads(line) for line in done.err.splitlines()]
    logged = next(one for one in told if "status" in one)
    assert (logged["status"], logged["route"]) == (200, "GET /forward")
    assert [name for name, _ in logged["hops"]] == ["proxy-function", "backend"]


@pytest.mark.slow
def test_the_first_page_shows_what_try_prints(run: Callable[..., Done], tmp_path: Path) -> None:
    file, call = tmp_path / "requests.json", {"method": "POST", "path": "/live/jobs/nightly"}
    signed = signature("POST", f"http://127.0.0.1{call['path']}", "eu-west-1", host="127.0.0.1")
    file.write_text(json.dumps([{**call, "headers": signed}, call]))
    printed = run("examples/scheduled.yaml", "--once", str(file)).err
    page, printed = (re.sub(r"\d+ ms", "… ms", text) for text in ((ROOT / "README.md").read_text(), printed))
    assert page.partition("```text\n200 ")[2].partition("```")[0] in printed.partition("200 ")[2]


def test_once_sends_a_file_of_requests(run: Callable[..., Done], tmp_path: Path) -> None:
    file = tmp_path / "requests.json"
    file.write_text(json.dumps([{"path": "/live/forward/a"}, {"path": "/nowhere", "method": "POST", "body": {"a": 1}}]))
    done = run("dev", "--once", str(file))
    assert done.status == 0, done.err
    assert [one["status"] for one in done.answers] == [200, 403]


@pytest.mark.slow
def test_a_wrong_config_names_its_keys_and_no_line_of_our_code(run: Callable[..., Done], tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text((ROOT / "Pulumi.dev.yaml").read_text().replace("port: 80", "port: 70000"))
    done = run(str(file))
    assert done.status == 2
    assert "gatehouse:backend.port" in done.err
    assert ".py:" not in done.err


def test_a_backend_that_is_not_started_is_named(run: Callable[..., Done], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    file = tmp_path / "requests.json"
    file.write_text(json.dumps([{"path": "/live/forward/a"}]))
    done = run("dev", "--backend", f"http://127.0.0.1:{port}", "--once", str(file))
    assert done.answers[0]["status"] == 502
    assert f"127.0.0.1:{port} accepts no connections: start your backend" in done.err


def test_the_page_answers_on_its_own_address_only(shared: Shared) -> None:
    stack, own = shared("dev").stack, "http://127.0.0.1:1"
    page = Page(stack, "dev")
    stack.page_url = f"{own}/"

    def ask(method: str, path: str, body: Any = None, host: str = "127.0.0.1:1", **headers: str) -> Response:
        given = [("host", host), *headers.items()]
        return asyncio.run(page.answer(Request(method, path, "", given, json.dumps(body).encode())))

    shown = ask("GET", "/")
    assert shown.status == 200
    assert b"<svg" in shown.body
    assert "default-src 'none'" in shown.header("content-security-policy")
    assert ask("GET", "/", host="evil.example").status == 403
    assert ask("GET", "/requests", origin="http://evil.example").status == 403
    route = next(shared("dev").routes())
    given = [[name, value] for name, value in route.headers.items()]
    wanted = {"method": route.method, "url": route.url, "headers": given, "body": ""}
    assert json.loads(ask("POST", "/send", wanted, origin=own).body)["status"] == 200
    twice = [["X-Gatehouse-Source-Ip", "192.0.2.1"]] * 2
    for headers, status in (([["X-Token", "…"]], 200), ([["X Token", "x"]], 0), (twice, 400)):
        sent = {**wanted, "headers": given + headers}
        assert json.loads(ask("POST", "/send", sent, origin=own).body)["status"] == status
    stranger = {"method": "GET", "url": "http://127.0.0.1:9/"}
    assert json.loads(ask("POST", "/send", stranger, origin=own).body)["status"] == 0
    assert ask("POST", "/send", wanted).status == 404
    page.add(shared("dev").traces[-1])
    (told,) = json.loads(ask("GET", "/requests").body)
    assert (told["status"], told["marked"]) == (200, "")
    # A service of AWS is not drawn, and neither is a host that the stack does not hold.
    hops = [(name, 0.0) for name in ("proxy-function", "away", "secretsmanager")]
    for made, marked in (
        (Trace("front", "GET", "/", hops=hops, stopped=1), "proxy"),
        (Trace("front", "GET", "/", hops=hops[:1], stopped=0), "proxy"),
        (Trace("front", "GET", "/", note="refused"), "front"),
        (Trace("front", "GET", "/", hops=hops), ""),
    ):
        page.add(made)
        assert json.loads(ask("GET", "/requests").body)[0]["marked"] == marked
    drawn = {title.partition(";")[0] for title in re.findall("<title>(.*?)</title>", shown.body.decode())}
    assert [hop for hop in told["hops"] if hop not in drawn] == []
    assert len(told["hops"]) == 3


@pytest.mark.slow
def test_a_change_is_taken_over_on_the_same_port(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    program = (ROOT / "review" / "tests" / "programs" / "served.py").read_text()
    (tmp_path / "__main__.py").write_text(program)
    # An editor's lock on a file that is changed.
    (tmp_path / ".#__main__.py").symlink_to("ann@laptop.123")
    with running("dev", "--watch", cwd=tmp_path) as (process, told):
        (url,) = told["apis"].values()
        assert plain_http.get(f"{url}/hello").text == "one"
        (tmp_path / "__main__.py").write_text(program.replace("'one'", "'two'"))
        until = time.monotonic() + _SECONDS
        while time.monotonic() < until:
            try:
                if plain_http.get(f"{url}/hello").text == "two":
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        assert plain_http.get(f"{url}/hello").text == "two"
        assert process.poll() is None


def test_a_change_during_the_evaluation_is_seen(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    session = command._Session(command.parser("try").parse_args(["dev", "--watch", "--project", str(tmp_path)]), "")
    (tmp_path / "Pulumi.dev.yaml").touch()
    assert asyncio.run(asyncio.wait_for(session._changed(asyncio.Event()), _SECONDS))


@pytest.mark.slow
def test_a_program_is_evaluated_in_its_own_environment(tmp_path: Path, run: Callable[..., Done]) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n")
    (tmp_path / "__main__.py").write_text(
        "import only_there, pulumi_aws as aws\n"
        "aws.apigatewayv2.Api('web', protocol_type='HTTP', target='http://backend.invalid/')\n"
    )
    venv.create(tmp_path / "venv", symlinks=True)
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (packages / "shared.pth").write_text(str(Path(sys.prefix) / "lib" / packages.parent.name / "site-packages"))
    (packages / "only_there.py").write_text("")
    requests = tmp_path / "requests.json"
    requests.write_text('[{"path": "/any"}]')
    done = run("dev", "--project", str(tmp_path), "--once", str(requests))
    assert (done.status, [one["status"] for one in done.answers]) == (0, [200]), done.err
    (packages / "only_there.py").unlink()
    assert "only_there" in run("dev", "--project", str(tmp_path), "--once", str(requests)).err


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
    session._watch(graph)

    async def run() -> None:
        stopped = asyncio.Event()
        with contextlib.suppress(TimeoutError):
            assert not await asyncio.wait_for(session._changed(stopped), 0.2)
        for name in (".env", "bootstrap"):
            (code / name).write_text("x")
            assert await asyncio.wait_for(session._changed(stopped), _SECONDS), name
            assert session._changes == set(), name
        # Of the code alone, the program is not evaluated again: there is none here.
        stack = Stack(graph, Options(), print, print)
        (function,) = graph.of_type("aws:lambda/function:Function")
        made = functions.Function(function, {}, print)
        stack._functions[function.urn], stack._cleanup = made, [made.stop]
        try:
            for told in ("one", "other"):
                (code / "template.json").write_text(told)
                assert await asyncio.wait_for(session._changed(stopped), _SECONDS)
                assert await session._again(stack, stopped) is stack
                found = stack._functions[function.urn]
                assert isinstance(found, functions.Function)
                assert json.loads((await found.invoke(b"1")).payload) == told
        finally:
            await stack.stop()

    asyncio.run(run())


ARCHIVES = """
import atexit, pathlib, shutil, tempfile, pulumi, pulumi_aws as aws
folder = tempfile.mkdtemp()
atexit.register(shutil.rmtree, folder)
(pathlib.Path(folder) / "main.py").write_text("")
aws.lambda_.Function("f", role="r", code=pulumi.FileArchive(folder))
aws.ssm.Parameter("p", type="String", value=pulumi.Config().require("word"))
pulumi.export("tenancy", aws.ec2.Vpc("v", cidr_block="10.0.0.0/16").instance_tenancy)
"""


def project(folder: Path, program: str) -> Project:
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {small:word: {secure: v1:an:encrypted-value}}\n")
    (folder / "__main__.py").write_text(program)
    return load(folder)


@pytest.mark.slow
def test_files_that_a_program_makes_stay_in_the_folder_of_the_evaluation(tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    # A path that fits into a socket's.
    with TemporaryDirectory(prefix="review-") as short:
        folder = Path(short).resolve()
        found = evaluated(project(tmp_path / "program", ARCHIVES), "dev", folder)
        (code,) = (reveal(one.inputs["code"]) for one in found if "code" in one.inputs)
        # What the program wrote is gone with its process: the review keeps a copy.
        assert {folder} <= {*Path(code.path).parents} & {*Path(code.copy).parents}
        assert (Path(code.copy) / "main.py").is_file()
    (word,) = (reveal(one.inputs["value"]) for one in found if "value" in one.inputs)
    assert (type(word), word) == (str, "secretThatTheReviewCannotOpen")
    # There is one unknown value in each process.
    assert found.exports["tenancy"] is UNKNOWN


BUILT = """
import os, pathlib, zipfile
import pulumi, pulumi_aws as aws

pathlib.Path("dist/below").mkdir(parents=True)
pathlib.Path("dist/main.py").write_text("built")
pathlib.Path("dist/below/out").symlink_to("/etc/hostname")
pathlib.Path("dist/below/in").symlink_to("../main.py")
with zipfile.ZipFile("built.zip", "w") as archive:
    archive.writestr("main.py", "zipped")
pathlib.Path("mixed/new.py").write_text("new")
pathlib.Path("mixed/gone.py").unlink()
os.symlink("/etc/hostname", "passwords")
codes = {
    "folder": pulumi.FileArchive("./dist"),
    "archive": pulumi.FileArchive(os.path.abspath("built.zip")),
    "mixed": pulumi.FileArchive("mixed"),
    "file": pulumi.AssetArchive({"main.py": pulumi.FileAsset("dist/main.py"), "in": pulumi.FileArchive("dist/below")}),
    "whole": pulumi.FileArchive("untouched"),
    "link": pulumi.AssetArchive({"link": pulumi.FileAsset("passwords")}),
}
for name, code in codes.items():
    aws.lambda_.Function(name, role="r", runtime="python3.13", handler="main.handler", code=code)
"""


def test_files_that_a_program_builds_in_its_repository_can_be_read_after_it(tmp_path: Path) -> None:
    root = tmp_path / "program"
    for name, text in (("mixed/old.py", "old"), ("mixed/gone.py", "gone"), ("untouched/main.py", "mine")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    with TemporaryDirectory(prefix="review-") as short:
        graph = evaluated(project(root, BUILT), "dev", Path(short).resolve())
        assert sorted(one.name for one in root.iterdir()) == [
            "Pulumi.dev.yaml", "Pulumi.yaml", "__main__.py", "mixed", "untouched",
        ]  # fmt: skip
        unpacked: dict[str, dict[str, str] | str] = {}
        for one in graph.of_type("aws:lambda/function:Function"):
            folder = Path(short, one.name)
            folder.mkdir()
            try:
                functions._unpack(reveal(one.inputs["code"]), folder)
                files = (path for path in sorted(folder.rglob("*")) if path.is_file())
                unpacked[one.name] = {str(path.relative_to(folder)): path.read_text() for path in files}
            except (OSError, functions.UnsupportedRuntimeError) as error:
                unpacked[one.name] = type(error).__name__
        copied = {one.name: bool(reveal(one.inputs["code"]).copy) for one in graph if "code" in one.inputs}
    assert unpacked == {
        "folder": {"main.py": "built", "below/in": "built"},
        "archive": {"main.py": "zipped"},
        "mixed": {"old.py": "old", "new.py": "new"},
        "file": {"main.py": "built", "in/in": "built"},
        "whole": {"main.py": "mine"},
        "link": "FileNotFoundError",
    }
    assert (copied["mixed"], copied["whole"]) == (True, False)


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("raise ValueError('line one\\nline two')", "line one\nline two"),
        ("import os\nos._exit(3)", "ended its process with status 3"),
    ],
)
def test_a_program_that_fails_or_ends_says_so(tmp_path: Path, program: str, sentence: str) -> None:
    with TemporaryDirectory(prefix="review-") as short, pytest.raises(ProgramError, match=sentence):
        evaluated(project(tmp_path, program), "dev", Path(short).resolve())


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


def test_no_name_of_a_program_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    session = command._Session(command.parser("try").parse_args(["dev"]), "")
    graph = changed(shop().graph(), "route", routeKey="GET /a\x1b]0;mine\x07", authorizationType="\u202eNONE")

    async def introduced() -> None:
        stack = await session._started(graph)
        session._introduce(stack)
        session._told(Trace("front\x1b[2J", "GET", "/", hops=[("link\x9b31m", 1.0)], note="a\rb"))
        await stack.stop()

    asyncio.run(introduced())
    out = capsys.readouterr().out
    assert "curl" in out
    assert [line for line in out.split("\n") if not line.isprintable()] == []


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


@pytest.mark.alike(4)
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "nope"),
        (["dev", "--backend", "wrong=http://127.0.0.1:1"], "the stack's backends are backend"),
        (["dev", "--backend", "https://127.0.0.1:1"], "give http://host:port"),
        (["dev", "--once", "/nowhere.json"], "/nowhere.json"),
        (["dev", "--backend", "http://127.0.0.1:1/api"], "give http://host:port"),
        (["dev", "--backend", "http://user@127.0.0.1:1"], "give http://host:port"),
        (["dev", "--backend", "http://127.0.0.1:port"], "give http://host:port"),
    ],
)
def test_what_cannot_work_is_one_message(run: Callable[..., Done], arguments: list[str], sentence: str) -> None:
    done = run(*arguments)
    assert done.status == 2
    assert sentence in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--port=70000", "got '70000'; want a port from 1 to 65,535, or 0 for a free one"),
        ("--port=http", "got 'http'; want a port"),
        ("--token=scope", "got 'scope'; want a claim and its value, such as scope=orders/read"),
        ("--aws-endpoint=127.0.0.1:5000", "got '127.0.0.1:5000'; want http://host:port"),
        ("--aws-endpoint=http://127.0.0.1:99999", "got 'http://127.0.0.1:99999'; want http://host:port"),
        ("--aws-endpoint=http://", "got 'http://'; want http://host:port"),
    ],
)
def test_an_option_without_its_form_is_refused(capsys: pytest.CaptureFixture[str], option: str, sentence: str) -> None:
    with pytest.raises(SystemExit):
        command.parser("try").parse_args(["dev", option])
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("requests", "sentence"),
    [
        ({"path": "/"}, "want a list of requests"),
        (["/live"], 'request 1: got "/live"; want an object'),
        ([{}, {"methd": "POST"}], "request 2: got methd; want an object with some of api, method, path, headers, body"),
        ([{"api": "frnt"}], "there is no API 'frnt'; the stack has front"),
        ([{"path": "live"}], "path: got 'live'; want one that begins with /"),
        ([{"headers": {"x-a": 1}}], "headers: got {'x-a': 1}"),
        ([{"method": "GET /"}], "method: got 'GET /'"),
        ([{"method": "G\u00c9T"}], "method: got 'G\u00c9T'"),
        ([{"api": ["front"]}], "there is no API ['front']"),
        ([{"headers": {"x-a": "\u20ac"}}], "request 1: "),
        ([{}, {"headers": {"x a": "1"}}], "request 2: "),
        ([{"headers": {"x-a": "1\r\nx-b: 2"}}], "request 1: "),
        ([{"headers": {"content-length": "9"}, "body": "x"}], "request 1: "),
        ([{"path": "/\n"}], "request 1: "),
        ([{"body": "\ud800"}], "request 1: "),
    ],
)
def test_requests_that_cannot_be_sent_are_named(
    run: Callable[..., Done], tmp_path: Path, requests: object, sentence: str
) -> None:
    file = tmp_path / "requests.json"
    file.write_text(json.dumps(requests))
    done = run("dev", "--once", str(file))
    assert (done.status, sentence in done.err, "Traceback" in done.err) == (2, True, False), done.err


def test_a_port_in_use_is_one_message(run: Callable[..., Done]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("dev", "--port", str(port))
    assert done.status == 2
    assert done.err == f"port {port}: Address already in use; choose another by --port\n"


def test_ports_that_follow_the_first_end_where_ports_do() -> None:
    with pytest.raises(OSError, match="port 65536: ports end at 65,535; choose another by --port"):
        asgi.bound(65_536)
