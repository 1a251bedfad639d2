"""A set of callers that only grows shuts nobody out, and one that only shrinks lets nobody in."""

import ipaddress
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from review.graph import Graph
from review.tests.compare.against import ROLE, reached
from review.tests.compare.pairs import discrete, http_api, only_from, role_trusting
from review.tests.graph_builder import Builder
from review.tests.updates import updated
from tests.helpers.draws import draws

_RANGES = ("198.51.100.0/24", "203.0.113.128/25", "192.0.2.7/32", "198.51.101.0/24", "10.0.5.0/24")
_ROUTES = ("GET /orders", "POST /orders", "GET /items/{id}", "$default")
_CONDITIONS = (("aws:PrincipalOrgID", "o-a1b2c3d4e5"), ("aws:PrincipalTag/team", "a"), ("sts:ExternalId", "x"))


@dataclass(frozen=True)
class Set:
    """Callers of a machine, of an API by its policy, of another by its routes, and of a role."""

    ranges: tuple[str, ...]
    ports: tuple[int, int]
    policy: tuple[str, ...]
    routes: tuple[str, ...]
    token: bool
    scopes: tuple[str, ...]
    principals: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]

    def graph(self, deployed: str) -> Graph:
        build = Builder()
        reached(*self.ranges, port=self.ports[0], to=self.ports[1])(build)
        build.prefix = "rest-"
        discrete(policy=only_from(*self.policy), triggers=deployed)(build)
        build.prefix = "http-"
        asked = {"issuer": "https://issuer.example.com", "audiences": ["a"]} if self.token else None
        http_api(*self.routes, jwt=asked, scopes=list(self.scopes) if self.token else None)(build)
        build.prefix = ""
        more = {"Condition": {"StringEquals": dict(self.conditions)}} if self.conditions else {}
        role_trusting({"AWS": list(self.principals)}, **more)(build)
        return build.graph()


def _some(values: Any, least: int = 1) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=3, unique=True).map(tuple)


SETS = st.builds(
    Set,
    ranges=_some(_RANGES),
    ports=st.sampled_from(((22, 22), (80, 90), (443, 443))),
    policy=_some(_RANGES[:4]),
    routes=_some(_ROUTES),
    token=st.booleans(),
    scopes=_some(("read", "write")),
    principals=_some((ROLE, "arn:aws:iam::444455556666:root")),
    conditions=_some(_CONDITIONS, least=0),
)


def _wider(ranges: tuple[str, ...], how: int) -> tuple[str, ...]:
    """The same addresses written otherwise, or more of them."""
    first, *rest = ranges
    net = ipaddress.ip_network(first)
    halves = [str(subnet) for subnet in net.subnets()] if net.prefixlen < 32 else [first]
    return ((*halves, *rest), (str(net.supernet()), *rest), (*rest, first, "100.24.0.0/16"), (*rest, first))[how]


@st.composite
def growing(draw: st.DrawFn) -> tuple[Set, Set]:
    old = draw(SETS)
    new = old
    for _ in range(draw(st.integers(1, 3))):
        how = draw(st.integers(0, 3))
        more = draw(st.sampled_from(_ROUTES))
        new = draw(
            st.sampled_from(
                (
                    replace(new, ranges=_wider(new.ranges, how)),
                    replace(new, policy=_wider(new.policy, how)),
                    replace(new, ports=(new.ports[0], new.ports[1] + 5)),
                    replace(new, routes=tuple(dict.fromkeys((*new.routes, more)))),
                    replace(new, token=False),
                    replace(new, scopes=("read", "write", "admin")),
                    replace(new, principals=(ROLE, "arn:aws:iam::444455556666:root")),
                    replace(new, conditions=new.conditions[1:]),
                )
            )
        )
    return old, new


# A rule for port 22 is a way of people in; with the ports above it is traffic like any other, from the same callers.
_SSH = Set(("192.0.2.7/32",), (22, 22), ("192.0.2.7/32",), ("$default",), False, ("read",), (ROLE,), ())
MORE_THAN_SSH = _SSH, replace(_SSH, ports=(22, 27))


@given(growing())
@example(MORE_THAN_SSH)
@settings(max_examples=draws(60))
def test_a_set_that_grows_shuts_nobody_out(pair: tuple[Set, Set]) -> None:
    old, new = pair
    callers = updated(old.graph("1"), new.graph("2"), rules=False).callers
    assert callers.shut_out == (), pair
    assert callers.unjudged == (), pair


@given(growing())
@example(MORE_THAN_SSH)
@settings(max_examples=draws(60))
def test_a_set_that_shrinks_lets_nobody_in(pair: tuple[Set, Set]) -> None:
    new, old = pair
    callers = updated(old.graph("1"), new.graph("2"), rules=False).callers
    assert (callers.anyone, callers.admitted, callers.unjudged) == ((), (), ()), pair


@given(SETS, st.sampled_from(_RANGES[:4]))
@settings(max_examples=draws(30))
def test_a_range_that_no_other_has_is_told(one: Set, cidr: str) -> None:
    others = tuple(each for each in one.ranges if each != cidr) or ("10.0.9.0/24",)
    before, after = (replace(one, ranges=each).graph("1") for each in (others, (*others, cidr)))
    assert any(cidr in text for text in updated(before, after, rules=False).callers.admitted)
    assert any(cidr in text for text in updated(after, before, rules=False).callers.shut_out)
