"""The command that runs a Node.js program, as Pulumi's language host does, and the packages that it finds."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..confine.folders import homes, repositories
from .problems import ProgramError
from .project_file import Project

_PACKAGES: Final = "node_modules"
_RUN: Final = "@pulumi/pulumi/cmd/run"  # https://github.com/pulumi/pulumi/tree/master/sdk/nodejs/cmd/run
_WATCH: Final = Path(__file__).with_name("host") / "watch.cjs"
_PARALLEL: Final = 8


def command(project: Project, program: Mapping[str, Any], address: str) -> tuple[list[str], dict[str, str], list[Path]]:
    """The command, its variables, and folders outside of the repository that it reads. Raises ProgramError."""
    if not (installed := interpreter()):
        raise ProgramError("Node.js is not installed: there is no `node` on PATH. Install it from https://nodejs.org")
    folder = project.program
    packages = [path for above in (folder, *folder.parents) if (path := above / _PACKAGES).is_dir()]
    run = _installed(packages, _RUN)
    install = project.install_command
    if run is None:
        raise ProgramError(f"the program's packages are not installed: there is no {_RUN}. Run `{install}` in {folder}")
    entry = "." if project.main.name == "package.json" else project.main.name
    compiles, tsconfig = project.options.get("typescript") is not False, project.options.get("tsconfig")
    written_in_typescript = project.main.suffix == ".ts" or (folder / "index.ts").is_file()
    if compiles and written_in_typescript and _installed(packages, "typescript") is None:
        add = "npm install --save-dev" if install == "npm install" else f"{install.split()[0]} add"
        raise ProgramError(f"TypeScript is not installed. Run `{add} typescript` in {folder}")
    flags = ["--monitor", address, "--engine", address, "--project", program["project"], "--stack", program["stack"]]
    flags += ["--organization", program["organization"], "--root-directory", program["root"], "--pwd", str(folder)]
    flags += ["--dry-run", "--parallel", str(_PARALLEL)]
    variables = {"PULUMI_NODEJS_TYPESCRIPT": str(compiles).lower()}
    variables |= {"PULUMI_NODEJS_TSCONFIG_PATH": str(tsconfig)} if tsconfig else {}
    variables |= {} if program["check_types"] else {"PULUMI_NODEJS_TRANSPILE_ONLY": "true"}
    arguments = [str(installed[0]), *project.options.get("nodeargs", ()), str(_WATCH), str(run), *flags, entry]
    return arguments, variables, [*installed, _WATCH.parent, *opened(project.root, packages), *project.installed]


def interpreter() -> list[Path]:
    """The file of Node.js, and what it needs besides. Empty if it is not installed."""
    if (node := shutil.which("node")) is None:
        return []
    # Its own libraries, and no more of the folder above `bin`, which may be the home or `~/.local`.
    binary = Path(node).resolve()
    return [binary] if binary.is_relative_to("/usr") else [binary, binary.parents[1] / "lib"]


def opened(root: Path, packages: list[Path]) -> Iterator[Path]:
    """Where folders of packages are. Raises ProgramError for a link of the repository that would show other folders."""
    repository = list(repositories(root))
    for package in packages:
        target = package.resolve()
        inside = any(map(package.is_relative_to, repository))
        hidden = target.name != _PACKAGES or any(map(target.is_relative_to, homes()))
        if inside and package.is_symlink() and hidden and not any(map(target.is_relative_to, repository)):
            outside = f"{package} is a link to {target}, which is not in the repository"
            unseen = "a review does not show it to the program. Install the packages in the repository"
            raise ProgramError(f"{outside}, and {unseen}")
        # A link above the repository may be in a folder that is hidden, such as the one for temporary files.
        yield from (target,) if inside else dict.fromkeys((target, package))


def _installed(packages: list[Path], name: str) -> Path | None:
    return next((path for package in packages if (path := package / name).exists()), None)


def link_installed(today: Path, older: Path) -> Iterator[Path]:
    """The folders of packages installed in the repository `today`, to which `older`, a version without, now has links.
    A package of the repository itself, as in a workspace, is the one of that version.
    """
    for folder, inner, files in os.walk(older):
        inner[:] = [name for name in inner if name not in (".git", _PACKAGES)]
        here, there = Path(folder, _PACKAGES), today / Path(folder, _PACKAGES).relative_to(older)
        if "package.json" in files and there.resolve() == there and there.is_dir() and not os.path.lexists(here):
            _link(there, here, today, older)
            yield there


def _link(there: Path, here: Path, today: Path, older: Path) -> None:
    here.mkdir()
    for entry in (path for path in there.iterdir() if not path.name.startswith(".")):
        target = entry.resolve()
        if entry.name.startswith("@") and not entry.is_symlink():
            _link(entry, here / entry.name, today, older)
        elif target.is_relative_to(today) and _PACKAGES not in target.relative_to(today).parts:
            (here / entry.name).symlink_to(older / target.relative_to(today))
        else:
            (here / entry.name).symlink_to(entry)
