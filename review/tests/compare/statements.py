"""Statements of an API and of the forwarder behind it, as graphs, for tests that evaluate no program."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from review.aws.model.model import AwsModel
from review.compare.callers import list_caller_lines
from review.compare.facts import Facts, Later
from review.compare.lines import Line
from review.compare.programs import list_program_lines
from review.compare.resources import Resources, compare_resources
from review.cost import Usage, estimate
from review.facts.statements import PACKAGE, VERSION
from review.graph import Graph
from review.reach import trace
from review.recording.resources import COMPONENT
from review.tests.helpers.graph_builder import Builder

PREFIX: Final = f"urn:pulumi:dev::small::{PACKAGE}"
Statement = Mapping[str, Any]


def make_api(*ways: tuple[str, Statement], kind: str = "rest", to: Statement | None = None, **more: Any) -> Statement:
    """An API with calls, each with what it needs."""
    own = {call: {"needs": needs, "to": "backend"} for call, needs in ways}
    return {"kind": kind, "at": {"own": True}, "ways": own, "to": {"backend": to or {"function": "f"}}, **more}


def make_graph(**parts: Statement) -> Graph:
    """A graph of components by type, each named after it."""
    build = Builder()
    for kind, statement in parts.items():
        build(f"{PACKAGE}{kind}", kind.lower(), reach={"version": VERSION, **statement})
    graph = build.graph()
    stated = {urn: replace(resource, declared_by=COMPONENT) for urn, resource in graph.resources.items()}
    return replace(graph, resources=stated)


_BILL: Final = estimate(AwsModel(Builder().graph()), Usage())


def make_facts(graph: Graph) -> Facts:
    """The statements of a graph, without the rest of a report."""
    return Facts(graph=graph, reach=trace(graph), rows=(), bill=_BILL, limitations=(), findings=())


def compare_statements(before: Graph, after: Graph, resources: Resources | None = None) -> list[Line]:
    """The lines on callers and on where programs lead."""
    resources = resources or compare_resources(before, after)
    old, new, later = make_facts(before), make_facts(after), Later.read(resources)
    return [*list_caller_lines(old, new, later, Resources((), (), (), ())), *list_program_lines(old, new, later)]
