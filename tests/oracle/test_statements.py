"""The resources of a stack admit what the statements of its components say, and nothing else."""

import functools
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from components.testing.recorder import Graph
from tests.helpers.declare import ProgramError
from tests.helpers.draws import draws
from tests.helpers.stacks import ALL, ROOT, graph_of, graph_with
from tests.oracle.oracle import find_differences
from tests.oracle.stack import Stack
from tests.topologies.drawn_configs import configs

_WRITTEN: Final = yaml.safe_load((ROOT / "tests/integration/topologies/configs.yaml").read_text(encoding="utf-8"))
_CHANGED: Final = yaml.safe_load((ROOT / "tests/integration/comparisons/settings.yaml").read_text(encoding="utf-8"))
_POOL: Final = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_{}"
_POOLS: Final = {
    **_WRITTEN["bases"]["proxy"],
    "api": {
        "authorizers": {"own": {"kind": "cognito", "userPoolArns": [_POOL.format("a"), _POOL.format("b")]}},
        "routes": [{"path": "/", "authorization": "own", "scopes": ["read", "write"]}],
    },
}
_REFUSED: Final = ("pools", "more 12")
"""A base that lacks pools, and a listener that speaks TLS, which the stand-ins for look-ups have not."""
CONFIGS: Final[Mapping[str, dict[str, Any]]] = {
    **_WRITTEN["bases"],
    **{f"{part} {at}": config for part in ("more", "whole") for at, config in enumerate(_WRITTEN[part])},
    **{path.stem: yaml.safe_load(path.read_text())["config"] for path in (ROOT / "tests/engine/stacks").glob("*.yaml")},
    "two pools": _POOLS,
    **{name: config for name, config in _CHANGED["stacks"].items() if name != "packed"},
}


def build(config: Mapping[str, Any]) -> Graph | None:
    """The graph of a config; None if it is refused."""
    try:
        return graph_with({"network": {}, **config})  # not one that exists
    except ProgramError as error:
        if not re.search(r": got |nothing was declared", str(error)):
            raise
        return None


@functools.cache
def find_graph(name: str) -> Graph | None:
    """The graph of a stack or of one of the configs."""
    return build(CONFIGS[name]) if name in CONFIGS else graph_of(name)


def find_of(graph: Graph | None) -> list[str]:
    return [] if graph is None else [*find_differences(Stack(graph))]


@pytest.mark.parametrize("name", ALL)
def test_every_stack_file_admits_what_is_stated(name: str) -> None:
    assert find_of(graph_of(name)) == []


@pytest.mark.parametrize("name", CONFIGS)
def test_every_setting_is_stated(name: str) -> None:
    graph = find_graph(name)
    assert (graph is None) == (name in _REFUSED)
    assert find_of(graph) == []


@settings(max_examples=draws(40), suppress_health_check=list(HealthCheck))
@given(configs())
def test_every_drawn_config_admits_what_is_stated(config: dict[str, Any]) -> None:
    assert find_of(build(config)) == []
