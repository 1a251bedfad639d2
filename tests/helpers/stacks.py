"""Every stack file of the project, evaluated on mocks once a session."""

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import stack
from components.testing.config import build_config
from components.testing.recorder import Graph
from review.tests.helpers.in_process.kept import keep
from tests.helpers.declare import evaluate
from tests.helpers.draws import sampled
from tests.helpers.mocks import StackMocks

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "examples").glob("*.yaml"))
# By name: stacks that an adopter adds are not held to snapshots of ours.
STACKS = ["dev", "prod"]
# One process runs all tests of a stack, so that it is evaluated once.
ALL = [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in STACKS + EXAMPLES]
ADOPTED = {
    "vpcId": "vpc-0a1b2c3d4e5f60718",
    "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
    "egress": "nat-gateway",
}
"""A network that exists."""
# Evaluated once more with unknown outputs.
FIRST_PREVIEWS = sampled(ALL)


@functools.cache
def graph_of(name: str, *, known: bool = True) -> Graph:
    """What a stack of the project, or an example, declares."""
    file = ROOT / (name if name.endswith(".yaml") else f"Pulumi.{name}.yaml")
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    return _evaluated(document["config"], known=known, stack_name=file.stem.removeprefix("Pulumi."))


def graph_with(config: Mapping[str, Any], *, known: bool = True, secret: Sequence[str] = ()) -> Graph:
    """What a config that stands in no file declares, with `secret` the sections that have an encrypted value in them.

    A key without a value is left out, the region too. A config without `network` gets ADOPTED: a network of our own is
    half of a stack's resources, and of its time.
    """
    whole = {"aws:region": "eu-west-1", "network": ADOPTED, **config}
    given = {key: value for key, value in whole.items() if value is not None}
    return _evaluated(given, known=known, stack_name="test", secret=secret)


def _evaluated(config: Mapping[str, Any], *, known: bool, stack_name: str, secret: Sequence[str] = ()) -> Graph:
    return keep(lambda: _evaluate(config, known, stack_name, secret), "mocks", config, known, stack_name, secret)


def _evaluate(config: Mapping[str, Any], known: bool, stack_name: str, secret: Sequence[str]) -> Graph:
    read = build_config(config, "gatehouse", stack_name, {})
    plain, encrypted = read.values, read.secret_keys
    encrypted += tuple(f"gatehouse:{section}" for section in secret)
    # Subnets that are looked up are in the VPC of the config.
    vpc_ids = re.findall(r"\bvpc-[0-9a-f]{8,17}\b", plain.get("gatehouse:network", ""))
    mocks = StackMocks(region=plain.get("aws:region", "eu-west-1"), vpc_id=(*vpc_ids, "vpc-0123456789abcdef0")[0])
    mocks.groups = re.findall(r"\bsg-[0-9a-f]{8,17}\b", plain.get("gatehouse:backend", ""))
    return evaluate(stack.run, mocks, config=plain, secret=encrypted, known=known, stack=stack_name)
