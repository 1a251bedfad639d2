"""The other side of `--against`: another stack, another folder, or a revision of the project in git."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from .problems import Problem, StackFileError
from .project_file import HOME, Project, has_project, load
from .repositories import find_repository
from .stack_file import Stack, list_stacks, read_stack

_PATIENCE: Final = 120
_NEVER_IMPORTED: Final = ("review/*.py", "tests/*.py")
"""Half of the files beside the review's own project. To write them takes as long as to run the program."""


class BaselineError(Exception):
    """The other side of a comparison exists, and cannot be read or evaluated. The text is the reason."""


@contextmanager
def open_baseline(project: Project, which: str, against: str) -> Iterator[tuple[Project, Stack | None]]:
    """The project and stack to compare with, while the context lasts; no stack if it is new. Raises StackFileError if
    `against` is nothing of the three, BaselineError if the project or stack there is at fault.
    """
    with _find_older(project, against) as folder:
        yield _read(folder, project, which) if folder else (project, read_stack(project, against))


def list_deleted_stacks(project: Project, against: str) -> list[str]:
    """Stacks that have a file in the folder or revision `against`, and none in the project."""
    with _find_older(project, against) as folder, suppress(StackFileError):  # each stack's own comparison reports it
        return sorted({*list_stacks(load(folder))} - {*list_stacks(project)}) if folder else []
    return []


def _is_folder(against: str) -> bool:
    return against.startswith((".", "/")) and not Path(against).is_file()  # no revision begins so


@contextmanager
def _find_older(project: Project, against: str) -> Iterator[Path | None]:
    """The project's folder that `against` names, or at the revision that it names; None if it names a stack."""
    if _is_folder(against):
        if not has_project(Path(against)):
            fault = "that folder has no Pulumi.yaml" if Path(against).is_dir() else "there is no such folder"
            raise StackFileError("--against", [Problem("", against, fault)])
        yield Path(against)
        return
    is_stack, commit = against in list_stacks(project) or against.endswith((".yaml", ".yml")), ""
    with suppress(StackFileError) if is_stack else nullcontext():
        commit = _run_git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{against}^{{commit}}")
    if is_stack and commit:
        # A change may bring a stack with the name of its base, which would then be compared with itself.
        want = f"it is a stack and a git revision: write its file, or refs/heads/{against}"
        raise StackFileError("--against", [Problem("", against, want)])
    if is_stack:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="review-") as temporary:
        yield _check_out(project, commit, Path(temporary))


def _read(folder: Path, project: Project, which: str) -> tuple[Project, Stack | None]:
    try:
        earlier = load(folder)
        earlier = replace(earlier, answers=project.answers.merge_older(earlier.answers))
        if earlier.virtualenv is None:
            # A revision has no environment of its own, and the one of today has packages of today's repository.
            earlier = replace(
                earlier, virtualenv=project.virtualenv, older=_find_repositories(project.root, earlier.root)
            )
        # A stack that has no file here needs none in the earlier version either.
        exists = which in list_stacks(earlier) or which not in list_stacks(project)
        if which.endswith((".yaml", ".yml")):
            named = Path(which).resolve()
            path = earlier.root / (named.relative_to(project.root) if named.is_relative_to(project.root) else which)
            which, exists = str(path), path.is_file()
        elif not exists:
            file = str(project.stack_dir / f"Pulumi.{which}.yaml")
            with suppress(StackFileError):  # no revision has a file that git ignores
                which, exists = file, bool(_run_git(project, "check-ignore", "--", file))
        return earlier, read_stack(earlier, which) if exists else None
    except StackFileError as error:
        raise BaselineError(str(error)) from error


def _find_repositories(today: Path, older: Path) -> tuple[Path, Path]:
    """The repositories of a project's folders in two versions; the folders themselves if one repository has both."""
    first, second = map(find_repository, (today, older))
    return (first, second) if first != second else (today, older)


def _run_git(project: Project, *arguments: str, **variables: str) -> str:
    """The output of a git command. Raises StackFileError."""
    try:
        done = subprocess.run(  # noqa: S603 # git, by its name
            ["git", "-C", str(project.root), *arguments],  # noqa: S607 # as above
            check=True,
            capture_output=True,
            env={**os.environ, **variables},
            timeout=_PATIENCE,
        )
        return os.fsdecode(done.stdout).strip()
    except FileNotFoundError:
        reason = "git is not installed"
    except subprocess.TimeoutExpired:
        reason = f"git did not end in {_PATIENCE} seconds"
    except subprocess.CalledProcessError as error:
        reason = " ".join(error.stderr.decode(errors="replace").split()) or "no such revision"
    want = f"no stack, folder or git revision of that name ({reason}); a folder begins with ./ or /"
    raise StackFileError("--against", [Problem("", arguments[-1].removesuffix("^{commit}"), want)])


def _check_out(project: Project, commit: str, into: Path) -> Path:
    """The project's folder at a commit, written to `into`. The repository's own index and files stay as they are."""
    top = Path(_run_git(project, "rev-parse", "--show-toplevel")).resolve()
    index = {"GIT_INDEX_FILE": str(into / ".index")}  # a hook of git names the index of its own
    _run_git(project, "read-tree", commit, **index)
    if project.root == HOME:
        _run_git(project, "rm", "--cached", "--force", "--quiet", "--ignore-unmatch", "--", *_NEVER_IMPORTED, **index)
    # From the top: in a folder below, it writes that folder alone, and a program may take code from beside its own.
    _run_git(project, "-C", str(top), f"--work-tree={top}", "checkout-index", "--all", f"--prefix={into}/", **index)
    (into / ".git").mkdir()  # so that it counts as a repository of its own
    return into / project.root.relative_to(top)
