"""The archive of the forwarder: which files it has, compiled for which Python, the same on every machine."""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

from components.facts import forwarder
from components.function import function_code
from components.function.function_code import HANDLERS, archive_folder, archive_forwarder
from tests.forwarder.test_forwarder_configuration import imported


def test_the_archive_holds_code_and_nothing_else(tmp_path: Path) -> None:
    for name in ("handler.py", "inner/part.py", "__pycache__/handler.pyc", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert list(archive_folder(tmp_path).assets) == ["handler.py", "inner/part.py"]
    with pytest.raises(FileNotFoundError):
        archive_folder(tmp_path / "none")


@pytest.mark.parametrize("compiled", [False, True])
def test_the_archive_is_the_entry_point_and_its_package_and_runs_by_itself(compiled: bool, tmp_path: Path) -> None:
    cache = HANDLERS / "forwarder/forwarder/__pycache__"
    cache.mkdir(exist_ok=True)
    (cache / "stray.cpython-311.pyc").write_bytes(b"x")
    made, again = (Path(archive_forwarder.__wrapped__(compiled=compiled).path) for _ in range(2))
    (cache / "stray.cpython-311.pyc").unlink()
    assert made != again
    assert made.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(made) as archive:
        archive.extractall(tmp_path)
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        assert archive.read("runtime.py") == (HANDLERS / "forwarder" / "runtime.py").read_bytes()
    code = {name for name in modes if not name.endswith(".pyc")}
    assert code == set(archive_folder(HANDLERS / "forwarder").assets)
    assert (len(modes) > len(code)) is compiled
    assert not any("stray" in name or "test" in name for name in modes)
    assert modes.pop("streaming-runtime") == 0o100755
    assert set(modes.values()) == {0o100644}
    # Compiled files run in place of the source.
    for source in tmp_path.rglob("*.py") if compiled else ():
        source.write_text("raise SystemExit('compiled in Lambda')")
    done = imported("import handler, runtime", BACKEND_URL="http://backend.invalid", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    # The deployer's own folder would make other bytes on another machine.
    assert str(HANDLERS).encode() not in made.read_bytes()
    assert (b"/var/task/forwarder/answer.py" in made.read_bytes()) is compiled


@pytest.mark.parametrize(
    ("tag", "compiles"), [("cpython-313", True), ("cpython-312", False), ("pypy313", False), (None, False)]
)
def test_compiled_files_are_of_cpython_and_of_one_version(
    tag: str | None, compiles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.implementation, "cache_tag", tag)
    assert function_code.compiles_for("python3.13") is compiles


def test_the_deployers_environment_does_not_change_compiled_files(tmp_path: Path) -> None:
    # Without the SDK, whose import takes longer than all of this.
    script = f"""
import pathlib, runpy, sys
made = pathlib.Path({str(tmp_path)!r}, sys.flags.optimize * "o" + "f")
source = pathlib.Path({str(HANDLERS)!r}, "forwarder")
runpy.run_path({forwarder.__file__!r})["write_forwarder"](made, source, compiled=True)
"""
    for variables in ({}, {"PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "1", "PYTHONPYCACHEPREFIX": str(tmp_path)}):
        done = imported(script, **variables)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "f").read_bytes() == (tmp_path / "oof").read_bytes()


def test_archives_of_programs_that_were_killed_are_deleted_a_day_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed, other = Path(archive_forwarder.__wrapped__().path).parent, tmp_path / "gatehouse-else"
    other.mkdir()

    def next_program() -> None:
        function_code._delete_leftovers.cache_clear()
        archive_forwarder.__wrapped__()

    next_program()
    assert killed.exists()
    for folder in (killed, other):
        os.utime(folder, (0, 0))
    next_program()
    assert not killed.exists()
    assert other.exists()
