"""Lets one process run a program several times: its modules are imported again each time.

A module that declares resources when it is imported would otherwise declare them in the first run only.
"""

import importlib
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import review
from review.evaluate.host.modules import is_project_file

_REVIEW = Path(review.__file__).resolve().parent
_FILES: dict[str, tuple[ModuleType, str]] = {}
"""By name, each module that was loaded, and its file if a project may own it: there are thousands to look at."""


@contextmanager
def own_modules(root: Path, program: Path) -> Iterator[None]:
    """Within, no module of the project is imported yet; after, those that were there before are back.

    `program` is the folder that is first on the program's import path: what it would import from there must not be
    something of the same name that this process has loaded from elsewhere.
    """
    shadowed = {path.stem for path in program.glob("*.py")} | {one.parent.name for one in program.glob("*/__init__.py")}
    before = _own(root, sys.modules) | {
        name: sys.modules[name]
        for first in shadowed & sys.modules.keys()
        for name in (
            [first] if first == "__main__" else [one for one in [*sys.modules] if f"{one}.".startswith(f"{first}.")]
        )
        if _is_outside(sys.modules[name])
    }
    for name in before:
        del sys.modules[name]
    loaded_before = set(sys.modules)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for name in _own(root, sys.modules.keys() - loaded_before):
            del sys.modules[name], _FILES[name]
        sys.modules.update(before)


def _file(module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), None) or "")


def _own(root: Path, names: Collection[str]) -> dict[str, ModuleType]:
    """Those of the imported modules that are the project's."""
    start, own = str(root), {}
    # A copy: another thread may import modules meanwhile.
    for name in [*names]:
        module = sys.modules[name]
        known, file = _FILES.get(name, (None, ""))
        if known is not module:
            file = _file(module)
            _FILES[name] = module, "" if "site-packages" in file else file
        if file.startswith(start) and name != "__main__" and is_project_file(file, root):
            own[name] = module
    return own


def _is_outside(module: ModuleType) -> bool:
    """Whether a module is neither Python's nor installed, nor the review itself."""
    path = Path(_file(module))
    installed = "site-packages" in path.parts or any(map(path.is_relative_to, (sys.prefix, sys.base_prefix)))
    return path.is_absolute() and not installed and not path.is_relative_to(_REVIEW)
