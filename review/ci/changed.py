"""Which stacks of a project a pull request changes."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PREFIX: Final = "Pulumi."


@dataclass(frozen=True)
class Changed:
    """Stacks to review."""

    stacks: tuple[str, ...] = ()
    """Names; empty for all stacks."""
    only_beside: bool = False
    """Whether nothing in the project's folder changed: most such changes concern no stack."""
    nothing: bool = False
    """Whether only documents changed."""


def find_changed(project: Path, against: str) -> Changed:
    """The stacks of the stack files that changed. All of them if anything else changed, or if git cannot tell."""
    prefix, paths = _run_git(project, "rev-parse", "--show-prefix"), _list_paths(project, against)
    if prefix is None or paths is None:
        return Changed()
    folder = prefix.decode(errors="surrogateescape").strip()
    code = [path for path in paths if not path.endswith(".md")]
    inside = [path.removeprefix(folder) for path in code if path.startswith(folder)]
    if len(inside) < len(code):
        # A program may take code from folders beside its own.
        return Changed(only_beside=not inside)
    stacks = [*_name_stacks(project, inside)]
    return Changed(nothing=not inside) if not inside or None in stacks else Changed(tuple(filter(None, stacks)))


def _name_stacks(project: Path, paths: list[str]) -> Iterator[str | None]:
    """The stack of each file; None for a file that is of all stacks, or of one that is deleted."""
    for path in paths:
        name = path.removeprefix(_PREFIX).removesuffix(".yaml")
        is_file = path.startswith(_PREFIX) and path.endswith(".yaml") and len(path) > len(f"{_PREFIX}.yaml")
        yield name if is_file and "/" not in path and (project / path).exists() else None


def _list_paths(project: Path, against: str) -> list[str] | None:
    listed = _run_git(project, "diff", "--merge-base", "--name-only", "-z", against, "--", ":/")
    return None if listed is None else [os.fsdecode(path) for path in listed.split(b"\0") if path]


def _run_git(project: Path, *arguments: str) -> bytes | None:
    command = ["git", "-C", str(project), *arguments]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 # git, by its name
    return done.stdout if done.returncode == 0 else None
