"""Steps of state machines, against what their roles allow."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..aws.catalog import types
from ..aws.identity.iam import Decision
from ..graph import UNKNOWN, Resource
from ..graph.given import held
from ..graph.reading import CannotTell, document, first, items, mapping, output, text, within
from ..reach import Reach
from .registry import Severity, rule


@rule("BOOT-08", Severity.HIGH, on=types.STATE_MACHINE)
def role_may_take_steps(reach: Reach, resource: Resource) -> Iterator[str]:
    """The role of a state machine may invoke the functions that its steps name.

    Why: A run fails at the first step whose function the role may not invoke.
    Remedy: Allow lambda:InvokeFunction on these functions to the role.
    https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    """
    graph, action = reach.model.graph, "lambda:InvokeFunction"
    role = first(graph, resource, "roleArn", types=types.ROLE)
    if role is None:
        return
    for step, named in _functions(mapping(document(held(resource, "definition"), "the definition"))):
        function = graph.find(named, *types.FUNCTION)
        arn = text(named) if function is None or text(named).startswith("arn:") else text(output(function, "arn"))
        decision = reach.model.roles.decision(role, action, arn) if arn.startswith("arn:") else Decision.ALLOW
        if decision is Decision.UNKNOWN or named is UNKNOWN:
            raise CannotTell(f"whether {role.name} allows the call of step {step} is not known")
        if decision is not Decision.ALLOW:
            whom = function.name if function else arn
            yield f"{resource.name} invokes {whom} in step {step}, and {role.name} does not allow it"


def _functions(machine: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names of steps that invoke a function, each with the function; those of branches and of items as well."""
    for name, state in mapping(machine.get("States")).items():
        called = within(state, "Resource")
        if ":lambda:invoke" in text(called):
            given = [within(state, key, "FunctionName") for key in ("Parameters", "Arguments")]
            yield from ((name, one) for one in given if one is UNKNOWN or not text(one).startswith(("{%", "$")))
        elif ":function:" in text(called):
            yield name, called
        inner = (*items(within(state, "Branches")), *(within(state, key) for key in ("Iterator", "ItemProcessor")))
        for one in inner:
            yield from _functions(mapping(one))
