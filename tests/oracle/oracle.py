"""Differences between what the resources of a stack admit and what its statements say."""

from collections.abc import Iterator
from typing import Any, Final

from components.callers.callers import admits
from components.callers.calls import find_way, get_needs
from components.recording.resources import Resource
from tests.oracle.addresses import read_addresses, state_addresses
from tests.oracle.connections import read_rules, state_rules
from tests.oracle.gateway import Gateway, Way, draw_callers, draw_calls
from tests.oracle.rights import read_rights, state_rights
from tests.oracle.stack import Stack
from tests.oracle.surroundings import (
    list_wrong_endpoint_policies,
    list_wrong_rates,
    read_surroundings,
    state_surroundings,
)


def find_differences(stack: Stack, seed: int = 0, *, calls: bool = True) -> Iterator[str]:
    """Sentences, each on something that is open and not stated, or stated and not open. Without `calls`, no API is
    called."""
    for read, state in _BOTH:
        opened, stated = read(stack), state(stack)
        yield from (f"not stated: {fact}" for fact in sorted(opened - stated, key=str))
        yield from (f"only stated: {fact}" for fact in sorted(stated - opened, key=str))
    yield from (f"another rate: {call}" for call in list_wrong_rates(stack))
    yield from (f"decided otherwise: {call}" for call in list_wrong_endpoint_policies(stack))
    for front, statement in stack.of("ApiFront") if calls else ():
        yield from _find_other_callers(stack, front, statement, seed)


def _read(stack: Stack) -> set[Any]:
    return {fact for fact in read_surroundings(stack) if fact[1] != "rate"}


_BOTH: Final = (
    (read_rules, state_rules),
    (read_rights, state_rights),
    (_read, state_surroundings),
    (read_addresses, state_addresses),
)


def _find_other_callers(stack: Stack, front: Resource, statement: Any, seed: int) -> Iterator[str]:
    """Calls that the statement admits and API Gateway refuses, and the other way round."""
    gateway = Gateway(stack, front)
    for call in dict.fromkeys(draw_calls(statement, gateway)):
        way, taken = find_way(statement, *call), gateway.find_way(*call)
        if taken is None or way is None:
            answers_itself = call[0] == "OPTIONS" and "preflight" in statement
            if (way is None) != (taken is None) and not answers_itself:
                yield f"{call}: {'not stated' if way is None else 'only stated'}"
            continue
        if not _is_target(stack, statement["to"][way["to"]], taken, statement["kind"]):
            yield f"{call}: another target than {way['to']}"
        needs = get_needs(statement, way)
        if taken.kind == "lambda" and not _is_authorizer(stack, needs["caller"]["lambda"], taken):
            yield f"{call}: another authorizer"
        callers = draw_callers(needs, gateway.list_members(taken), seed)
        for caller in callers:
            stated, opened = admits(needs, caller), gateway.admits(*call, caller)
            if stated != opened:
                yield f"{call}: {'only stated' if stated else 'not stated'}: {caller}"
                break
        if any(one.account == "own" and gateway.opens_to_account(*call, one) for one in callers):
            yield f"{call}: open to identities of the account that have no right of their own"


def _is_authorizer(stack: Stack, stated: Any, taken: Way) -> bool:
    """Whether the stated function decides about a call, for as long as is stated."""
    names, uri = stack.names(stated["function"]), str(taken.authorizer["authorizerUri"])
    is_same = stack.name(uri) in names or any(name.rpartition(":")[2] in uri for name in names)
    return is_same and int(taken.authorizer["authorizerResultTtlInSeconds"]) == stated.get("cacheSeconds", 0)


def _is_target(stack: Stack, target: Any, taken: Way, kind: str) -> bool:
    """Whether an integration calls what the statement names."""
    if "function" not in target:
        wanted = ("link", "listener") if kind == "http" else ("link", "loadBalancer")
        named = {name for key in wanted if key in target for name in stack.names(target[key])}
        return named == {name for name in taken.target if not name.startswith("http")}
    functions, aliases = stack.names(target["function"]), stack.names(target["alias"]) if "alias" in target else []
    return bool(taken.target & {*(aliases or functions)}) or any(
        name.rpartition(":")[2] in one for name in functions for one in taken.target
    )
