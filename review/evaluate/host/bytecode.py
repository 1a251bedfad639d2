"""Reuses the bytecode of today's files for files of an older version that have the same text.

Only Python's usual bytecode is reused, which has the time and size of its source. Bytecode that Python never checks is
not: if a change brings it, the older version must run without it.
"""

import importlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from marshal import loads
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

_HEADER: Final = 16  # bytes: https://peps.python.org/pep-0552/
_SETTLED: Final = 2  # seconds: an edit in the second of the compilation could have the same time


def install(today: Path, older: Path) -> None:
    """Let this process import files below `older` with the bytecode of the same files below `today`."""
    sys.dont_write_bytecode = True  # the older version is gone after the run
    sys.meta_path.insert(0, _Finder(today, older))
    importlib.invalidate_caches()


class _Finder(MetaPathFinder):
    def __init__(self, today: Path, older: Path) -> None:
        self._today, self._older = today, older

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path)
        if spec is None or type(spec.loader) is not SourceFileLoader:
            return None
        source = Path(spec.loader.path)
        if not source.is_relative_to(self._older):
            return None
        spec.loader = _Loader(name, spec.loader.path, self._today / source.relative_to(self._older))
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, today: Path) -> None:
        super().__init__(name, path)
        self._today = today

    def source_to_code(self, data, path, *, _optimize=-1):  # type: ignore[no-untyped-def, override] # as the base's
        """The code of a text. It is compiled if today's file has another text or no bytecode."""
        with suppress(OSError, EOFError, ValueError, TypeError):
            if (code := read_bytecode(self._today, bytes(data))) is not None:
                return _rename_file(code, str(path))
        return super().source_to_code(data, path, _optimize=_optimize)


def read_bytecode(file: Path, text: bytes) -> CodeType | None:
    """The bytecode of a file; None if the file has another text, or its bytecode may be that of another text."""
    if file.read_bytes() != text:
        return None
    cached = Path(cache_from_source(str(file)))
    source, header = file.stat(), cached.read_bytes()
    expected = MAGIC_NUMBER + b"".join(
        part.to_bytes(4, "little") for part in (0, int(source.st_mtime) & 0xFFFFFFFF, len(text) & 0xFFFFFFFF)
    )
    if header[:_HEADER] != expected or cached.stat().st_mtime < source.st_mtime + _SETTLED:
        return None
    code = loads(header[_HEADER:])  # noqa: S302 # today's program runs it as well
    return code if isinstance(code, CodeType) else None


def _rename_file(code: CodeType, path: str) -> CodeType:
    """The code with another file name, which tracebacks and frames have."""
    inner = (_rename_file(part, path) if isinstance(part, CodeType) else part for part in code.co_consts)
    return code.replace(co_filename=path, co_consts=tuple(inner))
