"""Each name that AWS limits in the stack files has its place in the list of its component's children."""

import pytest

from components.facts.resource_names import RULES
from components.resource_options.child_names import CHILDREN
from tests.components.test_names_and_options import TOKENS
from tests.helpers.stacks import ALL, graph_of


@pytest.mark.parametrize("stack", ALL)
def test_every_name_that_aws_limits_is_in_the_list_of_its_component(stack: str) -> None:
    """Or one of its kind with a longer name is."""
    graph = graph_of(stack)
    owners = {resource.urn: resource for resource in graph if resource.type.startswith("gatehouse:index:")}
    for resource in graph:
        short, owner = TOKENS.get(resource.type), owners.get(resource.parent or "")
        if (
            short is None
            or owner is None
            or not RULES[short].allowed
            or "name" in resource.inputs
            or "namePrefix" in resource.inputs
        ):
            continue
        suffix = resource.name.removeprefix(f"{owner.name}-")
        listed = [child.suffix for child in CHILDREN[owner.kind] if child.kind == short]
        assert listed, f"{owner.kind} names {short} {suffix}"
        if RULES[short].longest <= 64:
            assert len(suffix) <= max(map(len, listed)), f"{owner.kind} names {short} {suffix}"
