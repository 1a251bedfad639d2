"""Archives of a program as the zip files that Terraform uploads."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .wire import Archive

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class Archives:
    """Zip files in a folder, named after what is in them, so that an unchanged archive keeps its path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, value: Any) -> Any:
        """The path of an archive's zip file; any other value as it is."""
        if not isinstance(value, Archive):
            return value
        target = self._folder / f"{value.digest}.zip"
        if not target.exists():
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
                for name, content in sorted(_files(value.described, "")):
                    packed.writestr(zipfile.ZipInfo(name, _EPOCH), content)
        return str(target)

    @staticmethod
    def checksum(path: str) -> str:
        """What Lambda answers as the checksum of an upload."""
        return base64.b64encode(hashlib.sha256(Path(path).read_bytes()).digest()).decode()


def _files(described: Mapping[str, Any], at: str) -> Iterator[tuple[str, bytes]]:
    """Every file of an asset or archive; paths are relative to the program, in whose folder the plugin runs."""
    if "text" in described:
        yield at, str(described["text"]).encode()
    elif "assets" in described:
        for name, inner in described["assets"].items():
            yield from _files(inner, f"{at}/{name}" if at else name)
    elif (path := Path(described["path"])).is_dir():
        for each in sorted(path.rglob("*")):
            if each.is_file() and "__pycache__" not in each.parts:
                below = each.relative_to(path).as_posix()
                yield (f"{at}/{below}" if at else below), each.read_bytes()
    else:
        yield at, path.read_bytes()
