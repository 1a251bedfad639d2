"""The lines that traps change, and waits that are cut short, are those of today's program."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.engine import failing_updates
from tests.engine.cli import ROOT
from tests.engine.traps import TRAPS, Trap


@pytest.mark.parametrize("trap", [pytest.param(trap, id=name) for name, trap in TRAPS.items()])
def test_the_program_has_the_lines_that_a_trap_changes(trap: Trap, tmp_path: Path) -> None:
    copy = tmp_path / trap.file
    copy.parent.mkdir(parents=True)
    shutil.copy(ROOT / trap.file, copy)
    trap.plant(tmp_path)
    compile(copy.read_text(), copy, "exec")
    assert copy.read_text() != (ROOT / trap.file).read_text()
    with pytest.raises(ValueError, match="times"):
        trap.plant(tmp_path)


def test_the_program_has_the_waits_that_are_cut_short(tmp_path: Path) -> None:
    for name in failing_updates.SHORTER:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    failing_updates.shorten(tmp_path)
    with pytest.raises(ValueError, match="times"):
        failing_updates.shorten(tmp_path)
