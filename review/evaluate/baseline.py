"""The other side of `--against`: another stack, another folder, or a revision of the project in git."""

import io
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .problems import Problem, StackFileError
from .project_file import NAMES, Project, load
from .stack_file import Stack, read_stack, stacks


class BaselineError(Exception):
    """The other side of a comparison exists, and cannot be read or evaluated. The text is the reason."""


@contextmanager
def baseline(project: Project, which: str, against: str) -> Iterator[tuple[Project, Stack | None]]:
    """The project and stack to compare with, for as long as the context lasts.

    The stack is None if it did not exist there: all of it is new then.
    Raises StackFileError if `against` is nothing of the three, BaselineError if the project or stack there is at fault.
    """
    with _elsewhere(project, against) as folder:
        yield _read(folder, project, which) if folder else (project, read_stack(project, against))


def deleted(project: Project, against: str) -> list[str]:
    """Stacks that have a file in the folder or revision `against`, and none in the project."""
    with _elsewhere(project, against) as folder:
        try:
            return sorted({*stacks(load(folder))} - {*stacks(project)}) if folder else []
        except StackFileError:
            return []  # each stack's own comparison reports it


@contextmanager
def _elsewhere(project: Project, against: str) -> Iterator[Path | None]:
    """The project's folder that `against` names, or at the revision that it names; None if it names a stack."""
    if any((Path(against) / name).is_file() for name in NAMES):
        yield Path(against)
    elif against in stacks(project) or against.endswith((".yaml", ".yml")):
        yield None
    else:
        with tempfile.TemporaryDirectory(prefix="review-") as temporary:
            yield _checked_out(project, against, Path(temporary))


def _read(folder: Path, project: Project, which: str) -> tuple[Project, Stack | None]:
    try:
        other = load(folder)
        # A stack that has no file here needs none there either.
        there = which in stacks(other) or which not in stacks(project)
        if which.endswith((".yaml", ".yml")):
            given = Path(which).resolve()
            path = other.root / (given.relative_to(project.root) if given.is_relative_to(project.root) else which)
            which, there = str(path), path.is_file()
        return other, read_stack(other, which) if there else None
    except StackFileError as error:
        raise BaselineError(str(error)) from error


def _checked_out(project: Project, revision: str, into: Path) -> Path:
    """The project's folder at a revision, written to `into`."""

    def git(folder: Path, *arguments: str) -> bytes:
        command = ["git", "-C", str(folder), *arguments]
        try:
            done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 # git, and what the user named
        except FileNotFoundError:
            said = "git is not installed"
        else:
            if not done.returncode:
                return done.stdout
            said = " ".join(done.stderr.decode(errors="replace").split()) or "no such revision"
        problem = Problem("", revision, f"no stack, folder or git revision of that name ({said})")
        raise StackFileError("--against", [problem])

    top = Path(git(project.root, "rev-parse", "--show-toplevel").decode().strip())
    commit = git(project.root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    archive = git(top, "archive", "--format=zip", commit.decode().strip())
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(into)
    # The mark of a repository: the program may read all of it.
    (into / ".git").mkdir()
    return into / project.root.relative_to(top.resolve())
