"""The program starts confined and within limits, and leaves nothing behind."""

import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from review.confine import keeper
from review.confine.command import Confined
from review.confine.folders import kept
from review.confine.keeper import Limits, Task
from review.tests.fixtures import Write
from tests.helpers.stacks import ROOT

LAUNCH = str(ROOT / "review/launch.py")
PACKAGES = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


def own_environment(root: Path) -> Path:
    """A virtual environment that imports from the one of the tests."""
    home: Path = root / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (home / PACKAGES / "tests.pth").write_text(str(Path(sys.prefix) / PACKAGES) + "\n")
    return home


def reviewed(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, LAUNCH, "dev", "--project", str(root), *arguments]
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    return subprocess.run(command, check=False, capture_output=True, text=True, env={**environment, **variables})


STARTS = """import os, socket; \
open('started', 'w').write('x'); os.path.exists({secret!r}) and os._exit(9); \
socket.socket().connect_ex(('127.0.0.1', {port}))
"""


@pytest.mark.slow
def test_code_of_the_environment_starts_confined(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, home = write_project("import pulumi\n"), tmp_path_factory.mktemp("home")
    (home / "secret").write_text("secret")
    packages = own_environment(project.root) / PACKAGES
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = STARTS.format(secret=str(home / "secret"), port=server.getsockname()[1])
        (packages / "evil.pth").write_text(line)
        command = [sys.executable, LAUNCH, "dev", "--format", "json"]
        environment = {**os.environ, "HOME": str(home)}
        environment.pop("VIRTUAL_ENV", None)
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=project.root)
        assert done.returncode == 0, done.stderr
        if any("was not fully isolated" in note for note in json.loads(done.stdout)["notes"]):
            pytest.skip("this system allows no namespaces")
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    # It wrote into the layer of its run.
    assert not (project.root / "started").exists()
    assert "started" in done.stdout


@pytest.mark.slow
def test_an_environment_that_is_linked_into_a_hidden_folder_starts_confined(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, environment = write_project("import pulumi\n"), own_environment(tmp_path_factory.mktemp("zone"))
    # Folders are mounted by name: the link comes before what it leads to.
    link = project.root / ".venv"
    link.symlink_to(environment)
    assert link < environment
    notes = []
    for prefix in (environment, link):
        command = [str(prefix / "bin/python"), LAUNCH, "dev", "--project", str(project.root), "--format", "json"]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        notes.append([note for note in json.loads(done.stdout)["notes"] if "was not fully isolated" in note])
    assert notes[0] == notes[1]


@pytest.mark.slow
def test_a_program_that_says_nothing_of_its_run_has_no_report(write_project: Write) -> None:
    project = write_project("import pulumi\n")
    binary = project.root / "venv/bin/python"
    binary.parent.mkdir(parents=True)
    shutil.copy(Path(shutil.which("echo") or "/bin/echo").resolve(), binary)
    done = reviewed(project.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dev: the program ended its process with status 0 before its run was complete" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("own", [True, False])
def test_a_process_that_the_program_leaves_behind_costs_no_report(write_project: Write, own: bool) -> None:
    seconds = f"600.5{os.getpid()}"
    project = write_project(
        "import subprocess\n"
        f"subprocess.Popen(['/bin/sh', '-c', 'setsid sleep {seconds} & setsid sleep {seconds}'], stdout=2)\n"
    )
    if own:
        own_environment(project.root)
    # Less than the process would take: its pipes are not waited for.
    done = reviewed(project.root, "--timeout", "60", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["stack"]) == (0, "dev")
    assert not any(seconds in command for command in commands())


def commands() -> Iterator[str]:
    """Those of the processes that run. One may end meanwhile."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes().decode(errors="replace")


ENDED = {
    "import time\ntime.sleep(600)": "did not finish in time",
    "import signal\nfor n in range(1, 60):\n    try: signal.signal(n, signal.SIG_IGN)\n    except Exception: pass\n"
    "while True: pass": "did not finish in time",
    "import os, time\nfor _ in range(400):\n    if not os.fork(): time.sleep(600)\ntime.sleep(600)": (
        "the program used more than 256 processes"
    ),
    "held = b'x' * (5 << 30)": "MemoryError",
    "open('large', 'wb').truncate(2 << 30)": "File too large",
    "import os\nos.kill(os.getpid(), 9)": "the signal SIGKILL ended",
    "import os\nos._exit(0)": "before its run was complete",
    "import contextlib\nfrom pulumi.runtime import settings\nfrom pulumi.runtime.proto.engine_pb2 import LogRequest\n"
    "for _ in range(3):\n    with contextlib.suppress(Exception):\n"
    "        settings.get_engine().Log(LogRequest(message='x' * (12 << 20)))": "the program sent more than 50,000",
}


@pytest.mark.parametrize("program", ENDED)
def test_limits_are_kept_outside_of_the_program(write_project: Write, program: str) -> None:
    seconds = "3" if "in time" in ENDED[program] else "20"
    done = reviewed(write_project(program).root, "--timeout", seconds)
    assert (done.returncode, done.stdout) == (2, "")
    assert ENDED[program] in done.stderr


def test_what_a_program_prints_steers_no_terminal_and_has_a_limit(write_project: Write) -> None:
    done = reviewed(write_project("print('\\x1b[2JVERDICT')\nfor _ in range(3000): print('x' * 999)\n").root)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr
    assert "VERDICT" in done.stderr
    assert len(done.stderr) < 3_000_000
    assert "bytes more than are shown" in done.stdout


@pytest.mark.slow
def test_threads_that_the_program_leaves_do_not_hold_its_report_up(write_project: Write) -> None:
    project = write_project("import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n")
    done = reviewed(project.root, "--timeout", "60", "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["stack"]) == (0, "dev")


def test_the_memory_of_all_processes_together_is_limited(tmp_path: Path) -> None:
    code = "import os, time\nos.fork()\nheld = b'x' * (60 << 20)\ntime.sleep(600)"
    limits = Limits(seconds=60, memory=100 << 20)
    started = Confined(
        Task([sys.executable, "-c", code], str(tmp_path), kept(tmp_path, sys.executable, []), limits), os.environ, print
    )
    assert started.wait()[1] == "more than 100 MiB of memory"
    started.end()


def test_the_threads_of_all_processes_together_are_limited(tmp_path: Path) -> None:
    code = "import os, threading, time\nos.fork()\nthreading.stack_size(1 << 16)\nfor _ in range(30):\n"
    code += "    threading.Thread(target=time.sleep, args=(600,)).start()\ntime.sleep(600)"
    own, limits = kept(tmp_path, sys.executable, []), Limits(seconds=60, threads=50)
    started = Confined(Task([sys.executable, "-c", code], str(tmp_path), own, limits), os.environ, print)
    assert started.wait()[1] == "more than 50 threads"
    started.end()


@pytest.mark.parametrize(
    ("at_first", "then", "ends"),
    [
        ((20 << 30, 24 << 30), (1 << 30, 24 << 30), "more than 4,096 MiB of the machine's memory, of which a tenth"),
        ((4 << 30, 24 << 30), (1 << 30, 24 << 30), "late"),
        ((20 << 30, 24 << 30), (3 << 30, 24 << 30), "late"),
        ((0, 0), (0, 0), "late"),
    ],
)
def test_memory_that_counts_for_no_process_is_limited(
    at_first: tuple[int, int], then: tuple[int, int], ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sockets hold it, for example, in the kernel."""
    told = itertools.chain([at_first], itertools.repeat(then))
    monkeypatch.setattr(keeper, "_available", lambda: next(told))
    monkeypatch.setattr(keeper, "_below", dict)
    (reading, writing), (other, status) = os.pipe(), os.pipe()
    reason, _ = keeper._watch(reading, status, Limits(seconds=0.3, tick=0.1))
    assert reason.startswith(ends)
    for one in (reading, writing, other, status):
        os.close(one)


def test_memory_is_named_where_it_may_be_why_a_program_is_late(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time\nheld = b'x' * (150 << 20)\ntime.sleep(600)"]
    limits, own = Limits(seconds=2, memory=300 << 20), kept(tmp_path, sys.executable, [])
    started = Confined(Task(command, str(tmp_path), own, limits), os.environ, print)
    assert re.fullmatch(r"late; it held [12]\d\d of 300 MiB of memory", started.wait()[1])
    started.end()


def test_a_path_that_no_path_can_be_is_refused_and_ends_nothing(tmp_path: Path) -> None:
    own = kept(tmp_path, sys.executable, [])
    command = [sys.executable, "-c", "import time\ntime.sleep(1)"]
    started = Confined(Task(command, str(tmp_path), own, Limits(seconds=30)), os.environ, print)
    with pytest.raises(OSError, match=r"null (byte|character)"):
        started.open("/a\0b")
    assert started.wait()[:2] == (0, "")
    started.end()


def test_a_long_list_of_changed_files_ends_no_good_run(tmp_path: Path) -> None:
    """More than a pipe holds: the attendant still writes it when the keeper reads its first word."""
    long = "n" * 200
    code = f"for n in range(800): open('{long}' + str(n), 'w').close()"
    started = Confined(
        Task([sys.executable, "-c", code], str(tmp_path), kept(tmp_path, sys.executable, []), Limits(seconds=60)),
        os.environ,
        print,
    )
    ending, reason, changed = started.wait()
    assert (ending, reason) == (0, "")
    assert len(changed) == (800 if started.layered else 0)
    started.end()


FILLS = """
import os, tempfile
places = [*filter(os.path.isdir, [os.path.expanduser("~"), "/tmp", "/run", "/dev/shm", "."])]
written = 0
for place in places:
    number = 0
    try:
        while written < 1 << 28:
            number += 1
            with open(f"{place}/filled-{number}", "wb") as file:
                written += file.write(bytes(1 << 20))
    except OSError:
        pass
print("wrote", written >> 20)
for place in places:
    with open(f"{place}/filled-1", "wb") as file:
        pass
    try:
        for number in range(40000):
            os.mkdir(f"{place}/folder-{number}")
    except OSError:
        continue
    print("all folders in", place)
"""


def test_folders_in_memory_together_are_limited(tmp_path: Path) -> None:
    own, printed = kept(tmp_path, sys.executable, []), list[str]()
    limits = Limits(seconds=60, disk=64 << 20)
    for code in ("", FILLS):  # elsewhere it would fill the home and the disk
        started = Confined(Task([sys.executable, "-c", code], str(tmp_path), own, limits), os.environ, printed.append)
        ending, reason, _ = started.wait()
        started.end()
        if not started.layered:
            pytest.skip("this system allows no layers, and so no folders in memory")
    assert (ending, reason, len(printed)) == (0, "", 1), printed[:5]
    # All that hide others, and the layer of the project.
    assert 64 <= int(printed[0].split()[1]) <= 2 * 64


HIDES = """
import os, sys
place = sys.argv[1]
os.chdir(place)
for _ in range(3000):
    os.mkdir("dd")
    os.chdir("dd")
os.chmod(place, 0o300)
written = 0
try:
    while written < 1 << 28:
        number = os.open("hidden", os.O_CREAT | os.O_WRONLY)
        os.unlink("hidden")
        written += os.write(number, bytes(1 << 20))
except OSError:
    pass
print("wrote", written >> 20)
"""


def test_files_that_nobody_sees_take_room_too(tmp_path: Path) -> None:
    """Deleted ones that are open, in a folder that is too deep for a path and below one that cannot be listed."""
    project, shared, printed = tmp_path / "project", tmp_path / "shared", list[str]()
    for path in (project, shared):
        path.mkdir()
    command = [sys.executable, "-c", HIDES, str(shared)]
    own, limits = kept(project, sys.executable, [], [shared]), Limits(seconds=60, disk=64 << 20)
    started = Confined(Task(command, str(project), own, limits), os.environ, printed.append)
    assert started.wait()[:2] == (0, "")
    started.end()
    if not started.layered:
        subprocess.run(["rm", "-rf", str(shared)], check=True)  # too deep for pytest, whose later runs delete it
        pytest.skip("this system allows no folders in memory")
    assert int(printed[-1].split()[1]) <= 64
    assert not list(shared.iterdir())


TABLES = """
import mmap, time
size, step = 1 << 40, 2 << 20
held = mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, mmap.PROT_READ)
held.madvise(15)  # without large pages
for at in range(0, size, step):
    held[at]
time.sleep(600)
"""


def test_tables_of_memory_are_memory(tmp_path: Path) -> None:
    """One page of zeros, seen at many addresses, is the memory of no process."""
    limits, own = Limits(seconds=60, memory=200 << 20), kept(tmp_path, sys.executable, [])
    started = Confined(Task([sys.executable, "-c", TABLES], str(tmp_path), own, limits), os.environ, print)
    assert started.wait()[1] == "more than 200 MiB of memory"
    started.end()


def test_processes_that_end_while_they_are_measured_are_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object, **__: object) -> None:
        raise ProcessLookupError

    assert os.getpid() not in keeper._below()
    monkeypatch.setattr(keeper, "open", ended, raising=False)
    assert keeper._below() == {}
