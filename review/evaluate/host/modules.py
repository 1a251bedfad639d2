"""Attributes of modules that are replaced for a while, and which files are a project's own."""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

_REVIEW = Path(__file__).resolve().parents[2]


@contextmanager
def replace_attributes(*attributes: tuple[Any, str, Any]) -> Iterator[None]:
    """Within, attributes of modules and classes have other values: each is its holder, its name and the value."""
    with ExitStack() as before:
        for holder, name, value in attributes:
            before.callback(setattr, holder, name, getattr(holder, name))
            setattr(holder, name, value)
        yield


def note_calls(note: Callable[..., None], call: Callable[..., Any]) -> Callable[..., Any]:
    """A function that calls `note` and then `call`, both with its arguments."""

    @functools.wraps(call)
    def noted(*arguments: Any, **options: Any) -> Any:
        note(*arguments, **options)
        return call(*arguments, **options)

    return noted


@functools.lru_cache(maxsize=10_000)
def is_project_file(file: str, root: Path) -> bool:
    """Whether a file is the project's own, not the review's and not in a virtual environment inside the project."""
    # Cached: a stack has a hundred thousand frames of few files.
    path = Path(file)
    if not path.is_relative_to(root) or (path.is_relative_to(_REVIEW) and not root.is_relative_to(_REVIEW)):
        return False
    return "site-packages" not in path.parts and not path.is_relative_to(sys.prefix)


def list_project_files(root: Path) -> tuple[str, ...]:
    """Python files of the project that are imported, relative to its folder."""
    # By its own dictionary: to ask a module that waits for its first use for an attribute would load it.
    # By its type: cffi's libraries say that they are modules, and have no dictionary.
    modules = (module for module in [*sys.modules.values()] if issubclass(type(module), ModuleType))
    spaces = (object.__getattribute__(module, "__dict__") for module in modules)
    # By their first letters first: there are thousands, and paths take long to compare.
    start = f"{root}{os.sep}"
    files = {file for space in spaces if (file := str(space.get("__file__") or "")).startswith(start)}
    return tuple(sorted(file[len(start) :] for file in files if file.endswith(".py") and is_project_file(file, root)))


class ProgramFiles:
    """Files of the program in `root`, and lines of them. It remembers each file, since paths take long to compare."""

    def __init__(self, root: Path) -> None:
        self.root, self.has = root, functools.cache(functools.partial(is_project_file, root=root))

    def format_line(self, file: str, number: int | None) -> str:
        """File and line of one of these files, as messages have them."""
        return f"{Path(file).relative_to(self.root)}:{number}"

    def find_nearest(self, frames: Iterable[tuple[FrameType, int]]) -> tuple[str, int] | None:
        """File and line of the first of these frames that is the program's."""
        lines = ((frame.f_code.co_filename, number) for frame, number in frames)
        return next((line for line in lines if self.has(line[0])), None)

    def find_caller(self, frames: Iterable[tuple[FrameType, int]]) -> str:
        """The nearest file and line, as messages have them. Empty if no frame is the program's."""
        nearest = self.find_nearest(frames)
        return self.format_line(*nearest) if nearest else ""
