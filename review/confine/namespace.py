"""Namespaces of Linux for one process and those that it starts, which C code cannot leave: see user_namespaces(7)."""

import ctypes
import fcntl
import os
import signal
import socket
import struct
import sys
from enum import Flag, auto
from pathlib import Path
from typing import Any, Final

NEW_MOUNTS: Final = 0x20000
_NEW_IPC: Final = 0x8000000
NEW_USER: Final = 0x10000000
NEW_PROCESSES: Final = 0x20000000
_NEW_NETWORK: Final = 0x40000000

# Options of prctl(2), most with their values.
END_WITH_PARENT: Final = (1, signal.SIGKILL)
UNREADABLE: Final = (4, 0)  # no other process reads its memory and environment
ADOPT: Final = (36, 1)  # processes whose parent ended become children of this one, so that it finds them
_DROP_CAPABILITY, _NO_NEW_RIGHTS = 24, (38, 1)
_SET_FLAGS, _UP = 0x8914, 1  # https://man7.org/linux/man-pages/man7/netdevice.7.html
_CAPABILITIES: Final = 64
_ROOT_KEEPS: Final = frozenset({0, 1, 3, 4, 5})  # https://man7.org/linux/man-pages/man7/capabilities.7.html
"""Capabilities by which root reads and owns files of other users, and none to mount, trace, administer or become one
of them: a process of that user outside would show it its files.
"""


class Held(Flag):
    """What a confined process is kept from."""

    NOTHING = 0
    NETWORK = auto()  # connecting, also to abstract Unix sockets
    FILES = auto()  # writing into any file that is there, the user's terminals, and Unix sockets in files
    HOME = auto()  # reading the user's home
    PROCESSES = auto()  # seeing other processes; its own end with it
    CALLS = auto()  # system calls that lead around the others: see `calls.py`


LEVELS: Final = (
    Held.NETWORK | Held.FILES | Held.HOME | Held.PROCESSES,
    Held.NETWORK | Held.FILES | Held.HOME,
    Held.NETWORK,
    Held.NOTHING,
)
"""What to try, in this order: a container may allow some of it."""


def libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def available() -> bool:
    return sys.platform == "linux" and hasattr(libc(), "unshare")


def set_option(option: int, value: int) -> None:
    """Set an option of this process, which only Linux has."""
    if available():
        libc().prctl(option, value, 0, 0, 0)


def unshare(kinds: Held) -> None:
    """Enter new namespaces. Call it while the process has one thread. Raises OSError."""
    asked = _NEW_IPC
    asked |= _NEW_NETWORK if Held.NETWORK in kinds else 0
    asked |= NEW_MOUNTS if Held.FILES in kinds else 0
    asked |= NEW_PROCESSES if Held.PROCESSES in kinds else 0
    # Root needs no user namespace, and would lose its rights to the files of other users in one.
    if os.geteuid():
        _mapped(asked)
    elif libc().unshare(asked) != 0:
        raise OSError("no namespaces")


def loopback() -> None:
    """Bring up the loopback interface of a new network namespace: programs serve callbacks on it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        fcntl.ioctl(connection, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))


def lock(kinds: Held) -> None:
    """Keep this process from undoing its mounts, and from more rights than it has. Raises OSError."""
    set_option(*_NO_NEW_RIGHTS)
    if not os.geteuid():
        for number in {*range(_CAPABILITIES)} - _ROOT_KEEPS:
            set_option(_DROP_CAPABILITY, number)
        keeps = sum(1 << number for number in _ROOT_KEEPS)
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)
        # Effective, permitted and inheritable; twice, since a set has 64 bits in two halves.
        if libc().capset(header, (ctypes.c_uint32 * 6)(keeps, keeps, 0, 0, 0, 0)) != 0:
            raise OSError("the capabilities cannot be dropped")
    elif Held.FILES in kinds:
        # A second mount namespace with an owner of its own locks the mounts of the first.
        _mapped(NEW_MOUNTS)


def _mapped(kinds: int) -> None:
    """Enter new namespaces as the same user. Without a map it would be `nobody`, who owns none of the files."""
    user, group = os.geteuid(), os.getegid()
    if libc().unshare(NEW_USER | kinds) != 0:
        raise OSError("no namespaces")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
