"""Drawn pairs of statements: a caller whom only the later version admits makes it more, other, open or new calls."""

import ipaddress
import itertools
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from hypothesis import given
from hypothesis import strategies as draw

from review.callers.calls import find_way
from review.compare.lines import Topic
from review.facts.limits import METHODS
from review.tests.compare.statements import compare_statements, make_api, make_graph


class Caller(NamedTuple):
    """Somebody who calls: what is shown, and from where."""

    account: str
    audience: str
    scope: str
    key: str
    address: str


_CALLERS: Final = [
    Caller(*parts)
    for parts in itertools.product(
        ("", "own", "2"), ("", "app", "cli"), ("", "r", "w"), ("", "acme"), ("203.0.113.7", "203.0.113.200", "8.8.8.8")
    )
]
_PATHS: Final = ("/a", "/a/b", "/c")
_WIDENS: Final = {Topic.OPENS, Topic.MORE, Topic.OTHER, Topic.ADDS}
_NARROWS: Final = {Topic.FEWER, Topic.REMOVES, Topic.OTHER}


def admits(needs: Mapping[str, Any], caller: Caller) -> bool:
    """Whether API Gateway lets a caller in, decided for each need by itself."""
    kind = needs.get("caller", {})
    if "iam" in kind and caller.account not in {**kind["iam"]["accounts"], **kind["iam"].get("otherAccounts", {})}:
        return False
    if "jwt" in kind:
        scopes = kind["jwt"].get("scopes")
        if caller.audience not in kind["jwt"]["audiences"] or (scopes and caller.scope not in scopes):
            return False
    if "keys" in needs and caller.key not in needs["keys"]:
        return False
    address = ipaddress.ip_address(caller.address)
    return all(
        any(address in ipaddress.ip_network(cidr) for cidr in listed) for listed in needs.get("addresses", {}).values()
    )


_SOME = {
    "iam": draw.sampled_from([{"accounts": {"own": True}}, {"accounts": {"own": True}, "otherAccounts": {"2": True}}]),
    "jwt": draw.fixed_dictionaries(
        {"issuer": draw.just("https://a"), "audiences": draw.sampled_from([{"app": True}, {"app": True, "cli": True}])},
        optional={"scopes": draw.sampled_from([{"r": True}, {"w": True}, {"r": True, "w": True}])},
    ),
}
_NEEDS = draw.fixed_dictionaries(
    {},
    optional={
        "caller": draw.one_of(*(draw.fixed_dictionaries({kind: one}) for kind, one in _SOME.items())),
        "keys": draw.sampled_from([{"acme": True}, {"acme": True, "globex": True}]),
        "addresses": draw.lists(
            draw.sampled_from(["203.0.113.0/24", "203.0.113.0/25", "203.0.113.128/25", "0.0.0.0/0"]),
            min_size=1,
            unique=True,
        ).map(lambda cidrs: {"route": dict.fromkeys(cidrs, True)}),
    },
)
_WAYS = draw.dictionaries(
    draw.tuples(draw.sampled_from(["GET", "ANY"]), draw.sampled_from(["/a", "/c", "/{proxy+}", "/a/{proxy+}"])).map(
        " ".join
    ),
    _NEEDS,
    min_size=1,
    max_size=3,
)


@given(_WAYS, _WAYS, draw.sampled_from(["rest", "http"]))
def test_who_comes_and_goes_is_said(before: dict[str, Any], after: dict[str, Any], kind: str) -> None:
    apis = [make_api(*ways.items(), kind=kind) for ways in (before, after)]
    graphs = [make_graph(ApiFront=api) for api in apis]
    lines = compare_statements(graphs[0], graphs[1])
    topics = {line.topic for line in lines}
    comes = goes = False
    for method, path in itertools.product(METHODS, _PATHS):
        ways = [find_way(api, method, path) for api in apis]
        for caller in _CALLERS:
            was, now = (way is not None and admits(way["needs"], caller) for way in ways)
            comes, goes = comes or (now and not was), goes or (was and not now)
    assert not comes or topics & _WIDENS, [line.sentence for line in lines]
    assert not goes or topics & _NARROWS, [line.sentence for line in lines]
    assert bool(lines) or not (comes or goes)
    again = compare_statements(graphs[0], graphs[1])
    assert [line.sentence for line in again] == [line.sentence for line in lines]
