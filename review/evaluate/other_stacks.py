"""Outputs of other stacks whose project is in the same repository, which is evaluated in its own environment."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from ..confine.keeper import LATE
from . import wire
from .isolation import launched
from .problems import StackFileError
from .project_file import NAMES, Project, load
from .yaml_text import read_mapping

_CHAIN: Final = "GATEHOUSE_REVIEW_CHAIN"
"""Stacks that wait for this one's outputs, so that two that refer to each other end."""
_PASSED_OVER: Final = frozenset({"node_modules", "venv", "site-packages", "__pycache__"})
_SECONDS: Final = 300.0


@dataclass
class OtherStacks:
    """Known outputs of other stacks, by the name that a StackReference uses."""

    project: Project
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """Why outputs are known or not, by the same name."""

    def __post_init__(self) -> None:
        self.outputs |= self.project.answers.stacks

    def find(self, names: Iterable[str]) -> bool:
        """Evaluate the named stacks whose project is here. Returns whether outputs became known by that."""
        before = len(self.outputs)
        for name in names:
            if name not in self.outputs and name not in self.notes:
                outputs, self.notes[name] = self._evaluated(name)
                self.outputs |= {} if outputs is None else {name: outputs}
        return len(self.outputs) > before

    def _evaluated(self, name: str) -> tuple[Mapping[str, Any] | None, str]:
        *owner, stack = name.split("/")
        title = owner[-1] if owner else self.project.name
        homes = [self.project.root] if title == self.project.name else list(_projects(self.project.root, title))
        waiting = os.environ.get(_CHAIN, "").split()
        effect = "what comes from them is unknown, and resources declared in an apply on them are missing here"
        unknown = f"outputs of the stack {name} are not known: {effect}"
        if len(homes) != 1 or f"{title}/{stack}" in waiting:
            return None, f"{unknown}; review.answers.yaml can hold them"
        where = os.path.relpath(homes[0], self.project.root)
        try:
            project, chain = load(homes[0]), " ".join([*waiting, f"{title}/{stack}"])
            python = str(project.virtualenv / "bin" / "python") if project.virtualenv else sys.executable
            arguments = ["--outputs", stack, "--project", str(project.root)]
            done = launched(python, arguments, {_CHAIN: chain}, _SECONDS, [project.root])
        except StackFileError as error:
            return None, f"{unknown}: {'; '.join(map(str, error.problems))} ({error.file} of {where})"
        if done.returncode == LATE:
            return None, f"{unknown}: {where} was not evaluated within {_SECONDS} s"
        if done.returncode or not done.stdout:
            said = done.stderr.strip().partition("\n")[0] or f"it ended its process with status {done.returncode}"
            return None, f"{unknown}: {where} could not be evaluated: {said}"
        return wire.read(json_format.Parse(done.stdout, Struct())), f"outputs of the stack {name} are those of {where}"


def _projects(root: Path, name: str) -> Iterator[Path]:
    """Folders of the repository, or beside the project if it is in none, that hold a project of that name."""
    repository = next((folder for folder in root.parents if (folder / ".git").exists()), None)
    for folder, inner, files in os.walk(repository or root.parent):
        inner[:] = [one for one in inner if one not in _PASSED_OVER and not one.startswith(".")]
        if repository is None and Path(folder) != root.parent:
            inner.clear()
        for file in set(files) & set(NAMES):
            try:
                document = read_mapping(Path(folder) / file)
            except (StackFileError, OSError):
                continue
            if document.get("name") == name:
                yield Path(folder)


def as_text(exports: Mapping[str, Any]) -> str:
    """Outputs for another process, with what is secret or unknown marked as such."""
    return str(json_format.MessageToJson(wire.write(exports)))
