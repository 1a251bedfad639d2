"""Folders that a confined program keeps in sight."""

from pathlib import Path

import pytest

from review.confine.folders import kept, repositories


@pytest.mark.parametrize(
    ("named", "files", "stays"),
    [
        ("other/lib/python3.12/site-packages", (), True),
        ("source", ("pyproject.toml",), True),
        ("letters", ("private.txt",), False),
        ("site-packages", ("private.txt",), False),
    ],
)
def test_an_environment_shows_packages_that_it_refers_to_and_nothing_else(
    named: str, files: tuple[str, ...], stays: bool, tmp_path: Path
) -> None:
    packages = tmp_path / "shop/venv/lib/python3.12/site-packages"
    folder = tmp_path / named
    for made in (packages, folder, tmp_path / "shop/venv/bin"):
        made.mkdir(parents=True)
    for name in files:
        (folder / name).touch()
    (packages / "shared.pth").write_text(f"{folder}\n")
    found = kept(tmp_path / "shop", str(tmp_path / "shop/venv/bin/python"), [])
    assert (str(folder) in found.read_only) is stays


@pytest.mark.parametrize(("back", "stays"), [(".git", True), ("elsewhere/.git", False), ("", False)])
def test_a_mark_of_git_shows_the_folder_that_knows_it_only(back: str, stays: bool, tmp_path: Path) -> None:
    own = tmp_path / "main/.git/worktrees/shop"
    own.mkdir(parents=True)
    (own / "gitdir").write_text(f"{tmp_path / back}\n")
    (tmp_path / ".git").write_text("gitdir: main/.git/worktrees/shop\n")
    assert (tmp_path / "main/.git" in repositories(tmp_path)) is stays


def test_an_environment_is_no_other_folder_with_commands(tmp_path: Path) -> None:
    (tmp_path / "local/bin").mkdir(parents=True)
    given: tuple[Path, str, list[Path]] = tmp_path / "shop", str(tmp_path / "local/bin/python"), []
    assert str(tmp_path / "local") not in kept(*given).read_only
    (tmp_path / "local/pyvenv.cfg").touch()
    assert str(tmp_path / "local") in kept(*given).read_only
