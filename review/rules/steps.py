"""Steps of state machines: that they exist, and that roles allow them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import token_of
from ..aws.identity.iam import Decision
from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import held
from ..graph.reading import CannotTell, document, first, items, mapping, output, text, within
from ..reach import Reach
from .registry import ALWAYS, Severity, rule

_SCHEDULE: Final = token_of("scheduler.Schedule")


@rule("BOOT-08", Severity.HIGH, on=(*types.STATE_MACHINE, _SCHEDULE))
def role_may_take_steps(reach: Reach, resource: Resource) -> Iterator[str]:
    """The role of a state machine, or of a schedule, may invoke the functions that its steps, or its target, name.

    Why: A run fails at the first step whose function the role may not invoke, and so does each start of a schedule.
    Remedy: Allow lambda:InvokeFunction on these functions to the role.
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    """
    graph, action = reach.model.graph, "lambda:InvokeFunction"
    scheduled = resource.type == _SCHEDULE
    role = first(graph, resource, *(["target"] if scheduled else []), "roleArn", types=types.ROLE)
    if role is None:
        return
    for at, named in _target(graph, resource) if scheduled else _steps(resource):
        function = graph.find(named, *types.FUNCTION)
        arn = text(named) if function is None or text(named).startswith("arn:") else text(output(function, "arn"))
        decision = reach.model.roles.decision(role, action, arn) if arn.startswith("arn:") else Decision.ALLOW
        if decision is Decision.UNKNOWN or named is UNKNOWN:
            raise CannotTell(f"whether {role.name} allows what {resource.name} invokes {at} is not known")
        if decision is not Decision.ALLOW:
            whom = function.name if function else arn
            yield f"{resource.name} invokes {whom} {at}, and {role.name} does not allow it"


def _target(graph: Graph, schedule: Resource) -> Iterator[tuple[str, Any]]:
    called = held(schedule, "target", "arn")
    if graph.find(called, *types.FUNCTION) or ":function:" in text(called):
        yield "by its target", called


def _steps(machine: Resource) -> Iterator[tuple[str, Any]]:
    definition = mapping(document(held(machine, "definition"), "the definition"))
    yield from ((f"in step {step}", named) for step, named in _functions(definition))


@rule("DOC-07", Severity.HIGH, on=types.STATE_MACHINE, refused=ALWAYS)
def steps_exist(resource: Resource) -> Iterator[str]:
    """Every step that a state machine goes on to is one of its steps.

    Why: Step Functions refuses the definition.
    Remedy: Name a step of the same map of states.
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
    """
    yield from _missing(resource.name, mapping(document(held(resource, "definition"), "the definition")))


def _missing(name: str, machine: Mapping[str, Any]) -> Iterator[str]:
    states = mapping(machine.get("States"))
    if not states or UNKNOWN in states.values():
        return
    named = [("StartAt", machine.get("StartAt"))]
    for step, state in states.items():
        choices = (*items(within(state, "Choices")), *items(within(state, "Catch")), state)
        named += [(step, within(choice, key)) for choice in choices for key in ("Next", "Default")]
        for one in _inner(state):
            yield from _missing(name, mapping(one))
    for step, state in states.items():
        if within(state, "Type") not in ("Succeed", "Fail", "Choice") and not {"Next", "End"} & {*mapping(state)}:
            yield f"{name} neither ends nor goes on after {step}"
    missing = [(at, text(state)) for at, state in named if text(state) and state not in states]
    yield from (f"{name} goes on from {at} to {step}, and has no such step" for at, step in missing)


def _inner(state: Any) -> tuple[Any, ...]:
    """Branches of a step, and what it does for each item."""
    return (*items(within(state, "Branches")), *(within(state, key) for key in ("Iterator", "ItemProcessor")))


def _functions(machine: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names of steps that invoke a function, each with the function; those of branches and of items as well."""
    for name, state in mapping(machine.get("States")).items():
        called = within(state, "Resource")
        if ":lambda:invoke" in text(called):
            given = [within(state, key, "FunctionName") for key in ("Parameters", "Arguments")]
            yield from ((name, one) for one in given if one is UNKNOWN or not text(one).startswith(("{%", "$")))
        elif ":function:" in text(called):
            yield name, called
        for one in _inner(state):
            yield from _functions(mapping(one))


@rule("DOC-08", Severity.HIGH, on=types.STATE_MACHINE, refused=ALWAYS)
def express_waits_for_nothing(resource: Resource) -> Iterator[str]:
    """An Express state machine waits neither for the end of a job nor for a token.

    Why: Step Functions refuses the definition.
    Remedy: Make the state machine a STANDARD one, or call the service without .sync and .waitForTaskToken.
    https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    """
    if held(resource, "type") == "EXPRESS":
        machine = mapping(document(held(resource, "definition"), "the definition"))
        yield from (f"{resource.name} is an Express one, and {step} waits" for step in _waiting(machine))


def _waiting(machine: Mapping[str, Any]) -> Iterator[str]:
    for step, state in mapping(machine.get("States")).items():
        if re.search(r"\.(sync(:2)?|waitForTaskToken)$", text(within(state, "Resource"))):
            yield step
        for one in _inner(state):
            yield from _waiting(mapping(one))
