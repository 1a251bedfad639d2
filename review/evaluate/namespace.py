"""Namespaces without a network and with an empty home folder, where Linux allows them: C code and child processes too.

https://man7.org/linux/man-pages/man7/user_namespaces.7.html
https://man7.org/linux/man-pages/man7/mount_namespaces.7.html
"""

import ctypes
import os
import pwd
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_NEW_MOUNTS: Final = 0x20000
_NEW_USER: Final = 0x10000000
_NEW_NETWORK: Final = 0x40000000
_NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 4096, 16384, 1 << 18
_DETACH: Final = 2
_REVIEW: Final = Path(__file__).parents[2]
_cut = _empty = False


def confine(kept: Iterable[Path] = ()) -> None:
    """Take the network, and the user's home but for `kept` folders, from this process and from those that it starts.

    It does as much of that as the system allows. Call it while the process has one thread. Sockets in files outside
    the home, such as Docker's, stay in reach.
    """
    global _cut, _empty
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare") or _cut:
        return
    user = os.geteuid()
    # Root needs no user namespace, keeps its rights to files without one, and could undo any mount.
    if not user:
        _cut = libc.unshare(_NEW_NETWORK) == 0
        return
    _cut = _mapped(libc, _NEW_NETWORK | _NEW_MOUNTS)
    # The second namespace locks the mounts of the first, so that no process in it can take them away.
    _empty = _cut and _hide(libc, sorted(set(_folders(kept)))) and _mapped(libc, _NEW_MOUNTS)


def _mapped(libc: ctypes.CDLL, kinds: int) -> bool:
    """Enter new namespaces as the same user. Without a map it would be `nobody`, who owns none of the files."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(_NEW_USER | kinds) != 0:
        return False
    with suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return True


def _folders(kept: Iterable[Path]) -> Iterator[Path]:
    """The folders that the review and the program run from, under all their names."""
    python = map(Path, (sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path))
    projects = [*kept]
    for folder in (*projects, *(one for each in projects for one in _repositories(each)), *python, _REVIEW):
        if folder.is_dir():
            yield from (folder.absolute(), folder.resolve())


def _repositories(folder: Path) -> Iterator[Path]:
    """The Git checkout that a folder is in and, if it is a worktree, the repository that this belongs to."""
    for parent in (folder.absolute(), *folder.absolute().parents):
        if (mark := parent / ".git").exists():
            yield parent
            if mark.is_file():
                yield Path(mark.read_text().removeprefix("gitdir:").strip()).parents[1]
            return


def _hide(libc: ctypes.CDLL, kept: list[Path]) -> bool:
    """Mount an empty folder over each home of the user, with the kept folders in it. False if that fails."""
    homes = {Path.home().resolve()}
    with suppress(KeyError):
        homes.add(Path(pwd.getpwuid(os.geteuid()).pw_dir).resolve())
    homes = {home for home in homes if home.is_dir()}
    if any(home.is_relative_to(folder) for home in homes for folder in kept):
        return False
    mount = libc.mount
    mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
    if mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None) != 0:
        return False
    for home in homes:
        inside = [one for one in kept if one.is_relative_to(home) and not set(one.parents) & set(kept)]
        opened = [(one, os.open(one, os.O_PATH | os.O_DIRECTORY)) for one in inside]
        if mount(b"none", bytes(home), b"tmpfs", _NO_SUID | _NO_DEVICES, b"mode=700") != 0:
            return False
        for folder, number in opened:
            folder.mkdir(parents=True, exist_ok=True)
            if mount(b"/proc/self/fd/%d" % number, bytes(folder), None, _BIND | _RECURSIVE, None) != 0:
                libc.umount2(bytes(home), _DETACH)
                return False
            os.close(number)
    return True


def has_no_network() -> bool:
    return _cut


def has_empty_home() -> bool:
    """Whether this process sees nothing of the user's home but what the program runs from."""
    return _empty
