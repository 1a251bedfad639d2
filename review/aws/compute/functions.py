"""Lambda functions: AWS's defaults, streaming of responses, and contents of packages.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ...facts import limits
from ...graph import Asset, Resource
from ...graph.answers import Truth, any_of
from ...graph.reading import as_integer, as_list, as_mapping, as_number, as_text, get_declared_input

DEFAULT_MEMORY: Final = 128
"""Megabytes."""
DEFAULT_TIMEOUT: Final = 3
"""Seconds."""
DEFAULT_DISK: Final = 512
"""Megabytes of the temporary disk, which cost nothing."""
WRAPPER: Final = "AWS_LAMBDA_EXEC_WRAPPER"
"""Starts a loop of the function's own. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html"""


def find_memory(function: Resource) -> float | None:
    """Megabytes; None if that is not known."""
    return _read_number(function, "memorySize", DEFAULT_MEMORY)


def find_timeout(function: Resource) -> float | None:
    """Seconds; None if that is not known."""
    return _read_number(function, "timeout", DEFAULT_TIMEOUT)


def find_temporary_disk(function: Resource) -> float | None:
    """Megabytes; None if that is not known."""
    value = get_declared_input(function, "ephemeralStorage", "size")
    return DEFAULT_DISK if value is None else as_number(value)


def find_architecture(function: Resource) -> str:
    """`arm64` or `x86_64`."""
    return as_text(next(iter(as_list(get_declared_input(function, "architectures"))), "")) or "x86_64"


def find_reserved_concurrency(function: Resource) -> int | None:
    """How many calls may run at once; None if nothing limits them, or that is not known."""
    count = as_integer(get_declared_input(function, "reservedConcurrentExecutions"))
    return count if count is not None and count >= 0 else None


def read_environment(function: Resource | None) -> Mapping[str, Any]:
    """Its environment variables, as far as they are known; none of no function."""
    return as_mapping(get_declared_input(function, "environment", "variables")) if function is not None else {}


def _read_number(function: Resource, key: str, default: float) -> float | None:
    value = get_declared_input(function, key)
    return default if value is None else as_number(value)


_FILES: Final = {
    "python": ("{}.py", "{}.pyc", "{}/__init__.py", "{}.so"),
    "nodejs": ("{}.js", "{}.mjs", "{}.cjs"),
    "ruby": ("{}.rb",),
}
"""Files that a module of a handler may be, by the runtime's language; others name classes or programs."""


def _holds(asset: Any, name: str) -> Truth:
    """Whether an archive has a file; None if that cannot be seen."""
    if not isinstance(asset, Asset) or asset.uri:
        return None
    if asset.members:
        return any_of(_search_members(asset, name))
    path = asset.place
    if not asset.path or not asset.base or not path.exists():
        return None
    if path.is_dir():
        return (path / name).exists()
    packed = _list_zip(path)
    return None if packed is None else name in packed


def _list_zip(path: Path) -> set[str] | None:
    """Names in a zip; None for one that is damaged or larger than a call takes, and for all else."""
    if not zipfile.is_zipfile(path) or path.stat().st_size > limits.LAMBDA_UPLOAD_BYTES:
        return None
    try:
        with zipfile.ZipFile(path) as opened:
            return {name.removeprefix("./") for name in opened.namelist()}
    except (zipfile.BadZipFile, RuntimeError, ValueError, OSError):
        return None


def _search_members(asset: Asset, name: str) -> Iterator[Truth]:
    for place, member in asset.members.items():
        inner = PurePosixPath(place.removeprefix("./"))
        path = PurePosixPath(name)
        if not isinstance(member, Asset):
            yield None
        elif not member.archive and not (member.path and member.base and member.place.is_dir()):
            yield path == inner
        elif path.is_relative_to(inner):
            yield _holds(member, str(path.relative_to(inner)))
