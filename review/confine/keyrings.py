"""The kernel's keyrings, in which tools keep credentials: a filter of system calls keeps a process from them.

No namespace hides the keyrings of a session, nor those of root.
https://man7.org/linux/man-pages/man7/keyrings.7.html
https://man7.org/linux/man-pages/man2/seccomp.2.html
"""

import ctypes
import errno
import os
import struct
from typing import Final

from .namespace import NO_NEW_RIGHTS, available, libc

_SET_FILTER, _FILTER = 22, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _MACHINE = 0, 4
"""Where a system call has its number and its machine."""
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.ENOSYS
_OTHER_CALLS: Final = 0x40000000
"""From here on, numbers are those of x32, which are the same calls once more."""
_CALLS: Final = {"x86_64": (0xC000003E, (248, 249, 250)), "aarch64": (0xC00000B7, (217, 218, 219))}
"""By machine, its number, and the numbers of add_key, request_key and keyctl."""


def hide() -> bool:
    """Refuse this process, and all that it starts, the calls for keys, and all calls of another machine such as 32-bit.

    Returns whether the system does so.
    """
    machine, calls = _CALLS.get(os.uname().machine if available() else "", (0, ()))
    if not calls:
        return False
    last = len(calls) + 5
    steps = [(_LOAD, 0, 0, _MACHINE), (_IF_EQUAL, 0, last - 2, machine), (_LOAD, 0, 0, _NUMBER)]
    steps.append((_IF_AT_LEAST, last - 4, 0, _OTHER_CALLS))
    steps += [(_IF_EQUAL, last - 5 - at, 0, call) for at, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HP", len(steps), ctypes.addressof(code))
    libc().prctl(NO_NEW_RIGHTS, 1, 0, 0, 0)
    return bool(libc().prctl(_SET_FILTER, _FILTER, program, 0, 0) == 0)
