"""A review confines a program as its report says: attacked by root and by a user, with namespaces and without.

An attack ends with what it reached. The report of the same run must say neither more nor less.
"""

import fcntl
import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from review.tests.fixtures import Write
from tests.helpers.stacks import ROOT

LAUNCH = ROOT / "review/launch.py"
ATTACK = """
import ctypes, json, os, pathlib, socket, subprocess, sys
given = json.loads(sys.argv[1])
home, found, libc = pathlib.Path(given["home"]), {}, ctypes.CDLL(None)

def tried(name, attempt):
    try:
        found[name] = attempt() not in (False, -1)
    except OSError:
        found[name] = False

def connected(kind, address):
    with socket.socket(kind) as one:
        one.settimeout(5)
        one.connect(address)

def opened(path, mode):
    with open(path, mode):
        pass

def readable(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""

def new_file(folder):
    (folder / f"planted-{os.getpid()}").write_text("x")
    (folder / f"planted-{os.getpid()}").unlink()

libc.mount(b"none", b"/", None, 32 | 4096, None)
libc.umount2(os.fsencode(home), 2)
tried("network", lambda: connected(socket.AF_INET, ("127.0.0.1", given["port"])))
tried("abstract socket", lambda: connected(socket.AF_UNIX, "\\0" + given["abstract"]))
tried("socket in /tmp", lambda: connected(socket.AF_UNIX, given["socket"]))
tried("socket elsewhere", lambda: connected(socket.AF_UNIX, given["elsewhere"]))
tried("home", lambda: opened(home / ".aws" / "credentials", "r"))
tried("home from here", lambda: opened("../../.aws/credentials", "r"))
for which, number in (("first", 1), ("parent", os.getppid()), ("test", given["process"])):
    tried(f"home of the {which} process", lambda: opened(f"/proc/{number}/root{home}/.aws/credentials", "r"))
tried("review", lambda: opened(given["review"], "a"))
tried("review's folder", lambda: new_file(pathlib.Path(given["review"]).parent))
tried("git", lambda: new_file(pathlib.Path("../.git/hooks")))
tried("python", lambda: new_file(pathlib.Path(given["prefix"])))
tried("other process", lambda: os.kill(given["process"], 0))
tried("disk", lambda: any(opened(f"/dev/{name}", "rb") is None for name in given["disks"]))
tried("terminal", lambda: opened("/dev/tty", "r"))
tried("kernel", lambda: os.geteuid() == 0 and opened("/proc/sys/kernel/core_pattern", "a"))
tried("rank of what ends first", lambda: opened("/proc/self/oom_score_adj", "a"))
(pathlib.Path("Makefile")).write_text("planted")
tried("keys", lambda: any(b"not-a-secret" in readable(path) for path in pathlib.Path("/proc").glob("[0-9]*/environ")))
tried("terminals", lambda: any(opened(path, "w") is None for path in given["terminals"]))
tried("project", lambda: new_file(pathlib.Path()))
tried("temporary", lambda: new_file(pathlib.Path("/tmp")))
print(json.dumps(found))
"""
PROGRAM = """
import pathlib, subprocess, sys
import pulumi
given = {given!r}
command = [sys.executable, "-c", pathlib.Path("attack.txt").read_text(), given]
done = subprocess.run(command, capture_output=True, text=True)
pulumi.export("found", done.stdout or done.stderr)
# It leaves the group and the session of the program, and keeps both outputs open.
subprocess.Popen(["/bin/sh", "-c", "setsid sleep {seconds} & setsid sleep {seconds}"], start_new_session=True)
"""
LIMITS = 'for kind in {kinds}; do echo 0 > /proc/sys/user/max_${{kind}}_namespaces; done; exec "$@"'
MODES = {
    "namespaces": "",
    "no process namespace": LIMITS.format(kinds="pid"),
    "no namespaces": LIMITS.format(kinds="user net mnt pid ipc"),
}


def as_user(user: str, mode: str) -> list[str]:
    """The start of a command that runs the rest as that user, where the system allows those namespaces only."""
    if not MODES[mode]:
        if user == "root":
            return [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
        return [] if os.geteuid() else ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    number = "0" if user == "root" else "1000"
    namespace = ["unshare", "--user", f"--map-user={number}", f"--map-group={number}", "--keep-caps"]
    return [*namespace, "sh", "-c", MODES[mode], "sh"]


@pytest.fixture
def possible(request: pytest.FixtureRequest) -> None:
    """Skip where this system allows no namespaces at all: there is nothing to compare."""
    probe = ["unshare", "--user", "--map-root-user", "--net", "--mount", "true"]
    if shutil.which("unshare") is None or subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("this system allows no namespaces to this user")


@pytest.fixture
def listeners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A port, and Unix sockets with and without a file. One file is in no folder that is hidden for temporary files."""
    names = {"abstract": f"gatehouse-{os.getpid()}", "socket": str(tmp_path_factory.mktemp("s") / "one")}
    elsewhere = ROOT / f".test-{os.getpid()}.sock"
    with (
        socket.create_server(("127.0.0.1", 0)) as port,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as in_tmp,
        socket.socket(socket.AF_UNIX) as other,
    ):
        for connection, address in ((abstract, "\0" + names["abstract"]), (in_tmp, names["socket"])):
            connection.bind(address)
            connection.listen()
        folder = Path.cwd()
        os.chdir(ROOT)  # a path of a socket has at most 107 bytes
        other.bind(str(elsewhere) if len(str(elsewhere)) < 100 else elsewhere.name)
        os.chdir(folder)
        other.listen()
        try:
            yield {**names, "port": port.getsockname()[1], "elsewhere": str(elsewhere)}
        finally:
            elsewhere.unlink()


@contextmanager
def in_a_terminal(command: list[str], **options: Any) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A command whose standard input is its controlling terminal, and the other end of that."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            command,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            **options,
        ) as started:
            yield started, ours
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.usefixtures("possible")
def test_an_interrupt_from_the_terminal_ends_the_program(write_project: Write) -> None:
    seconds = f"601.{os.getpid()}"
    program = f"import subprocess\nsubprocess.Popen(['sleep', '{seconds}'])\nsubprocess.run(['sleep', '{seconds}'])\n"
    folder = write_project(program).root
    with in_a_terminal([sys.executable, str(LAUNCH), "dev", "--timeout", "60"], cwd=folder) as (started, terminal):
        while not running(seconds):
            assert started.poll() is None
            time.sleep(0.05)
        while started.poll() is None:
            # Python drops an interrupt that it gets in a finalizer, and a person then presses the keys again.
            os.write(terminal, b"\x03")
            time.sleep(0.5)
        output, errors = started.communicate()
    assert (started.returncode, output) == (-signal.SIGINT, ""), errors
    while running(seconds):
        time.sleep(0.05)


def running(seconds: str) -> bool:
    """Whether a process with that argument runs."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if seconds.encode() in entry.read_bytes().split(b"\0"):
                return True
        except OSError:
            continue
    return False


@pytest.mark.usefixtures("possible")
def test_a_program_that_fails_hides_nothing_of_what_it_could_do(write_project: Write) -> None:
    folder = write_project("raise SystemExit('it fails')\n").root
    command = [*as_user("root", "no namespaces"), sys.executable, str(LAUNCH), "dev"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "the program left with exit status it fails" in done.stderr
    assert "the program was not fully isolated: it could connect to the network" in done.stderr


@pytest.mark.usefixtures("possible")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("user", ["root", "user"])
def test_an_attack_reaches_what_the_report_says(
    tmp_path: Path, listeners: dict[str, Any], user: str, mode: str
) -> None:
    home, project = tmp_path / "home", tmp_path / "home" / "work" / "project"
    seconds = f"600.{os.getpid()}"
    given = {
        **listeners,
        "home": str(home),
        "review": str(LAUNCH),
        "prefix": sys.prefix,
        "process": os.getpid(),
        "terminals": [str(path) for path in Path("/dev/pts").glob("[0-9]*")],
        "disks": [path.name for path in Path("/sys/class/block").iterdir() if Path("/dev", path.name).exists()],
    }
    for path, text in (
        (home / ".aws" / "credentials", "secret"),
        (home / "work" / ".git" / "hooks" / "sample", ""),
        (project / "Pulumi.yaml", "name: small\nruntime: python\n"),
        (project / "Pulumi.dev.yaml", "config:\n  aws:region: eu-west-1\n"),
        (project / "attack.txt", ATTACK),
        (project / "__main__.py", PROGRAM.format(given=json.dumps(given), seconds=seconds)),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    command = [*as_user(user, mode), sys.executable, str(LAUNCH), "dev", "--format", "json"]
    environment = {**os.environ, "HOME": str(home), "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
    with in_a_terminal(command, env=environment, cwd=project) as (started, _):
        output, errors = started.communicate()
    assert started.returncode == 0, errors
    report = json.loads(output)
    text = report["exports"][0]["text"]
    assert text.startswith("{"), text
    document = json.loads(text)
    assert (document.pop("project"), document.pop("temporary")) == (True, True)
    assert not running(seconds)
    assert (project / "Makefile").exists() is (mode == "no namespaces")
    if mode != "no namespaces":
        assert any("the program wrote Makefile" in note for note in report["notes"])
    # What it wrote into .git is in its layer as well.
    assert [path.name for path in (home / "work/.git/hooks").iterdir()] == ["sample"]
    if mode != "no namespaces":
        document.pop("git")
    reached = {name for name, yes in document.items() if yes}
    said = [note for note in report["notes"] if "was not fully isolated" in note]
    if mode == "no namespaces":
        assert {"network", "abstract socket", "socket in /tmp", "socket elsewhere", "home", "review"} <= reached
        (note,) = said
        assert (
            "connect to the network, connect to Unix sockets, change your files (which are not listed here) and use "
            "your terminal, read your home"
        ) in note
    elif mode == "no process namespace":
        assert reached <= {"other process", "keys"}
        assert [note for note in said if "could see and end your other processes and read their" in note] == said != []
    else:
        without = any("it had no network and an empty home folder" in note for note in report["notes"])
        assert (reached, said, without) == (set(), [], True)


ENDS_ITS_KEEPER = """
import os, signal, subprocess
def parent(process):
    with open(f"/proc/{{process}}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])
keeper = parent(os.getppid())
subprocess.Popen(["sleep", "40"], start_new_session=True)
with open(f"/proc/{{keeper}}/cmdline") as command:
    assert "--confined" in command.read()
os.kill(keeper, signal.{signal})
"""


@pytest.mark.slow
@pytest.mark.usefixtures("possible")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_a_program_that_ends_what_limits_it_is_no_report_in_time(write_project: Write, name: str) -> None:
    folder = write_project(ENDS_ITS_KEEPER.format(signal=name)).root
    command = [*as_user("root", "no namespaces"), sys.executable, str(LAUNCH), "dev", "--timeout", "5"]
    done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.PIPE, timeout=30)
    assert (done.returncode, done.stdout) == (2, b"")
