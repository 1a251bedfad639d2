"""Changes of callers in both directions, on statements: what the comparison says of each, and what fails `--strict`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from review.compare.lines import Line, Topic
from review.graph import Graph
from review.tests.compare.statements import PREFIX, compare_statements, make_api, make_graph

POOL: Final = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_"
OPENS, MORE, FEWER, OTHER = Topic.OPENS, Topic.MORE, Topic.FEWER, Topic.OTHER
ADDS, REMOVES, CANNOT = Topic.ADDS, Topic.REMOVES, Topic.CANNOT
PROXY: Final = {"function": {"of": [f"{PREFIX}ServerlessProxy::serverlessproxy"]}}
Pair = tuple[Graph, Graph, Topic | None, Topic | None, str]


def some(*members: Any) -> dict[str, bool]:
    return dict.fromkeys(members, True)


def iam(*others: str) -> dict[str, Any]:
    return {"caller": {"iam": {"accounts": some("own"), **({"otherAccounts": some(*others)} if others else {})}}}


def jwt(**changed: Any) -> dict[str, Any]:
    base = {"issuer": "https://a.example", "audiences": some("app"), "headers": some("authorization")}
    return {"caller": {"jwt": {**base, **changed}}}


def cognito(*pools: str, **more: Any) -> dict[str, Any]:
    return {"caller": {"cognito": {"pools": some(*(POOL + pool for pool in pools)), **more}}}


def gate(function: str = "gate", *headers: str) -> dict[str, Any]:
    return {"caller": {"lambda": {"function": function, "headers": some(*headers or ("authorization",))}}}


def keys(*names: str) -> dict[str, Any]:
    return {"keys": some(*names)}


def ranges(*cidrs: str, api: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"addresses": {"route": some(*cidrs), **({"api": some(*api)} if api else {})}}


def through(*endpoints: str) -> dict[str, Any]:
    return {"through": {"endpoints": some(*endpoints)}}


def of(needs: Mapping[str, Any], **more: Any) -> Graph:
    return make_graph(ApiFront=make_api(("GET /a", needs), **more))


def of_ways(*ways: tuple[str, Mapping[str, Any]], kind: str = "rest") -> Graph:
    return make_graph(ApiFront=make_api(*ways, kind=kind))


def signed(needs: Mapping[str, Any], **checks: Any) -> Graph:
    """A call that a forwarder answers, which checks a signature if it has a scheme."""
    unless = {"unless": some("iam", "jwt", "cognito"), "checks": checks} if checks else {}
    api = make_api(("POST /hook", needs), to=PROXY)
    return make_graph(ApiFront=api, ServerlessProxy={**unless, "to": {"url": "http://a"}})


def guarded(needs: Mapping[str, Any], **firewall: Any) -> Graph:
    return of(needs, **({"firewall": firewall} if firewall else {}))


RANGE: Final = ranges("203.0.113.0/24")
GITHUB: Final = {"scheme": "github", "toleranceSeconds": 300}
PAIRS: Final[dict[str, Pair]] = {
    "an account more": (of(iam()), of(iam("333344445555")), MORE, FEWER, "+ account 333344445555"),
    "another account": (of(iam("1")), of(iam("2")), OTHER, OTHER, "+ account 2, − account 1"),
    "the last scope": (of(jwt(scopes=some("orders/read"))), of(jwt()), MORE, FEWER, "− scope orders/read"),
    # Without scopes a method takes ID tokens, and none of a machine.
    "the last scope of Cognito": (
        *(of(cognito("a", scopes=some("orders/read"))), of(cognito("a"))),
        *(OTHER, OTHER, "− scope orders/read"),
    ),
    # A path without the method leaves its calls to a wider one.
    "a method of a narrower path": (
        of_ways(("GET /{x}", {}), ("GET /a", keys("me")), ("POST /a", iam())),
        of_ways(("GET /{x}", {}), ("POST /a", iam())),
        *(OPENS, FEWER, "− key me"),
    ),
    "every address": (of(ranges("203.0.113.0/24")), of(ranges("0.0.0.0/0")), OPENS, FEWER, "+ address 0.0.0.0/0"),
    "a scope more": (of(jwt(scopes=some("r"))), of(jwt(scopes=some("r", "w"))), MORE, FEWER, "+ scope w"),
    "another scope": (of(jwt(scopes=some("r"))), of(jwt(scopes=some("w"))), OTHER, OTHER, "+ scope w, − scope r"),
    "an audience more": (of(jwt()), of(jwt(audiences=some("app", "cli"))), MORE, FEWER, "+ audience cli"),
    "another issuer": (of(jwt()), of(jwt(issuer="https://b.example")), OTHER, OTHER, "+ issuer https://b.example"),
    "other headers": (of(jwt()), of(jwt(headers=some("x"))), OTHER, OTHER, "+ header x"),
    "a pool more": (of(cognito("a")), of(cognito("a", "b")), MORE, FEWER, f"+ pool {POOL}b"),
    "another pool": (of(cognito("a")), of(cognito("b")), OTHER, OTHER, f"+ pool {POOL}b"),
    "addresses of a keyed call": (
        *(of({**keys("acme"), **RANGE}), of(keys("acme"))),
        *(MORE, FEWER, "− address 203.0.113.0/24"),
    ),
    "a range in two halves": (of(RANGE), of(ranges("203.0.113.0/25", "203.0.113.128/25")), None, None, ""),
    "a wider range": (of(RANGE), of(ranges("203.0.0.0/16")), MORE, FEWER, "+ address 203.0.0.0/16"),
    "another range": (of(RANGE), of(ranges("198.51.100.0/24")), OTHER, OTHER, "− address 203.0.113.0/24"),
    "a denied range": (
        *(of({**iam(), "notAddresses": some("198.51.100.0/24")}), of(iam())),
        *(MORE, FEWER, "− address not 198.51.100.0/24"),
    ),
    "a list of the API beside the route's": (
        *(of(ranges("203.0.113.0/24", api=("203.0.113.0/25",))), of(RANGE)),
        *(MORE, FEWER, ""),
    ),
    "IAM is taken off": (of(iam()), of({}), OPENS, FEWER, "− IAM"),
    "a key is taken off": (of(keys("acme")), of({}), OPENS, FEWER, "− key acme"),
    "addresses are taken off": (of(RANGE), of({}), OPENS, FEWER, "− address 203.0.113.0/24"),
    "IAM for JWT": (of(iam()), of(jwt()), OTHER, OTHER, "+ JWT, − IAM"),
    "IAM for a key": (of(iam()), of(keys("acme")), OTHER, OTHER, "− IAM"),
    "IAM for an authorizer": (of(iam()), of(gate()), OTHER, OTHER, "+ authorizer, − IAM"),
    "a key beside IAM": (of({**iam(), **keys("acme")}), of(iam()), MORE, FEWER, "− key acme"),
    "a key more": (of(keys("acme")), of(keys("acme", "globex")), MORE, FEWER, "+ key globex"),
    "another key": (of(keys("acme")), of(keys("globex")), OTHER, OTHER, "+ key globex, − key acme"),
    "a renamed key": (
        *(of(keys("acme")), of(keys("globex"), keys={"globex": {"value": "given", "formerly": "acme"}})),
        *(None, OTHER, ""),
    ),
    "no plan has a key": (of(keys()), of(keys("acme")), ADDS, REMOVES, ""),
    "a signature": (signed({}, **GITHUB), signed({}), OPENS, FEWER, "− signature"),
    "a signature beside addresses": (signed(RANGE, **GITHUB), signed(RANGE), MORE, FEWER, "− signature"),
    "a signature of which IAM excuses": (signed(iam(), **GITHUB), signed(iam()), None, None, ""),
    "another signature": (
        *(signed({}, **GITHUB), signed({}, **{**GITHUB, "scheme": "slack"})),
        *(OTHER, OTHER, "+ signature scheme slack"),
    ),
    "an older signature": (
        *(signed({}, **GITHUB), signed({}, **{**GITHUB, "toleranceSeconds": 900})),
        *(MORE, FEWER, "+ signature toleranceSeconds 900"),
    ),
    "a second secret": (signed({}, **GITHUB), signed({}, **GITHUB, previousSecret=True), MORE, FEWER, "previousSecret"),
    "a firewall": (guarded(iam(), requestsPerFiveMinutes=900), guarded(iam()), MORE, FEWER, "− firewall"),
    "a firewall before an open call": (guarded({}, requestsPerFiveMinutes=900), guarded({}), MORE, FEWER, "− firewall"),
    "a higher limit": (
        *(guarded(iam(), requestsPerFiveMinutes=900), guarded(iam(), requestsPerFiveMinutes=9000)),
        *(MORE, FEWER, "+ firewall 9000 in 5 minutes"),
    ),
    "a rule of the firewall": (
        *(guarded(iam(), requestsPerFiveMinutes=900, rules=some("ip-reputation")),),
        *(guarded(iam(), requestsPerFiveMinutes=900), MORE, FEWER, "− firewall ip-reputation"),
    ),
    "a certificate beside IAM": (
        *(of({**iam(), "certificate": {"truststore": "s3://a/b"}}), of(iam())),
        *(MORE, FEWER, "− certificate"),
    ),
    "another truststore": (
        *(of({"certificate": {"truststore": "s3://a/b"}}), of({"certificate": {"truststore": "s3://a/c"}})),
        *(CANNOT, CANNOT, "whose certificates the truststore has is not known"),
    ),
    "another authorizer": (of(gate()), of(gate("other")), CANNOT, CANNOT, "only its function knows whom it admits"),
    "other headers of an authorizer": (of(gate()), of(gate("gate", "x")), CANNOT, CANNOT, "only its function knows"),
    "an ID for a resource": (
        *(of(cognito("a")), of({"caller": {"cognito": {"pools": {"pool": {"of": ["urn:x::pool"]}}}}})),
        *(CANNOT, CANNOT, "written in another form"),
    ),
    "a scope beside a secret issuer": (
        *(of(jwt(issuer={"secret": True}, scopes=some("r"))), of(jwt(issuer={"secret": True}, scopes=some("r", "w")))),
        *(MORE, FEWER, "+ scope w"),
    ),
    "an endpoint more": (
        *(of(through("vpce-1"), kind="private"), of(through("vpce-1", "vpce-2"), kind="private")),
        *(MORE, FEWER, "+ endpoint vpce-2"),
    ),
    "another endpoint": (
        *(of(through("vpce-1"), kind="private"), of(through("vpce-2"), kind="private")),
        *(OTHER, OTHER, "+ endpoint vpce-2, − endpoint vpce-1"),
    ),
    "a private API with IAM becomes public": (
        *(of({**iam(), **through("vpce-1")}, kind="private"), of(iam())),
        *(MORE, FEWER, "− endpoint vpce-1"),
    ),
    "a private API becomes public": (of(through("vpce-1"), kind="private"), of({}), OPENS, FEWER, "− endpoint vpce-1"),
    "a call": (of_ways(("GET /a", iam())), of_ways(("GET /a", iam()), ("GET /b", iam())), ADDS, REMOVES, "GET /b"),
    "an open call": (of_ways(("GET /a", iam())), of_ways(("GET /a", iam()), ("GET /b", {})), OPENS, REMOVES, "GET /b"),
    "each method": (of_ways(("GET /a", iam())), of_ways(("ANY /a", iam())), ADDS, REMOVES, "DELETE HEAD OPTIONS"),
    "a guarded way above an open one": (
        *(of_ways(("GET /a", iam()), ("GET /{proxy+}", {})), of_ways(("GET /{proxy+}", {}))),
        *(OPENS, FEWER, "GET /a of"),
    ),
    "another method, which falls through in an HTTP API": (
        *(of_ways(("GET /a", iam()), ("POST /{proxy+}", iam()), kind="http"),),
        *(of_ways(("POST /{proxy+}", iam()), kind="http"), REMOVES, ADDS, "GET /a of"),
    ),
}


def judge_pair(before: Graph, after: Graph) -> list[Line]:
    said = (*FAILING, FEWER, ADDS, REMOVES, CANNOT)
    return [line for line in compare_statements(before, after) if line.topic in said]


FAILING: Final = (OPENS, MORE, OTHER)


@pytest.mark.parametrize("name", PAIRS)
def test_a_change_and_its_opposite_are_said(name: str) -> None:
    before, after, forth, back, atoms = PAIRS[name]
    for old, new, topic in ((before, after, forth), (after, before, back)):
        lines = judge_pair(old, new)
        assert [line.topic for line in lines] == [topic] * (topic is not None), [line.sentence for line in lines]
        assert all(line.fails == (topic in FAILING) and line.place for line in lines)
    assert all(atoms in line.sentence for line in judge_pair(before, after))
    assert judge_pair(before, before) == judge_pair(after, after) == []


def test_a_statement_that_a_transform_changes_removes_no_call() -> None:
    before = of(iam())
    (api,) = before
    after = replace(before, resources={api.urn: replace(api, altered=frozenset({"reach"}))})
    for old, new in ((before, after), (after, before)):
        (line,) = compare_statements(old, new)
        assert line.sentence.startswith("Cannot compare: apifront: its statement was changed")
