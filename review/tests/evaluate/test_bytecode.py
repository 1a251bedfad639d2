"""An older version of a file runs with the bytecode of today's file only if that is of the same text."""

import os
import py_compile
import subprocess
import sys
import time
from pathlib import Path

import pytest

from review.evaluate.host.bytecode import read_bytecode

HOUR = 3600
IMPORT = """
import sys
sys.path.insert(0, {older!r})
from pathlib import Path
from review.evaluate.host import bytecode
bytecode.install(Path({today!r}), Path({older!r}))
import module
print(module.VALUE, module.find_file() == module.__file__)
"""
TEXT = "VALUE = 1\ndef find_file(): return find_file.__code__.co_filename\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that was written an hour ago, and its bytecode of later."""
    (tmp_path / "today").mkdir()
    path = tmp_path / "today" / "module.py"
    path.write_text(TEXT)
    edit(path, TEXT, time.time() - HOUR)
    py_compile.compile(str(path), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    return path


def edit(path: Path, text: str, when: float) -> None:
    path.write_text(text)
    os.utime(path, (when, when))


def test_the_bytecode_of_the_same_text_is_reused(file: Path) -> None:
    assert read_bytecode(file, TEXT.encode()) is not None
    assert read_bytecode(file, TEXT.replace("1", "2").encode()) is None


def test_bytecode_that_python_never_checks_is_not(file: Path) -> None:
    """A change could bring it, for a file of which the text stays."""
    for mode in (py_compile.PycInvalidationMode.UNCHECKED_HASH, py_compile.PycInvalidationMode.CHECKED_HASH):
        py_compile.compile(str(file), invalidation_mode=mode)
        assert read_bytecode(file, TEXT.encode()) is None


def test_bytecode_of_a_file_that_was_edited_is_not(file: Path) -> None:
    """Also where the edit left time and size, which Python itself does not see."""
    other = TEXT.replace("1", "2")
    edit(file, other, time.time() - HOUR - 60)
    assert read_bytecode(file, other.encode()) is None
    edit(file, TEXT, time.time())
    py_compile.compile(str(file), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    edit(file, other, file.stat().st_mtime)
    assert read_bytecode(file, other.encode()) is None


@pytest.mark.parametrize("older", [TEXT, TEXT.replace("1", "2")])
def test_an_older_file_runs_its_own_text(file: Path, tmp_path: Path, older: str) -> None:
    """Under its own name, and without a trace in its folder."""
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "module.py").write_text(older)
    program = IMPORT.format(today=str(file.parent), older=str(tmp_path / "older"))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == [older[len("VALUE = ")], "True"]
    assert [path.name for path in (tmp_path / "older").iterdir()] == ["module.py"]


def test_what_is_no_bytecode_is_compiled(file: Path, tmp_path: Path) -> None:
    next((file.parent / "__pycache__").iterdir()).write_bytes(b"")
    assert read_bytecode(file, TEXT.encode()) is None
    test_an_older_file_runs_its_own_text(file, tmp_path, TEXT)
