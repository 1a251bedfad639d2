"""Build a release: `make release`. Refuses a tree that is dirty or red.

It moves the entries under Unreleased in the changelog to the version, with the date and notes on upgrading, builds the
two wheels into dist/, and prints which tag to push. It commits and pushes nothing. With `--repository owner/name` it
only writes this name into the documents, to be committed before the release.
"""

import argparse
import datetime
import shutil
import subprocess
import sys
from pathlib import Path

from components.facts.version import REPOSITORY, VERSION

ROOT = Path(__file__).parents[1]
PLACEHOLDER = "/".join(("OWNER", "REPOSITORY"))
UNRELEASED = "## [Unreleased]\n"
NOTHING_YET = "\nNothing has been released yet. This section describes what the first release will contain.\n"
"""What the changelog says until the first release."""
DISTRIBUTIONS = (".", "review")
"""Folders of the distributions `gatehouse` and `gatehouse-review`."""
WHEEL = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist")
URNS = "tests/package/urns.txt"
"""Names of the resources of every stack file: a line for each type, with its names."""


class ReleaseError(Exception):
    """A reason why this tree is no release."""


def main() -> int:
    """Write the changelog's section and build the distributions. Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", metavar="OWNER/NAME", help="write this name into the documents, and end")
    repository = parser.parse_args().repository
    if repository is not None:
        named = _output("git", "ls-files", "*.md", "template", "components/facts/version.py").splitlines()
        changed = fill_in(repository, named, ROOT)
        print(f"{repository} is in {', '.join(changed)}; next: make docs check, and commit")
        return 0
    changelog = ROOT / "CHANGELOG.md"
    try:
        check_tree()
        check_repository(REPOSITORY)
        text = released(changelog.read_text(encoding="utf-8"), datetime.datetime.now(datetime.UTC).date(), upgrade())
        _run("make", "check")
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        for folder in DISTRIBUTIONS:
            _run(sys.executable, "-m", "pip", *WHEEL, f"./{folder}")
    except ReleaseError as reason:
        print(f"no release: {reason}", file=sys.stderr)
        return 1
    changelog.write_text(text, encoding="utf-8")
    built = ", ".join(sorted(path.name for path in (ROOT / "dist").iterdir()))
    print(
        f"built {built}, and wrote CHANGELOG.md: read it, and commit it\n"
        f"next: git tag --sign v{VERSION} && git push origin HEAD v{VERSION}, then upload dist/"
    )
    return 0


def check_tree() -> None:
    """Raises ReleaseError if a file differs from the last commit, or the version is tagged already."""
    if changed := _output("git", "status", "--porcelain"):
        raise ReleaseError(f"commit or remove these first:\n{changed}")
    if _output("git", "tag", "--list", f"v{VERSION}"):
        raise ReleaseError(f"v{VERSION} is tagged already: raise VERSION in components/facts/version.py")


def check_repository(name: str) -> None:
    """Raises ReleaseError if the project's address is not filled in."""
    if name == PLACEHOLDER:
        raise ReleaseError('name the repository first: make release ARGS="--repository owner/name"')


def fill_in(name: str, files: list[str], root: Path) -> list[str]:
    """Put another name in the place of the present one. Returns the files that had it."""
    holding = [file for file in files if REPOSITORY in (root / file).read_text(encoding="utf-8")]
    for file in holding:
        text = (root / file).read_text(encoding="utf-8")
        (root / file).write_text(text.replace(REPOSITORY, name), encoding="utf-8")
    return holding


def upgrade() -> str:
    """Notes on the upgrade from the latest tag: the versions to name, and the resources that were renamed."""
    latest = next(iter(_output("git", "tag", "--list", "v*", "--sort=-version:refname").splitlines()), "")
    if not latest:
        return "This is the first release: there is nothing to upgrade."
    current = _urns((ROOT / URNS).read_text(encoding="utf-8"))
    lost = sorted(_urns(_output("git", "show", f"{latest}:{URNS}")) - current)
    lines = [f"Replace `{latest}` by `v{VERSION}` where your program names the version, and run `pulumi preview`.\n"]
    lines += [f"- `{urn}` was renamed or is no longer declared." for urn in lost]
    return "\n".join(lines if lost else [*lines, "No resource of the stack files was renamed."])


def _urns(text: str) -> set[str]:
    lines = [line.split() for line in text.splitlines()]
    return {f"{kind}::{name}" for kind, *names in lines for name in names}


def released(text: str, date: datetime.date, notes: str) -> str:
    """The changelog with the entries under Unreleased as this version's. Raises ReleaseError if there are none."""
    before, heading, rest = text.partition(UNRELEASED)
    entries, earlier, older = rest.partition("\n## [")
    entries = entries.replace(NOTHING_YET, "", 1).strip("\n")
    if not heading or "\n- " not in entries:
        raise ReleaseError("CHANGELOG.md has no entry under Unreleased")
    section = f"## [{VERSION}] - {date.isoformat()}\n\n### Upgrading\n\n{notes}\n\n{entries}\n"
    return f"{before}{heading}\n{section}{earlier}{older}"


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise ReleaseError(f"{' '.join(command)} failed")


if __name__ == "__main__":
    sys.exit(main())
