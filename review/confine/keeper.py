"""Keeps a program's process: starts it confined, limits it from outside, and ends all that it leaves.

This process waits outside of the namespaces. An attendant within them starts the program, opens connections to it for
the review, and takes the children of processes that ended. The program can neither trace nor read the two.
"""

import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from . import calls, mounts
from .folders import Folders
from .namespace import ADOPT, END_WITH_PARENT, LEVELS, Held, available, lock, loopback, set_option, unshare

LATE: Final = "late"
_FAULT: Final = 2
_ENDING: Final = struct.Struct("<i")
_LONGEST_PATH: Final = 4096
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


class Limits(NamedTuple):
    """Of a program with all the processes that it starts. More than these end it."""

    seconds: float
    memory: int = 4 << 30
    processes: int = 256
    threads: int = 4096
    files: int = 1 << 20  # that a process has open
    disk: int = 1 << 30  # bytes of a file, of each layer and own folder, and of all that hides others together
    tick: float = 0.1  # seconds from one measurement to the next


class Task(NamedTuple):
    """A command that is to run confined."""

    command: Sequence[str]
    folder: str  # its working directory
    folders: Folders
    limits: Limits
    variables: Mapping[str, str] | None = None  # else this process's; a program's would load their libraries into it
    network: bool = False  # whether it connects as any process of this machine
    waits: bool = False  # whether it starts only when the caller has printed what it is kept from: see `Keeper.go`


def run() -> int:
    """In a process of our own, whose standard input has the task: keep a command."""
    spec = json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with socket.socket(fileno=spec.pop("relay")) as relay:
        os.set_inheritable(relay.fileno(), False)
        status = spec.pop("status")
        keep(Task(**spec | {"folders": Folders(*spec["folders"]), "limits": Limits(*spec["limits"])}), status, relay)
    return 0


def keep(task: Task, status: int, relay: socket.socket) -> None:
    """Run a command, and tell `status`, a pipe, how it is held and ended. Call it with one thread and no children."""
    # A caller that ignores this signal hands that on, and the copy could not be waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    set_option(*ADOPT)
    levels = LEVELS if available() else (Held.NOTHING,)
    for level in dict.fromkeys(level & ~Held.NETWORK for level in levels) if task.network else levels:
        reading, writing = os.pipe()
        copy = os.fork()
        if not copy:
            os.close(reading)
            os.close(status)
            _attend(level, task, writing, relay)
        os.close(writing)
        if begun := os.read(reading, 2):
            break
        os.waitpid(copy, 0)
        os.close(reading)
    relay.close()
    # Else each process that ended in another's absence would stay, and be counted, until this one asks for it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    _say(status, {"held": begun[0], "layered": bool(begun[1])})
    reason, said = _watch(reading, status, task.limits)
    _end_all()
    ending, changed = -signal.SIGKILL, b""  # an attendant that ended without a word saw no good end
    if len(said) >= _ENDING.size:
        ending, changed = _ENDING.unpack_from(said)[0], said[_ENDING.size :]
    _say(status, {"reason": reason, "ending": ending, "changed": json.loads(changed or "[]")})


def _say(status: int, message: Mapping[str, Any]) -> None:
    with suppress(OSError):  # the review may have ended
        os.write(status, json.dumps(message).encode() + b"\n")


def _watch(reading: int, status: int, limits: Limits) -> tuple[str, bytes]:
    """Wait for the attendant's end. The limit that was broken, or its last word, which may be longer than a pipe."""
    poll, began, said, available_then = select.poll(), time.monotonic(), b"", _available()[0]
    poll.register(reading, select.POLLIN)
    poll.register(status, 0)  # without a mask: only the end of the review's side is reported
    while True:
        ready = [number for number, _ in poll.poll(limits.tick * 1000)]
        part = os.read(reading, 1 << 16) if reading in ready else b""
        said += part
        if ready and not part:
            return "", said
        processes = _below()
        pages = {process: size for process, (size, _) in processes.items()}
        if time.monotonic() - began > limits.seconds:
            held, most = sum(pages.values()) * _PAGE >> 20, limits.memory >> 20
            # A program that looks for room in its memory again and again is slow.
            return f"{LATE}; it held {held:,} of {most:,} MiB of memory" if held > most // 2 else LATE, b""
        if len(pages) > limits.processes:
            return f"more than {limits.processes} processes", b""
        if sum(threads for _, threads in processes.values()) > limits.threads:
            return f"more than {limits.threads:,} threads", b""
        # What sockets and threads hold in the kernel counts for no process.
        left, whole = _available()
        if left < whole // 10 and available_then - left > limits.memory:
            return f"more than {limits.memory >> 20:,} MiB of the machine's memory, of which a tenth is left", b""
        room = limits.memory - sum(_memory(f"{page}/status", "VmPTE") for page in pages)
        # Pages that processes share count in each; only where that is too much is it worth to ask for their parts.
        if sum(pages.values()) * _PAGE > room:
            parts = (_memory(f"{one}/smaps_rollup", "Pss") or size * _PAGE for one, size in pages.items())
            if sum(parts) > room:
                return f"more than {limits.memory >> 20:,} MiB of memory", b""


def _attend(level: Held, task: Task, writing: int, relay: socket.socket) -> None:
    """In the copy: enter the namespaces, start the program there and wait for it. It never returns."""
    try:
        set_option(*END_WITH_PARENT)
        if available():  # elsewhere the whole group is ended from outside
            os.setsid()
        with suppress(OSError):
            # Whatever memory is not counted: if the machine has no more, this ends first.
            Path("/proc/self/oom_score_adj").write_text("1000")
        held, layers = _entered(level, task.folders, task.limits.disk)
        if Held.PROCESSES in level:
            if os.fork():  # only processes that are started later are in the new namespace
                os.close(writing)
                os.wait()
                os._exit(0)
            set_option(*END_WITH_PARENT)
            mounts.own_processes()
        layered = {path: number for path, number in layers.items() if path in task.folders.layered}
        held |= Held.CALLS if calls.possible() else Held.NOTHING
        os.write(writing, bytes([held.value, bool(layered)]))
        if task.waits and not relay.recv(1):
            return
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        program = os.fork()
        if not program:
            _become(level, task)
        ending = _serve(program, relay, woken, layers)
        os.write(writing, _ENDING.pack(ending) + json.dumps(mounts.changed(layered)).encode())
    except OSError as error:
        if not level:
            print(f"the program cannot be started: {error}", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(0)


def _entered(level: Held, folders: Folders, disk: int) -> tuple[Held, mounts.Layers]:
    """Enter namespaces. Raises OSError if the system does not allow them."""
    if not level:
        return level, {}
    paths = mounts.sockets(folders) if Held.FILES in level else []
    unshare(level)
    if Held.NETWORK in level:
        loopback()
    if Held.FILES not in level:
        return level, {}
    is_empty, layers = mounts.hide(folders, paths, disk)
    return (level if is_empty else level & ~Held.HOME), layers


def _become(level: Held, task: Task) -> None:
    """Become the program. It never returns."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        set_option(*END_WITH_PARENT)
        for kind, most in (
            (resource.RLIMIT_DATA, task.limits.memory),
            (resource.RLIMIT_FSIZE, task.limits.disk),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NOFILE, task.limits.files),
        ):
            allowed = resource.getrlimit(kind)[1]
            value = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
            resource.setrlimit(kind, (value, value))
        os.chdir(task.folder)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        lock(level)
        if Held.FILES in level and os.geteuid():  # only now: `lock` writes there
            mounts.attributes(Path("/proc"), read_only=True)
        calls.refuse(unix=not task.network)
        os.execve(task.command[0], [*task.command], task.variables or os.environ)  # noqa: S606 # no shell
    except OSError as error:
        print(f"{error.filename or task.command[0]}: {error.strerror}", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(_FAULT)


def _serve(program: int, relay: socket.socket, woken: int, layers: mounts.Layers) -> int:
    """Wait for the program. Meanwhile, send the review each connection to a port, and each changed file, it names."""
    waited = [relay.fileno(), woken]
    while True:
        ready, _, _ = select.select(waited, [], [])
        if relay.fileno() in ready:
            if asked := relay.recv(_LONGEST_PATH):
                _hand_over(relay, asked, layers)
            else:
                waited = [woken]
        if woken in ready:
            os.read(woken, 1024)
            with suppress(ChildProcessError):
                # The first process of a namespace gets the children of all that ended.
                while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                    if ended[0] == program:
                        return os.waitstatus_to_exitcode(ended[1])


def _hand_over(relay: socket.socket, asked: bytes, layers: mounts.Layers) -> None:
    try:
        if asked.startswith(b"/"):
            number = mounts.opened(os.fsdecode(asked), layers)
            socket.send_fds(relay, [b"opened"], [number])
            os.close(number)
            return
        # Not by a name: this Python's own files, which have the encoding for that, may be hidden here.
        with socket.socket() as connection:
            connection.connect(("127.0.0.1", int(asked)))
            socket.send_fds(relay, [b"connected"], [connection.fileno()])
    except (OSError, ValueError) as error:  # a path may hold what no path can
        relay.send(str(error).encode()[:200])


def _end_all() -> None:
    """End the processes that are left: those whose parent ended became children of this one."""
    before: set[int] = set()
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, os.WNOHANG)
            for process in (now := {*_children()}):
                with suppress(OSError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0 if now - before else 0.005)
            before = now


def _children() -> Iterable[int]:
    """Processes to end. A process may copy itself and end, again and again, faster than all of /proc is read."""
    try:
        return [int(one) for one in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:  # a kernel without that list
        return _below()


def _memory(file: str, name: str) -> int:
    """Bytes in a file of /proc, 0 if not shown: `Pss` is a process's part of what it shares, `VmPTE` page tables."""
    with suppress(OSError, IndexError):
        text = Path("/proc", file).read_text(errors="replace")
        return int(f"\n{text}".split(f"\n{name}:", 1)[1].split()[0]) << 10
    return 0


def _available() -> tuple[int, int]:
    """Memory that is left to the machine, and all."""
    return _memory("meminfo", "MemAvailable"), _memory("meminfo", "MemTotal")


def _below() -> dict[int, tuple[int, int]]:
    """Processes below this one, each with its pages of memory and its threads."""
    parents, sizes = {}, {}
    # Not by a glob for their files, which fails if a process ends meanwhile, nor by paths, which take thrice as long.
    for process in [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdecimal()]:
        with suppress(OSError), open(f"/proc/{process}/stat", "rb", 0) as file:  # noqa: PTH123 # see above
            # The name of a command may hold spaces and brackets.
            fields = file.read().rpartition(b")")[2].split()
            parents[process], sizes[process] = int(fields[1]), (int(fields[21]), int(fields[17]))
    children: dict[int, list[int]] = {}
    for process, parent in parents.items():
        children.setdefault(parent, []).append(process)
    processes: dict[int, tuple[int, int]] = {}
    waiting = [os.getpid()]
    while waiting:
        # Taken out, for numbers are used again: those that were read at different times may form a circle.
        below = children.pop(waiting.pop(), [])
        processes |= {process: sizes[process] for process in below}
        waiting += below
    return processes
