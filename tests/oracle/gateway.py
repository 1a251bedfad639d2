"""Whom an API admits, by its document or routes, policy, authorizers and usage plans: as API Gateway decides.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import functools
import ipaddress
import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from components.callers.address_spans import list_admitted_spans
from components.callers.callers import Caller
from components.recording.resources import Resource
from components.recording.values import reveal
from tests.helpers.policies import Decision, allows
from tests.oracle.stack import Stack, plain
from tests.topologies.evaluated_api import matched

_ANY = "x-amazon-apigateway-any-method"
_OWN = "123456789012"


@dataclass(frozen=True)
class Way:
    """What a call takes: its authorization, and where it goes."""

    kind: str
    """`none`, `iam`, `jwt`, `cognito` or `lambda`."""
    authorizer: Mapping[str, Any]
    scopes: frozenset[str]
    key: bool
    target: frozenset[str]


class Gateway:
    """The API that a component declared."""

    def __init__(self, stack: Stack, front: Resource) -> None:
        self.stack, self.front = stack, front
        # Each call is tried by dozens of callers.
        self.find_way: Callable[[str, str], Way | None] = functools.cache(self._find_way)
        self._of: Callable[..., list[Resource]] = functools.cache(functools.partial(stack.children, front))

    @cached_property
    def document(self) -> Mapping[str, Any] | None:
        """The OpenAPI document; None of an HTTP API."""
        apis = self._of("RestApi")
        return json.loads(reveal(apis[0].inputs["body"])) if apis else None

    @cached_property
    def policy(self) -> Mapping[str, Any] | None:
        return (self.document or {}).get("x-amazon-apigateway-policy")

    @cached_property
    def keys(self) -> set[str]:
        """Names of API keys in a usage plan of this API."""
        plans = {self.stack.name(each.id) for each in self._of("UsagePlan") if plain(each).get("apiStages")}
        members = [plain(each) for each in self._of("UsagePlanKey")]
        listed = [self.stack.name(one["keyId"]) for one in members if self.stack.name(one["usagePlanId"]) in plans]
        return {urn.rpartition("::")[2].removeprefix(f"{self.front.name}-key-") for urn in listed}

    @cached_property
    def is_private(self) -> bool:
        return any(plain(api)["endpointConfiguration"]["types"] == "PRIVATE" for api in self._of("RestApi"))

    @cached_property
    def asks_for_certificate(self) -> bool:
        """Whether each address of the API asks for a client certificate."""
        [api] = self._of("RestApi", "Api")
        names = [each for each in self._of("DomainName") if "mutualTlsAuthentication" in each.inputs]
        return bool(names) and plain(api).get("disableExecuteApiEndpoint") is True

    def list_calls(self) -> Iterator[tuple[str, str]]:
        """Methods and paths that have a way."""
        for template, item in self.document["paths"].items() if self.document is not None else ():
            yield from ((("ANY" if key == _ANY else key.upper()), template) for key in item)
        for route in self._of("Route"):
            method, _, template = str(route.inputs["routeKey"]).partition(" ")
            yield method, template

    def list_members(self, way: Way) -> dict[str, list[str]]:
        """What the policy, the authorizer and the plans name, by the field of a caller."""
        found: dict[str, list[str]] = {"key": [*self.keys], "token_scopes": [*way.scopes]}
        for statement in (self.policy or {}).get("Statement", ()):
            principal = statement["Principal"]
            found.setdefault("account", []).extend(principal["AWS"] if isinstance(principal, Mapping) else ())
            for keys in statement.get("Condition", {}).values():
                for key, values in keys.items():
                    field = {"aws:SourceIp": "address", "aws:SourceVpce": "endpoint", "aws:SourceVpc": "vpc"}[key]
                    listed = values if isinstance(values, list) else [values]
                    names = [self.stack.name(one).rpartition("::")[2] for one in listed]
                    found.setdefault(field, []).extend(listed if field == "address" else names)
        jwt = way.authorizer.get("jwtConfiguration") or {}
        found["issuer"], found["audience"] = (
            [str(jwt[key]) for key in ("issuer",) if key in jwt],
            jwt.get("audiences", []),
        )
        pools = way.authorizer.get("providerARNs", ())
        found["pool"] = [self.stack.name(one).rpartition("::")[2] for one in pools]
        return found

    def _find_way(self, method: str, path: str) -> Way | None:
        """The way of a call; None if no route takes it, or API Gateway answers by itself."""
        return self._find_in_routes(method, path) if self.document is None else self._find_in_document(method, path)

    def _find_in_document(self, method: str, path: str) -> Way | None:
        assert self.document is not None
        found = [
            (match.ranks, item)
            for template, item in self.document["paths"].items()
            if (match := matched(template, path)) and (method.lower() in item or _ANY in item)
        ]
        if not found:
            return None
        _, item = min(found, key=lambda one: one[0])
        operation = item.get(method.lower()) or item[_ANY]
        if operation["x-amazon-apigateway-integration"]["type"] == "mock":
            return None
        integration, schemes = operation["x-amazon-apigateway-integration"], self.document.get("components", {})
        authorizer: Mapping[str, Any] = {}
        kind, scopes, key = "none", frozenset[str](), False
        for name, wanted in [pair for each in operation.get("security", []) for pair in each.items()]:
            scheme = schemes["securitySchemes"][name]
            decision = scheme.get("x-amazon-apigateway-authorizer")
            if scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
                kind = "iam"
            elif decision is None:
                key = True
            else:
                kind, authorizer = ("cognito" if "providerARNs" in decision else "lambda"), decision
                scopes = frozenset(wanted)
        named = [integration.get(one) for one in ("uri", "connectionId", "integrationTarget")]
        return Way(kind, authorizer, scopes, key, self._name_targets(named))

    def _find_in_routes(self, method: str, path: str) -> Way | None:
        found = []
        for route in self._of("Route"):
            taken, _, template = str(route.inputs["routeKey"]).partition(" ")
            if taken in (method, "ANY") and (match := matched(template, path)):
                found.append((match.ranks, taken == "ANY", route))
        if not found:
            return None
        *_, route = min(found, key=lambda one: one[:2])
        given = plain(route)
        [integration] = [each for each in self._of("Integration") if given["target"] == f"integrations/{each.id}"]
        called = plain(integration)
        authorizer: Mapping[str, Any] = {}
        kind = {"NONE": "none", "AWS_IAM": "iam"}.get(given["authorizationType"], "")
        if not kind:
            [own] = [each for each in self._of("Authorizer") if each.id == given["authorizerId"]]
            kind, authorizer = {"JWT": "jwt", "REQUEST": "lambda"}[own.inputs["authorizerType"]], plain(own)
        named = [called.get(one) for one in ("integrationUri", "connectionId")]
        scopes = frozenset(given.get("authorizationScopes") or ())
        return Way(kind, authorizer, scopes, False, self._name_targets(named))

    def _name_targets(self, named: list[Any]) -> frozenset[str]:
        """Functions, listeners, links and balancers of an integration, as what they are in the stack."""
        found = set()
        for each in filter(None, named):
            text = (
                str(each).replace("2021-11-15", "2015-03-31").replace("response-streaming-invocations", "invocations")
            )
            found.add(self.stack.name(text))
        return frozenset(found)

    def admits(self, method: str, path: str, caller: Caller) -> bool:
        """Whether API Gateway passes a call of this caller on. Signatures of forwarders are not its own."""
        way = self.find_way(method, path)
        if way is None or (self.asks_for_certificate and not caller.certificate):
            return False
        if way.key and caller.key not in self.keys:
            return False
        if self.is_private and not (caller.endpoint or caller.vpc):
            return False
        identified = self._identifies(way, caller)
        if self.policy is None:
            return identified and not (way.kind == "iam" and caller.account not in ("own",))
        decision = self._decide(method, path, caller, way)
        if decision is Decision.DENY or not identified:
            return False
        if way.kind == "lambda" or (way.kind == "iam" and caller.account == "own"):
            return True
        return decision is Decision.ALLOW

    def opens_to_account(self, method: str, path: str, caller: Caller) -> bool:
        """Whether the policy admits an identity of the own account that has no right to call the API."""
        way = self.find_way(method, path)
        return way is not None and way.kind == "iam" and self._decide(method, path, caller, way) is Decision.ALLOW

    def _identifies(self, way: Way, caller: Caller) -> bool:
        match way.kind:
            case "iam":
                return bool(caller.account)
            case "lambda":
                return caller.authorized
            case "none":
                return True
        if caller.token_scopes is None or (way.scopes and not way.scopes & {*caller.token_scopes}):
            return False
        if way.kind == "cognito":
            if caller.token_scopes and not way.scopes:
                return False  # methods without scopes take ID tokens, which have none
            pools = [name.rpartition("::")[2] for name in map(self.stack.name, way.authorizer["providerARNs"])]
            return not caller.pool or caller.pool in pools
        jwt = way.authorizer["jwtConfiguration"]
        issuers, audiences = (("", str(jwt["issuer"])), ("", *map(str, jwt["audiences"])))
        return caller.issuer in issuers and caller.audience in audiences

    def _decide(self, method: str, path: str, caller: Caller, way: Way) -> Decision:
        if self.policy is None:
            return Decision.SILENT
        [stage] = [plain(each)["stageName"] for each in self._of("Stage")]
        arn = f"arn:aws:execute-api:eu-west-1:{_OWN}:api/{stage}/{method}/{path.lstrip('/')}"
        context = {"aws:SourceIp": caller.address or "192.0.2.200"}
        for key, value in (("aws:SourceVpce", caller.endpoint), ("aws:SourceVpc", caller.vpc)):
            if value:
                context[key] = self._id_of(value)
        account = _OWN if caller.account == "own" else caller.account
        principal = f"arn:aws:iam::{account}:role/caller" if way.kind == "iam" and account else "*"
        return allows(self.policy, principal=principal, action="execute-api:Invoke", resource=arn, context=context)

    def _id_of(self, name: str) -> str:
        """The ID of a resource that a statement names."""
        named = [
            each.id
            for each in self.stack.graph
            if each.custom and each.name == name and each.kind in ("VpcEndpoint", "Vpc")
        ]
        return str(named[0]) if named else name


def draw_calls(statement: Mapping[str, Any], gateway: Gateway) -> Iterator[tuple[str, str]]:
    """Calls of each way and of paths below, by the statement and by the resources, and one that no way has."""
    methods = ("GET", "POST", "DELETE", "OPTIONS")
    stated = [(key.partition(" ")[0], key.partition(" ")[2]) for key in statement["ways"]]
    for method, path in dict.fromkeys([*stated, *gateway.list_calls()]):
        own = "/".join("zz" if part.startswith("{") else part for part in path.split("/")) or "/"
        for each in {*methods} if method == "ANY" else {method, "GET"}:
            yield from ((each, one) for one in (own, f"{own.rstrip('/')}/zz", f"{own.rstrip('/')}/zz/yy"))
    yield from (("GET", "/"), ("GET", "/nowhere-to-go"))


def draw_callers(needs: Mapping[str, Any], members: Mapping[str, list[str]], seed: int) -> list[Caller]:
    """Callers at the edges of each need: each member, by the statement and by the resources, and one that is none; each
    end of a range and its neighbour."""
    kinds = needs.get("caller") or {}
    iam = kinds.get("iam", {})
    accounts = [
        "own",
        "999988887777",
        *iam.get("accounts", {}),
        *iam.get("otherAccounts", {}),
        *members.get("account", ()),
    ]
    token = {**kinds.get("jwt", {}), **kinds.get("cognito", {})}
    listed = dict.fromkeys([*token.get("scopes", {}), *members["token_scopes"], "another"])
    scopes = [None, (), *[(one,) for one in listed]]
    through = needs.get("through", {})
    choices: dict[str, list[Any]] = {
        "account": ["", *accounts],
        "token_scopes": scopes,
        "issuer": ["", *[str(token[key]) for key in ("issuer",) if key in token], "another", *members["issuer"]],
        "audience": ["", "another", *token.get("audiences", {}), *members["audience"]],
        "pool": ["", "another", *token.get("pools", {}), *members["pool"]],
        "authorized": [False, True],
        "key": ["", "another", *needs.get("keys", {}), *members["key"]],
        "address": [*_draw_addresses(needs, members.get("address", ()))],
        "endpoint": ["", "vpce-00000000000000000", *through.get("endpoints", {}), *members.get("endpoint", ())],
        "vpc": ["", "vpc-00000000000000000", *through.get("vpcs", {}), *members.get("vpc", ())],
        "certificate": [True, False],
    }
    choices = {key: [*dict.fromkeys(values)] for key, values in choices.items()}
    whole = [Caller(**dict(zip(choices, picked, strict=True))) for picked in _pick(choices, seed)]
    return [*dict.fromkeys(whole)]


def _draw_addresses(needs: Mapping[str, Any], ranges: Iterable[str]) -> Iterator[str]:
    yield "192.0.2.200"
    spans = {*list_admitted_spans(needs), *list_admitted_spans({"notAddresses": needs.get("notAddresses", {})})}
    for cidr in ranges:
        spans |= {*list_admitted_spans({"addresses": {"one": {cidr: True}}})}
    for version, first, last in sorted(spans):
        most = 2 ** (32 if version == 4 else 128) - 1
        for number in {first, last, max(first - 1, 0), min(last + 1, most)}:
            yield str((ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address)(number))


def _pick(choices: Mapping[str, list[Any]], seed: int) -> Iterator[tuple[Any, ...]]:
    """All callers if they are few; else each value with the best of the others, and some by chance."""
    sizes = [len(values) for values in choices.values()]
    best = [values[-1] if values[-1] is not False else True for values in choices.values()]
    for at, values in enumerate(choices.values()):
        for first, value in itertools.product(
            (best, [each[min(1, len(each) - 1)] for each in choices.values()]), values
        ):
            yield (*first[:at], value, *first[at + 1 :])
    chance = random.Random(seed)
    for _ in range(min(60, sum(sizes) * 4)):
        yield tuple(chance.choice(values) for values in choices.values())
