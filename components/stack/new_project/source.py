"""Where a new project takes Gatehouse from: a commit of a Git repository, or two wheels in its own folder."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import unquote, urlsplit

from ...facts.version import REPOSITORY, VERSION
from .wheels import BuildError, build_wheels

PLACEHOLDER: Final = "/".join(("OWNER", "REPOSITORY"))
"""Stands in the documents for the repository until the first release."""
EXTRAS: Final = "[try,verify]"
_CLONE: Final = Path(__file__).resolve().parents[3]
_PACKAGED: Final = ("components", "docs", "handlers", "review", "template", "pyproject.toml", "LICENSE", "README.md")
_SSH: Final = re.compile(r"(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>[^/].*)")
_DISTRIBUTIONS: Final = ("gatehouse", "gatehouse-review")


class SourceError(Exception):
    """There is nothing that a new project could install Gatehouse from."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Lines of requirements, and the files that they name."""

    requirements: tuple[str, str]
    """Lines for `gatehouse` and `gatehouse-review`."""
    commit: str = ""
    """Commit that they are of; empty if it is not known."""
    documents: str = ""
    """Address of the documents; empty if they are in a clone only."""
    wheels: Mapping[str, bytes] = field(default_factory=dict)
    """Contents by file name."""

    @property
    def note(self) -> str:
        """A line for requirements.txt."""
        commit = f", commit {self.commit}" if self.commit else ""
        place = "; the folder wheels has it" if self.wheels else ""
        return f"# Gatehouse {VERSION}{commit}{place}. `make new` of a newer clone replaces it with --renew."

    def list_locked(self) -> Iterator[str]:
        """Lines of the lock, by which uv checks the wheels."""
        for name, content in self.wheels.items():
            distribution = name.partition("-")[0].replace("_", "-")
            yield f"{distribution} @ ./wheels/{name} \\\n    --hash=sha256:{hashlib.sha256(content).hexdigest()}\n"


def find_source(*, wheels: bool = False) -> Source | None:
    """Returns where this Gatehouse came from; None if the template names its published address already.

    A clone is named by the repository at its origin, if that has the commit. Otherwise, and with `wheels`, the project
    gets wheels. Raises SourceError.
    """
    if (_CLONE / "pyproject.toml").exists() and (_CLONE / "review").is_dir():
        return _find_source_of_clone(_CLONE, wheels=wheels)
    if REPOSITORY != PLACEHOLDER and not wheels:
        return None
    return _find_source_of_package(wheels=wheels)


def _find_source_of_clone(clone: Path, *, wheels: bool) -> Source | None:
    commit = ask_git(clone, "rev-parse", "HEAD")
    unchanged = commit and not ask_git(clone, "status", "--porcelain", "--", *_PACKAGED)
    pushed = unchanged and ask_git(clone, "branch", "--remotes", "--contains", "HEAD")
    address = normalize_remote(ask_git(clone, "remote", "get-url", "origin"))
    if pushed and address and not wheels:
        return name_commit(address, commit)
    digest = commit[:12] if unchanged else _hash_files(clone)
    suffix = f"+g{digest}" if unchanged else f"+d{digest}"
    try:
        with TemporaryDirectory(prefix="gatehouse-wheels-") as folder:
            built = build_wheels(clone, f"{VERSION}{suffix}", Path(folder))
    except BuildError as error:
        raise SourceError(str(error)) from error
    return name_wheels(built, commit if unchanged else "")


def _find_source_of_package(*, wheels: bool) -> Source | None:
    """Where pip or uv installed this package from. https://packaging.python.org/en/latest/specifications/direct-url/"""
    origins = [json.loads(metadata.distribution(name).read_text("direct_url.json") or "{}") for name in _DISTRIBUTIONS]
    if "vcs_info" in origins[0] and not wheels:
        return name_commit(f"git+{origins[0]['url']}", origins[0]["vcs_info"]["commit_id"])
    paths = [Path(unquote(urlsplit(origin.get("url", "")).path)) for origin in origins]
    if "dir_info" in origins[0] and (paths[0] / "pyproject.toml").exists():
        return _find_source_of_clone(paths[0], wheels=wheels)
    if all(path.suffix == ".whl" and path.exists() for path in paths):
        return name_wheels({path.name: path.read_bytes() for path in paths}, "")
    raise SourceError(
        "this installation of Gatehouse does not say where it came from: run `make new` in a clone of Gatehouse, or "
        "install its two wheels from files, which a new project then gets too"
    )


def normalize_remote(remote: str) -> str:
    """The address of a remote repository for pip and uv, without a password. Empty for a path of this machine."""
    remote = remote.strip().removesuffix("/").removesuffix(".git")
    if match := _SSH.fullmatch(remote):
        host = match["host"]
        # GitHub serves public repositories without a key.
        if host == "github.com":
            return f"git+https://github.com/{match['path']}"
        return f"git+ssh://{match['user']}@{host}/{match['path']}"
    parts = urlsplit(remote)
    if parts.scheme == "ssh" and parts.hostname:
        if parts.hostname == "github.com":
            return f"git+https://github.com{parts.path}"
        port = f":{parts.port}" if parts.port else ""
        return f"git+ssh://{parts.username or 'git'}@{parts.hostname}{port}{parts.path}"
    if parts.scheme == "https" and parts.hostname:
        return f"git+https://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    return ""


def name_commit(address: str, commit: str) -> Source:
    """The source that is a commit of a repository."""
    program = f"gatehouse @ {address}@{commit}"
    review = f"gatehouse-review{EXTRAS} @ {address}@{commit}#subdirectory=review"
    web = address.removeprefix("git+")
    documents = f"{web}/blob/{commit}" if web.startswith("https://") else ""
    return Source(requirements=(program, review), commit=commit, documents=documents)


def name_wheels(wheels: Mapping[str, bytes], commit: str) -> Source:
    """The source that is two wheels, by their file names."""
    program, review = sorted(wheels, key=lambda name: name.startswith("gatehouse_review"))
    return Source(requirements=(f"./wheels/{program}", f"./wheels/{review}{EXTRAS}"), commit=commit, wheels=wheels)


def _hash_files(clone: Path) -> str:
    digest = hashlib.sha256()
    for name in ("components", "handlers", "review", "template"):
        for path in sorted((clone / name).rglob("*.*")):
            if path.is_file() and "__pycache__" not in path.parts and "tests" not in path.parts:
                digest.update(path.relative_to(clone).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def ask_git(clone: Path, *arguments: str) -> str:
    """What git says of a clone. Empty if it is none."""
    command = ["git", "-C", str(clone), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
    except OSError:
        return ""


def show_changes(earlier: str) -> str:
    """The lines of the changelog that came between an earlier commit and this clone's files."""
    now = (_CLONE / "CHANGELOG.md").read_text(encoding="utf-8") if (_CLONE / "CHANGELOG.md").exists() else ""
    before = ask_git(_CLONE, "show", f"{earlier}:CHANGELOG.md") if earlier else ""
    if not before:
        return f"This clone does not know the commit {earlier or 'of the project'}: read its CHANGELOG.md."
    known = {*before.splitlines()}
    added = [line for line in now.splitlines() if line not in known]
    return "\n".join(["The changelog since then:", *added]) if added else "The changelog has nothing new since then."
