"""Graphs of unaltered programs, kept between the processes of a run and between runs, by all that they follow from.

Only make names the folder, which `make clean` empties. A program that a test patches is evaluated each time.
"""

import functools
import hashlib
import io
import os
import pickle
import platform
import sys
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir
from types import ModuleType
from typing import Any, Final, TypeVar

import pytest

T = TypeVar("T")
ROOT: Final = Path(__file__).parents[4]
READ: Final = (
    *("components", "handlers", "examples", "tests/helpers", "review/tests/helpers"),
    *("review/aws", "review/evaluate", "review/facts", "review/graph", "review/recording"),
)
"""Folders that a program and its evaluation read. Files beside them are read too."""
_PACKAGES: Final = ("pulumi", "pulumi-aws", "pulumi-awsx", "PyYAML", "grpcio", "protobuf", "boto3")
_VARIABLES: Final = ("AWS_REGION", "AWS_DEFAULT_REGION", "CI")
_WEEK_SECONDS: Final = 7 * 86_400
_patches: Final[weakref.WeakSet[pytest.MonkeyPatch]] = weakref.WeakSet()
_begin: Final = pytest.MonkeyPatch.__init__


def _note(patch: pytest.MonkeyPatch) -> None:
    _begin(patch)
    _patches.add(patch)


vars(pytest)["MonkeyPatch"].__init__ = _note


def keep(
    evaluate: Callable[[], T], *key: object, refusals: tuple[type[Exception], ...] = (), project: Path | None = None
) -> T:
    """What `evaluate` returned, or raised of `refusals`, when all that it reads was the same.

    `key` has its arguments, and the text of what it reads in the folder `project`, which may be another one each time.
    Other temporary files are in no folder that is read here.
    """
    folder = os.environ.get("GATEHOUSE_CACHE")
    if not folder or "GATEHOUSE_PROGRAM" in os.environ or _is_patched() or gettempdir() in repr(key):
        return evaluate()
    read = repr((_hash_sources(), [os.environ.get(name) for name in _VARIABLES], key))
    file = Path(folder, "graphs", hashlib.sha256(read.encode()).hexdigest())
    found: Any = None
    with suppress(FileNotFoundError):
        found = _Reader(io.BytesIO(file.read_bytes()), project).load()
        os.utime(file)
    if found is None:
        try:
            found = evaluate()
        except refusals as error:
            found = error
        _write(file, found, project)
    if isinstance(found, Exception):
        raise found
    result: T = found
    return result


def _is_patched() -> bool:
    """Whether a test has replaced something that an evaluation may read."""
    patches: list[Any] = [*_patches]
    return any(_matters(target) for patch in patches for target, *_ in (*patch._setattr, *patch._setitem))


def _matters(target: Any) -> bool:
    """False for variables of the environment, for pytest's own, and for modules of the review that judge a graph."""
    owner = target if isinstance(target, ModuleType | type) else type(target)
    name = owner.__name__ if isinstance(owner, ModuleType) else owner.__module__
    file = Path(getattr(sys.modules.get(name), "__file__", None) or "")
    judges = file.is_relative_to(ROOT / "review") and not any(file.is_relative_to(ROOT / folder) for folder in READ)
    return not (target is os.environ or name.startswith("_pytest.") or judges)


@functools.cache
def _hash_sources() -> str:
    found = hashlib.sha256()
    folders = [ROOT / name for name in READ]
    beside = [path for folder in (ROOT, ROOT / "review") for path in folder.iterdir()]
    files = {path for path in (*beside, *(path for folder in folders for path in folder.rglob("*"))) if path.is_file()}
    for path in sorted(files):
        if path.suffix not in (".pyc", ".md"):
            found.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    found.update(repr((sys.version, platform.platform(), [version(name) for name in _PACKAGES])).encode())
    return found.hexdigest()


def _write(file: Path, found: object, project: Path | None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    _delete_old(file.parent)
    buffer = io.BytesIO()
    _Writer(buffer, file.parent, project).dump(found)
    data = buffer.getvalue()
    if not any(place.encode() in data for place in (str(ROOT), gettempdir())):
        _put(file, data)


def _put(file: Path, data: bytes) -> None:
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(file)


@functools.cache
def _delete_old(folder: Path) -> None:
    """Delete what no run has read for a week."""
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _WEEK_SECONDS:
                path.unlink()


def _list_homes(project: Path | None) -> dict[str, str]:
    """The folders whose paths are not kept."""
    return {"root": str(ROOT), **({"project": str(project)} if project else {})}


class _Writer(pickle.Pickler):
    """Writes an asset without the path of checkout or project, and an archive of the run beside the graph."""

    def __init__(self, buffer: io.BytesIO, folder: Path, project: Path | None) -> None:
        super().__init__(buffer, protocol=5)
        self._folder, self._homes = folder, _list_homes(project)

    def persistent_id(self, value: Any) -> object:
        if not isinstance(value, str):
            return None
        for home, path in self._homes.items():
            if value == path or value.startswith(f"{path}{os.sep}"):
                return home, value[len(path) :]
        if value.startswith(f"{gettempdir()}{os.sep}") and Path(value).is_file():
            data = Path(value).read_bytes()
            name = f"{hashlib.sha256(data).hexdigest()}{Path(value).suffix}"
            _put(self._folder / name, data)
            return "file", name
        return None


class _Reader(pickle.Unpickler):
    def __init__(self, buffer: io.BytesIO, project: Path | None) -> None:
        super().__init__(buffer)
        self._homes = _list_homes(project)

    def persistent_load(self, found: Any) -> str:
        kind, name = found
        if kind in self._homes:
            return f"{self._homes[kind]}{name}"
        os.utime(file := Path(os.environ["GATEHOUSE_CACHE"], "graphs", name))
        return str(file)
