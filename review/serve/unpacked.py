"""Code of functions, unpacked: regular files of the folders that the author may name, and not more than a limit."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..evaluate.files import outside
from ..evaluate.node import opened
from ..graph import Asset, reveal

_MOST: Final = (250 << 20, 50_000)
"""Bytes and files of a function. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_MOST_OF_ALL: Final = (2 << 30, 200_000)
"""Of all functions of a stack."""
DEEPEST: Final = 100
"""Folders within each other. Python's stack, and the longest path of Linux, have an end."""
_MOST_LISTED: Final = 16 << 20
"""Bytes of an archive's list of files, of which each needs a multiple in memory."""
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of compression. Others take as much memory as the archive names."""
_CHUNK: Final = 1 << 20
_NOT_COPIED: Final = "__pycache__"
_PACKAGES: Final = "node_modules"
_SDK_SCOPES: Final = ("@aws-sdk", "@smithy")


class UnsupportedRuntimeError(Exception):
    """A function that cannot run on this machine. The text names what it needs."""


class Room:
    """Counts what is unpacked for a function, or a stack: a small archive, or links to links, could fill the disk."""

    def __init__(self, whole: Room | None = None) -> None:
        """`whole` is the stack's, for a function."""
        self._whole, (self._bytes, self._files) = whole, _MOST if whole else _MOST_OF_ALL

    def take(self, size: int = 0, files: int = 0) -> None:
        """Raises UnsupportedRuntimeError if there is no room left."""
        self._bytes, self._files = self._bytes - size, self._files - files
        if self._bytes < 0 or self._files < 0:
            (most, number), whose = (_MOST, "Lambda") if self._whole else (_MOST_OF_ALL, "a stack here")
            limit = f"{whose} takes at most {most >> 20:,} MB and here {number:,} files"
            raise UnsupportedRuntimeError(f"its code is too large: {limit}, unpacked")
        if self._whole:
            self._whole.take(size, files)

    def close(self) -> None:
        """Have no room left: what unpacks in another thread ends."""
        self._bytes = -1


@dataclass(frozen=True)
class Sources:
    """Where the code of a stack's functions is."""

    project: Path | None = None
    """The program's folder, whose `node_modules` may have the SDK."""
    roots: Sequence[Path] | None = None
    """Folders, without links in their paths, that code is read from. If omitted, from everywhere."""
    hidden: Sequence[Path] = ()
    """Folders that functions do not see."""
    room: Room = field(default_factory=Room)
    top: Path = field(default_factory=Path)
    """The folder into which all is unpacked."""

    def unpack(self, code: Any, folder: Path) -> None:
        """Write an archive of the graph into a folder. Raises UnsupportedRuntimeError for code that is not here."""
        replace(self, room=Room(self.room), top=folder)._unpack(code, folder)

    def _unpack(self, code: Any, folder: Path) -> None:
        if not isinstance(code, Asset) or code.uri:
            reason = "the code is not here: it is in S3, at a URL, in an image, or outside of the repository"
            raise UnsupportedRuntimeError(reason)
        for name, member in code.members.items():
            target = Path(os.path.normpath(folder / name))
            if not target.resolve().is_relative_to(folder.resolve()):
                raise UnsupportedRuntimeError(f"{name}: an archive's entry must stay in the archive's folder")
            if isinstance(member, Asset) and member.archive:
                self._make(target)
                self._unpack(member, target)
            else:
                self._make(target.parent)
                if member.path:
                    self._of(member)._copy(member.place, target)
                else:
                    self.room.take(files=1)
                    target.write_bytes(str(reveal(member.text)).encode())
        if not code.path:
            return
        path = code.place
        if path.is_dir():
            self._of(code)._copy(path, folder)
        elif not path.exists():
            raise UnsupportedRuntimeError(f"there is no file or folder {code.path}")
        else:
            self._of(code)._extract(path, folder)

    def _of(self, code: Asset) -> Sources:
        """These, or everywhere for a copy that the review has made: it holds no links."""
        return replace(self, roots=None) if code.copy else self

    def _make(self, folder: Path) -> None:
        """Make a folder and those above it, which count as files do."""
        if len(folder.relative_to(self.top).parts) > DEEPEST:
            raise UnsupportedRuntimeError(f"its code has more than {DEEPEST} folders within each other")
        if not folder.is_dir():
            self._make(folder.parent)
            self.room.take(files=1)
            folder.mkdir()

    def _extract(self, path: Path, folder: Path) -> None:
        with os.fdopen(self._opened(path), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or not zipfile.is_zipfile(file):
                raise UnsupportedRuntimeError(f"{path.name} is no ZIP archive")
            if (zipfile._EndRecData(file) or [0] * 6)[5] > _MOST_LISTED:  # type: ignore[attr-defined] # there is no public way
                raise UnsupportedRuntimeError(f"{path.name} lists more files than Lambda takes")
            with zipfile.ZipFile(file) as archive:
                for entry in archive.infolist():
                    target = folder.joinpath(*(one for one in entry.filename.split("/") if one not in ("", ".", "..")))
                    self._make(target if entry.is_dir() else target.parent)
                    if entry.compress_type not in _METHODS:
                        raise UnsupportedRuntimeError(f"{path.name}: Lambda takes no such compression")
                    if not entry.is_dir():
                        with archive.open(entry) as source:
                            self._write(target, lambda: source.read(_CHUNK), entry.external_attr >> 16)

    def _write(self, target: Path, read: Callable[[], bytes], mode: int) -> None:
        """Write a file from its parts."""
        self.room.take(files=1)
        with target.open("wb") as file:
            while part := read():
                self.room.take(len(part))
                file.write(part)
        if mode:
            target.chmod(mode & 0o777)

    def _copy(self, source: Path, target: Path, above: tuple[tuple[int, int], ...] = ()) -> None:
        """Copy a file or folder, and what its links lead to."""
        number: int = self._opened(source)
        try:
            status = os.fstat(number)
            own = (status.st_dev, status.st_ino)
            if stat.S_ISREG(status.st_mode):
                self._write(target, lambda: os.read(number, _CHUNK), status.st_mode)
            elif not stat.S_ISDIR(status.st_mode) or own in above:
                reason = "a link leads back to it" if own in above else "it is no regular file"
                raise UnsupportedRuntimeError(f"{source.name} cannot be read: {reason}")
            else:
                self._make(target)
                for name in os.listdir(number):
                    if name != _NOT_COPIED:
                        self._copy(source / name, target / name, (*above, own))
        finally:
            os.close(number)

    def _opened(self, path: Path) -> int:
        """An open file or folder, which may be any kind of file. Raises OSError and UnsupportedRuntimeError."""
        roots = self.roots
        refused = UnsupportedRuntimeError(f"{path} leads out of the repository, and is not given to the function")
        if roots is not None and outside(path, roots):
            raise refused
        number = os.open(os.path.realpath(path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        # Since that check, a folder of the path may have become a link. Only Linux shows where the file is.
        reached = Path(f"/proc/self/fd/{number}")
        if roots is not None and reached.is_symlink() and not any(map(reached.readlink().is_relative_to, roots)):
            os.close(number)
            raise refused
        return number

    def link_sdk(self, folder: Path) -> list[Path]:
        """Let a function find the AWS SDK v3 of the project, as in Lambda's runtimes, and no other package.

        Returns the folder that has it: the SDK needs other packages of it. Raises ProgramError.
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included
        """
        above = [] if self.project is None else [self.project, *self.project.parents]
        paths = [path / _PACKAGES for path in above if (path / _PACKAGES / _SDK_SCOPES[0]).is_dir()][:1]
        own = list(opened(above[0], paths)) if paths else []
        if any(path.name != _PACKAGES for path in own):
            raise UnsupportedRuntimeError(f"{paths[0]} is a link to {own[0]}, which is no folder of packages")
        for scope in _SDK_SCOPES if own else ():
            (folder / _PACKAGES).mkdir(exist_ok=True)
            (folder / _PACKAGES / scope).symlink_to(own[0] / scope)
        return own
