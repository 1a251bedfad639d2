"""The code of a Lambda function as an archive that changes only when the code does."""

import atexit
import contextlib
import functools
import os
import shutil
import stat
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Final

import pulumi

from ..facts.forwarder import find_files, list_files, write_forwarder

_BESIDE = Path(__file__).resolve().parent.parent
# In a checkout, also behind a link to it, the handlers are beside the components; in the installed package, inside it.
HANDLERS = _BESIDE / "handlers" if (_BESIDE / "handlers").is_dir() else _BESIDE.parent / "handlers"
PREFIX: Final = "gatehouse-archive-"
_DAY_SECONDS: Final = 86_400


def compiles_for(runtime: str) -> bool:
    """Whether a Lambda runtime, `python3.13`, reads the files that this Python compiles: CPython of that version."""
    return sys.implementation.cache_tag == f"cpython-{runtime.removeprefix('python').replace('.', '')}"


def archive_handler(name: str) -> pulumi.AssetArchive:
    """The archive of one of our own handlers."""
    return archive_folder(HANDLERS / name)


@functools.cache
def archive_forwarder(*, compiled: bool = False) -> pulumi.FileArchive:
    """The archive of the forwarder, in which its wrapper may be run; `compiled`, with its compiled files.

    Pulumi puts no modes into the archives that it makes, and hands on one that is made already byte for byte
    (https://github.com/pulumi/pulumi/issues/3593). All proxies share it.
    """
    _delete_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    # The engine reads it while the program runs.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    archive = folder / "forwarder.zip"
    write_forwarder(archive, HANDLERS / "forwarder", compiled=compiled)
    return pulumi.FileArchive(str(archive))


@functools.cache
def _delete_leftovers() -> None:
    """Delete archives of programs that the engine killed, as it does when it refuses a preview.

    No update takes a day, so these are not read any more. Those of other users stay.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            status = folder.lstat()
            old = time.time() - status.st_mtime > _DAY_SECONDS
            if old and stat.S_ISDIR(status.st_mode) and status.st_uid == _user_id():
                shutil.rmtree(folder, ignore_errors=True)


def _user_id() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0  # Windows has one folder for each user


def measure_code(source: Path) -> int | None:
    """Bytes of a folder's files, or of those in a ZIP archive. None if it is neither."""
    if source.is_dir():
        return sum(path.stat().st_size for path in find_files(source))
    try:
        with zipfile.ZipFile(source) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return None


def archive_folder(folder: Path) -> pulumi.AssetArchive:
    """The files of a folder, each by its path in it; caches and hidden files stay out.

    Raises FileNotFoundError when the folder holds nothing to run.
    """
    return pulumi.AssetArchive(
        {path.relative_to(folder).as_posix(): pulumi.FileAsset(path) for path in list_files(folder)}
    )
