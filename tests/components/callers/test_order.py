"""The order of callers against the callers themselves: each drawn pair of needs is asked for thousands of them."""

import ipaddress
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.callers.order import Change, Order, combine, compare, is_open, list_changes, reverse
from tests.helpers.draws import draws

ADDRESSES = [*(f"198.51.100.{last}" for last in range(4)), "203.0.113.9", "2001:db8::1", "2a00::1"]
RANGES = ["198.51.100.0/30", "198.51.100.0/31", "198.51.100.2/31", "198.51.100.1/32", "2001:db8::/32", "0.0.0.0/0"]
SCOPES = ["read", "write"]
TOKENS = [frozenset(each) for size in range(3) for each in itertools.combinations(SCOPES, size)]
CREDENTIALS: list[tuple[Any, ...]] = [
    ("none",),
    *(("iam", account) for account in ("own", "111122223333", "444455556666")),
    *(("jwt", issuer, audience, token) for issuer in "xy" for audience in "ab" for token in TOKENS),
    *(("cognito", pool, token) for pool in "pq" for token in TOKENS),
]
KEYS = [None, "me", "you"]
ENTRIES = [(None, None), ("vpce-1", "vpc-1"), ("vpce-2", "vpc-2"), ("vpce-3", "vpc-2")]
CALLERS = [*itertools.product(CREDENTIALS, KEYS, ADDRESSES, ENTRIES)]


def draw_set(members: list[str] | str, least: int = 1) -> Any:
    chosen = st.lists(st.sampled_from(members), unique=True, min_size=least)
    return chosen.map(lambda all_: dict.fromkeys(sorted(all_), True))


def drop_empty(parts: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in parts.items() if part != {}}


CALLER = st.one_of(
    st.fixed_dictionaries(
        {
            "iam": st.fixed_dictionaries(
                {"accounts": st.just({"own": True}), "otherAccounts": draw_set(["111122223333", "444455556666"], 0)}
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "jwt": st.fixed_dictionaries(
                {"issuer": st.sampled_from("xy"), "audiences": draw_set("ab"), "scopes": draw_set(SCOPES, 0)}
            ).map(drop_empty)
        }
    ),
    st.fixed_dictionaries(
        {"cognito": st.fixed_dictionaries({"pools": draw_set("pq"), "scopes": draw_set(SCOPES, 0)}).map(drop_empty)}
    ),
)
NEEDS = st.fixed_dictionaries(
    {},
    optional={
        "caller": CALLER,
        "keys": draw_set(["me", "you"], 0),
        "addresses": st.fixed_dictionaries({}, optional={"api": draw_set(RANGES), "route": draw_set(RANGES)}),
        "notAddresses": draw_set(RANGES),
        "through": st.fixed_dictionaries({"endpoints": draw_set(["vpce-1", "vpce-2"])}),
    },
)


COVERED = {
    cidr: {one for one in ADDRESSES if ipaddress.ip_address(one) in ipaddress.ip_network(cidr)} for cidr in RANGES
}


def admits(needs: dict[str, Any], caller: tuple[Any, ...]) -> bool:
    """What AWS decides of a caller."""
    credential, key, address, (endpoint, _) = caller

    def is_in(ranges: Any) -> bool:
        return any(address in COVERED[cidr] for cidr in ranges)

    for kind, wanted in needs.get("caller", {}).items():
        if credential[0] != kind:
            return False
        if kind == "iam" and credential[1] not in {**wanted["accounts"], **wanted["otherAccounts"]}:
            return False
        if kind == "jwt" and (credential[1] != wanted["issuer"] or credential[2] not in wanted["audiences"]):
            return False
        if kind == "cognito" and credential[1] not in wanted["pools"]:
            return False
        if wanted.get("scopes") and not credential[-1] & wanted["scopes"].keys():
            return False
        if kind == "cognito" and not wanted.get("scopes") and credential[-1]:
            return False  # an access token, where the method takes ID tokens
    if "keys" in needs and key not in needs["keys"]:
        return False
    if not all(map(is_in, needs.get("addresses", {}).values())) or is_in(needs.get("notAddresses", {})):
        return False
    return "through" not in needs or endpoint in needs["through"]["endpoints"]


@settings(max_examples=draws(150))
@given(NEEDS, NEEDS)
def test_the_order_is_that_of_the_callers(before: dict[str, Any], after: dict[str, Any]) -> None:
    one, two = ({at for at, caller in enumerate(CALLERS) if admits(needs, caller)} for needs in (before, after))
    truth = Order.EQUAL if one == two else Order.MORE if one < two else Order.FEWER if one > two else Order.OTHER
    assert compare(before, after) is truth


@settings(max_examples=draws(200))
@given(NEEDS, NEEDS)
def test_the_opposite_change_has_the_opposite_order(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert compare(after, before) is reverse(compare(before, after))
    assert compare(before, before) is Order.EQUAL


@settings(max_examples=draws(200))
@given(NEEDS, NEEDS, NEEDS)
def test_more_than_more_is_more(first: dict[str, Any], second: dict[str, Any], third: dict[str, Any]) -> None:
    orders = {compare(first, second), compare(second, third)}
    if len(orders - {Order.EQUAL}) == 1 and (order := combine(orders)) in (Order.MORE, Order.FEWER):
        assert compare(first, third) is order


JWT = {"issuer": "https://login.example.com", "audiences": {"shop": True}}


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (
            {"caller": {"iam": {"accounts": {"own": True}}}},
            {"caller": {"iam": {"accounts": {"own": True}, "otherAccounts": {"333344445555": True}}}},
            Change("account", Order.MORE, ("333344445555",)),
        ),
        (
            {"caller": {"jwt": {**JWT, "scopes": {"orders/read": True}}}},
            {"caller": {"jwt": JWT}},
            Change("scope", Order.MORE, (), ("orders/read",)),
        ),
        (
            {"caller": {"cognito": {"pools": {"users": {"of": ["urn"]}}}}},
            {"caller": {"cognito": {"pools": {"arn:aws:cognito-idp:…": True}}}},
            Change("pool", Order.UNKNOWN, ("arn:aws:cognito-idp:…",), ("users",)),
        ),
        (
            {"caller": {"lambda": {"function": {"of": ["urn::a"]}}}},
            {"caller": {"lambda": {"function": {"of": ["urn::b"]}}}},
            Change("authorizer", Order.UNKNOWN, ("b",), ("a",)),
        ),
        (
            {"keys": {"me": {"value": "generated"}}},
            {"keys": {"you": {"value": "generated"}}},
            Change("key", Order.OTHER, ("you",), ("me",)),
        ),
        (
            {"signature": {"scheme": "github", "toleranceSeconds": 300}},
            {"signature": {"scheme": "github", "toleranceSeconds": 600}},
            Change("signature", Order.MORE, ("toleranceSeconds 600",), ("toleranceSeconds 300",)),
        ),
        (
            {"signature": {"scheme": "github"}},
            {"signature": {"scheme": "github", "previousSecret": True}},
            Change("signature", Order.MORE, ("previousSecret True",)),
        ),
        (
            {"signature": {"scheme": "github"}},
            {"signature": {"scheme": "stripe"}},
            Change("signature", Order.OTHER, ("scheme stripe",), ("scheme github",)),
        ),
        (
            {"firewall": {"rules": {"common": True}, "requestsPerFiveMinutes": 100}},
            {"firewall": {"requestsPerFiveMinutes": 100}},
            Change("firewall", Order.MORE, (), ("common",)),
        ),
        (
            {"certificate": {"truststore": "s3://a/ca.pem", "version": "1"}},
            {"certificate": {"truststore": "s3://a/ca.pem", "version": "2"}},
            Change("certificate", Order.UNKNOWN, ("version 2",), ("version 1",)),
        ),
        (
            {"through": {"endpoints": {"a": {"of": ["urn"]}}}},
            {"through": {"endpoints": {"a": {"of": ["urn"]}}, "vpcs": {"vpc-1": True}}},
            Change("entry", Order.MORE, ("VPC vpc-1",)),
        ),
        ({"addresses": {"api": {"198.51.100.0/24": True}}}, None, Change("call", Order.FEWER)),
        ({"keys": {}}, {}, Change("call", Order.MORE)),
    ],
)
def test_a_change_names_what_came_and_went(before: Any, after: Any, change: Change) -> None:
    assert list_changes(before, after) == [change]


def test_a_renamed_key_that_keeps_its_value_is_no_change() -> None:
    before = {"keys": {"me": {"value": "generated"}}}
    assert list_changes(before, {"keys": {"you": {"value": "generated", "formerly": "me"}}}) == []


def test_two_halves_of_a_range_are_the_range() -> None:
    halves = {"198.51.100.0/25": True, "198.51.100.128/25": True}
    assert compare({"addresses": {"api": {"198.51.100.0/24": True}}}, {"addresses": {"api": halves}}) is Order.EQUAL


@pytest.mark.parametrize("reference", [{"unknown": True}, {"secret": True}])
def test_what_is_not_known_is_never_equal(reference: Any) -> None:
    needs = {"caller": {"cognito": {"pools": {"unknown": reference}}}}
    assert compare(needs, needs) is Order.UNKNOWN


@pytest.mark.parametrize(
    ("api", "route", "anyone"),
    [
        (["0.0.0.0/0"], [], True),
        (["0.0.0.0/1", "128.0.0.0/1"], [], True),
        ([], ["::/0"], True),
        (["0.0.0.0/0"], ["0.0.0.0/0"], True),
        (["0.0.0.0/0"], ["203.0.113.0/24"], False),
        (["0.0.0.0/1"], ["128.0.0.0/1"], False),
        (["0.0.0.0/1", "128.0.0.0/2"], [], False),
    ],
)
def test_lists_that_admit_every_address_name_nobody(api: list[str], route: list[str], anyone: bool) -> None:
    lists = {"api": dict.fromkeys(api, True), "route": dict.fromkeys(route, True)}
    needs = {"addresses": {key: ranges for key, ranges in lists.items() if ranges}}
    assert is_open(needs) == anyone
    # To deny some is to name nobody who may.
    assert is_open({**needs, "notAddresses": {"203.0.113.9/32": True}}) == anyone
    assert not is_open({**needs, "keys": {"me": True}})


def test_only_a_call_without_needs_is_open() -> None:
    assert is_open({})
    assert is_open({"firewall": {"requestsPerFiveMinutes": 100}})
    assert not is_open({"keys": {}})
    assert not is_open({"signature": {"scheme": "github"}})
