"""Lets one process run a program several times: its modules are imported anew each time.

A module that declares resources when it is imported would otherwise declare them in the first run only.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

_REVIEW = Path(__file__).resolve().parent


@contextmanager
def own_modules(root: Path) -> Iterator[None]:
    """Within, no module of the project is imported yet; after, those that were there before are back."""
    before = {name: module for name, module in sys.modules.items() if _belongs(name, module, root)}
    for name in before:
        del sys.modules[name]
    importlib.invalidate_caches()
    try:
        yield
    finally:
        for name in [name for name, module in sys.modules.items() if _belongs(name, module, root)]:
            del sys.modules[name]
        sys.modules.update(before)


def _belongs(name: str, module: ModuleType, root: Path) -> bool:
    if name == "__main__":
        return False
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), None)
    if not file:
        return False
    # Thousands of modules are asked twice a run, and nearly all are elsewhere: text is quicker than paths.
    return str(file).startswith(str(root)) and belongs(Path(file), root)


def belongs(path: Path, root: Path) -> bool:
    """Whether a file is the project's own, not the review's and not in a virtual environment inside the project."""
    if not path.is_relative_to(root) or path.is_relative_to(_REVIEW):
        return False
    return "site-packages" not in path.parts and not path.is_relative_to(sys.prefix)
