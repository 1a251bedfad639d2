"""A release: the tool refuses what is none, and the wheel that it builds works in a clean environment."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from dev.tools import release
from facts.version import VERSION

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
