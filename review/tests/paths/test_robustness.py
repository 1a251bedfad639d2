"""No graph, however odd, makes reach or rules raise: what they do not understand they pass over."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN, Graph, Secret
from review.paths import trace_paths
from review.rules import check
from review.tests.helpers.draws import draws
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.private_stacks import link_stack, private_stack
from review.tests.helpers.stack_parts import nat_machine, proxy_stack

Location = tuple[str, tuple[Any, ...]]
"""URN and the way to one value among its inputs."""


def whole(*, known: bool) -> Graph:
    """Three stacks in one graph."""
    build = Builder(known=known)
    nat_machine(build, proxy_stack(build, egress="instance").net.interface)
    build.prefix = "linked-"
    link_stack(build)
    build.prefix = "private-"
    private_stack(build)
    return build.graph()


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from _paths(item, (*path, key))


GRAPHS = {known: whole(known=known) for known in (True, False)}
PLACES: dict[bool, list[Location]] = {
    known: [(urn, path) for urn, resource in graph.resources.items() for path in _paths(resource.inputs)]
    for known, graph in GRAPHS.items()
}


def replace_value(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    if isinstance(value, Mapping):
        return {**value, path[0]: replace_value(value[path[0]], path[1:], odd)}
    copy = list(value)
    copy[path[0]] = replace_value(copy[path[0]], path[1:], odd)
    return copy


ODD: list[Any] = [
    *(UNKNOWN, None, "", "banana", "-1", "{", "[]", "{}", "10.0.0.0/8", "http://[", 0, -1.5, True),
    *([], {}, [None], [UNKNOWN], [[]], {"banana": UNKNOWN}, Secret("banana"), Secret(UNKNOWN)),
]
odd_values = st.sampled_from(ODD)


INPUTS: list[Location] = list(
    {(GRAPHS[True].resources[urn].type, path): (urn, path) for urn, path in PLACES[True] if len(path) == 1}.values()
)


@pytest.mark.parametrize("location", INPUTS, ids=lambda location: "-".join((location[0].split("::")[-2], *location[1])))
def test_a_list_in_place_of_any_input_is_passed_over(location: Location) -> None:
    urn, path = location
    resource = GRAPHS[True].resources[urn]
    inputs = replace_value(resource.inputs, path, ["lambda.amazonaws.com", {}])
    resources = {**GRAPHS[True].resources, urn: replace(resource, inputs=inputs, state={**resource.state, **inputs})}
    changed = replace(GRAPHS[True], resources=resources)
    check(changed, trace_paths(AwsModel(changed)))


@pytest.mark.parametrize("known", [True, False])
@settings(max_examples=draws(80))
@given(data=st.data())
def test_odd_values_are_passed_over(known: bool, data: st.DataObject) -> None:
    graph = GRAPHS[known]
    resources = dict(graph.resources)
    for urn, path in data.draw(st.lists(st.sampled_from(PLACES[known]), min_size=1, max_size=4, unique_by=str)):
        try:
            inputs = replace_value(resources[urn].inputs, path, data.draw(odd_values))
        except (KeyError, IndexError, TypeError):  # an earlier value took the place away
            continue
        resources[urn] = replace(resources[urn], inputs=inputs, state={**resources[urn].state, **inputs})
    changed = replace(graph, resources=resources)
    reach = trace_paths(AwsModel(changed))
    assert isinstance(reach.paths, tuple)
    check(changed, reach)


@pytest.mark.parametrize("known", [True, False])
@settings(max_examples=draws(30))
@given(data=st.data())
def test_missing_resources_and_inputs_are_passed_over(known: bool, data: st.DataObject) -> None:
    graph = GRAPHS[known]
    gone = data.draw(st.sets(st.sampled_from(sorted(graph.resources)), min_size=1, max_size=12))
    bare = data.draw(st.sets(st.sampled_from(sorted(graph.resources)), max_size=6))
    resources = {
        urn: replace(resource, inputs={}, state={}) if urn in bare else resource
        for urn, resource in graph.resources.items()
        if urn not in gone
    }
    changed = replace(graph, resources=resources)
    check(changed, trace_paths(AwsModel(changed)))
