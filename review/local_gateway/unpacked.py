"""Code of functions, unpacked into a folder of its own."""

import shutil
import zipfile
from pathlib import Path
from typing import Any, Final

from ..graph import Asset, reveal

_MOST_BYTES: Final = 250 << 20
"""Of a function, unpacked. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_PACKAGES: Final = "node_modules"
_SDK_SCOPES: Final = ("@aws-sdk", "@smithy")


class UnsupportedRuntimeError(Exception):
    """A function that cannot run on this machine. The text names what it needs."""


def unpack(code: Any, folder: Path) -> None:
    """Write the code of a function into a folder.

    Raises UnsupportedRuntimeError for code that is not on this machine or that is larger than Lambda allows.
    """
    _unpack(code, folder)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > _MOST_BYTES:
        reason = f"its code has {size >> 20:,} MB unpacked, and Lambda allows {_MOST_BYTES >> 20} MB"
        raise UnsupportedRuntimeError(reason)


def _unpack(code: Any, folder: Path) -> None:
    if not isinstance(code, Asset) or code.uri:
        raise UnsupportedRuntimeError("its code is not on this machine: it is in S3, at a URL or in an image")
    for name, member in code.members.items():
        _write_member(member, folder / name)
    if not code.path:
        return
    if code.place.is_dir():
        shutil.copytree(code.place, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    elif code.place.exists():
        _extract(code.place, folder)
    else:
        raise UnsupportedRuntimeError(f"there is no file or folder {code.path}")


def _write_member(member: Any, target: Path) -> None:
    if isinstance(member, Asset) and member.archive:
        target.mkdir(parents=True, exist_ok=True)
        _unpack(member, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if member.path:
        shutil.copy(member.place, target)
    else:
        target.write_text(str(reveal(member.text)), encoding="utf-8")


def _extract(packed: Path, folder: Path) -> None:
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist():
            written = Path(archive.extract(entry, folder))
            mode = entry.external_attr >> 16 & 0o777
            if mode and not entry.is_dir():
                written.chmod(mode)


def link_sdk(project: Path | None, folder: Path) -> None:
    """Let functions find the AWS SDK v3 of the project, which Lambda's runtimes for Node.js contain.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-sdk-included
    """
    above = [] if project is None else [project, *project.parents]
    packages = next((path / _PACKAGES for path in above if (path / _PACKAGES / _SDK_SCOPES[0]).is_dir()), None)
    if packages is None:
        return
    (folder / _PACKAGES).mkdir()
    for scope in _SDK_SCOPES:
        (folder / _PACKAGES / scope).symlink_to(packages / scope)
