"""Attributes of modules that are replaced for a while, and which files are a project's own."""

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_REVIEW = Path(__file__).resolve().parents[1]


@contextmanager
def replaced(*attributes: tuple[Any, str, Any]) -> Iterator[None]:
    """Within, attributes of modules and classes have other values: each is its holder, its name and the value."""
    # An older SDK may lack one.
    before = [(holder, name, getattr(holder, name, None)) for holder, name, _ in attributes]
    try:
        for holder, name, value in attributes:
            setattr(holder, name, value)
        yield
    finally:
        for holder, name, value in before:
            setattr(holder, name, value)


@functools.lru_cache(maxsize=10_000)
def belongs(path: Path, root: Path) -> bool:
    """Whether a file is the project's own, not the review's and not in a virtual environment inside the project."""
    if not path.is_relative_to(root) or (path.is_relative_to(_REVIEW) and not root.is_relative_to(_REVIEW)):
        return False
    return "site-packages" not in path.parts and not path.is_relative_to(sys.prefix)
