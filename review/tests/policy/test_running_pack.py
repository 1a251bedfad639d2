"""The pack as a program."""

import subprocess
import sys
from collections.abc import Iterator

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2_grpc

from review.policy.pack import NAME, policies
from review.tests.helpers.stacks import ROOT


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Starts the pack as the CLI does, unbuffered: it prints its port and serves until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-u", "."],
        cwd=ROOT / "review" / "policy",
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield f"127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def test_the_program_serves_every_policy(address: str) -> None:
    with grpc.insecure_channel(address) as channel:
        info = analyzer_pb2_grpc.AnalyzerStub(channel).GetAnalyzerInfo(empty_pb2.Empty(), timeout=20)
    assert info.name == NAME
    assert [policy.name for policy in info.policies] == [policy.name for policy in policies()]
    assert info.supportsConfig
