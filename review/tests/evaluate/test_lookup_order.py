"""Lookups of two networks are not mixed up, in whichever order their requests come."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from review.evaluate.monitor import PreviewRecorder
from review.tests.helpers.fixture_types import Run

NETWORKS = 4
PROGRAM = f"""
import pulumi, pulumi_aws as aws
# With a transform, requests come from threads.
pulumi.runtime.register_resource_transform(lambda arguments: None)
for n in range({NETWORKS}):
    vpc = aws.ec2.get_vpc_output(id=f"vpc-0a{{n}}b2c3d4e5f60718")
    subnets = [aws.ec2.get_subnet_output(id=f"subnet-0{{m}}{{n}}b2c3d4e5f6071") for m in range(3)]
    pulumi.export(str(n), pulumi.Output.all(vpc.id, *(one.vpc_id for one in subnets)))
"""


@pytest.mark.parametrize("seed", range(12))
def test_subnets_are_in_the_vpc_that_was_looked_up_before_them(
    run_program: Run, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Each request is delayed by its own time, so that they come in another order for each seed."""
    draw = random.Random(seed)
    answer = PreviewRecorder.Invoke

    def late(self: PreviewRecorder, request: Any) -> Any:
        time.sleep(draw.random() / 100)
        return answer(self, request)

    monkeypatch.setattr(PreviewRecorder, "Invoke", late)
    with ThreadPoolExecutor(2) as load:
        busy = [load.submit(sum, range(300_000)) for _ in range(4)]
        graph = run_program(PROGRAM)
        assert all(one.result() for one in busy)
    assert {name: set(ids) for name, ids in graph.exports.items()} == {
        str(n): {f"vpc-0a{n}b2c3d4e5f60718"} for n in range(NETWORKS)
    }
