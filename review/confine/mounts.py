"""The files that a confined process sees: all read-only, without the home, sockets, terminals and devices. Its
repository has a layer on top, which takes what it writes and is gone when it ends: see mount_namespaces(7).
"""

import ctypes
import mmap
import os
import shutil
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from .folders import Folders, emptied, in_sight, temporary_folders
from .namespace import libc

_READ_ONLY, _NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _PRIVATE = 1, 2, 4, 4096, 16384, 1 << 18
_SET_ATTRIBUTES: Final = 442  # the number of mount_setattr(2), which all architectures share
_DETACH: Final = 2
MOST_CHANGED: Final = 1000
_PLACES: Final = f"size={mmap.PAGESIZE},nr_inodes=1024"  # of a folder that holds only places of mounts
_HERE: Final = -100
_ALL_BELOW: Final = 0x8000
_DEVICES: Final = (("null", "null"), ("zero", "full"), ("full", "full"), ("random", "random"), ("urandom", "urandom"))
"""By name, the device. `full` has zeros too, and memory that is mapped of `zero` would count for no process."""
_LINKS: Final = (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2"))
Layers = dict[str, int]  # folders that have a layer, and the open folders of what was written into it


class MountError(OSError):
    """The system allows no such mount."""


def sockets(folders: Folders) -> list[Path]:
    """Unix sockets in files that are open in this network namespace, to read before a new one, but for its own."""
    lines = Path("/proc/net/unix").read_text(errors="replace").splitlines()
    paths = {Path(line[line.index(" /") + 1 :]) for line in lines if " /" in line}
    return sorted(socket for socket in paths if str(socket) != folders.socket)


def hide(folders: Folders, paths: Iterable[Path], disk: int) -> tuple[bool, Layers]:
    """Mount what the process may see. Returns whether the home is empty, which a project around it keeps in sight, and
    the layers. What is hidden takes `disk` bytes together, and each layer too. Raises MountError.
    """
    layered, writable = _outermost(map(Path, folders.layered)), [Path(folder) for folder in folders.writable]
    kept = [*layered, *writable]
    apart, empty = [path for path in map(Path, folders.hidden) if path.is_dir()], emptied(folders)
    opened = [(path, os.open(path, os.O_PATH)) for path in sorted({*kept, *in_sight(folders)})]
    devices = [(name, os.open(f"/dev/{device}", os.O_PATH)) for name, device in _DEVICES]
    _mount("none", "/", flags=_RECURSIVE | _PRIVATE)
    attributes(Path("/"), read_only=True)
    if os.geteuid():
        attributes(Path("/proc"), read_only=False)  # the next user namespace writes its map there
    outermost, temporary = _outermost(empty), [*temporary_folders()]
    share = _in_memory(disk // (sum(path in temporary or path not in apart for path in outermost) + 1))
    for one in outermost:
        mode = "mode=1777" if one in temporary else "mode=700"
        room = _PLACES if one in apart and one not in temporary else share
        _mount("none", one, "tmpfs", _NO_SUID | _NO_DEVICES, f"{mode},{room}")
    _fill_devices(devices, share)
    layers: Layers = {}
    for path, number in opened:
        # Outer folders come first: an inner one is then mounted over its part of them.
        if path.is_symlink():
            continue  # what it leads to is kept under its own name
        with suppress(MountError):  # if the system allows no overlay, the folder is read-only
            if path in layered:
                layers[str(path)] = _layer(number, path, disk)
        if path in writable:
            # New and empty. In memory, since on the disk a program can hide what it writes from being counted.
            _target(number, path)
            _mount("none", path, "tmpfs", _NO_SUID | _NO_DEVICES, f"mode=700,{_in_memory(disk)}")
            layers[str(path)] = os.open(path, os.O_RDONLY)
        elif str(path) not in layers:
            _bind(number, path)
            attributes(path, read_only=True)
        os.close(number)
    for path in (*paths, *map(Path, folders.hidden)):
        with suppress(OSError):
            if stat.S_ISSOCK(bits := path.lstat().st_mode) or (stat.S_ISREG(bits) and str(path) in folders.hidden):
                _mount("/dev/null", path, flags=_BIND)
    os.chdir("/")
    return {*map(Path, folders.homes)} <= {*empty}, layers


def _layer(number: int, path: Path, disk: int) -> int:
    """Mount an open folder at its path, under a layer in memory. Returns the open folder of the layer."""
    _target(number, path)
    memory = Path("/dev/shm")  # noqa: S108 # the mount is gone again before the program starts
    _mount("none", memory, "tmpfs", _NO_SUID | _NO_DEVICES, f"mode=700,{_in_memory(disk)}")
    try:
        upper, work = memory / "upper", memory / "work"
        upper.mkdir()
        work.mkdir()
        shutil.copystat(f"/proc/self/fd/{number}", upper)
        with suppress(OSError):
            os.chown(upper, os.fstat(number).st_uid, os.fstat(number).st_gid)
        # https://docs.kernel.org/filesystems/overlayfs.html
        options = f"lowerdir=/proc/self/fd/{number},upperdir={upper},workdir={work},userxattr"
        _mount("overlay", path, "overlay", _NO_SUID | _NO_DEVICES, options)
        return os.open(upper, os.O_RDONLY)
    finally:
        libc().umount2(os.fsencode(memory), _DETACH)


def _in_memory(most: int) -> str:
    """Options of a folder in memory: at most these bytes, and a file or folder for each of their pages."""
    return f"size={most},nr_inodes={max(most // mmap.PAGESIZE, 64)}"


def changed(layers: Layers) -> list[str]:
    """Files that are in layers, under the paths where the process saw them."""
    paths: list[str] = []
    for path, number in layers.items():
        # Not by os.fwalk, which calls itself and keeps a file open for each level: a program may make any number.
        waiting = ["."]
        while waiting and len(paths) < MOST_CHANGED:
            with suppress(OSError):  # a path that is too long
                folder = os.open(inner := waiting.pop(), os.O_RDONLY | os.O_NOFOLLOW, dir_fd=number)
                with os.scandir(folder) as entries:
                    for entry in entries:
                        below = f"{inner}/{entry.name}"
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(below)
                        else:
                            paths.append(str(Path(path, below)))
                os.close(folder)
    return paths[:MOST_CHANGED]


def opened(path: str, layers: Layers) -> int:
    """Open a file or folder as the process sees it. Raises OSError if its content is not of a layer."""
    number = os.open(os.path.realpath(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        # The process may put a link there in the meantime, and this one may read more than it.
        reached = Path(f"/proc/self/fd/{number}").readlink()
        folder = next((layer for layer in reversed(layers) if reached.is_relative_to(layer)), None)
        if folder is None:
            raise PermissionError(f"{path} is outside of the repository")
        if str(reached) == os.path.normpath(path):
            os.stat(reached.relative_to(folder), dir_fd=layers[folder], follow_symlinks=False)
    except OSError:
        os.close(number)
        raise
    return number


def own_processes() -> None:
    """Show this process and those that it starts in /proc, and no others. Root could change the system there."""
    _mount("proc", "/proc", "proc", _NO_SUID | _NO_DEVICES | (0 if os.geteuid() else _READ_ONLY))


def _outermost(folders: Iterable[Path]) -> list[Path]:
    paths = {*folders}
    return sorted(path for path in paths if not paths & set(path.parents))


def _fill_devices(opened: Iterable[tuple[str, int]], share: str) -> None:
    """A /dev without disks, which root could read, and with shared memory of its own."""
    device = Path("/dev")
    _mount("none", device, "tmpfs", _NO_SUID, f"mode=755,{share}")
    for name, number in opened:
        _bind(number, device / name)
        _set(device / name, 0, _NO_DEVICES)
        os.close(number)
    (device / "pts").mkdir()
    with suppress(OSError):
        # Terminals of its own, if the system allows that.
        _mount("devpts", device / "pts", "devpts", _NO_SUID, "newinstance,ptmxmode=0666,mode=620")
        (device / "ptmx").symlink_to("pts/ptmx")
    (device / "shm").mkdir(mode=0o777)
    (device / "shm").chmod(0o1777)
    for name, tail in _LINKS:
        (device / name).symlink_to(f"/proc/self/fd{tail}")


def _bind(number: int, path: Path) -> None:
    """Mount an open file or folder at a path."""
    _target(number, path)
    _mount(f"/proc/self/fd/{number}", path, flags=_BIND | _RECURSIVE)


def _target(number: int, path: Path) -> None:
    """Make the path of an open file or folder where an empty folder hides it, or what a link on the path leads to."""
    path = path.resolve()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir() if stat.S_ISDIR(os.fstat(number).st_mode) else path.touch()


def _mount(source: str, target: str | Path, kind: str | None = None, flags: int = 0, options: str = "") -> None:
    mount = libc().mount
    mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
    given = (os.fsencode(source), os.fsencode(target), kind and kind.encode(), flags, options.encode() or None)
    if mount(*given) != 0:
        raise MountError(ctypes.get_errno(), f"mount of {target}")


def attributes(path: Path, *, read_only: bool) -> None:
    """Make a mount and those below it read-only, or writable if the system mounted them so."""
    # A disk or a terminal could be written all the same, and a folder for `chroot` has those of the machine.
    change = (_READ_ONLY | _NO_DEVICES, 0) if read_only else (0, _READ_ONLY)
    if not _set(path, *change) and read_only:
        raise MountError(ctypes.get_errno(), f"read-only {path}")


def _set(path: Path, added: int, taken: int) -> bool:
    given = struct.pack("=4Q", added, taken, 0, 0)
    return bool(libc().syscall(_SET_ATTRIBUTES, _HERE, os.fsencode(path), _ALL_BELOW, given, len(given)) == 0)
