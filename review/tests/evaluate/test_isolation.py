"""A review acts on nothing: an evaluated program has no AWS variables and opens no connection."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from review.cli.command import main
from review.confine.namespace import Held
from review.evaluate.confined import _notes
from review.evaluate.problems import ProgramError
from review.tests.fixtures import Run, Write
from tests.helpers.stacks import ROOT

KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_PROFILE": "production",
    "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/deploy",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/credentials",
    "AWS_REGION": "eu-north-1",
}
TAG = """
import boto3
boto3.client("ec2", region_name="eu-west-1", endpoint_url=ENDPOINT).create_tags(Resources=["vpc-1"], Tags=[])
"""
GUARDED = "if not pulumi.runtime.is_dry_run():\n    " + TAG.strip().replace("\n", "\n    ")


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server that keeps what it is sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(100))

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard


def program(text: str, endpoint: str) -> str:
    return f"import pulumi\nENDPOINT = {endpoint!r}\n{text}\npulumi.export('done', 'yes')\n"


@pytest.mark.parametrize("credentials", [True, False])
def test_a_program_that_calls_aws_ends_in_one_sentence_and_no_call(
    write_project: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    listener: tuple[str, list[bytes]],
    credentials: bool,
) -> None:
    endpoint, heard = listener
    for name, value in KEYS.items() if credentials else ():
        monkeypatch.setenv(name, value)
    project = write_project(program(TAG, endpoint))
    assert main(["dev", "--project", str(project.root)]) == 2
    sentence, environment = capsys.readouterr().err.splitlines()
    assert "at __main__.py:5" in sentence
    assert (
        "a review has no credentials and calls nothing of AWS; skip that call if pulumi.runtime.is_dry_run()"
        in sentence
    )
    assert environment.startswith("the project has no virtual environment of its own")
    assert heard == []


def test_a_program_that_guards_its_call_is_reviewed(
    write_project: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    listener: tuple[str, list[bytes]],
) -> None:
    endpoint, heard = listener
    monkeypatch.setenv("AWS_PROFILE", "production")
    project = write_project(program(GUARDED, endpoint))
    assert main(["dev", "--project", str(project.root)]) == 0
    assert "done" in capsys.readouterr().out
    assert heard == []


@pytest.mark.parametrize("known", [True, False])
def test_every_run_is_a_dry_run_without_credentials(
    run_program: Run, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    graph = run_program(
        "import os, pulumi\n"
        "pulumi.export('dry', pulumi.runtime.is_dry_run())\n"
        "pulumi.export('seen', {k: v for k, v in os.environ.items() if k.startswith('AWS_')})\n",
        known=known,
    )
    assert graph.exports == {
        "dry": True,
        "seen": {
            "AWS_REGION": "eu-north-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        },
    }
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == KEYS["AWS_SECRET_ACCESS_KEY"]


@pytest.mark.parametrize(
    ("attempt", "end"),
    [
        ("socket.create_connection(('127.0.0.1', PORT))", "127.0.0.1"),
        ("socket.getaddrinfo('name.invalid', 443)", "name.invalid"),
        ("socket.gethostbyname('name.invalid')", "name.invalid"),
        ("with socket.socket(type=socket.SOCK_DGRAM) as s: s.sendto(b'x', ('127.0.0.1', PORT))", "127.0.0.1:"),
        ("with socket.socket(type=2) as s: s.sendmsg([b'x'], [], 0, ('127.0.0.1', PORT))", "127.0.0.1:"),
        ("with socket.socket(socket.AF_UNIX) as s: s.connect('/run/docker.sock')", "/run/docker.sock"),
        ("urllib.request.urlopen(f'http://127.0.0.1:{PORT}')", "127.0.0.1"),
        ("asyncio.run(asyncio.open_connection('127.0.0.1', PORT))", "127.0.0.1:"),
    ],
)
def test_no_connection_is_opened(run_program: Run, listener: tuple[str, list[bytes]], attempt: str, end: str) -> None:
    address, heard = listener
    # In a thread, since the program itself runs inside an event loop.
    lines = ["import asyncio, socket, threading, urllib.request", f"PORT = {address.rpartition(':')[2]}", "caught = []"]
    lines += ["def go():", "    try:", f"        {attempt}", "    except Exception as error:"]
    lines += ["        caught.append(error)", "thread = threading.Thread(target=go)", "thread.start()", "thread.join()"]
    lines += ["raise caught[0]"]
    with pytest.raises(ProgramError, match=f"tried to connect to {end}.* at __main__.py:6: a review opens no"):
        run_program("\n".join(lines))
    assert heard == []


CHILD = """
import os, socket, subprocess, sys
code = "import socket; socket.create_connection(('127.0.0.1', {port}), 5).sendall(b'out')"
done = subprocess.run([sys.executable, "-c", code], capture_output=True)
import pulumi
pulumi.export("status", done.returncode)
"""
C_CODE = """
import ctypes, pulumi, socket, struct
libc = ctypes.CDLL(None)
end = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons({port}), socket.inet_aton("127.0.0.1"))
pulumi.export("status", libc.connect(end, address, len(address)))
"""


@pytest.mark.parametrize("text", [CHILD, C_CODE])
def test_c_code_and_other_processes_have_no_network_where_linux_allows_that(
    write_project: Write, listener: tuple[str, list[bytes]], text: str
) -> None:
    address, heard = listener
    project = write_project(text.format(port=address.rpartition(":")[2]))
    command = [sys.executable, str(ROOT / "review/launch.py"), "dev", "--project", str(project.root)]
    done = subprocess.run([*command, "--format", "json"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    if any("could connect to the network" in note for note in report["notes"]):
        pytest.skip("this system allows no network namespace")
    assert heard == []
    assert report["exports"][0]["text"] != "0"
    if text is CHILD:
        assert any("without AWS variables, it had no network and " in note for note in report["notes"])


def test_a_program_that_takes_the_refusal_away_is_noted(run_program: Run) -> None:
    graph = run_program("import sys\nsys.modules['review.evaluate.host.refusals']._active.clear()")
    assert graph.notes == (
        "the program switched off the refusal of connections: the review did not see all that it did",
    )


def test_a_refusal_that_the_program_survives_is_noted(run_program: Run) -> None:
    graph = run_program(
        "import socket\ntry:\n    socket.create_connection(('name.invalid', 443))\nexcept OSError:\n    pass"
    )
    assert graph.notes == (
        "the program tried to connect to name.invalid at __main__.py:3: a review opens no connection; "
        "skip that call if pulumi.runtime.is_dry_run(), or look the value up by a Pulumi function",
    )


def test_another_process_has_no_credentials_and_is_noted(run_program: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    graph = run_program(
        "import pulumi, subprocess, sys\n"
        'code = \'import os; print(os.environ.get("AWS_SECRET_ACCESS_KEY"), os.environ["AWS_CONFIG_FILE"])\'\n'
        "pulumi.export('seen', subprocess.check_output([sys.executable, '-c', code], text=True).strip())"
    )
    assert graph.exports == {"seen": f"None {os.devnull}"}
    (note,) = graph.notes
    assert "at __main__.py:3" in note
    assert Path(sys.executable).name in note
    assert "it ran without AWS variables, it could connect and could read the files of the user" in note


def test_a_process_is_named_by_its_whole_path(run_program: Run, tmp_path: Path) -> None:
    (tmp_path / "my tools").mkdir()
    (tmp_path / "my tools" / "fetch all").symlink_to("/bin/true")
    graph = run_program(
        f"import os, subprocess\nsubprocess.run([{str(tmp_path / 'my tools' / 'fetch all')!r}])\nos.system(' true now')"
    )
    assert [note.partition(":")[0] for note in graph.notes] == [
        "the program started fetch all at __main__.py",
        "the program started true at __main__.py",
    ]


FORK = """
child = os.fork()
if not child:
    os._exit(0)
os.waitpid(child, 0)
"""
MULTIPROCESSING = """
child = multiprocessing.get_context('{method}').Process(target=print)
child.start()
child.join()
"""
POOL = """
with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:
    pool.submit(abs, 1).result()
"""


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (FORK, 4),
        (MULTIPROCESSING.format(method="fork"), 5),
        (MULTIPROCESSING.format(method="spawn"), 5),
        (POOL, 5),
        ("os.spawnv(os.P_WAIT, sys.executable, [sys.executable, '-c', ''])", 3),
    ],
)
def test_a_process_that_no_command_started_is_noted(run_program: Run, code: str, line: int) -> None:
    body = "".join(f"    {each}\n" for each in code.splitlines())
    graph = run_program(f"import concurrent.futures, multiprocessing, os, sys\nif __name__ == '__main__':\n{body}")
    (note,) = graph.notes
    assert note.startswith(f"the program started another process at __main__.py:{line}: ")


def test_connections_are_free_again_after_a_review(run_program: Run, listener: tuple[str, list[bytes]]) -> None:
    run_program("import pulumi\npulumi.export('a', 1)")
    host, _, port = listener[0].removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"hello")


@pytest.mark.parametrize(
    ("held", "layered", "noted"),
    [(Held.FILES, False, True), (Held.FILES, True, False), (Held.NETWORK, False, False)],
    ids=["no overlay", "an overlay", "its own files"],
)
def test_a_program_that_could_not_write_into_its_repository_is_told_of(held: Held, layered: bool, noted: bool) -> None:
    run = SimpleNamespace(project=SimpleNamespace(root="/project"), files=SimpleNamespace(copies=None, refused=[]))
    started = SimpleNamespace(held=held, layered=layered, dropped=0)
    notes = "".join(_notes(cast(Any, run), cast(Any, started), []))
    assert ("could not write into its repository" in notes) is noted


def test_of_more_files_than_are_listed_none_is_counted() -> None:
    run = SimpleNamespace(project=SimpleNamespace(root="/p"), files=SimpleNamespace(copies=None, refused=[]))
    started = SimpleNamespace(held=Held.NETWORK, layered=True, dropped=0)
    for written, said in ((2, "wrote 0, 1: only"), (1000, "wrote at least 0, 1, 10 and 997 more: only")):
        notes = _notes(cast(Any, run), cast(Any, started), [f"/p/{number}" for number in range(written)])
        assert said in "".join(notes)
