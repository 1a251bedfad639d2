"""What the code of a function reaches of this machine."""

import asyncio
import errno
import gc
import json
import logging
import os
import shutil
import ssl
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from review.confine import calls, folders
from review.confine.command import Keeper
from review.graph import Asset, Resource
from review.serve import environment, functions
from review.serve.environment import Environment
from review.serve.errors import FunctionFailure
from review.serve.functions import Function
from review.tests.confine.test_calls import SHARED, SHARES
from review.tests.serve.conftest import Backend, function_of, listening, stopped

ATTACK = """
import http.client, json, os, pathlib

def tried(attempt):
    try:
        return bool(attempt())
    except OSError:
        return False

def handler(event, context):
    status = pathlib.Path("/proc/self/status").read_text()
    return {
        "home": tried(lambda: pathlib.Path(event["home"], "secret").read_text()),
        "files": tried(lambda: open(event["kept"], "r+")),
        "its code": tried(lambda: pathlib.Path("main.py").write_text("")),
        "gatehouse": tried(lambda: pathlib.Path(f"/proc/{event['gatehouse']}/environ").read_bytes()),
        "processes": len([one for one in os.listdir("/proc") if one.isdigit()]) > 9,
        "a capability to administer": bool(int(status.partition("CapEff:")[2].split()[0], 16) >> 21 & 1),
        "no filter": "Seccomp:\\t2" not in status,
        "a variable": "GATEHOUSE_TEST_TOKEN" in os.environ,
        "a backend": http.client.HTTPConnection("127.0.0.1", event["port"]).request("GET", "/") is None,
        "/tmp": tried(lambda: pathlib.Path("/tmp/own").write_text("x")),
    }
"""
NODE = """
const fs = require("fs");
exports.handler = async (event) => {
  try { return fs.readFileSync(event.home + "/secret", "utf8"); } catch (error) { return error.code; }
};
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that has a secret."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GATEHOUSE_TEST_TOKEN", "a")
    (tmp_path / "secret").write_text("b")
    return tmp_path


def answered(resource: Resource, **event: object) -> tuple[object, str]:
    """The answer of a function, and the line of its start."""
    lines: list[str] = []

    async def run() -> object:
        async with stopped(Function(resource, {}, lines.append)) as function:
            return json.loads((await function.invoke(json.dumps(event).encode())).payload)

    return asyncio.run(run()), lines[0]


def test_a_function_reaches_its_backend_and_nothing_of_the_user(home: Path) -> None:
    with listening(Backend) as port:
        given = {"home": str(home), "kept": __file__, "gatehouse": os.getpid(), "port": port}
        found, line = answered(function_of(ATTACK), **given)
    if "this system does not keep it" in line:
        pytest.skip("this system allows no namespaces")
    assert isinstance(found, dict)
    assert {name for name, reached in found.items() if reached} == {"a backend", "/tmp"}  # a name


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
def test_a_function_in_node_runs_and_reads_nothing_of_the_home(home: Path) -> None:
    found, line = answered(function_of("", "nodejs22.x", **{"main.js": Asset(text=NODE)}), home=str(home))
    assert found == ("b" if "this system does not keep it" in line else "ENOENT")


SEES = """
import os, pathlib, socket, ssl

def of(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else pathlib.Path(path).read_text()
    except OSError:
        return ""

def handler(event, context):
    room = os.statvfs("/tmp")
    return {
        "room": room.f_blocks * room.f_frsize >> 20,
        "folders": {name: of("/" + name) for name in os.listdir("/")},
        "secrets": [of(name) for name in ("/etc/shadow", "/etc/gshadow", "/etc/ssl/private", "/etc/sudoers")],
        "certificates": ssl.create_default_context().cert_store_stats()["x509"],
        "name": socket.getaddrinfo("localhost", 80)[0][4][1],
    }
"""


def test_a_function_sees_the_system_and_its_own_folders() -> None:
    """And has as much room for files as on Lambda: the places of what is hidden take none."""
    found, line = answered(function_of(SEES))
    if "this system does not keep it" in line:
        pytest.skip("this system allows no namespaces")
    assert isinstance(found, dict)
    own = {*folders._SYSTEM.split(), "/etc", "/tmp"}
    kept = [Path(one) for one in (sys.prefix, sys.base_prefix, __file__, *sys.path)]
    own |= {f"/{name}" for path in kept for name in (*path.parts[1:2], *path.resolve().parts[1:2])}
    shown = {f"/{name}" for name, content in found["folders"].items() if content}
    assert shown <= own
    assert not any(found["secrets"])
    assert found["name"] == 80
    assert found["room"] >= 512
    assert found["certificates"] == ssl.create_default_context().cert_store_stats()["x509"]


SOCKETS = """
import socket
for attempt in (
    lambda: socket.socket(socket.AF_UNIX),
    lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
    lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_RAW),
):
    try:
        attempt()
        print("a socket")
    except OSError as error:
        print(error.errno)
print(len([socket.socketpair(socket.AF_UNIX, kind) for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)]))
"""


@pytest.mark.parametrize(("code", "printed"), [(SOCKETS, [f"{errno.ENOSYS}"] * 3 + ["2"]), (SHARES, [SHARED])])
def test_a_function_has_pairs_of_sockets_and_connects_to_no_other_unix_socket(code: str, printed: list[str]) -> None:
    """One may have no file, or be opened later. A pair of datagrams could be connected again."""
    if os.uname().machine not in calls._CALLS:
        pytest.skip("the numbers of this machine's system calls are not known")
    lines: list[str] = []

    async def run() -> None:
        function = Function(function_of("def handler(event, context):\n    exec(event, {})"), {}, lines.append)
        async with stopped(function):
            await function.invoke(json.dumps(code).encode())

    asyncio.run(run())
    assert [line.removeprefix("f: ") for line in lines[-len(printed) :]] == printed


ADDRESS = "import os\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_RUNTIME_API']"
STEALS = """
import http.client, os

def asked(address, path):
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.request("POST", "/2018-06-01/runtime/" + path, b"{}")
    return connection.getresponse().read().decode()

def handler(event, context):
    reading, writing = os.pipe()
    if not os.fork():
        os.setsid()
        if not os.fork():
            os.write(writing, b"said: " + asked(os.environ["AWS_LAMBDA_RUNTIME_API"], "invocation/x/response").encode())
        os._exit(0)
    child = os.read(reading, 99).decode()  # of the function, in a session of its own
    return [asked(event, "invocation/next"), asked(event, "init/error"), child]
"""


def test_a_function_answers_for_no_other_function() -> None:
    async def run() -> Any:
        async with (
            stopped(Function(function_of(ADDRESS), {}, print)) as guarded,
            stopped(Function(function_of(STEALS), {}, print)) as thief,
        ):
            address = (await guarded.invoke(b"{}")).payload
            document = json.loads((await thief.invoke(address)).payload)
            assert (await guarded.invoke(b"{}")).payload == address
            return document

    *stolen, own = asyncio.run(run())
    assert (stolen, own) == (["this is of another program\n"] * 2, "said: ")


FILES = """
import os, resource
def handler(event, context):
    opened = []
    try:
        while True:
            opened.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return [len(opened) < 1024, resource.getrlimit(resource.RLIMIT_NOFILE)]
"""


def test_a_function_has_as_many_files_as_on_lambda() -> None:
    """Who has a connection is searched among all of them."""

    async def run() -> Any:
        async with stopped(Function(function_of(FILES), {}, print)) as function:
            return json.loads((await function.invoke(b"{}")).payload)

    assert asyncio.run(run()) == [True, [1024, 1024]]


def with_memory(megabytes: int) -> Resource:
    made = function_of(ADDRESS)
    return replace(made, inputs={**made.inputs, "memorySize": megabytes})


def test_the_memory_of_a_function_is_no_more_than_lambdas() -> None:
    async def run() -> list[int]:
        found = []
        for megabytes in (128, 10_240, 100_000_000):
            async with stopped(Function(with_memory(megabytes), {}, print)) as function:
                found.append(function._limits.memory >> 20)
        return found

    assert asyncio.run(run()) == [4096, 10_240, 10_240]


LINES = "import os\ndef handler(event, context):\n    os.write(1, b'\\n' * (event or 1))"


def test_what_a_function_writes_is_shown_up_to_a_limit_of_what_is_printed() -> None:
    lines: list[str] = []

    async def run() -> None:
        async with stopped(Function(function_of(LINES), {}, lines.append)) as function:
            await function.invoke(str(4 << 20).encode())
            await function.invoke(b"1")

    asyncio.run(run())
    assert sum(len(line) + 1 for line in lines) < 1.1 * (1 << 20)
    assert any("it writes more than 1 MB" in line for line in lines)


def test_nobody_answers_for_a_function_whose_process_has_not_begun() -> None:
    if not any(Path("/proc/self/task").glob("*/children")):
        pytest.skip("this system shows no children of processes")
    waiting: Any = SimpleNamespace(_process=None)
    assert not Environment._holds(waiting, 1)


CHILDREN = """
const child = require("child_process"), fs = require("fs"), { Worker } = require("worker_threads");
exports.handler = async () => {
  fs.writeFileSync("/tmp/child.js", "process.on('message', (m) => { process.send(m + 1); process.exit(); })");
  const forked = child.fork("/tmp/child.js");
  const answer = new Promise((done) => forked.on("message", done));
  forked.send(41);
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const code = "const { workerData } = require('worker_threads'); workerData[0] = 7;";
  const worker = new Worker(code, { eval: true, workerData: shared });
  await new Promise((done) => worker.on("exit", done));
  return [child.execSync("echo said | cat").toString(), await answer, shared[0]];
};
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
def test_a_function_in_node_has_processes_and_threads() -> None:
    found, _ = answered(function_of("", "nodejs22.x", **{"main.js": Asset(text=CHILDREN)}))
    assert found == ["said\n", 42, 7]


@pytest.mark.parametrize("code", ["print('it runs')\ndef handler(event, context):\n    return 1", "exit('it runs')"])
def test_what_the_system_does_not_allow_is_said_before_the_code_runs(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Keeper, "message", lambda _: {"held": 0})
    lines: list[str] = []

    async def run() -> None:
        async with stopped(Function(function_of(code), {}, lines.append)) as function:
            with suppress(FunctionFailure):
                await function.invoke(b"{}")

    asyncio.run(run())
    assert "this system does not keep it from this" in lines[0]
    assert "read your home folder, see and end your other processes" in lines[0]
    assert ("connect to Unix sockets" in lines[0]) is not calls.possible()
    assert any("it runs" in line for line in lines[1:])


def test_a_function_waits_until_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "go", lambda _: None)
    monkeypatch.setattr(functions, "INIT_SECONDS", -1)
    lines: list[str] = []

    async def run() -> None:
        async with stopped(Function(function_of("print('it runs')"), {}, lines.append)) as function:
            with pytest.raises(FunctionFailure, match="did not start"):
                await function.invoke(b"{}")

    asyncio.run(run())
    assert not any("it runs" in line for line in lines)


def test_a_start_that_is_given_up_leaves_no_error_of_the_function_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """asyncio would write its text as it is, with what steers a terminal."""
    code = "import time\ntime.sleep(0.5)\nraise RuntimeError('\\x1b[2Jgone')"

    async def run() -> None:
        async with stopped(Function(function_of(code), {}, print)) as function:
            with pytest.raises(TimeoutError):
                await function.invoke(b"{}", 0.3)

    asyncio.run(run())
    gc.collect()
    assert caplog.records == []
    logging.getLogger("asyncio").error("an error: %s", "\x1b[2J")
    assert [record.getMessage() for record in caplog.records] == ["an error: \N{REPLACEMENT CHARACTER}[2J"]


def test_a_process_that_ends_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be a zombie to the end of the command, and the loop may end next."""
    monkeypatch.setattr(environment, "_END_SECONDS", 0)
    begun: list[asyncio.subprocess.Process] = []
    started = environment._started

    async def noted(keeper: Keeper) -> asyncio.subprocess.Process:
        begun.append(await started(keeper))
        return begun[-1]

    monkeypatch.setattr(environment, "_started", noted)

    async def run() -> None:
        async with stopped(Function(function_of("def handler(event, context): pass"), {}, print)) as function:
            await function.invoke(b"{}")
        assert [process.returncode is None for process in begun] == [False]

    asyncio.run(run())
