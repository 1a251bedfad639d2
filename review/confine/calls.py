"""System calls that lead around namespaces and limits: a filter refuses them to a confined process.

No namespace hides the kernel's keyrings, in which tools keep credentials, or sockets to the host of a machine. In a
user namespace of its own, a process could mount the system's control groups, and memory without a limit. See
keyrings(7), cgroup_namespaces(7) and seccomp(2).
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Iterator
from typing import Final

from .namespace import NEW_USER, available, libc

_SET_FILTER, _FILTER = 22, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_HAS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _ARGUMENT, _SECOND, _FOURTH = 0, 4, 16, 24, 40
"""Where a system call has its number, its machine, and its first, second and fourth argument."""
_ALLOW: Final = (_RETURN, 0, 0, 0x7FFF0000)
_REFUSE: Final = (_RETURN, 0, 0, 0x00050000 | errno.ENOSYS)
_OTHER_CALLS: Final = 0x40000000  # from here on, numbers are those of x32, which are the same calls once more
_EVERYWHERE: Final = (425, 435, 447)
"""io_uring_setup, whose calls no filter sees; clone3, whose flags none sees (libraries take clone); memfd_secret."""
_CALLS: Final = {
    "x86_64": (0xC000003E, (248, 249, 250, 319, 29, 64, 68, 278), (56, 272), 41, 53, 9),
    "aarch64": (0xC00000B7, (217, 218, 219, 279, 194, 190, 186, 75), (220, 97), 198, 199, 222),
}
"""By machine, its number; add_key, request_key and keyctl, and memfd_create, shmget, semget, msgget and vmsplice, whose
memory counts for no process; clone and unshare; socket, socketpair, and mmap."""
_FAMILIES: Final = (1, 2, 10, 16)  # Unix, both of IP, and netlink, which programs use and a network namespace separates
_SHARED, _ANONYMOUS = 1, 0x20  # of mmap: what is both counts for no process once madvise has taken it, and stays
_DATAGRAMS: Final = 2  # a socket of a pair may be connected again if it has this one of two bits of its type


def possible() -> bool:
    """Whether the system has such filters, and its calls are known here."""
    told = libc().prctl(_SET_FILTER, _FILTER, None, 0, 0) if _machine() else 0
    return bool(told < 0 and ctypes.get_errno() == errno.EFAULT)


def refuse(*, unix: bool = True) -> None:
    """Refuse them to this process and all that it starts, as all calls of another machine such as 32-bit. Without
    `unix`, Unix sockets too, except pairs that stay connected: no namespace separates them. Call it when `lock` has
    refused new rights. Raises OSError if the system has filters, and not this one.
    """
    if not possible():
        return
    steps = [*_steps(*_CALLS[_machine()], unix=unix)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HP", len(steps), ctypes.addressof(code))
    if libc().prctl(_SET_FILTER, _FILTER, program, 0, 0) != 0:
        raise OSError("no filter of system calls")


def _machine() -> str:
    name = os.uname().machine
    return name if available() and name in _CALLS else ""


def _steps(
    machine: int, refused: Iterable[int], starting: Iterable[int], socket: int, pair: int, mmap: int, *, unix: bool
) -> Iterator[tuple[int, ...]]:
    """Each an operation, how many steps it leaves out if it holds and if it does not, and its operand."""
    yield from ((_LOAD, 0, 0, _MACHINE), (_IF_EQUAL, 1, 0, machine), _REFUSE)
    yield from ((_LOAD, 0, 0, _NUMBER), (_IF_AT_LEAST, 0, 1, _OTHER_CALLS), _REFUSE)
    for call in (*refused, *_EVERYWHERE):
        yield from ((_IF_EQUAL, 0, 1, call), _REFUSE)
    for call in starting:
        yield from ((_IF_EQUAL, 0, 4, call), (_LOAD, 0, 0, _ARGUMENT), (_IF_HAS, 0, 1, NEW_USER), _REFUSE, _ALLOW)
    yield from ((_IF_EQUAL, 0, 5, mmap), (_LOAD, 0, 0, _FOURTH), (_IF_HAS, 0, 2, _SHARED), (_IF_HAS, 0, 1, _ANONYMOUS))
    yield from (_REFUSE, _ALLOW)
    if not unix:
        yield from ((_IF_EQUAL, 0, 4, pair), (_LOAD, 0, 0, _SECOND), (_IF_HAS, 0, 1, _DATAGRAMS), _REFUSE, _ALLOW)
    yield from ((_IF_EQUAL, 1, 0, socket), _ALLOW, (_LOAD, 0, 0, _ARGUMENT))
    for family in _FAMILIES if unix else _FAMILIES[1:]:
        yield from ((_IF_EQUAL, 0, 1, family), _ALLOW)
    yield _REFUSE
