"""The oracle finds each part of a statement that is left out, added or changed."""

import copy
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest

from components.facts.statements import VERSION
from tests.helpers.stacks import EXAMPLES, ROOT, STACKS, graph_of
from tests.oracle.oracle import find_differences
from tests.oracle.stack import Stack
from tests.oracle.test_statements import CONFIGS, find_graph

INERT: Final = {
    # What no resource of AWS has, or only in other words.
    "*.version": "the version of the shape",
    "ExistingIngress.behind": "what is behind a listener is its owner's",
    "ExistingIngress.listener": "the API's target is the look-up's own answer",
    "PrivateNetwork.routes": "what a look-up did not ask is unknown",
    "PrivateNetwork.existingEndpoints": "what exists is its owner's; rules of clients name it",
    "PrivateApiEndpoint.endpoint": "what exists is its owner's",
    "UrlBackend": "a server that stands elsewhere has no resource",
    "ApiFront.identity": "headers for backends, which tests of the identity check",
    "ApiFront.stripPrefix": "the path that a backend sees, which test_drawn_configs checks",
    "ApiFront.at.domain.existing": "what an owner of a domain decides",
    "ApiFront.at.privateDomain.vpc": "the zone of a private name",
    "ApiFront.preflight.methods": "of pages the origins are compared",
    "ApiFront.preflight.headers": "of pages the origins are compared",
    "ApiFront.preflight.credentials": "of pages the origins are compared",
    "ApiFront.keys.*.rate.burst": "limits of keys are compared by rate",
    "ApiFront.keys.*.formerly": "an alias of the engine",
    "ApiFront.to.*.url": "REST: the text of the listener's address",
    "ApiFront.to.*.unverified": "what answers may have any certificate; test_private_ingress checks it",
    **{f"ApiFront.ways.*.needs.caller.{kind}.headers": "where a token is" for kind in ("jwt", "cognito", "lambda")},
    "ServerlessProxy.unless": "what the handler does: tests/forwarder/test_forwarder_webhooks.py",
    "ServiceCall.service": "a name",
    "*.placed": "opens nothing: the review finds the network by it",
    "PrivateNetwork.subnets": "opens nothing: the review finds backends by it",
    "PrivateName.to": "test_services checks where it leads",
    "PrivateName.vpc": "test_services checks where it leads",
    "PrivateName.zone": "test_services checks where it leads",
    "*.leads.existingEndpoints": "what exists is its owner's; the range of the rules is compared",
    "*.leads.anywhere": "without a VPC there is no group",
    "ApiConsumer.people.by": "rules and rights are compared; the word is theirs",
    "Ec2Backend.people.by": "rules and rights are compared; the word is theirs",
    "Ec2Backend.people": "a session is a right",
    "ApiConsumer.people": "a session is a right",
    "NatInstance.people": "a session is a right",
}
_MEMBERS: Final = {
    *("ways", "to", "keys", "admits", "calls", "permissions", "secrets", "policies", "endpoints", "vpcs", "groups"),
    *("prefixLists", "ranges", "allow", "accounts", "otherAccounts", "scopes", "audiences", "pools", "out", "ports"),
    *("gateways", "existingEndpoints", "buckets", "rules", "origins", "methods", "headers", "notAddresses", "api"),
    *("route", "routes", "unless", "placed", "subnets"),
}
Place = tuple[str, ...]
Mutant = tuple[str, str, Place, str]
"""Stack, component, place and change."""
_TRIES: Final = 4
_SNAPSHOT: Final = ROOT / "tests/package/reach.txt"


def walk(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if place:
        yield place, value
    if isinstance(value, Mapping) and "of" not in value:
        for key, part in value.items():
            yield from walk(part, (*place, key))


def describe(kind: str, place: Place) -> str:
    """A place with `*` for members of maps."""
    parts = [
        "*" if at and place[at - 1] in _MEMBERS and not (place[at - 1] == "to" and kind != "ApiFront") else part
        for at, part in enumerate(place)
    ]
    return ".".join([kind, *parts])


def is_inert(where: str) -> bool:
    words = [where, re.sub(r"^\w+", "*", where)]
    return any(word == inert or word.startswith(f"{inert}.") for word in words for inert in INERT)


def list_mutants() -> dict[str, list[Mutant]]:
    """The same mutant in up to four stacks, by words: not every stack has what shows it."""
    found: dict[str, list[Mutant]] = {}
    for name in (*STACKS, *EXAMPLES, *CONFIGS):
        if (graph := find_graph(name)) is None:
            continue
        stack = Stack(graph)
        for urn, statement in stack.statements.items():
            for place, value in walk(statement):
                where = describe(stack.graph.resources[urn].kind, place)
                changes = (
                    ["left out"]
                    + ["added"] * (place[-1] in _MEMBERS and _is_set(value))
                    + ["changed"] * (type(value) is int)
                )
                for change in changes:
                    alike = found.setdefault(f"{where} {change}", [])
                    if len(alike) < _TRIES and name not in [one[0] for one in alike]:
                        alike.append((name, urn, place, change))
    return found


def _is_set(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(part is True for part in value.values())


def mutate(statement: Any, place: Place, change: str) -> Any:
    """A statement with one part changed."""
    whole = copy.deepcopy(dict(statement))
    node = whole
    for key in place[:-1]:
        node[key] = dict(node[key])
        node = node[key]
    if change == "left out":
        del node[place[-1]]
    elif change == "changed":
        node[place[-1]] += 1
    else:
        known = next(iter(node[place[-1]]))
        more = "203.0.113.77/32" if "/" in known and known[0].isdigit() else "8443" if known.isdigit() else "another"
        node[place[-1]] = {**node[place[-1]], more: True}
    return whole


def is_killed(name: str, urn: str, place: Place, change: str) -> bool:
    """Whether a mutant differs from the resources, or cannot be read at all."""
    graph = find_graph(name)
    assert graph is not None
    changed = mutate(Stack(graph).statements[urn], place, change)
    try:
        return any(find_differences(Stack(graph, {urn: changed}), calls=graph.resources[urn].kind == "ApiFront"))
    except (KeyError, TypeError, ValueError, AttributeError, AssertionError, IndexError):
        return True


@pytest.mark.slow
def test_each_mutant_of_a_statement_is_found() -> None:
    survived = [
        words
        for words, alike in list_mutants().items()
        if not is_inert(words.partition(" ")[0]) and not any(is_killed(*mutant) for mutant in alike)
    ]
    assert survived == []


@pytest.mark.parametrize(
    ("stack", "kind", "place", "change"),
    [
        ("examples/partner-api.yaml", "ApiFront", ("keys",), "left out"),
        ("examples/private-greeter.yaml", "ApiConsumer", ("leads", "endpointsAt"), "left out"),
        ("dev", "Ec2Backend", ("rights", "sessions"), "left out"),
        ("dev", "ServerlessProxy", ("to", "port"), "changed"),
        ("prod", "FargateBackend", ("leads", "out"), "added"),
        ("prod", "PrivateNetwork", ("out",), "left out"),
    ],
)
def test_some_mutants_are_found_in_every_run(stack: str, kind: str, place: Place, change: str) -> None:
    [(component, _)] = Stack(graph_of(stack)).of(kind)
    assert is_killed(stack, component.urn, place, change)


def test_no_word_has_another_name() -> None:
    graphs = map(find_graph, (*STACKS, *EXAMPLES, *CONFIGS))
    stacks = [Stack(graph) for graph in graphs if graph is not None]
    words = {
        describe(stack.graph.resources[urn].kind, place)
        for stack in stacks
        for urn, statement in stack.statements.items()
        for place, _ in walk(statement)
    }
    text = "".join(f"{line}\n" for line in (f"version {VERSION}", *sorted(words)))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        _SNAPSHOT.write_text(text)
    assert _SNAPSHOT.read_text() == text, "see the head of tests/package/test_reach.py"
