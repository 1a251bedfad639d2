"""A run that is terminated leaves no process and no folder behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine.cli import ROOT
from tests.engine.processes import EndedError, Processes


def test_what_runs_ends_with_the_run_and_nothing_is_started_any_more() -> None:
    processes = Processes()
    started = processes.started(["sleep", "600"])
    process = started.__enter__()
    processes.end()
    assert process.poll() == -signal.SIGINT
    with pytest.raises(EndedError):
        started.__exit__(None, None, None)
    with pytest.raises(EndedError), processes.started(["sleep", "600"]):
        pass


def test_a_process_ends_with_its_context() -> None:
    with Processes().started(["sleep", "600"]) as process:
        pass
    assert process.poll() == -signal.SIGINT


def alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    pytest.importorskip("moto")
    folders, written = tmp_path / "folders", tmp_path / "cli"
    folders.mkdir()
    cli = tmp_path / "pulumi"
    cli.write_text(f'#!/bin/sh\necho $$ > "{written}.half" && mv "{written}.half" "{written}"\nexec sleep 600\n')
    cli.chmod(0o755)
    environment = {
        **os.environ,
        "TMPDIR": str(folders),
        "GATEHOUSE_PULUMI": str(cli),
    }
    command = [sys.executable, "-m", "tests.engine", "--only", "^dev$", "--report", str(tmp_path / "report.json")]
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as run:
        while not written.exists() and run.poll() is None:
            time.sleep(0.1)
        started = int(written.read_text())
        assert list(folders.iterdir())
        run.send_signal(number)
        assert run.wait() != 0
    assert not alive(started)
    assert list(folders.glob("engine-*")) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(run.pid, 0)
