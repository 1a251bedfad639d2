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

_PACKAGES: Final = ("requirements.txt", "requirements.lock", "pyproject.toml", "uv.lock", "poetry.lock")
_OF_PYPROJECT: Final = ("project", "build-system", "dependency-groups", "tool.uv", "tool.poetry")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+(?:\[[^]]*\])?")
_CONTINUED: Final = re.compile(r"\\\n\s*")


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
    packages = {
        str(path.relative_to(project.root)) if path.is_relative_to(project.root) else path.name: _read_packages(path)
        for path in (folder / name for folder in folders for name in _PACKAGES)
        if path.is_file()
    }
    return ProjectTexts(project=project.document, stack=stack.document, packages=packages, program=found)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _read_packages(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.name in ("requirements.txt", "requirements.lock"):
        return dict(_list_requirements(text))
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
