"""Build a release: `make release`. Refuses a tree that is dirty, red or without a section in the changelog.

It builds the wheel and the source distribution into dist/, and prints which tag to push. It pushes nothing. With
`--repository owner/name` it only writes this name into the documents, to be committed before the release.
"""

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from facts.version import REPOSITORY, VERSION

ROOT = Path(__file__).parents[2]
PLACEHOLDER = "/".join(("OWNER", "REPOSITORY"))


class ReleaseError(Exception):
    """A reason why this tree is no release."""


def main() -> int:
    """Build the distributions. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", metavar="OWNER/NAME", help="write this name into the documents, and end")
    repository = parser.parse_args().repository
    if repository is not None:
        changed = fill_in(repository, _output("git", "ls-files", "*.md", "facts/version.py").splitlines(), ROOT)
        print(f"{repository} is in {', '.join(changed)}; next: make docs check, and commit")
        return 0
    try:
        check_tree()
        check_repository(REPOSITORY)
        check_changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
        _run("make", "check")
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        _run(sys.executable, "-m", "build", "--outdir", "dist", ".")
    except ReleaseError as reason:
        print(f"no release: {reason}", file=sys.stderr)
        return 1
    built = ", ".join(sorted(path.name for path in (ROOT / "dist").iterdir()))
    print(f"built {built}\nnext: git tag --sign v{VERSION} && git push origin v{VERSION}, then upload dist/")
    return 0


def check_tree() -> None:
    """Raises ReleaseError if a file differs from the last commit, or the version is tagged already."""
    if changed := _output("git", "status", "--porcelain"):
        raise ReleaseError(f"commit or remove these first:\n{changed}")
    if _output("git", "tag", "--list", f"v{VERSION}"):
        raise ReleaseError(f"v{VERSION} is tagged already: raise VERSION in facts/version.py")


def check_repository(name: str) -> None:
    """Raises ReleaseError if the project's address is not filled in."""
    if name == PLACEHOLDER:
        raise ReleaseError('name the repository first: make release ARGS="--repository owner/name"')


def fill_in(name: str, files: list[str], root: Path) -> list[str]:
    """Put another name in the place of the present one. Returns the files that had it."""
    found = [file for file in files if REPOSITORY in (root / file).read_text(encoding="utf-8")]
    for file in found:
        text = (root / file).read_text(encoding="utf-8")
        (root / file).write_text(text.replace(REPOSITORY, name), encoding="utf-8")
    return found


def check_changelog(text: str) -> None:
    """Raises ReleaseError unless the changelog's newest release is this version, with a date and nothing unreleased."""
    unreleased, _, rest = text.partition("## [Unreleased]")[2].partition("\n## [")
    if unreleased.strip():
        raise ReleaseError("move the entries under Unreleased in CHANGELOG.md into the release's section")
    if not re.match(rf"{re.escape(VERSION)}\] - \d{{4}}-\d\d-\d\d\n", rest):
        raise ReleaseError(f"CHANGELOG.md has no section [{VERSION}] with a date")


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise ReleaseError(f"{' '.join(command)} failed")


if __name__ == "__main__":
    sys.exit(main())
