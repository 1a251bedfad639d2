"""Each no beside the facts that it names: which inputs change it if they are not known."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN, Graph
from review.paths import Kind, Path, trace_paths
from review.tests.helpers.graph_builder import Builder
from review.tests.paths.packets import Drawn, Line, declared, drawn
from review.tests.rules.cases import CASES

Input = tuple[str, str]
"""URN of a resource, and one of its inputs."""


def unknown(graph: Graph, place: Input) -> Graph:
    """The same program, with an output of another stack as this input."""
    urn, key = place
    resource = graph.resources[urn]
    edges = {name: urns for name, urns in resource.property_dependencies.items() if name != key}
    inputs, state = {**resource.inputs, key: UNKNOWN}, {**resource.state, key: UNKNOWN}
    changed = replace(resource, property_dependencies=edges, inputs=inputs, state=state)
    return replace(graph, resources={**graph.resources, urn: changed})


def answers(graph: Graph) -> tuple[dict[str, Path], set[tuple[Kind, bool, str]]]:
    """Every no as it is printed, and what is open, or may be."""
    paths = trace_paths(AwsModel(graph)).paths
    return {str(path): path for path in paths if not path.open}, {course(path) for path in paths if path.open}


def course(path: Path) -> tuple[Kind, bool, str]:
    """Where a path leads, and whether from the internet."""
    return path.kind, "internet" in path.source, path.target


def places(path: Path) -> set[Input]:
    """The inputs that a no rests on; what follows from a type cannot become unknown."""
    return {(fact.resource.urn, fact.key.partition(".")[0]) for fact in path.because if fact.key}


def programs(draws: int) -> Iterator[Graph]:
    """Drawn networks, and the graphs of the rules' tests, in which much is broken."""
    draw = random.Random(27)
    for _ in range(draws):
        yield declared(drawn(draw)).graph()
    for declare in dict.fromkeys(one.declare for one in (*CASES.faulty, *CASES.sound)):
        build = Builder()
        declare(build)
        yield build.graph()


@pytest.mark.slow
def test_a_no_rests_on_all_of_its_facts_and_on_little_else() -> None:
    """Without any of its facts it is not said for the same reason. Of other inputs, few open what was closed."""
    draw = random.Random(72)
    counted: Counter[str] = Counter()
    known: set[tuple[str, frozenset[Input]]] = set()
    for graph in programs(25):
        nos, opened = answers(graph)
        for said, path in nos.items():
            own = places(path)
            if (said, frozenset(own)) in known:
                continue
            known.add((said, frozenset(own)))
            for place in own:
                again = answers(unknown(graph, place))[0].get(said)
                assert again is None or not places(again) <= own - {place}, (said, place)
            inputs = [(urn, name) for urn, resource in graph.resources.items() for name in resource.inputs]
            others = sorted(set(inputs) - own)
            for place in draw.sample(others, min(3, len(others))):
                counted["other inputs"] += 1
                counted["which opened"] += course(path) in answers(unknown(graph, place))[1] - opened
    print(f"{len(known)} times no; {dict(counted)}")
    assert len(known) > 80
    assert counted["which opened"] < counted["other inputs"] / 10


def test_what_decides_nothing_is_no_fact() -> None:
    """An outward list that allows everything, and a route to elsewhere, beside an inward list that is empty."""
    outward = Line(False, "-1", 0, 65535, "0.0.0.0/0", True, 200)
    routes = (("0.0.0.0/0", "internet"), ("10.0.0.0/16", "peering"))
    graph = declared(Drawn((Line(True, "tcp", 80, 80, "0.0.0.0/0"),), (outward,), routes, public=True)).graph()
    ((said, path),) = [(said, path) for said, path in answers(graph)[0].items() if path.kind is Kind.INBOUND]
    assert sorted(map(str, path.because)) == ["acl (NetworkAcl)", "acl.ingress", "acl.subnetIds", "server.subnetId"]
    (acl,) = graph.list_by_type("aws:ec2/networkAcl:NetworkAcl")
    assert said in answers(unknown(graph, (acl.urn, "egress")))[0]
    assert said not in answers(unknown(graph, (acl.urn, "ingress")))[0]
