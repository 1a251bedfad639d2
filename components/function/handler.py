"""Whether code has the entry point that a function names, as far as its files show."""

import ast
import contextlib
import zipfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Final

from ..arguments.faults import Fault
from ..facts.forwarder import find_files

_ENDINGS: Final = {"python": (".py", "/__init__.py", ".pyc"), "nodejs": (".js", ".mjs", ".cjs", "")}
_DYNAMIC: Final = ("import *", "__getattr__", "globals(", "setattr(", "exec(")
"""Text of Python modules whose names only a run shows."""
Read = Callable[[str], bytes]


def find_handler_faults(source: Path, handler: str, runtime: str, *, installs: bool) -> Iterator[Fault]:
    """Yields the mistake of a handler that is not in a folder or a ZIP archive.

    `installs`: packages or layers may bring it.
    https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
    https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
    """
    if source.is_dir():
        paths = {path.relative_to(source).as_posix(): path for path in find_files(source)}
        yield from _find_faults(handler, runtime, paths, lambda name: paths[name].read_bytes(), installs)
        return
    # Another check refuses an archive that is none.
    with contextlib.suppress(OSError, ValueError, zipfile.BadZipFile), zipfile.ZipFile(source) as archive:
        yield from _find_faults(handler, runtime, archive.namelist(), archive.read, installs)


def _find_faults(handler: str, runtime: str, names: Collection[str], read: Read, installs: bool) -> Iterator[Fault]:
    """Other runtimes than these name classes or programs."""
    endings = next((endings for start, endings in _ENDINGS.items() if runtime.startswith(start)), ())
    module, function = _split(handler, python=runtime.startswith("python"))
    found = next((f"{module}{ending}" for ending in endings if f"{module}{ending}" in names), "")
    compiled = any(name.startswith(f"{module}.") and name.endswith(".so") for name in names)
    if endings and not (found or compiled or installs):
        shown = ", ".join(sorted(name for name in names if "/" not in name)[:5])
        remedy = f"name one of its files: {shown}" if shown else "name one of its files"
        yield Fault("handler", handler, f"an entry point of the code, which has no {module}{endings[0]}", remedy)
    elif found.endswith(".py") and not _may_define(read(found).decode(errors="replace"), function):
        allowed = f"an entry point of the code, whose {found} defines no {function}"
        yield Fault("handler", handler, allowed, "name a function that it defines")


def _split(handler: str, *, python: bool) -> tuple[str, str]:
    """The path of the file, without its ending, and the function in it."""
    if python:
        module, _, function = handler.rpartition(".")
        return module.replace(".", "/"), function
    folder, slash, last = handler.rpartition("/")
    file, _, function = last.partition(".")
    return f"{folder}{slash}{file}", function


def _may_define(source: str, name: str) -> bool:
    """Whether a Python module may have a name. True if only a run, or a newer Python, can tell."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return True
    return any(word in source for word in _DYNAMIC) or any(name in _list_names(node) for node in ast.walk(tree))


def _list_names(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case ast.alias(name=name, asname=other):
            return [other or name.partition(".")[0]]
    return []
