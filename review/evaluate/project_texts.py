"""Files that decide about a deployment beside the resources: Pulumi.yaml, stack file, packages, program."""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .project_file import Project
from .stack_file import Stack

_PACKAGES: Final = (
    *("requirements.txt", "requirements.lock", "pyproject.toml"),
    *("uv.lock", "uv.toml", "poetry.lock", "poetry.toml"),
)
_OF_PYPROJECT: Final = ("project", "build-system", "dependency-groups", "tool.uv", "tool.poetry")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+(?:\[[^]]*\])?")
_CONTINUED: Final = re.compile(r"\\\n\s*")
_INCLUDED: Final = re.compile(r"(?:-r|-c|--requirement|--constraint)(?:\s+|=)?(\S+)")
"""A line of pip's format that names another such file."""


@dataclass(frozen=True, kw_only=True)
class ProjectTexts:
    """Files of one version of a project, read for a comparison."""

    project: Mapping[str, Any]
    """Pulumi.yaml."""
    stack: Mapping[str, Any]
    """The stack file without its config."""
    packages: Mapping[str, Any]
    """By file, what it says of each package."""
    program: Mapping[str, str]
    """A digest of each Python file of the project that the program imported."""


def read_project_texts(project: Project, stack: Stack, files: Iterable[str]) -> ProjectTexts:
    """Returns the files of a project. `files` are those that its program imported, relative to its folder."""
    main = project.main.relative_to(project.root) if project.main.is_relative_to(project.root) else project.main
    texts = {*files, str(main)}
    found = {name: _digest(project.root / name) for name in sorted(texts)}
    folders = dict.fromkeys((project.root, project.program))
    named = [path for path in (folder / name for folder in folders for name in _PACKAGES) if path.is_file()]
    packages = {
        str(path.relative_to(project.root)) if path.is_relative_to(project.root) else path.name: _read_packages(path)
        for path in _add_included(named)
    }
    return ProjectTexts(project=project.document, stack=stack.document, packages=packages, program=found)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _add_included(paths: Iterable[Path]) -> list[Path]:
    """The files with those that they include, each once."""
    found = dict.fromkeys(path.resolve() for path in paths)
    waiting = [*found]
    while waiting:
        path = waiting.pop()
        for label, _ in (
            _list_requirements(path.read_text(encoding="utf-8", errors="replace")) if _is_pips(path) else ()
        ):
            included = _INCLUDED.match(label)
            other = (path.parent / included[1]).resolve() if included else path
            if other not in found and other.is_file():
                found[other] = None
                waiting.append(other)
    return [*found]


def _is_pips(path: Path) -> bool:
    return path.suffix not in (".toml", ".lock") or path.name == "requirements.lock"


def _read_packages(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if _is_pips(path):
        lines: dict[str, list[str]] = {}
        for label, rest in _list_requirements(text):
            lines.setdefault(label, []).append(rest)
        return {label: " or ".join(rests) for label, rests in lines.items()}
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {"text": text.splitlines()}
    if path.name != "pyproject.toml":
        return document
    tools = {f"tool.{name}": part for name, part in document.get("tool", {}).items()}
    parts = {**document, **tools}
    return {name: parts[name] for name in _OF_PYPROJECT if name in parts}


def _list_requirements(text: str) -> Iterator[tuple[str, str]]:
    """Each line of pip's format by its package or option, without comments."""
    for line in _CONTINUED.sub(" ", text).splitlines():
        plain = re.sub(r"(^|\s)#.*", "", line).strip()
        if plain:
            name = _NAME.match(plain)
            label = name[0] if name and not plain.startswith("-") else plain
            yield label, plain.removeprefix(label).strip()
