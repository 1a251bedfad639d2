"""A release: the tool refuses what is none, and the wheel that it builds works in a clean environment."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from components.facts.version import REPOSITORY, VERSION
from review.tests.helpers.stacks import ROOT
from tools import release

CHANGELOG = f"# Changelog\n\n{release.UNRELEASED}{release.NOTHING_YET}\n### Added\n\n- A component.\n"


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@x.invalid", "-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the distributions in a repository of its own, whose check passes at once."""
    folder = tmp_path / "a copy"
    folder.mkdir()
    for name in ("components", "handlers", "review", "pyproject.toml", "README.md", "LICENSE"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "Makefile").write_text("check:\n\t@true\n")
    (folder / ".gitignore").write_text("dist/\n")
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    urns = folder / release.URNS
    urns.parent.mkdir(parents=True)
    urns.write_text("aws:s3 one other\n")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "All")
    monkeypatch.setattr(release, "ROOT", folder)
    monkeypatch.setattr(release, "REPOSITORY", "you/gate")
    monkeypatch.setattr(sys, "argv", ["release"])
    return folder


@pytest.mark.slow
def test_a_release_dates_the_changelog_and_builds_two_wheels(copy: Path) -> None:
    assert release.main() == 0
    text = (copy / "CHANGELOG.md").read_text()
    assert re.search(rf"## \[Unreleased\]\n\n## \[{re.escape(VERSION)}\] - \d{{4}}-\d\d-\d\d\n\n### Upgrading\n", text)
    assert "Nothing has been released yet" not in text
    assert sorted(path.name.split("-")[0] for path in (copy / "dist").iterdir()) == ["gatehouse", "gatehouse_review"]


@pytest.mark.parametrize(
    ("file", "text", "commit", "reason"),
    [
        ("CHANGELOG.md", "changed", False, "commit or remove"),
        ("new", "", False, "commit or remove"),
        ("Makefile", "check:\n\t@false\n", True, "make check failed"),
        ("CHANGELOG.md", "# Changelog\n", True, "no entry"),
        ("CHANGELOG.md", CHANGELOG.replace("- A component.\n", ""), True, "no entry under Unreleased"),
    ],
)
def test_a_dirty_or_red_tree_is_refused_and_left_as_it_is(
    copy: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, commit: bool, reason: str
) -> None:
    (copy / file).write_text(text)
    if commit:
        git(copy, "commit", "--quiet", "--all", "--message", "Change")
    changelog = (copy / "CHANGELOG.md").read_text()
    assert release.main() == 1
    assert reason in capsys.readouterr().err
    assert ((copy / "CHANGELOG.md").read_text(), (copy / "dist").exists()) == (changelog, False)


def test_resources_that_were_renamed_are_named_and_a_tagged_version_is_refused(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    git(copy, "tag", "v0.0.1")
    assert release.upgrade().endswith("No resource of the stack files was renamed.")
    (copy / release.URNS).write_text("aws:s3 another one\n")
    assert release.upgrade().endswith("\n- `aws:s3::other` was renamed or is no longer declared.")
    (copy / release.URNS).write_text("aws:s3 one other\n")
    git(copy, "tag", f"v{VERSION}")
    assert release.main() == 1
    assert "raise VERSION" in capsys.readouterr().err


def test_the_repository_is_named_in_one_place_and_a_release_fills_it_in(tmp_path: Path) -> None:
    files = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = [file for file in files.splitlines() if REPOSITORY in (ROOT / file).read_text(encoding="utf-8")]
    assert "docs/library.md" in named
    for file in named:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text((ROOT / file).read_text(encoding="utf-8"), encoding="utf-8")
    assert release.fill_in("you/gate", named, tmp_path) == named
    assert "git+https://github.com/you/gate@" in (tmp_path / "docs" / "library.md").read_text(encoding="utf-8")
    with pytest.raises(release.ReleaseError, match="name the repository first"):
        release.check_repository(release.PLACEHOLDER)
    release.check_repository("you/gate")
