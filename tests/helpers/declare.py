"""Declares components on mocks, and finds what they declared."""

import contextvars
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.sync_await import _sync_await

from components.arguments.errors import ArgumentError, ArgumentErrors
from components.testing import Mocks
from components.testing.recorder import Graph, record_program
from review.tests.helpers.in_process.loop import Callbacks, own_loop, settle
from tests.helpers.mocks import StackMocks

T = TypeVar("T")


class ProgramError(Exception):
    """A program raised an error. The message is the error's."""


def in_loop(call: Callable[[], T]) -> T:
    """Makes a call in a loop and a context of its own: encrypted values are outputs, which tasks fill in."""
    with own_loop():
        return contextvars.copy_context().run(call)


def evaluate(
    program: Callable[[], object],
    mocks: Mocks,
    *,
    config: Mapping[str, str] | None = None,
    secret: tuple[str, ...] = (),
    known: bool = True,
    stack: str = "test",
) -> Graph:
    """Runs a program, with `secret` the keys of its config that are encrypted. Raises ProgramError if it fails."""

    def run() -> None:
        SETTINGS.callbacks = Callbacks(SETTINGS.monitor)
        program()
        _sync_await(settle())

    def record() -> Graph:
        return record_program(
            run, mocks, project="gatehouse", stack=stack, config=config or {}, secret_keys=secret, known=known
        )

    try:
        return in_loop(record)
    except AssertionError:
        raise
    except Exception as error:
        raise ProgramError(str(error)) from error


def declare(program: Callable[[], object], *, known: bool = True, region: str = "eu-west-1") -> Graph:
    """What `program` declares; with `known=False`, as in a first preview, when no provider has answered."""
    return evaluate(program, StackMocks(region=region), config={"aws:region": region}, known=known)


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


class Registered(Protocol):
    """A resource of a graph, of ours or of the review's."""

    @property
    def urn(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> str | None: ...


R = TypeVar("R", bound=Registered)


def one(graph: Iterable[R], kind: str, name: str | None = None) -> R:
    """The only resource of a kind (`Vpc`), or the one with this name."""
    resources = [resource for resource in graph if resource.kind == kind and name in (None, resource.name)]
    assert len(resources) == 1, f"{len(resources)} of {kind} {name or ''}: {[resource.name for resource in resources]}"
    return resources[0]


def names(graph: Iterable[Registered], kind: str) -> list[str]:
    """Names of the resources of a kind."""
    return [resource.name for resource in graph if resource.kind == kind]


def assert_tidy(graph: Iterable[Registered]) -> None:
    """Every child has its component as parent and carries the component's name."""
    owners = {resource.urn: resource.name for resource in graph}
    for resource in graph:
        if resource.parent in owners:
            assert resource.name.startswith(f"{owners[resource.parent]}-"), resource.urn


def changed(args: Mapping[str, Any], changes: Mapping[str, Any]) -> Any:
    """A component's arguments with changes. None takes one away."""
    return {key: value for key, value in {**args, **changes}.items() if value is not None}


def inputs(graph: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The inputs of what a provider makes, by name and without tags."""
    made = [resource for resource in graph if resource.custom]
    return {each.name: {key: value for key, value in each.inputs.items() if key != "tags"} for each in made}
