"""System calls that lead around namespaces and limits are refused, also where there are no namespaces."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from review.confine.command import Confined
from review.confine.folders import kept
from review.confine.keeper import Limits, Task
from review.confine.namespace import Held
from review.tests.confine.test_attacks import LAUNCH, as_user
from review.tests.fixtures import Write

CALLS = "import ctypes, os, sys\nadd, request, key = ({}, {}, {})\nlibc = ctypes.CDLL(None)\n"
NUMBERS = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}
START = """
libc.syscall(key, 1, None)  # a session of its own
if libc.syscall(add, b"user", b"canary", b"not-a-secret", 12, -3) < 0:
    sys.exit("no keyrings")
os.execvp(sys.argv[1], sys.argv[1:])
"""
READ = """
found, text = libc.syscall(key, 10, -3, b"user", b"canary", 0), ctypes.create_string_buffer(64)
libc.syscall(key, 11, found, text, 64)
asked = libc.syscall(request, b"user", b"canary", None, -3)
print("read", text.value, found, asked, libc.syscall(add, b"user", b"planted", b"x", 1, -4))
"""


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["namespaces", "no namespaces"])
def test_a_program_reads_no_key_of_its_user(mode: str, write_project: Write) -> None:
    if (machine := os.uname().machine) not in NUMBERS:
        pytest.skip("the numbers of this machine's system calls are not known")
    calls = CALLS.format(*NUMBERS[machine])
    folder = write_project(calls + READ).root
    command = [*as_user("root", mode), sys.executable, "-c", calls + START, sys.executable, str(LAUNCH), "dev"]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if "no keyrings" in ended.stderr or "unshare:" in ended.stderr:
        pytest.skip("this system has no keyrings, or no namespaces, for this user")
    assert "read b'' -1 -1 -1" in ended.stdout + ended.stderr


ZEROS = """
import mmap, os
number = os.open("/dev/zero", os.O_RDWR)
print(os.read(number, 3))
try:
    mmap.mmap(number, 4096)
except OSError as error:
    print(error.errno)
"""
SHARES = """
import multiprocessing, multiprocessing.shared_memory, mmap, os, socket, tempfile

def counts(number, ours):
    with number.get_lock():
        number.value += 41
    ours.send("sent")

number, (theirs, ours) = multiprocessing.Value("i", 1), multiprocessing.Pipe()
one = multiprocessing.get_context("fork").Process(target=counts, args=(number, ours))
one.start()
one.join()
memory = multiprocessing.shared_memory.SharedMemory(create=True, size=4096)
memory.unlink()
with tempfile.TemporaryFile() as file:
    file.truncate(4096)
    mapped = mmap.mmap(file.fileno(), 4096)
private = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
print(number.value, theirs.recv(), memory.size, len(mapped), len(private), *map(len, [socket.socketpair()]))
"""
SHARED = "42 sent 4096 4096 4096 2"


def confined(code: str, folder: Path) -> tuple[list[str], Held]:
    """What a program prints."""
    lines: list[str] = []
    own = kept(folder, sys.executable, [])
    started = Confined(
        Task([sys.executable, "-c", code], str(folder), own, Limits(seconds=60)), os.environ, lines.append
    )
    assert started.wait()[:2] == (0, ""), lines
    started.end()
    return lines, started.held


def test_the_device_of_zeros_gives_no_memory(tmp_path: Path) -> None:
    lines, held = confined(ZEROS, tmp_path)
    if Held.FILES not in held:
        pytest.skip("this system allows no namespaces")
    assert lines == ["b'\\x00\\x00\\x00'\n", f"{errno.ENODEV}\n"]


def test_a_program_shares_memory_and_pairs_of_sockets(tmp_path: Path) -> None:
    lines, _ = confined(SHARES, tmp_path)
    assert lines == [f"{SHARED}\n"]


REFUSED = {
    "namespaces of its own": "os.execvp('unshare', ['unshare', '--user', '--cgroup', '--mount', 'true'])",
    "a socket to the host": "socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)",
    "memory of no process": "os.memfd_create('x')",
    "sets of semaphores": "sys.exit(libc.semget(0, 8, 0o1600) < 0)",
    "queues of messages": "sys.exit(libc.msgget(0, 0o1600) < 0)",
    "pages in a pipe": "sys.exit(libc.vmsplice(os.pipe()[1], None, 0, 0) < 0)",
    "segments of memory": "sys.exit(libc.shmget(0, 4096, 0o1600) < 0)",
    "shared memory of no file": "import mmap; mmap.mmap(-1, 4096)",
    "calls that no filter sees": "sys.exit(libc.syscall(425, 8, ctypes.create_string_buffer(120)) < 0)",
}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["namespaces", "no namespaces"])
@pytest.mark.parametrize("user", ["root", "user"])
def test_a_program_has_no_calls_that_lead_around_its_limits(user: str, mode: str, write_project: Write) -> None:
    start = [*as_user(user, mode), sys.executable]
    codes = {
        name: f"import ctypes, os, socket, sys\nlibc = ctypes.CDLL(None)\n{code}" for name, code in REFUSED.items()
    }
    project = write_project(
        "import pulumi, subprocess, sys\n"
        f"for name, code in {codes!r}.items():\n"
        "    done = subprocess.run([sys.executable, '-c', code], capture_output=True)\n"
        "    pulumi.export(name, done.returncode)\n"
    )
    ended = subprocess.run(
        [*start, str(LAUNCH), "dev", "--format", "json"], cwd=project.root, capture_output=True, text=True, check=False
    )
    if "unshare:" in ended.stderr or os.uname().machine not in NUMBERS:
        pytest.skip("this system allows this user no namespaces, or the numbers of its calls are not known")
    found = {export["name"]: export["text"] for export in json.loads(ended.stdout)["exports"]}
    assert found == dict.fromkeys(REFUSED, "1"), ended.stderr
