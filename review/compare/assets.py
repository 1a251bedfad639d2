"""Digests of assets, so that two evaluations can be compared by content and not by file names."""

import hashlib
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..graph import Asset, reveal
from .differences import map_leaves


def make_comparable(value: Any, later: Mapping[str, str]) -> Any:
    """A value with digests in place of assets. `later` has texts of an earlier version and their new form."""

    def change(leaf: Any) -> Any:
        if isinstance(leaf, Asset):
            return compute_digest(leaf)
        for was, now in later.items() if isinstance(leaf, str) else ():
            leaf = leaf.replace(was, now)
        return leaf

    return map_leaves(value, change)


def list_missing(value: Any) -> Iterator[str]:
    """Files of assets that are not there, so that nobody knows whether they differ."""
    if isinstance(value, Asset):
        if value.path and not value.hash and not value.place.exists():
            yield value.path
        yield from list_missing(value.members)
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from list_missing(inner)


def compute_digest(asset: Asset) -> str:
    """A digest of the deployed content of an asset: names and bytes of its files, or its text."""
    if asset.hash:
        return f"content {asset.hash[:12]}"
    digest = hashlib.sha256()
    try:
        for name, data in sorted((name, hashlib.sha256(data).digest()) for name, data in _read_files(asset)):
            digest.update(repr((name, data)).encode())  # one file at a time is in memory, and no name passes for two
    except FileNotFoundError as missing:
        # Made by a build, which a revision in Git has not seen.
        bases = [f"{base}/" for base in _list_bases(asset) if str(missing.filename).startswith(f"{base}/")]
        return f"{str(missing.filename).removeprefix(max(bases, key=len, default=''))}, which is not there"
    return f"content {digest.hexdigest()[:12]}"


def _read_files(asset: Asset) -> Iterator[tuple[str, bytes]]:
    """Each file by its name. Members of an archive lie in the same version's tree as the archive."""
    if asset.path:
        yield from _read_path(asset.place, asset.archive)
    elif asset.members:
        for name, member in asset.members.items():
            yield from ((f"{name}/{inner}" if inner else name, data) for inner, data in _read_files(member))
    else:
        yield "", f"{reveal(asset.text)}{asset.uri}".encode()


def _list_bases(asset: Asset) -> Iterator[str]:
    """The folders that paths of an asset start from."""
    yield asset.base
    for member in asset.members.values():
        yield from _list_bases(member)


def _read_path(path: Path, archive: bool) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in path.rglob("*"):
            if "__pycache__" not in file.parts and file.is_file():
                yield str(file.relative_to(path)), file.read_bytes()
    elif archive and zipfile.is_zipfile(path):
        # Its bytes have times and an order of their own.
        with zipfile.ZipFile(path) as packed:
            yield from ((entry.filename, packed.read(entry)) for entry in packed.infolist() if not entry.is_dir())
    elif archive and path.is_file() and tarfile.is_tarfile(path):
        with tarfile.open(path) as bundle:
            files = ((entry.name, bundle.extractfile(entry)) for entry in bundle)
            yield from ((name, file.read()) for name, file in files if file is not None)
    else:
        yield "", path.read_bytes()
