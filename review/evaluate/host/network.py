"""Takes the network away from this process."""

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Final

_NEW_USER: Final = 0x10000000  # https://man7.org/linux/man-pages/man2/unshare.2.html
_NEW_NETWORK: Final = 0x40000000
_SET_FLAGS, _UP = 0x8914, 1  # https://man7.org/linux/man-pages/man7/netdevice.7.html


def leave_network() -> bool:
    """Enter a network namespace that has only a loopback interface. Returns False where the system refuses."""
    if sys.platform != "linux":
        return False
    user, group = os.geteuid(), os.getegid()
    kinds = _NEW_NETWORK if user == 0 else _NEW_NETWORK | _NEW_USER
    try:
        if ctypes.CDLL(None, use_errno=True).unshare(kinds) != 0:
            return False
        if user != 0:
            # Without a map the process would be `nobody`, who owns none of the files.
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            fcntl.ioctl(connection, _SET_FLAGS, struct.pack("16sH14x", b"lo", _UP))
    except OSError:
        return False
    return True
