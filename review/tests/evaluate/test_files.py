"""Folders of any depth that a program names: the review reads them to a depth, and says so of a deeper one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from review.evaluate.files import Copies, Files, close

DEEPER = 1500
"""More than Python's own functions may call themselves."""


@pytest.fixture(params=[99, DEEPER])
def nested(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder named like its depth."""
    top = tmp_path / str(request.param)
    top.mkdir()
    folder = os.open(top, os.O_RDONLY)
    for _ in range(request.param):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(folder)
    yield top
    close(top, ())  # pytest removes what is left


def test_a_folder_that_is_too_deep_is_not_read(nested: Path) -> None:
    files = Files(str(nested.parent), (nested.parent.resolve(),))
    assert files.may_read(nested.name) is (nested.name != str(DEEPER))
    assert files.refused == {nested.name} & {str(DEEPER)}


def test_a_folder_that_is_named_again_and_again_is_read_so_often(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "handler.py").touch()
    files = Files(str(tmp_path), (tmp_path.resolve(),), _left=5)
    assert [files.may_read("code") for _ in range(3)] == [True, True, False]
    assert files.refused == {"code"}


def test_a_folder_that_is_too_deep_is_not_copied(nested: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    copies = Copies(tmp_path / "copies", lambda path: os.open(path, os.O_RDONLY))
    assert Path(copies.of(nested)).exists() is (nested.name != str(DEEPER))
    assert copies.too_large == {str(nested)} & {str(tmp_path / str(DEEPER))}
