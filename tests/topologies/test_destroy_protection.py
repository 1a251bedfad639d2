"""`pulumi destroy` deletes dependents first, so what refuses it must depend on all others."""

from typing import Any

import pytest

from components.recording.resources import Resource
from components.testing.recorder import Graph
from tests.helpers.stacks import graph_with
from tests.integration.moves.moves import MOVES

_LINK: dict[str, Any] = {**MOVES["public-proxy → vpc-link"].after}
_FARGATE: dict[str, Any] = {**MOVES["EC2 → Fargate"].after}
_PROTECTED = {**_LINK, "ingress": {"kind": "alb", "deletionProtection": True}}


def guard(config: dict[str, Any]) -> tuple[Resource, Graph]:
    graph = graph_with({"network": {}, **config})
    (found,) = (resource for resource in graph if resource.type == "gatehouse:index:DestroyProtection")
    return found, graph


@pytest.mark.parametrize("config", [_PROTECTED, {**_FARGATE, "ingress": {"kind": "nlb", "deletionProtection": True}}])
def test_a_protected_stack_has_a_protected_resource_that_depends_on_every_other(config: dict[str, Any]) -> None:
    found, graph = guard(config)
    assert found.options.protect
    assert {*found.dependencies} == {resource.urn for resource in graph if resource.custom}
    # Else the engine would refuse every replacement and removal in the stack.
    assert not any(resource.options.protect for resource in graph if resource is not found)


def test_it_is_there_without_protection_so_that_taking_the_protection_off_deletes_nothing() -> None:
    assert not guard(_LINK)[0].options.protect


def test_stacks_without_a_balancer_have_none() -> None:
    graph = graph_with(dict(MOVES["public-proxy → vpc-link"].before))
    assert not [resource for resource in graph if "DestroyProtection" in resource.type]
