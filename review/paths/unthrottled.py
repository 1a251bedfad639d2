"""Calls from outside that no throttle of an API limits."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..graph import Resource
from ..ledger.ledger import Claim
from ..ledger.ways import Way
from .inbound import ANY_ACCOUNT
from .other_accounts import OTHER_ACCOUNTS
from .path import INTERNET, Path
from .reachability import Reachability

_WITH_LIMITS: Final = (*types.APIS, *types.ROLE)


def list_unthrottled(reach: Reachability, to: Resource | None = None) -> list[str]:
    """What anybody outside may call beside the APIs, on the way to a resource or to any: `u (FunctionUrl)`."""
    entrances = (_name_entrance(path) for path in reach.inbound if to is None or to in _list_passed(path))
    return [*dict.fromkeys(filter(None, entrances))]


def list_uncounted_calls(reach: Reachability) -> Iterator[str]:
    """Calls that the throttles of the APIs do not bound, or may not."""
    for entrance in list_unthrottled(reach):
        yield f"calls of {entrance}, which no throttle limits"
    functions = frozenset(function.urn for function in reach.model.graph.list_by_type(*types.FUNCTION))
    claim = Claim("the throttles limit all calls", {Way.CALLS: None, Way.GRANTS: functions})
    if reason := reach.ledger.vouch(claim).reason:
        yield f"calls that no throttle limits: {reason}"


def _list_passed(path: Path) -> list[Resource]:
    return [hop.resource for hop in path.hops if hop.resource is not None and hop.name]


def _name_entrance(path: Path) -> str:
    """The first resource of an open path from outside that passes no API; empty for other paths."""
    passed = _list_passed(path)
    is_from_outside = INTERNET in path.source or path.source.startswith((ANY_ACCOUNT, OTHER_ACCOUNTS))
    # A role is taken, and not called.
    if not (passed and path.open and is_from_outside) or any(one.type in _WITH_LIMITS for one in passed):
        return ""
    return f"{passed[0].name} ({passed[0].kind})"
