"""Pulumi.yaml, read as the CLI reads it: the name, where the program is, and which config keys it declares."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..graph.reading import as_mapping
from .answers import Answers
from .answers import read as read_answers
from .problems import Problem, StackFileError
from .repositories import list_repositories
from .yaml_text import read_mapping

HOME: Final = Path(__file__).resolve().parents[2]  # the review's folder, with the project that it belongs to
NAMES: Final = ("Pulumi.yaml", "Pulumi.yml")
TYPES: Final = ("string", "integer", "boolean", "array", "object")
_ATTRIBUTES: Final = frozenset({"type", "items", "description", "secret", "default", "value"})
_INSTALLS: Final = {
    "uv.lock": "uv sync",
    "poetry.lock": "poetry install",
    "requirements.txt": "pip install -r requirements.txt",
}
_MARKS: Final = {"uv": ("uv.lock", "pyproject.toml"), "poetry": ("pyproject.toml",)}
"""By toolchain, files beside which an environment is: https://github.com/pulumi/pulumi/tree/master/sdk/python/toolchain"""
NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")  # of a project or a stack, as the CLI allows them


@dataclass(frozen=True, kw_only=True)  # https://www.pulumi.com/docs/iac/concepts/projects/project-file/
class Declaration:
    """One entry of `config:`; `default` is None if the stack must give the key."""

    key: str  # with its namespace
    type: str = ""  # empty if no type was declared, and so nothing is checked
    items: Mapping[str, Any] = field(default_factory=dict)
    secret: bool = False
    default: Any = None
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Project:
    name: str
    root: Path  # folder of Pulumi.yaml
    main: Path  # the file that the engine would run
    stack_dir: Path  # folder of the Pulumi.<stack>.yaml files
    virtualenv: Path | None  # `runtime.options.virtualenv`, else a folder that is usually called so, if it exists
    declarations: Mapping[str, Declaration]
    options: Mapping[str, Any] = field(default_factory=dict)  # `runtime.options`
    document: Mapping[str, Any] = field(default_factory=dict)  # all of the file
    answers: Answers = field(default_factory=Answers)  # the content of the project's `review.answers.yaml`
    older: tuple[Path, Path] | None = None  # of an older version: the repository of its environment, and its own

    @property
    def program(self) -> Path:
        """The program's folder: the working directory of a run, and first on its import path."""
        return self.main.parent

    @property
    def install_command(self) -> str:
        """The command that installs the program's packages, by a file in its folder. Empty if there is none."""
        commands = (command for name, command in _INSTALLS.items() if (self.program / name).is_file())
        return next(commands, "")

    @property
    def python(self) -> str:
        """The Python of its virtual environment, else of the active one, else the review's own."""
        active = os.environ.get("VIRTUAL_ENV", "")
        home = None if self.root == HOME else self.virtualenv or (Path(active) if active else None)
        if home is None or not (home / "bin" / "python").is_file() or Path(sys.prefix).resolve() == home.resolve():
            return sys.executable
        return str(home / "bin" / "python")


def find_project_folder(folder: Path) -> Path:
    """The folder of the nearest Pulumi.yaml, as the CLI looks for it."""
    return next((path for path in (folder, *folder.parents) if has_project(path)), folder)


def has_project(folder: Path) -> bool:
    return any((folder / name).is_file() for name in NAMES)


def load(root: Path, *, any_language: bool = False) -> Project:
    """The project of `root`, with `any_language` without its program. Raises StackFileError with all that is wrong."""
    file = next((root / name for name in NAMES if (root / name).is_file()), None)
    if file is None:
        remedy = "there is no Pulumi.yaml here: name the project's folder with --project"
        raise StackFileError("Pulumi.yaml", [Problem("", str(root), remedy)])
    document = read_mapping(file)
    problems: list[Problem] = []
    name = document.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        problems.append(Problem("name", name, "want letters, digits, '-', '_' and '.'"))
        name = ""
    runtime = _read_runtime(document, problems)
    paths = {key: document.get(key) for key in ("main", "stackConfigDir", "config")}
    paths["runtime.options.virtualenv"] = runtime.get("virtualenv")
    if wrong := [Problem(key, path, "no path has this character") for key, path in paths.items() if "\0" in str(path)]:
        raise StackFileError(file.name, wrong)
    declarations = _read_declarations(document, name, problems)
    # A program in another language has no __main__.py: that is one mistake, not two.
    main = _find_main(root, document, [] if any(problem.key == "runtime" for problem in problems) else problems)
    # `config: some/folder` is the spelling that stackConfigDir replaced; the CLI still reads it.
    folder = document.get("stackConfigDir") or document.get("config")
    stack_dir = _resolve(root, folder) if isinstance(folder, str) else root.resolve()
    for key, value, path in (("main", document.get("main"), main), ("stackConfigDir", folder, stack_dir)):
        if not any(path.is_relative_to(repository.resolve()) for repository in list_repositories(root)):
            problems.append(Problem(key, value, "it leads out of the repository, to files of others"))
    if any_language:
        problems = [problem for problem in problems if problem.key not in ("runtime", "main")]
    if problems:
        raise StackFileError(file.name, problems)
    return Project(
        name=name,
        root=root.resolve(),
        main=main,
        stack_dir=stack_dir,
        virtualenv=_find_virtualenv(root.resolve(), runtime),
        options=runtime,
        document=document,
        declarations=declarations,
        answers=read_answers(root, name),
    )


def _resolve(root: Path, name: str) -> Path:
    """A path without links, but for those of a circle, from which `Path.resolve` finds no way."""
    return Path(os.path.realpath(root / name))


def _read_runtime(document: Mapping[str, Any], problems: list[Problem]) -> Mapping[str, Any]:
    """The options of the program's runtime, which must be Python's."""
    runtime = document.get("runtime")
    language, options = (runtime.get("name"), runtime.get("options")) if isinstance(runtime, dict) else (runtime, None)
    if language != "python":
        remedy = "the review runs Python programs; for others, --plan reads what `pulumi preview` printed"
        problems.append(Problem("runtime", language, remedy))
    return options if isinstance(options, dict) else {}


def _find_main(root: Path, document: Mapping[str, Any], problems: list[Problem]) -> Path:
    given = document.get("main")
    target = _resolve(root, str(given or "."))
    main = target / "__main__.py" if target.is_dir() else target
    if not main.is_file():
        problems.append(Problem("main", given or ".", f"there is no {main.name} there to run"))
    return main


def _find_virtualenv(root: Path, options: Mapping[str, Any]) -> Path | None:
    named = options.get("virtualenv")
    candidates = [*([str(named)] if named else []), "venv", ".venv"]
    # As the CLI does: a member of a workspace has the environment of the whole.
    for mark in _MARKS.get(str(options.get("toolchain")), ()):
        candidates += [str(folder / ".venv") for folder in root.parents if (folder / mark).is_file()][:1]
    folders = (Path(os.path.normpath(root / folder)) for folder in candidates)
    return next((folder for folder in folders if (folder / "bin" / "python").exists()), None)


def _read_declarations(document: Mapping[str, Any], project: str, problems: list[Problem]) -> dict[str, Declaration]:
    config = document.get("config")
    if isinstance(config, str) and document.get("stackConfigDir"):
        problems.append(Problem("config", config, "stackConfigDir sets the same; keep that one"))
    if config is not None and not isinstance(config, str | dict):
        problems.append(Problem("config", config, "want a mapping of config keys"))
    declarations = (_read_declaration(str(key), entry, project, problems) for key, entry in as_mapping(config).items())
    return {declaration.key: declaration for declaration in declarations}


def _read_declaration(key: str, declared: Any, project: str, problems: list[Problem]) -> Declaration:
    own = ":" not in key or key.partition(":")[0] == project
    if isinstance(declared, float):
        problems.append(Problem(f"config.{key}", declared, "quote a number with a fraction: it has no config type"))
    entry = declared if isinstance(declared, dict) else {"value": declared}
    for attribute in entry.keys() - _ATTRIBUTES:
        allowed = ", ".join(sorted(_ATTRIBUTES))
        problems.append(Problem(f"config.{key}.{attribute}", entry[attribute], f"unknown attribute; known: {allowed}"))
    if not own and entry.keys() & {"type", "default", "items"}:
        remedy = "a key of another namespace may have a 'value' only"
        problems.append(Problem(f"config.{key}", sorted(map(str, entry)), remedy))
    kind = entry.get("type", "")
    if kind and kind not in TYPES:
        problems.append(Problem(f"config.{key}.type", kind, f"want one of {', '.join(TYPES)}"))
    if kind == "array" and not isinstance(entry.get("items"), dict):
        problems.append(Problem(f"config.{key}.items", entry.get("items"), "an array declares its items"))
    value = entry.get("value") if entry.get("value") is not None else entry.get("default")
    return Declaration(
        key=key if ":" in key else f"{project}:{key}",
        type=str(kind),
        items=as_mapping(entry.get("items")),
        secret=entry.get("secret") is True,
        default=value,
        required=own and value is None,
    )
