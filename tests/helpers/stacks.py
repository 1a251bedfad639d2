"""Every stack file of the project, evaluated on mocks once a session."""

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import stack
from tests.helpers.declared import Graph, evaluate
from tests.helpers.mocks import StackMocks

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "examples").glob("*.yaml"))
# By name: stacks that an adopter adds are not held to snapshots of ours.
STACKS = ["dev", "prod"]
# One process runs all tests of a stack, so that it is evaluated once.
ALL = [pytest.param(one, marks=pytest.mark.xdist_group(one)) for one in STACKS + EXAMPLES]
SECURE = "a-secret-of-at-least-20-letters"
"""Stands for each encrypted value of a stack file."""


@functools.cache
def graph_of(name: str, *, known: bool = True) -> Graph:
    """What a stack of the project, or an example, declares."""
    file = ROOT / (name if name.endswith(".yaml") else f"Pulumi.{name}.yaml")
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    return _evaluated(document["config"], known=known, stack_name=file.stem.removeprefix("Pulumi."))


def graph_with(config: Mapping[str, Any], *, known: bool = True, secret: Sequence[str] = ()) -> Graph:
    """What a config that stands in no file declares, with `secret` the sections that have an encrypted value in them.

    A key without a value is left out, the region too.
    """
    given = {key: value for key, value in {"aws:region": "eu-west-1", **config}.items() if value is not None}
    return _evaluated(given, known=known, stack_name="test", secret=secret)


def texts(config: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """A config as the CLI hands it to a program, and the keys that have an encrypted value in them."""
    whole = {key if ":" in key else f"gatehouse:{key}": value for key, value in config.items()}
    secret = tuple(key for key, value in whole.items() if any(_encrypted(value)))
    opened = {key: _opened(value) for key, value in whole.items()}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in opened.items()}, secret


def _encrypted(value: Any) -> Iterator[bool]:
    if isinstance(value, dict):
        yield value.keys() == {"secure"}
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _encrypted(inner)


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return SECURE if value.keys() == {"secure"} else {key: _opened(inner) for key, inner in value.items()}
    return [_opened(inner) for inner in value] if isinstance(value, list) else value


def _evaluated(config: Mapping[str, Any], *, known: bool, stack_name: str, secret: Sequence[str] = ()) -> Graph:
    plain, encrypted = texts(config)
    encrypted += tuple(f"gatehouse:{section}" for section in secret)
    # Subnets that are looked up are in the VPC of the config.
    vpc_ids = re.findall(r"\bvpc-[0-9a-f]{8,17}\b", plain.get("gatehouse:network", ""))
    mocks = StackMocks(region=plain.get("aws:region", "eu-west-1"), vpc_id=(*vpc_ids, "vpc-0123456789abcdef0")[0])
    mocks.groups = re.findall(r"\bsg-[0-9a-f]{8,17}\b", plain.get("gatehouse:backend", ""))
    return evaluate(stack.run, mocks, config=plain, secret=encrypted, known=known, stack=stack_name)
