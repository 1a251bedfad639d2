"""Calls of the SDK are made at once; what the program gives to threads, and whatever transforms wait for, is not."""

import signal
import sys

import pytest

from review.tests.helpers.fixture_types import Run

PROGRAM = """
import asyncio, threading
import pulumi, pulumi_aws as aws

async def elsewhere():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, lambda: threading.current_thread() is threading.main_thread())

bucket = aws.s3.Bucket("files")
pulumi.export("main", pulumi.Output.from_input(elsewhere()))
pulumi.export("region", bucket.arn.apply(lambda arn: aws.get_region().region))
"""
TRANSFORM = "pulumi.runtime.register_resource_transform(lambda arguments: None)\n"


@pytest.mark.parametrize("transform", ["", TRANSFORM])
def test_a_program_may_wait_for_its_own_threads(run_program: Run, transform: str) -> None:
    """A lookup inside an `apply` waits inside the loop, with and without threads for the SDK's calls."""
    first, _, rest = PROGRAM.partition("async def")
    graph = run_program(f"{first}{transform}async def{rest}")
    assert graph.exports["main"] is False
    assert graph.exports["region"]


def test_what_is_left_running_is_ended(run_program: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "left", ["running"], raising=False)
    waiting = """
async def forever():
    try:
        await asyncio.Event().wait()
    finally:
        sys.left.append("ended")
forever = asyncio.ensure_future(forever())
"""
    run_program(f"import sys\n{PROGRAM}{waiting}")
    assert vars(sys)["left"] == ["running", "ended"]


def test_ctrl_c_ends_a_program_that_waits_for_nothing(run_program: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "left", [], raising=False)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_program("import signal, sys\nsignal.raise_signal(signal.SIGINT)\nsys.left.append('went on')\n")
    finally:
        signal.signal(signal.SIGINT, before)
    assert not vars(sys)["left"]
