"""Declares components on the review's mocked runtime, so that made-up outputs stand in one place."""

from collections.abc import Callable
from pathlib import Path

from components.arguments import ArgumentError, ArgumentErrors
from tests.helpers.declared import Graph, Project, Resource, Stack
from tests.helpers.in_process.evaluation import run

_FOLDER = Path(__file__).with_name("program")
_PROJECT = Project(
    name="gatehouse", root=_FOLDER, main=_FOLDER / "__main__.py", stack_dir=_FOLDER, virtualenv=None, declarations={}
)
_waiting: list[Callable[[], object]] = []


def declare(program: Callable[[], object], *, known: bool = True, region: str = "eu-west-1") -> Graph:
    """What `program` declares; with `known=False`, as in a first preview, when no provider has answered."""
    _waiting[:] = [program]
    region_config = {"aws:region": region}
    return run(_PROJECT, Stack(name="test", config=region_config, parsed=region_config), known=known, reimport=False)


def refusal(program: Callable[[], object]) -> ArgumentError | ArgumentErrors:
    """How `program` is refused, having declared nothing."""
    refused: list[ArgumentError | ArgumentErrors] = []

    def tried() -> None:
        try:
            program()
        except (ArgumentError, ArgumentErrors) as error:
            refused.append(error)

    graph = declare(tried)
    assert not graph.resources, f"declared before it was refused: {list(graph.resources)}"
    assert refused, "nothing was refused"
    return refused[0]


def hand_over() -> Callable[[], object]:
    """The program that waits to be run."""
    return _waiting.pop()


def one(graph: Graph, kind: str, name: str | None = None) -> Resource:
    """The only resource of a kind (`Vpc`), or the one with this name."""
    resources = [resource for resource in graph if resource.kind == kind and name in (None, resource.name)]
    assert len(resources) == 1, f"{len(resources)} of {kind} {name or ''}: {[resource.name for resource in resources]}"
    return resources[0]


def names(graph: Graph, kind: str) -> list[str]:
    """Names of the resources of a kind."""
    return [resource.name for resource in graph if resource.kind == kind]


def assert_tidy(graph: Graph) -> None:
    """Every child has its component as parent and carries the component's name."""
    for resource in graph:
        if resource.parent is not None and resource.parent in graph.resources:
            parent = graph.resources[resource.parent]
            assert resource.name.startswith(f"{parent.name}-"), resource.urn
