"""Folders that a confined program keeps in sight."""

from pathlib import Path

import pytest

from review.confine.folders import kept


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
