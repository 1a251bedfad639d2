"""The pack as a program, and over whole stacks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # protobuf ships no types
from pulumi.runtime.proto import analyzer_pb2_grpc

from policy.pack import NAME, policies
from review.project_file import load
from review.runner import run
from review.stack_file import read_stack
from tests.policy.wire import Pack

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Starts the pack as the CLI does: it says its port on the first line and serves until it is ended."""
    process = subprocess.Popen(
        [sys.executable, "."], cwd=ROOT / "policy", stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
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


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("example", ["webhook", "http-alb-ec2", "private-greeter", "rest-nlb-fargate"])
def test_examples_pass_the_pack(example: str, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)
    project = load(ROOT)
    graph = run(project, read_stack(project, f"examples/{example}.yaml"), known=known)
    found = Pack(policies()).judge(graph)
    assert [f"{one.policyName} {one.message}" for one in found] == []
