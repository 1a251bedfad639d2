"""Bills without a ceiling."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.gateway.throttle import loosest
from ..graph import Resource
from ..graph.reading import as_text, require_input
from ..reach import Reach
from .registry import Severity, rule

_BURSTABLE: Final = ("t3.", "t3a.", "t4g.")
"""Families that are unlimited by default; T2 is if it is asked for."""


@rule("COST-01", Severity.LOW, on=types.INSTANCE)
def credits_are_limited(resource: Resource) -> Iterator[str]:
    """A burstable machine cannot run up a bill for processor time.

    Why: T3 and T4g machines buy credits without a limit by default: 0.04 dollars for each vCPU and hour.
    Remedy: Set credit_specification.cpu_credits to standard; an alarm on CPUCreditBalance shows when it is too small.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode.html
    """
    kind, credits = (
        as_text(require_input(resource, "instanceType")),
        require_input(resource, "creditSpecification", "cpuCredits"),
    )
    if credits == "unlimited" if kind.startswith("t2.") else kind.startswith(_BURSTABLE) and credits != "standard":
        yield f"{resource.name} buys CPU credits without a limit"


@rule("COST-02", Severity.MEDIUM, on=types.FUNCTION)
def concurrency_is_limited(reach: Reach, resource: Resource) -> Iterator[str]:
    """Runs that the internet can cause are limited, by a throttle or by a number of runs at once.

    Why: A flood of calls then uses up the account's concurrency, every other function's share included.
    Remedy: Throttle the routes that call it, or set reserved_concurrent_executions.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    limit = require_input(resource, "reservedConcurrentExecutions")
    if resource.urn in reach.public and (limit is None or limit < 0) and not _is_throttled(reach, resource):
        yield f"{resource.name} may run as often at once as the account allows"


def _is_throttled(reach: Reach, function: Resource) -> bool:
    """Whether every route that calls the function has a rate."""
    calls = [(api, call) for api in reach.model.apis.all for call in api.calls if call.integration.function is function]
    return bool(calls) and all(loosest(api, call) for api, call in calls)
