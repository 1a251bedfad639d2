"""Schedules: that their roles allow them to call their targets."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.catalog.catalog import token_of
from ..aws.identity.iam import Decision
from ..graph import UNKNOWN, Resource
from ..graph.given import held_input
from ..graph.reading import CannotTell, as_text, first_named, output
from ..reach import Reach
from .registry import Severity, rule


@rule("BOOT-08", Severity.HIGH, on=(token_of("scheduler.Schedule"),))
def role_may_invoke_the_target(reach: Reach, resource: Resource) -> Iterator[str]:
    """The role of a schedule may invoke the function that the schedule names.

    Why: Every start of the schedule fails.
    Remedy: Allow lambda:InvokeFunction on the function to the role.
    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
    """
    graph, called = reach.model.graph, held_input(resource, "target", "arn")
    role = first_named(graph, resource, "target", "roleArn", types=types.ROLE)
    function = graph.find(called, *types.FUNCTION)
    if role is None or (function is None and ":function:" not in as_text(called) and called is not UNKNOWN):
        return
    arn = as_text(called) if function is None else as_text(output(function, "arn"))
    decision = reach.model.roles.decision(role, "lambda:InvokeFunction", arn) if arn else Decision.UNKNOWN
    if decision is Decision.UNKNOWN:
        raise CannotTell(f"whether {role.name} allows {resource.name} to invoke its target is not known")
    if decision is not Decision.ALLOW:
        yield f"{resource.name} invokes {function.name if function else arn}, and {role.name} does not allow it"
