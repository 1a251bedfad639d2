"""Each no, beside what it says it rests on: without any of that it is another answer, and the rest does not matter."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from review.aws.model import AwsModel
from review.graph import UNKNOWN, Graph
from review.reach import Kind, Path, trace
from review.tests.reach.packets import declared, drawn
from review.tests.reach.test_robustness import whole

Input = tuple[str, str]
"""URN of a resource, and one of its inputs."""


def unknown(graph: Graph, place: Input) -> Graph:
    """The same program, with an output of another stack as this input."""
    urn, key = place
    found = graph.resources[urn]
    edges = {name: urns for name, urns in found.property_dependencies.items() if name != key}
    values = {"inputs": {**found.inputs, key: UNKNOWN}, "state": {**found.state, key: UNKNOWN}}
    changed = replace(found, property_dependencies=edges, **values)
    return replace(graph, resources={**graph.resources, urn: changed})


def answers(graph: Graph) -> tuple[dict[str, Path], set[tuple[Kind, str]]]:
    """Every no as it is printed, and what is open, or may be."""
    paths = trace(AwsModel(graph)).paths
    return {str(path): path for path in paths if not path.open}, {(one.kind, one.target) for one in paths if one.open}


def places(path: Path) -> set[Input]:
    """The inputs that a no rests on; what follows from a type cannot become unknown."""
    return {(fact.resource.urn, fact.key.partition(".")[0]) for fact in path.because if fact.key}


def programs(draws: int) -> Iterator[Graph]:
    draw = random.Random(27)
    for _ in range(draws):
        yield declared(drawn(draw)).graph()
    whole_stack = whole(known=True)
    for _ in range(draws // 10):
        gone = set(draw.sample(sorted(whole_stack.resources), 4))
        yield replace(
            whole_stack, resources={urn: one for urn, one in whole_stack.resources.items() if urn not in gone}
        )


def test_a_no_is_not_said_without_any_of_its_facts() -> None:
    draw = random.Random(72)
    counted: Counter[str] = Counter()
    for graph in programs(100):
        nos, opened = answers(graph)
        for said, path in nos.items():
            own = places(path)
            counted["no"] += 1
            for place in own:
                again = answers(unknown(graph, place))[0].get(said)
                counted["fact"] += 1
                if again is not None and places(again) <= own - {place}:
                    print("KEPT", said, place, own, places(again))
            inputs = [(urn, name) for urn, one in graph.resources.items() for name in one.inputs]
            for place in draw.sample(sorted(set(inputs) - own), 5):
                counted["other"] += 1
                if (path.kind, path.target) in answers(unknown(graph, place))[1] - opened:
                    counted["lost"] += 1
                    print("LOST", said, place, sorted(own))
    print(counted)
