"""Calls from the internet: what they need, their rates, and whether they arrive."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..facts.statements import PACKAGE
from ..graph import UNKNOWN, Resource
from ..graph.prose import join_names
from ..graph.reading import get_declared_input
from ..reach import Reach
from ..reach.inbound import Inbound
from ..reach.open_calls import list_entries, list_public_calls, read_acknowledged
from ..reach.path import Kind
from ..reach.statements import Part
from ..reach.ways import Call, list_calls
from .registry import Message, Severity, Violation, rule

_API: Final = f"{PACKAGE}ApiFront"
_FUNCTIONS: Final = (f"{PACKAGE}ServerlessProxy", f"{PACKAGE}ApiFunction", f"{PACKAGE}Greeter")


@rule("API-01", Severity.HIGH, on=(_API,))
def require_credentials(reach: Reach, resource: Resource) -> Iterator[Message]:
    """Routes that the internet can call require credentials, or the stack acknowledges them as open.
    Why: Anyone can call the route, and you pay for every call. Client certificates count if every address of the API
    requires them.
    Remedy: Require a key, IAM, a token or a Lambda authorizer, name the callers' ranges, or check a webhook's
    signature by ServerlessProxy. If everybody may call, add the route to protection.acknowledgePublic.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
    """
    meant = read_acknowledged(reach.graph)
    calls = [(api, call) for api, call in list_public_calls(reach.statements) if api.resource is resource]
    entries = [entry for api, call in calls for entry in list_entries(reach.statements, api, call)]
    if missing := [entry for entry in entries if entry not in meant]:
        by_route = {entry: f"{entry} requires nothing of its caller" for entry in missing}
        verb = "require nothing of their" if len(missing) > 1 else "requires nothing of its"
        message = f"{join_names(missing)} {verb} caller"
        yield Violation(resource, message, by_route=by_route)


@rule("API-02", Severity.MEDIUM, on=(_API,))
def require_throttles(reach: Reach, resource: Resource) -> Iterator[str]:
    """Every route that the internet can call has a rate limit.
    Why: Without one, a single caller can use up the account's quota of requests, at your expense.
    Remedy: Set a throttle for the API, in place of `off`, or for the route.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    """
    for api in reach.statements.list_of("ApiFront"):
        if api.resource is resource and api.get("kind") != "private":
            unlimited = [call.name for call in _list_calls(reach, api) if "rate" not in call.way]
            if unlimited:
                yield f"no throttle limits {join_names(unlimited)}"


@rule("COST-02", Severity.MEDIUM, on=_FUNCTIONS)
def require_limited_concurrency(reach: Reach, resource: Resource) -> Iterator[Message]:
    """A throttle or a concurrency limit bounds runs that the internet can cause.
    Why: Otherwise a flood of calls uses up the account's concurrency for all functions.
    Remedy: Throttle the routes that call it, or set reserved_concurrency of ServerlessProxy.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    function = next((part for part in reach.statements.all if part.resource is resource), None)
    if function is None or _has_concurrency_limit(reach, function):
        return
    for api in reach.statements.list_of("ApiFront"):
        calls = [call for call in _list_calls(reach, api) if "rate" not in call.way] if _is_public(api) else []
        called = [
            call for call in calls if reach.statements.may_lead(api.get("to", call.way["to"], "function"), function)
        ]
        if called:
            names = join_names(call.name for call in called)
            yield f"{function.name} may run as often at once as the account allows: no throttle limits {names}"


@rule("LIVE-01", Severity.HIGH, on=(_API,))
def require_arriving_calls(reach: Reach, resource: Resource) -> Iterator[Message]:
    """Every route reaches its target.
    Why: Otherwise every call gets 403, 500 or 503.
    Remedy: The path in the report names what is missing.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
    """
    for path in reach.paths:
        passes = any(hop.resource is resource for hop in path.hops)
        # That a private API has no address on the internet is no fault of it.
        if path.kind is Kind.INBOUND and passes and path.blocked_by and "is private" not in path.blocked_by:
            yield f"a call does not arrive at {path.target}: {path.blocked_by}"


def _list_calls(reach: Reach, api: Part) -> list[Call]:
    return [*list_calls(api, Inbound(reach.statements).find_checks)]


def _is_public(api: Part) -> bool:
    return bool(api.get("kind") != "private")


def _has_concurrency_limit(reach: Reach, part: Part) -> bool:
    members = reach.statements.list_members(part)
    functions = [each for each in reach.graph.list_by_type(*types.FUNCTION) if each.urn in members]
    limits = [get_declared_input(each, "reservedConcurrentExecutions") for each in functions]
    return all(limit is not None and limit is not UNKNOWN and limit >= 0 for limit in limits)
