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
_TASKS: Final = {_SCHEDULE: ("target", "ecsParameters"), token_of("cloudwatch.EventTarget"): ("ecsTarget",)}
"""By type of what runs tasks, the block that names them."""


@rule("BOOT-08", Severity.HIGH, on=(*types.STATE_MACHINE, *_TASKS))
def role_may_take_steps(reach: Reach, resource: Resource) -> Iterator[str]:
    """The role of a state machine, a schedule or a target may invoke the functions, and run the tasks, that these name.

    Why: A run fails at the first step that the role may not take, and so does each start of a schedule.
    Remedy: Allow lambda:InvokeFunction on these functions, and ecs:RunTask on these task definitions, to the role.
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    """
    graph, scheduled = reach.model.graph, ["target"] * (resource.type == _SCHEDULE)
    role = first(graph, resource, *scheduled, "roleArn", types=types.ROLE)
    if role is None:
        return
    for at, named in _steps(resource) if resource.type in types.STATE_MACHINE else _target(graph, resource):
        called = graph.find(named, *types.FUNCTION, *types.TASK_DEFINITION)
        arn = text(named) if called is None or text(named).startswith("arn:") else text(output(called, "arn"))
        action, does = ("ecs:RunTask", "runs") if ":task-definition/" in arn else ("lambda:InvokeFunction", "invokes")
        asked = [arn]
        if does == "runs" and not arn.rpartition(":")[2].isdecimal():
            # https://github.com/aws/aws-cdk/issues/30390: ECS authorizes the revision it runs; it once did not.
            asked = [f"{arn}:any", arn]
        decisions = [reach.model.roles.decision(role, action, target) for target in asked if target.startswith("arn:")]
        decision = next(iter(decisions), Decision.ALLOW)
        if decision is not Decision.ALLOW and Decision.ALLOW in decisions:
            decision = Decision.UNKNOWN
        if decision is Decision.UNKNOWN or named is UNKNOWN:
            raise CannotTell(f"whether {role.name} allows what {resource.name} {does} {at} is not known")
        if decision is not Decision.ALLOW:
            yield f"{resource.name} {does} {called.name if called else arn} {at}, and {role.name} does not allow it"


def _target(graph: Graph, resource: Resource) -> Iterator[tuple[str, Any]]:
    called = held(resource, "target", "arn")
    if graph.find(called, *types.FUNCTION) or ":function:" in text(called):
        yield "by its target", called
    if (task := held(resource, *_TASKS[resource.type], "taskDefinitionArn")) is not None:
        yield "by its target", task


def _steps(machine: Resource) -> Iterator[tuple[str, Any]]:
    """Steps that invoke a function, or run a task, each with that."""
    for step, state in _states(mapping(document(held(machine, "definition"), "the definition"))):
        called = text(within(state, "Resource"))
        key = "FunctionName" if ":lambda:invoke" in called else "TaskDefinition" if ":ecs:runTask" in called else ""
        values = [within(state, block, key) for block in ("Parameters", "Arguments")] if key else []
        named = [value for value in values if value is UNKNOWN or not text(value).startswith(("{%", "$"))]
        yield from ((f"in step {step}", value) for value in [*named, *[called] * (":function:" in called and not key)])


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
        for inner in _inner(state):
            yield from _missing(name, mapping(inner))
    for step, state in states.items():
        if within(state, "Type") not in ("Succeed", "Fail", "Choice") and not {"Next", "End"} & {*mapping(state)}:
            yield f"{name} neither ends nor goes on after {step}"
    missing = [(at, text(state)) for at, state in named if text(state) and state not in states]
    yield from (f"{name} goes on from {at} to {step}, and has no such step" for at, step in missing)


def _inner(state: Any) -> tuple[Any, ...]:
    """Branches of a step, and what it does for each item."""
    return (*items(within(state, "Branches")), *(within(state, key) for key in ("Iterator", "ItemProcessor")))


def _states(machine: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Steps with their names, those of branches and of items as well."""
    for step, state in mapping(machine.get("States")).items():
        yield step, state
        for inner in _inner(state):
            yield from _states(mapping(inner))


@rule("DOC-08", Severity.HIGH, on=types.STATE_MACHINE, refused=ALWAYS)
def express_waits_for_nothing(resource: Resource) -> Iterator[str]:
    """An Express state machine waits neither for the end of a job nor for a token.

    Why: Step Functions refuses the definition.
    Remedy: Make the state machine a STANDARD one, or call the service without .sync and .waitForTaskToken.
    https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    """
    if held(resource, "type") == "EXPRESS":
        for step, state in _states(mapping(document(held(resource, "definition"), "the definition"))):
            if re.search(r"\.(sync(:2)?|waitForTaskToken)$", text(within(state, "Resource"))):
                yield f"{resource.name} is an Express one, and {step} waits"
