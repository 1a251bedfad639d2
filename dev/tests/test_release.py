"""A release: the tool refuses what is none, and the wheel that it builds works in a clean environment."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from dev.tools import release
from facts.version import REPOSITORY, VERSION
from tests.stacks import ROOT

NEWEST = f"# Changelog\n\n## [Unreleased]\n\n## [{VERSION}] - 2030-01-02\n\n### Added\n"


def test_a_changelog_must_have_the_version_and_nothing_unreleased() -> None:
    release.check_changelog(NEWEST)
    for wrong, reason in (
        (NEWEST.replace("[Unreleased]\n", "[Unreleased]\n\n- a change\n"), "under Unreleased"),
        (NEWEST.replace(VERSION, "9.9.9"), "no section"),
        (NEWEST.replace(" - 2030-01-02", ""), "no section"),
    ):
        with pytest.raises(release.ReleaseError, match=reason):
            release.check_changelog(wrong)


def test_a_dirty_tree_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(release, "ROOT", tmp_path)
    with pytest.raises(release.ReleaseError, match="file"):
        release.check_tree()


@pytest.mark.xdist_group("installed")
def test_the_installed_command_starts_without_the_components(installed: Path, tmp_path: Path) -> None:
    """An environment of its own sees the command's dependencies, and neither pulumi-aws nor this checkout."""
    home = tmp_path / "clean"
    venv.create(home, symlinks=True)
    program = (
        "import sys; sys.modules['pulumi_aws'] = sys.modules['boto3'] = None;"
        "from gatehouse_review.cli.gatehouse import main; sys.argv = ['gatehouse', '--version']; sys.exit(main())"
    )
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    environment = {"PYTHONPATH": os.pathsep.join((str(installed), packages)), "PATH": os.environ["PATH"]}
    command = [str(home / "bin" / "python"), "-c", program]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, f"gatehouse {VERSION}"), done.stderr


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
