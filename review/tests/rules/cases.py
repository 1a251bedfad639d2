"""What the YAML files say of each rule: programs that break it, that it leaves alone, and of which it cannot tell."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from review.graph import Graph
from review.rules import Finding, check
from review.tests import written
from review.tests.graph_builder import Builder, Declare
from review.tests.rules import programs


@functools.cache
def built(declare: Declare, *, known: bool = True) -> Graph:
    """The graph that is declared; rules and pack are tested in one process, which builds and checks it once."""
    build = Builder(known=known)
    declare(build)
    return build.graph()


@functools.cache
def findings(declare: Declare, *, known: bool = True) -> list[Finding]:
    """What the rules say of it."""
    return check(built(declare, known=known))


@dataclass(frozen=True)
class Planted:
    """One violation: the rule that finds it, the resource that is named, and words of the message."""

    rule: str
    declare: Declare
    at: str
    message: str


@dataclass
class Cases:
    """All that was planted, all that is sound, and what nobody can tell, by rule."""

    planted: list[Planted] = field(default_factory=list)
    doubted: list[Planted] = field(default_factory=list)
    sound: list[tuple[str, Declare]] = field(default_factory=list)

    def add(self, rule: str, entry: dict[str, Any], declare: Declare) -> None:
        """`fails` and `doubts` are the name of the resource that is named, `-` for the stack itself."""
        at = entry.get("fails", entry.get("doubts"))
        if at is None:
            self.sound += [(one, declare) for one in (rule, *entry.get("also", ()))]
        else:
            found = Planted(rule, declare, at, entry.get("says", ""))
            (self.planted if "fails" in entry else self.doubted).append(found)


def _programs(entry: dict[str, Any], words: dict[str, Any]) -> Iterator[Declare]:
    """One program, or one for each value that stands for `$it`."""
    for it in entry.get("each", (None,)):
        yield written.program(entry["with"], {**words, "it": it})


def _mapped(cases: Cases) -> None:
    """Routes on which a caller could write the headers that name it."""
    header = f"overwrite:header.{programs.SUBJECT}"
    own = f"passes on the caller's own {programs.SUBJECT}"
    faults: list[tuple[str, dict[str, str] | None]] = [
        (f"GET /open {own}", None),
        (own, {"overwrite:path": "/x", f"remove:querystring.{programs.SUBJECT}": "''"}),
        ("appends to the caller's own", {f"append:header.{programs.SUBJECT}": "''"}),
        ("GET /open may pass on the caller's own", {header: "${context.authorizer.claims.scope}"}),
        ("$request.header.user is a part of the caller's request", {header: "$request.header.user"}),
        ("is a part of the caller's request", {header: f"sub:${{request.header.{programs.SUBJECT}}}"}),
        ("is a part of the caller's request", {header: "$request.querystring.u"}),
        ("'' can be empty", {header: "''"}),
        ("can be empty", {header: ""}),
        ("can be empty", {header: "${context.authorizer.claims.sub}${context.authorizer.claims.scope}"}),
        ("$context.identity.apiKeyId can be empty", {header: "$context.identity.apiKeyId"}),
        ("$stageVariables.none can be empty", {header: "$stageVariables.none"}),
    ]  # fmt: skip
    sound: list[dict[str, str]] = [
        {f"remove:header.{programs.SUBJECT.lower()}": "''"},
        {header: "anonymous"},
        # Every caller of the route has an ARN.
        {header: "$context.identity.userArn"},
        {header: "$context.requestId"},
        {header: "${context.authorizer.claims.sub}@${context.authorizer.claims.iss}"},
        {header: "${context.authorizer.claims.sub}${context.identity.sourceIp}"},
    ]
    of_routes = functools.partial(functools.partial, programs.two_routes)
    of_methods = [("context.authorizer.claims.sub", None), ("context.authorizer.claims.sub", "''"), ("'anybody'", None)]
    mixed = "GET / and POST / may pass on the caller's own X-Authenticated-Userid, in other upper"
    cases.planted += [
        *(Planted("GATE-12", of_routes(open_route=mapping), "api", said) for said, mapping in faults),
        Planted(
            "GATE-12",
            of_routes(open_route={header: "$context.identity.userArn"}, authorization="NONE"),
            "api",
            "$context.identity.userArn can be empty",
        ),
        # Neither an empty value nor a constant replaces `x-authenticated-userid`.
        *(Planted("GATE-12", _methods(*sources), "api", mixed) for sources in of_methods[:2]),
    ]
    cases.sound += [("GATE-12", of_routes(open_route=mapping)) for mapping in sound]
    # Nobody tells who called.
    cases.sound += [("GATE-12", of_routes(open_route=None, told=None)), ("GATE-12", _methods(*of_methods[2]))]


def on(operator: str, key: str, value: str, **also: Any) -> dict[str, Any]:
    return {**programs.EVERYBODY, "Condition": {operator: {f"aws:{key}": value, **also}}}


def but(operator: str, key: str, value: str) -> dict[str, Any]:
    return {**on(operator, key, value), "Effect": "Deny"}


def only(principal: Any, effect: str = "Allow") -> dict[str, Any]:
    return {"Statement": [{**programs.EVERYBODY, "Effect": effect, "Principal": principal, "Resource": "*"}]}


EVERYBODY = programs.EVERYBODY
OWN = {"AWS": programs.ACCOUNT}
ONE_ROLE = {"AWS": f"arn:aws:iam::{programs.ACCOUNT}:role/reporter"}
WAYS: dict[str, list[dict[str, Any]]] = {
    "everybody": [EVERYBODY],
    "the endpoint": [on("StringEquals", "SourceVpce", "ENDPOINT")],
    "the VPC": [on("StringEquals", "SourceVpc", "VPC")],
    "endpoint and VPC": [on("StringEquals", "SourceVpce", "ENDPOINT", **{"aws:SourceVpc": "VPC"})],
    "all but other endpoints": [EVERYBODY, but("StringNotEquals", "SourceVpce", "ENDPOINT")],
    "all but other VPCs": [EVERYBODY, but("StringNotEquals", "SourceVpc", "VPC")],
    "all but other addresses": [EVERYBODY, but("NotIpAddress", "VpcSourceIp", "10.0.0.0/16")],
    "an endpoint of others": [on("StringEquals", "SourceVpce", "vpce-0other")],
    "an endpoint of others in a VPC": [on("StringEquals", "SourceVpce", "vpce-0a", **{"aws:SourceVpc": "vpc-0b"})],
    "an account": [on("StringEquals", "PrincipalAccount", programs.ACCOUNT)],
}
"""Resource policies that allow more than an identity's own permission."""
NO_WAYS: list[list[dict[str, Any]]] = [
    [but("StringNotEquals", "SourceVpce", "ENDPOINT")],
    [but("StringNotEquals", "SourceVpc", "VPC")],
    [{**on("StringEquals", "SourceVpce", "ENDPOINT"), "Principal": OWN}],
    [EVERYBODY, {**EVERYBODY, "Effect": "Deny"}],
    [on("StringEquals", "SourceVpce", "ENDPOINT"), but("StringEquals", "SourceVpc", "VPC")],
]


def _signed_calls(cases: Cases) -> None:
    """Identity policies, resource policies and policies of endpoints together."""
    anyone, ours = "any AWS identity call GET /orders", "any identity of this account call GET /orders"
    through: list[tuple[str, Any, str]] = [
        *((name, None, ours if name == "an account" else anyone) for name in WAYS),
        *((name, only("*"), ours if name == "an account" else anyone) for name in WAYS),
        # Nobody comes by another endpoint, so this one's policy has its say.
        *((name, only(OWN), ours) for name in ("the endpoint", "endpoint and VPC", "all but other endpoints")),
        *((name, only(ONE_ROLE), "") for name in ("the endpoint", "endpoint and VPC", "all but other endpoints")),
        *((name, only("*", "Deny"), "") for name in ("the endpoint", "endpoint and VPC", "all but other endpoints")),
        # Others can make an endpoint there, with a policy of their own.
        *((name, only(ONE_ROLE), anyone) for name in ("everybody", "the VPC", "all but other VPCs")),
        ("an endpoint of others", only(ONE_ROLE), anyone),
    ]
    for name, policy, said in through:
        declare = _private(WAYS[name], policy)
        if said:
            cases.planted.append(Planted("API-10", declare, "api", said))
        else:
            cases.sound.append(("API-10", declare))
    cases.sound += [("API-10", _private(statements)) for statements in NO_WAYS]


def _private(statements: list[dict[str, Any]], through: Any = None) -> Declare:
    return lambda build: programs.private_signed_api(build, *statements, through=through)


def _methods(*sources: str | None) -> Declare:
    return lambda build: programs.two_methods(build, *sources)


def _all_cases() -> Cases:
    cases = Cases()
    _mapped(cases)
    _signed_calls(cases)
    for file in sorted(Path(__file__).parent.glob("*.yaml")):
        whole = written.read(file)
        words = whole.pop("words", {})
        for rule, entries in whole.items():
            for entry in entries:
                for declare in _programs(entry, words):
                    cases.add(rule, entry, declare)
    return cases


CASES = _all_cases()
