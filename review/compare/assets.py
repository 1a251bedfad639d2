"""Digests of assets, so that two evaluations can be compared by content and not by file names."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..graph import Asset, reveal


def deployed(program: Path, value: Any) -> Any:
    """A digest of the deployed content of an asset: names and bytes of its files, or its text."""
    if not isinstance(value, Asset):
        return value
    digest = hashlib.sha256()
    try:
        for name, data in sorted((name, hashlib.sha256(data).digest()) for name, data in _files(value, program)):
            digest.update(repr((name, data)).encode())  # one file at a time is in memory, and no name passes for two
    except FileNotFoundError as missing:
        # Made by a build, which a revision in Git has not seen.
        return f"{str(missing.filename).removeprefix(f'{program}/')}, which is not there"
    return f"content {digest.hexdigest()[:12]}"


def _files(asset: Asset, program: Path) -> Iterator[tuple[str, bytes]]:
    if asset.path:
        path = program / asset.path
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file == path or ("__pycache__" not in file.parts and file.is_file()):
                yield "" if file == path else str(file.relative_to(path)), file.read_bytes()
    elif asset.members:
        for name, member in asset.members.items():
            yield from ((f"{name}/{inner}", data) for inner, data in _files(member, program))
    else:
        yield "", f"{reveal(asset.text)}{asset.uri}".encode()
