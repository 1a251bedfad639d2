"""What is deployed: the code, nothing beside it, and the same bytes as long as the code is the same."""

import os
import tempfile
import zipfile
from pathlib import Path

import pytest

from components.function.function_code import HANDLERS, _delete_leftovers, forwarder_code
from tests.forwarder.test_forwarder_configuration import imported

FOLDER = HANDLERS / "forwarder"


def test_the_archive_is_the_entry_point_and_its_package_and_runs_by_itself(tmp_path: Path) -> None:
    cache = FOLDER / "forwarder" / "__pycache__"
    cache.mkdir(exist_ok=True)
    stray = cache / "stray.cpython-311.pyc"
    stray.write_bytes(b"x")
    try:
        archive = zipfile.ZipFile(forwarder_code().path)
    finally:
        stray.unlink()
    found = archive.namelist()
    entries = {"handler.py", "runtime.py", "streaming-runtime"}
    assert entries < set(found)
    code = set(found) - entries
    assert all(name.startswith("forwarder/") and name.endswith(".py") and "test" not in name for name in code)
    assert len(found) == len(set(found))
    archive.extractall(tmp_path)
    done = imported("import handler", BACKEND_URL="http://backend.invalid", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_archives_of_programs_that_were_killed_are_deleted_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, other = Path(forwarder_code().path).parent, tmp_path / "gatehouse-else"
    other.mkdir()

    def next_program() -> None:
        _delete_leftovers.cache_clear()
        forwarder_code()

    next_program()
    assert killed.exists()
    for folder in (killed, other):
        os.utime(folder, (0, 0))
    next_program()
    assert not killed.exists()
    assert other.exists()
