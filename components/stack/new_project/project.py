"""The project around a stack file: the folder `template`, which `pulumi new` and a plain copy use as well."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from .source import PLACEHOLDER, Source, ask_git, show_changes

TEMPLATE: Final = Path(__file__).parents[1] / "template"
_STACK_FILE: Final = re.compile(r"Pulumi\..+\.yaml")
# What `pulumi new` reads, and takes out of the project it writes.
_TEMPLATE_PART: Final = re.compile(r"^template:\n(?:[ \t].*\n)*", re.MULTILINE)
_LINK: Final = re.compile(rf"\[([^\]]+)\]\(https://github\.com/{PLACEHOLDER}(?:/blob/v[\d.]+/([^)]*))?\)")
_REQUIREMENT: Final = re.compile(
    r"^(?:# Gatehouse \d.*\n)?(?:\./wheels/)?gatehouse(?P<review>[-_]review)?(?:\[[\w,]+\])?(?: @ |-\d).*$",
    re.MULTILINE,
)
_COMMIT: Final = re.compile(r"commit ([0-9a-f]{40})|@([0-9a-f]{40})\b")
_LOCKED: Final = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(?:==| @ )(?:.*\\\n)*.*\n?", re.MULTILINE)
_OF_GATEHOUSE: Final = ("gatehouse", "gatehouse-review")
_REQUIREMENTS: Final = ("requirements.txt", "requirements-dev.txt")


class RenewalError(Exception):
    """A reason why a project cannot take another version of Gatehouse."""


_SCHEMA: Final = "stack.schema.json"
_REVIEWS: Final = re.compile(r"^`\.github/workflows.*?: delete.*?\.(?=\s)", re.MULTILINE | re.DOTALL)
FORGES: Final = {
    "github": (".gitlab-ci.yml", "`.github/workflows/gatehouse.yml` reviews pull requests."),
    "gitlab": (".github/", "`.gitlab-ci.yml` reviews merge requests."),
}
"""What the project of a forge leaves out, and what its README says of the other."""


def find_schema(folder: Path) -> str:
    """The schema of stack files in a project, by its path there. Empty if it has none."""
    return next((name for name in (_SCHEMA, f"docs/{_SCHEMA}") if (folder / name).exists()), "")


def find_forge(folder: Path) -> str:
    """The forge at which the repository around a folder has its origin: GitHub's, unless the origin names GitLab."""
    return "gitlab" if "gitlab" in ask_git(folder, "remote", "get-url", "origin").lower() else "github"


def render_files(folder: Path, stack: str, source: Source | None, forge: str = "github") -> dict[str, str]:
    """Texts of a new project's files by their paths, its stack file left out. None if the folder has a project."""
    left_out, reviews = FORGES[forge]
    if (folder / "Pulumi.yaml").exists():
        return {}
    texts = {}
    for path in sorted(TEMPLATE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc" and not _STACK_FILE.fullmatch(path.name):
            texts[path.relative_to(TEMPLATE).as_posix()] = path.read_text(encoding="utf-8")
    texts = {name: text for name, text in texts.items() if not name.startswith(left_out)}
    texts["Pulumi.yaml"] = _name_project(texts["Pulumi.yaml"], folder)
    # The template's own stack is dev.
    readme = re.sub(r"(?<![-\w])dev(?!\w)", stack, texts["README.md"])
    texts["README.md"] = _REVIEWS.sub(reviews, readme)
    if source is None:
        return texts
    texts["README.md"] = _LINK.sub(lambda match: _link(match, source.documents), texts["README.md"])
    for name in _REQUIREMENTS:
        texts[name] = _replace_requirements(texts[name], source)
    texts["requirements.lock"] = _merge_locks(texts["requirements.lock"], "", source)
    return texts


def _link(match: re.Match[str], documents: str) -> str:
    """A link into the repository; without an address, the path in a clone."""
    if documents:
        return (
            f"[{match[1]}]({documents}/{match[2]})" if match[2] else f"[{match[1]}]({documents.partition('/blob/')[0]})"
        )
    if not match[2]:
        return match[1]
    place = f"`gatehouse docs {Path(match[2]).stem}`"
    return place if match[1] == match[2] else f"{match[1]} ({place})"


def _replace_requirements(text: str, source: Source) -> str:
    """The text of a file of requirements with the lines of the source in place of those of another one."""

    def replace(match: re.Match[str]) -> str:
        return source.requirements[1] if match["review"] else f"{source.note}\n{source.requirements[0]}"

    return _REQUIREMENT.sub(replace, text)


def _merge_locks(template: str, own: str, source: Source) -> str:
    """The template's lock with the packages that only the project's own has, and the lines of the wheels."""
    ours = {match["name"]: match[0] for match in _LOCKED.finditer(template)}
    others = {match["name"]: match[0] for match in _LOCKED.finditer(own) if match["name"] not in ours}
    kept = {name: text for name, text in others.items() if name not in _OF_GATEHOUSE}
    head = template[: template.index(next(iter(ours)))]
    return "".join([head, *(text for _, text in sorted({**ours, **kept}.items())), *source.list_locked()])


def names_gatehouse(folder: Path) -> bool:
    """True if the program or the requirements of a project mention Gatehouse, or the project is a clone of it."""
    files = (path for pattern in ("*.py", "*.txt", "*.toml") for path in folder.glob(pattern))
    return any("gatehouse" in path.read_text(encoding="utf-8", errors="replace") for path in files)


def renew_project(folder: Path, source: Source | None) -> tuple[list[str], str]:
    """Put another Gatehouse into a project. Returns the files that changed, and what is new. Raises RenewalError."""
    if source is None:
        raise RenewalError("a published version is named in requirements.txt: write the new one there")
    texts = {name: _read(folder / name) for name in (*_REQUIREMENTS, "requirements.lock")}
    for name in _REQUIREMENTS:
        if not _REQUIREMENT.search(texts[name]):
            raise RenewalError(f"{name} has no line of Gatehouse: add {source.requirements[name != _REQUIREMENTS[0]]}")
    found = _COMMIT.search(texts["requirements.txt"])
    earlier = next(filter(None, found.groups()), "") if found else ""
    new = {name: _replace_requirements(texts[name], source) for name in _REQUIREMENTS}
    new["requirements.lock"] = _merge_locks(_read(TEMPLATE / "requirements.lock"), texts["requirements.lock"], source)
    new |= {name: _read(TEMPLATE / name) for name in (".pulumi.version", _SCHEMA)}
    for wheel in (folder / "wheels").glob("gatehouse*.whl"):
        if wheel.name not in source.wheels:
            wheel.unlink()
    write_files(folder, new, source)
    return [*new, *(f"wheels/{name}" for name in source.wheels)], show_changes(earlier)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RenewalError(f"{path}: {error.strerror}; --renew needs a project that `new` wrote") from error


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


def write_files(folder: Path, texts: Mapping[str, str], source: Source | None) -> None:
    """Write the files, and the wheels of the source if the project is a new one."""
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for name, content in (source.wheels if source and texts else {}).items():
        (folder / "wheels").mkdir(exist_ok=True)
        (folder / "wheels" / name).write_bytes(content)
