"""The forwarder's archive and variables, by which the review knows whether a function runs the forwarder."""

import functools
import hashlib
import importlib.util
import os
import py_compile
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

# Who made the archive, by the format of ZIP files, and regular files that everybody may read, or run.
_UNIX: Final = 3
_READABLE: Final = 0o100644
_EXECUTABLE: Final = 0o100755
TASK_FOLDER: Final = "/var/task"
"""Where Lambda unpacks an archive."""
WRAPPER: Final = "streaming-runtime"
"""File of the forwarder that starts its own loop in place of Lambda's.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html"""
WRAPPER_VARIABLE: Final = "AWS_LAMBDA_EXEC_WRAPPER"
VARIABLES: Final = frozenset(
    {
        *("BACKEND_URL", "CERTIFICATE_AUTHORITY", "CUSTOM_DOMAIN", "FORWARD_HOST", "IDENTITY", "LOG_LEVEL"),
        *("REWRITE_REDIRECTS", "STRIP_PREFIX", "TIMEOUT_SECONDS", "WEBHOOK_ALGORITHM", "WEBHOOK_ENCODING"),
        *("WEBHOOK_HEADER", "WEBHOOK_ID_HEADER", "WEBHOOK_PREFIX", "WEBHOOK_PREVIOUS_SECRET", "WEBHOOK_SCHEME"),
        *("WEBHOOK_SECRET", "WEBHOOK_SIGNED", "WEBHOOK_TIMESTAMP_HEADER", "WEBHOOK_TOLERANCE_SECONDS"),
    }
)
"""Environment variables that the forwarder reads. Others may change what Python or the wrapper runs."""


def write_forwarder(archive: Path, source: Path, *, compiled: bool) -> None:
    """Write the archive of the forwarder's files; `compiled`, with the files that this Python compiles.

    The same files give the same bytes: nothing is compressed, since not every machine would do so alike. Compiled ones
    also depend on the release of Python and on PYTHONNODEBUGRANGES.
    """
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in list_files(source):
            inside = path.relative_to(source)
            _add(zipped, inside, path.read_bytes(), _EXECUTABLE if inside.as_posix() == WRAPPER else _READABLE)
            if compiled and path.suffix == ".py":
                cache = inside.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
                _add(zipped, cache, _compile(path, inside, archive.parent), _READABLE)


def _add(archive: zipfile.ZipFile, inside: Path, content: bytes, mode: int) -> None:
    entry = zipfile.ZipInfo(inside.as_posix())
    entry.create_system = _UNIX
    entry.external_attr = mode << 16
    archive.writestr(entry, content)


def _compile(source: Path, inside: Path, folder: Path) -> bytes:
    """The compiled file that Python loads instead of the source, without comparing their dates: Lambda may change
    them."""
    compiled = folder / "compiled"
    py_compile.compile(
        str(source),
        str(compiled),
        f"{TASK_FOLDER}/{inside.as_posix()}",
        doraise=True,
        optimize=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    return compiled.read_bytes()


def list_files(folder: Path) -> list[Path]:
    """The files to deploy; caches and hidden files stay out. Raises FileNotFoundError if there is none."""
    files = find_files(folder)
    if not files:
        raise FileNotFoundError(f"{folder}: no files to deploy")
    return files


def find_files(folder: Path) -> list[Path]:
    """The files to deploy, of a folder that may have none."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _is_included(path.relative_to(folder)))


def _is_included(path: Path) -> bool:
    return not any(part.startswith(".") or part == "__pycache__" for part in path.parts)


@functools.cache
def find_digest(*, compiled: bool) -> str:
    """SHA-256 of the forwarder's archive, by the files of this checkout or of the installed package.

    Empty if neither is here. The engine takes the same of an archive that is a file, for plans and states:
    https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/archive/archive.go
    """
    for folder in _list_homes():
        if (folder / "handler.py").is_file():
            with tempfile.TemporaryDirectory() as temporary:
                archive = Path(temporary, "forwarder.zip")
                write_forwarder(archive, folder, compiled=compiled)
                return hashlib.sha256(archive.read_bytes()).hexdigest()
    return ""


def _list_homes() -> Iterator[Path]:
    """Folders that may have the forwarder: beside the components in a checkout, and in the installed package."""
    yield Path(os.path.realpath(__file__)).parents[2] / "handlers" / "forwarder"
    installed = importlib.util.find_spec("gatehouse")
    for home in (installed and installed.submodule_search_locations) or ():
        yield Path(home, "handlers", "forwarder")
