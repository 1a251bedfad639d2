"""Outputs of other stacks whose project is in the same repository, which is evaluated in its own environment."""

import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..confine.folders import repository
from .problems import ProgramError, StackFileError
from .project_file import NAME, NAMES, Project
from .stack_file import is_file
from .yaml_text import read_mapping

_MOST_STACKS: Final = 20
_PASSED_OVER: Final = frozenset({"node_modules", "venv", "site-packages", "__pycache__"})
_lock: Final = threading.RLock()


@dataclass
class OtherStacks:
    """Known outputs of other stacks, by the name that a StackReference uses."""

    project: Project
    evaluate: Callable[[Project, str, "OtherStacks"], Mapping[str, Any]]
    """Outputs of a stack of another project, with what that knows of others."""
    waiting: tuple[str, ...] = ()  # stacks that wait for this one's outputs, so that two that refer to each other end
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)  # why outputs are known or not, by the same name
    left: Iterator[int] = field(default_factory=lambda: iter(range(_MOST_STACKS)))
    """One for each stack that is evaluated: programs may name other ones each time that they run."""

    def __post_init__(self) -> None:
        self.outputs |= self.project.answers.stacks

    def find(self, names: Collection[str]) -> bool:
        """Evaluate stacks that a run did not know, unless another run has. Returns whether any is known then."""
        with _lock:
            for name in names:
                if name not in self.outputs and name not in self.notes:
                    outputs, self.notes[name] = self._evaluated(name)
                    self.outputs |= {} if outputs is None else {name: outputs}
            return any(name in self.outputs for name in names)

    def _evaluated(self, name: str) -> tuple[Mapping[str, Any] | None, str]:
        *owner, stack = name.split("/")
        title = owner[-1] if owner else self.project.name
        # Not a file: it may be anybody's.
        allowed = NAME.fullmatch(stack) and not is_file(stack) and next(self.left, None) is not None
        own = iter([self.project.root]) if title == self.project.name else projects_named(title, self.project.root)
        homes = list(own) if allowed else []
        effect = "what comes from them is unknown, and resources declared in an apply on them are missing here"
        unknown = f"outputs of the stack {name} are not known: {effect}"
        if len(homes) != 1 or f"{title}/{stack}" in self.waiting:
            return None, f"{unknown}; review.answers.yaml can hold them"
        where = os.path.relpath(homes[0], self.project.root)
        try:
            project = self.project.beside(homes[0])
            others = OtherStacks(project, self.evaluate, (*self.waiting, f"{title}/{stack}"), left=self.left)
            outputs = self.evaluate(project, stack, others)
        except StackFileError as error:
            return None, f"{unknown}: {'; '.join(map(str, error.problems))} ({error.file} of {where})"
        except ProgramError as error:
            said = str(error).partition("\n")[0]
            return None, f"{unknown}: {where} could not be evaluated: {stack}: {said}"
        return outputs, f"outputs of the stack {name} are those of {where}"


def own_folders(names: Iterable[str]) -> list[str]:
    """Without hidden folders, and those of packages."""
    return [name for name in names if name not in _PASSED_OVER and not name.startswith(".")]


def projects_named(name: str, root: Path) -> Iterator[Path]:
    """Folders of the project's repository, or of its own folder if it is in none, that hold a project of that name."""
    for folder, inner, files in os.walk(repository(root)):
        # Other repositories, also those in folders of this one, are not the program's to read.
        inner[:] = [one for one in own_folders(inner) if not Path(folder, one, ".git").is_dir()]
        for file in set(files) & set(NAMES):
            with suppress(StackFileError, OSError):
                if read_mapping(Path(folder) / file).get("name") == name:
                    yield Path(folder)
