"""What hostile programs did to a review, or saw, before there was a measure against it."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from review.confine import keeper
from review.confine.command import Confined
from review.confine.folders import kept
from review.confine.keeper import Limits, Task
from review.confine.namespace import Held
from review.evaluate.files import close
from review.reach.path import Kind
from review.report.render.outside import is_only
from review.tests.confine.test_attacks import LAUNCH
from review.tests.fixtures import Write
from tests.helpers.stacks import ROOT

ORPHANS = """
import os, time
for _ in range(300):
    if not (one := os.fork()):
        os._exit(0 if os.fork() else 0)
    os.waitpid(one, 0)
time.sleep(1)
"""
HARES = """
import os, time
for _ in range(20):
    if not os.fork():
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if os.fork():
                os._exit(0)
            os.setsid()
        os._exit(0)
time.sleep(1)
"""


@pytest.mark.parametrize("code", [ORPHANS, HARES])
def test_processes_that_end_and_leave_others_are_ended_and_not_counted(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without namespaces, the keeper gets the children of each. Some are gone before all of /proc is read."""
    reading, status = os.pipe()
    task = Task([sys.executable, "-c", code], str(tmp_path), kept(tmp_path, sys.executable, []), Limits(seconds=60))
    ours, relay = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    began = time.monotonic()
    if not (copy := os.fork()):
        monkeypatch.setattr(keeper, "LEVELS", (Held.NOTHING,))
        keeper.keep(task, status, relay)
        os._exit(0)
    os.close(status)
    os.waitpid(copy, 0)
    with ours, relay, os.fdopen(reading) as said:
        assert json.loads(said.readlines()[-1]) == {"reason": "", "ending": 0, "changed": []}
    assert time.monotonic() - began < 50  # they go on for 60


DEEP = "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')\nopen('deep', 'w').close()\n"


def test_files_are_named_beside_folders_of_any_depth(tmp_path: Path) -> None:
    task = Task(
        [sys.executable, "-c", f"open('one', 'w').close()\n{DEEP}"],
        str(tmp_path),
        kept(tmp_path, sys.executable, []),
        Limits(seconds=60),
    )
    started = Confined(task, os.environ, print)
    ending, reason, changed = started.wait()
    assert (ending, reason) == (0, "")
    assert (str(tmp_path / "one") in changed) is started.layered
    started.end()
    close(tmp_path, [tmp_path])  # of a system that allows no layer


def test_folders_of_any_depth_and_locked_ones_are_closed(tmp_path: Path) -> None:
    theirs, locked = tmp_path / "theirs", tmp_path / "theirs/locked"
    locked.mkdir(parents=True)
    (locked / "out").symlink_to("/etc/passwd")
    (locked / "in").symlink_to(theirs)
    os.mkfifo(locked / "pipe")
    locked.chmod(0)
    subprocess.run([sys.executable, "-c", DEEP], cwd=theirs, check=True)
    close(theirs, [theirs])
    assert [path.name for path in locked.iterdir()] == ["in"]
    assert len([*os.walk(theirs)]) < 200
    close(tmp_path / "gone", [theirs])


def test_what_a_program_puts_in_place_of_its_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/link").symlink_to("/etc")
    (tmp_path / "theirs").symlink_to("other")
    close(tmp_path / "theirs", [tmp_path / "theirs"])
    assert (tmp_path / "other/link").is_symlink()


OPENS = """
import os, pulumi
try:
    pulumi.export("opened", os.open({path!r}, os.O_WRONLY))
except OSError as error:
    pulumi.export("opened", error.strerror)
"""


def test_devices_outside_of_dev_are_none(write_project: Write) -> None:
    """A folder for `chroot` has the machine's terminals and disks."""
    devices = ROOT / f".test-{os.getpid()}.dev"
    start = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", 'mount --rbind /dev "$0" && exec "$@"']
    folder = write_project(OPENS.format(path=str(devices / "null"))).root
    devices.mkdir()
    try:
        command = [*start, str(devices), sys.executable, str(LAUNCH), "dev", "--format", "json"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    finally:
        devices.rmdir()
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this system allows no namespaces to this user")
    assert json.loads(done.stdout)["exports"][0]["text"] == "Permission denied", done.stderr


WAITING = """
import grpc, os, time
address = "unix:" + os.path.normpath(os.path.expanduser("~/../program/recorder"))
same, text = (lambda given: given), b"x" * (2 << 20)
channels = [grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) for _ in range(20)]
called = [one.unary_unary("/pulumirpc.ResourceMonitor/RegisterResource", same, same) for one in channels]
waiting = [called[number % 20].future(text, timeout=20) for number in range(400)]
time.sleep(4)
"""


@pytest.mark.slow
def test_requests_that_wait_take_little_memory_of_the_review(write_project: Write) -> None:
    folder = write_project(WAITING).root
    with subprocess.Popen([sys.executable, str(LAUNCH), "dev"], cwd=folder, stderr=subprocess.PIPE) as started:
        assert started.stderr is not None
        said = started.stderr.read()
        _, _, used = os.wait4(started.pid, 0)
        started.returncode = 0
    assert b"the program sent more than 50,000 requests" in said
    assert used.ru_maxrss < 700_000, f"{used.ru_maxrss >> 10} MiB"


def test_whether_a_path_is_the_only_one_is_told_by_two() -> None:
    """Each open path is asked, and a program may open thousands."""
    one: Any = SimpleNamespace(open=True, backend=SimpleNamespace(existing=False), uncertainty="", origin=None)
    one.kind = Kind.INBOUND
    paths = iter([one, one, one])
    report: Any = SimpleNamespace(paths=paths, unread=())
    assert not is_only(report, one)
    assert [*paths] == [one]
