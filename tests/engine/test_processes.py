"""A run that is terminated leaves no process and no folder behind."""

from __future__ import annotations

import signal

import pytest

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
