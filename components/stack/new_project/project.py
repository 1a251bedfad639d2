"""The project around a stack file: the folder `template`, which `pulumi new` and a plain copy use as well."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ...facts.version import REPOSITORY, VERSION

TEMPLATE: Final = Path(__file__).parents[1] / "template"
_CLONE: Final = Path(__file__).resolve().parents[3]
_PLACEHOLDER: Final = "/".join(("OWNER", "REPOSITORY"))
_GITHUB: Final = re.compile(r"github\.com[:/]([\w.-]+/[\w-]+(?:\.(?!git$)[\w-]+)*)")
_STACK_FILE: Final = re.compile(r"Pulumi\..+\.yaml")
# What `pulumi new` reads, and takes out of the project it writes.
_TEMPLATE_PART: Final = re.compile(r"^template:\n(?:[ \t].*\n)*", re.MULTILINE)


def render_files(folder: Path, stack: str) -> dict[str, str]:
    """Texts of a new project's files by their paths, its stack file left out. None if the folder has a project."""
    if (folder / "Pulumi.yaml").exists():
        return {}
    texts = {}
    for path in sorted(TEMPLATE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and not _STACK_FILE.fullmatch(path.name):
            texts[path.relative_to(TEMPLATE).as_posix()] = path.read_text(encoding="utf-8")
    texts["Pulumi.yaml"] = _name_project(texts["Pulumi.yaml"], folder)
    # The template's own stack is dev.
    texts["README.md"] = re.sub(r"(?<![-\w])dev(?!\w)", stack, texts["README.md"])
    # An installed package is below the repository of whoever installed it.
    if REPOSITORY != _PLACEHOLDER or not (_CLONE / ".git").exists():
        return texts
    remote, commit = _ask_git("remote", "get-url", "origin"), _ask_git("rev-parse", "HEAD")
    return {path: replace_repository(text, remote, commit, _CLONE) for path, text in texts.items()}


def replace_repository(text: str, remote: str, commit: str, clone: Path) -> str:
    """Returns a text with this clone in place of the repository, which is named in the first release.

    That is its remote repository at GitHub, by its commit. Without one, requirements name the folder of the clone.
    """
    at_github = _GITHUB.search(remote)
    if at_github and commit:
        text = text.replace(f"{_PLACEHOLDER}/blob/v{VERSION}", f"{at_github[1]}/blob/{commit}")
        return text.replace(f"{_PLACEHOLDER}@v{VERSION}", f"{at_github[1]}@{commit}").replace(
            _PLACEHOLDER, at_github[1]
        )
    package = f"git+https://github.com/{_PLACEHOLDER}@v{VERSION}"
    text = text.replace(f"{package}#subdirectory=review", (clone / "review").as_uri())
    return text.replace(package, clone.as_uri())


def _ask_git(*arguments: str) -> str:
    """What git says of this clone. Empty if it is none."""
    command = ["git", "-C", str(_CLONE), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    except OSError:
        return ""


def _name_project(text: str, folder: Path) -> str:
    """Pulumi.yaml for a project with the folder's name. https://www.pulumi.com/docs/iac/concepts/projects/"""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", folder.resolve().name).strip("-") or "private-backend"
    return re.sub(r"^name: .*$", f"name: {name}", _TEMPLATE_PART.sub("", text), count=1, flags=re.MULTILINE)


def find_obstacles(folder: Path, texts: Mapping[str, str]) -> Iterator[str]:
    """Reasons why the files cannot be written."""
    if not folder.is_dir():
        yield f"--project: got {str(folder)!r}; a folder that exists: make it first"
    for path in texts:
        if (folder / path).exists():
            yield f"{path} exists, and Pulumi.yaml does not: take an empty folder, or one that has a project"


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the files."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
