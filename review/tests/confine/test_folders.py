"""Folders that a confined program keeps in sight."""

import os
import pwd
import sys
from pathlib import Path

import pytest

from review.confine.folders import alone, homes, in_sight, kept, repositories


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
    folders = kept(tmp_path / "shop", str(tmp_path / "shop/venv/bin/python"), [])
    assert (str(folder) in folders.read_only) is stays


@pytest.mark.parametrize("named", ["pkg/link", "lib/python3.12/site-packages", "home/.aws"])
def test_an_environment_shows_nothing_by_a_link_or_as_a_part_of_the_home(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The author of a repository chooses the names of its links, and what is beside them."""
    secret, shop = tmp_path / "home/.aws", tmp_path / "shop"
    packages, folder = shop / "venv/lib/python3.12/site-packages", shop / named
    for made in (secret, packages, shop / "venv/bin", folder.parent):
        made.mkdir(parents=True, exist_ok=True)
    for marked in (folder.parent, tmp_path / "home"):
        (marked / "pyproject.toml").touch()
    folder.symlink_to(secret)
    (packages / "shared.pth").write_text(f"{folder}\n{secret}\n")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folders = kept(shop, str(shop / "venv/bin/python"), [])
    assert not {str(secret), str(folder)} & {*folders.read_only}


@pytest.mark.parametrize("way", ["tree/bin/python", "tree/home/../bin/python"])
def test_a_link_to_python_shows_no_folder_around_the_home(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/bin/python3` made all of `/` Python where `/lib` is a link, and `/usr/..` is no parent of the home by name."""
    tree, shop = tmp_path / "tree", tmp_path / "shop"
    for made in (tree / "home", tree / "bin", tree / "lib/python3.12", shop / "venv/bin"):
        made.mkdir(parents=True)
    for file in (tree / "lib/python3.12/os.py", tree / "bin/python"):
        file.touch()
    (shop / "venv/bin/python").symlink_to(tmp_path / way)
    monkeypatch.setenv("HOME", str(tree / "home"))
    seen = in_sight(kept(shop, str(shop / "venv/bin/python"), []))
    assert not [path for path in seen if path.resolve() == tree]


def test_with_sudo_the_callers_home_is_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of root alone would leave the caller's keys in sight."""
    user = next((one for one in pwd.getpwall() if one.pw_uid and Path(one.pw_dir).is_dir() and one.pw_dir != "/"), None)
    if user is None:
        pytest.skip("this machine has no other user with a home")
    monkeypatch.setenv("SUDO_UID", str(user.pw_uid))
    assert Path(user.pw_dir).resolve() in homes()
    for odd in ("", "x", "-1", "9" * 40):
        monkeypatch.setenv("SUDO_UID", odd)
        assert homes()


@pytest.mark.parametrize("active", [True, False])
def test_an_environment_of_another_project_shows_no_sources_of_it(
    active: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = tmp_path / "private/.venv"
    packages = environment / "lib/python3.12/site-packages"
    for made in (packages, environment / "bin", tmp_path / "shop"):
        made.mkdir(parents=True)
    (tmp_path / "private/pyproject.toml").touch()
    (packages / "private.pth").write_text(f"{tmp_path / 'private'}\n")
    monkeypatch.setenv("VIRTUAL_ENV", str(environment) if active else "")
    folders = kept(tmp_path / "shop", str(environment / "bin/python"), [])
    assert (str(tmp_path / "private") in folders.read_only) is active


@pytest.mark.parametrize(
    "committed",
    [
        {"a.pth": "/" + "x" * 5000},
        {"a-1.dist-info/direct_url.json": "[" * 200_000},
        {"a-1.dist-info/direct_url.json": '{"url": 5}'},
        {"a-1.dist-info/direct_url.json": '{"url": "file:///' + "x" * 5000 + '"}'},
        {"a.pth": None, "a-1.dist-info/direct_url.json": None},
    ],
)
def test_an_environment_with_odd_files_shows_no_more_and_stops_nothing(
    committed: dict[str, str | None], tmp_path: Path
) -> None:
    packages = tmp_path / "shop/venv/lib/python3.12/site-packages"
    for name, content in committed.items():
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_text(content) if content is not None else os.mkfifo(packages / name)
    (tmp_path / "shop/venv/bin").mkdir()
    assert kept(tmp_path / "shop", str(tmp_path / "shop/venv/bin/python"), []).layered == [str(tmp_path / "shop")]


@pytest.mark.parametrize(("back", "stays"), [("tree/.git", True), ("elsewhere/.git", False), ("", False)])
def test_a_mark_of_git_shows_the_folder_that_knows_it_only(back: str, stays: bool, tmp_path: Path) -> None:
    own = tmp_path / "main/.git/worktrees/shop"
    for made in (own, own.parents[1] / "objects", own.parents[1] / "refs", tmp_path / "tree"):
        made.mkdir(parents=True)
    (own.parents[1] / "HEAD").touch()
    (own / "gitdir").write_text(f"{tmp_path / back}\n")
    (tmp_path / "tree/.git").write_text("gitdir: ../main/.git/worktrees/shop\n")
    assert (tmp_path / "main/.git" in repositories(tmp_path / "tree")) is stays
    # A link to the mark is no mark of its own: an archive may bring one.
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive/.git").symlink_to(tmp_path / "tree/.git")
    assert [*repositories(tmp_path / "archive")] == [tmp_path / "archive"] * 2


@pytest.mark.parametrize(
    "planted",
    [
        {".git": "gitdir: .\n", "gitdir": ".git"},
        {".git": "gitdir: x\n", "x/gitdir": ".git"},
        {".git": "gitdir: circle/circle\0\n"},
        {".git": "gitdir: circle\n"},
        {".git": "gitdir: x/worktrees/y\n", "x/worktrees/y/gitdir": "../../../.git", "x/HEAD": ""},
        {".git": "gitdir: worktrees/y\n", "worktrees/y/gitdir": "../../.git", "HEAD": ""},
    ],
)
@pytest.mark.parametrize("name", ["code/shop", "code/worktrees/shop"])
def test_a_mark_in_an_archive_shows_no_folder_above(
    planted: dict[str, str], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / name
    for file, content in planted.items():
        folder = (project / file).parent
        for made in (folder, folder / "objects", folder / "refs"):
            made.mkdir(parents=True, exist_ok=True)
        (project / file).write_text(content)
    (project / "circle").symlink_to("circle")
    monkeypatch.chdir(project)
    assert set(repositories(project)) == {project}


def test_an_environment_is_no_other_folder_with_commands(tmp_path: Path) -> None:
    (tmp_path / "local/bin").mkdir(parents=True)
    given: tuple[Path, str, list[Path]] = tmp_path / "shop", str(tmp_path / "local/bin/python"), []
    assert str(tmp_path / "local") not in kept(*given).read_only
    (tmp_path / "local/pyvenv.cfg").touch()
    assert str(tmp_path / "local") in kept(*given).read_only


def test_the_current_folder_is_no_part_of_the_reviews_own_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("current", "named", "packages"):
        (tmp_path / name).mkdir()
    (tmp_path / "packages/pyproject.toml").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path / name) for name in ("current", "named", "packages")])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "named"))
    shown = kept(tmp_path / "shop", sys.executable, []).read_only
    assert [str(tmp_path / name) in shown for name in ("current", "named", "packages")] == [False, True, True]


def test_a_python_in_the_home_shows_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `./configure --prefix=$HOME/.local`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    local = tmp_path / ".local"
    own = ("bin/python3", "lib/python3.13/os.py", "lib/libpython3.13.so.1")
    for name in (*own, "share/keyrings/login.keyring", "bin/tool"):
        (local / name).parent.mkdir(parents=True, exist_ok=True)
        (local / name).touch()
    for name in ("prefix", "base_prefix", "exec_prefix"):
        monkeypatch.setattr(sys, name, str(local))
    (tmp_path / "shop").mkdir()
    python = str(local / "bin/python3")
    for folders in (alone([], []), kept(tmp_path / "shop", sys.executable, []), kept(tmp_path / "shop", python, [])):
        below = {one for one in folders.read_only if Path(one).is_relative_to(local)}
        assert below == {str(local / name) for name in ("bin/python3", "lib/python3.13", "lib/libpython3.13.so.1")}


def test_what_the_system_needs_is_not_hidden(tmp_path: Path) -> None:
    """As in a repository at `/`, or one that has /usr."""
    folders = alone([], [Path("/"), Path("/usr"), tmp_path, tmp_path / "none"])
    assert {*folders.homes} == {str(path) for path in homes()}
    assert {str(tmp_path), "/etc"} <= {*folders.hidden}
    assert not {"/", "/usr", "/usr/bin", "/proc"} & {*folders.hidden}
    assert str(Path(sys.prefix)) in folders.read_only
    assert not folders.layered
