"""An independent judge of callers: drawn programs as plain data, what AWS makes of a change, and single calls.

It knows nothing of the review. A program is declared for the review by `declared`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any

from review.graph import Options
from review.tests.compare.pairs import greeter, only_from
from review.tests.graph_builder import Builder, Json
from review.tests.parts import group, machine, network

_RANGES = ("203.0.113.0/24", "198.51.100.0/25", "192.0.2.7/32", "0.0.0.0/0")
_PATHS = ("/a", "/b", "/a/{id}", "/{proxy+}")
_METHODS = ("GET", "POST", "ANY")
_ASKS = {"rest": ("NONE", "AWS_IAM", "KEY", "TOKEN"), "http": ("NONE", "AWS_IAM", "TOKEN")}
_POOL = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/{}"

Routes = dict[tuple[str, str], str]


@dataclass(frozen=True)
class Drawn:
    """A program: an API with what it asks for, and a public machine with a group."""

    kind: str
    routes: tuple[tuple[tuple[str, str], str], ...]
    issuers: tuple[str, ...] = ("a",)
    audiences: tuple[str, ...] = ("x",)
    scopes: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = (("acme", "1"),)
    ranges: tuple[str, ...] | None = None
    deployment: str = "1"
    closed: bool = False
    domain: bool = False
    certificate: bool = False
    inline: tuple[str, ...] | None = ()
    ignores: bool = False
    rule: str = ""
    retains: bool = False
    note: str = "1"


@dataclass(frozen=True)
class Caller:
    address: str
    method: str
    path: str
    source: str
    identity: str
    """Empty, `iam`, or the issuer of a token."""
    audience: str
    scope: str
    key: str
    certificate: bool


def drawn(draw: random.Random) -> Drawn:
    kind = draw.choice(("rest", "http"))
    return Drawn(
        kind=kind,
        routes=_routes(draw, kind, draw.randint(1, 3)),
        audiences=tuple(draw.sample("xyz", draw.randint(1, 2))),
        scopes=tuple(draw.sample(("read", "write"), draw.randint(0, 2))),
        keys=tuple(zip(draw.sample(("acme", "globex"), draw.randint(1, 2)), "12", strict=False)),
        ranges=draw.choice((None, None, tuple(draw.sample(_RANGES[:3], 2)))) if kind == "rest" else None,
        closed=draw.random() < 0.2,
        domain=draw.random() < 0.5,
        certificate=draw.random() < 0.3,
        inline=draw.choice(((), tuple(draw.sample(_RANGES, 1)))),
        rule=draw.choice(("", draw.choice(_RANGES))),
        retains=draw.random() < 0.5,
        deployment="1" if kind == "rest" else draw.choice(("", "1")),
    )


def _routes(draw: random.Random, kind: str, number: int) -> tuple[tuple[tuple[str, str], str], ...]:
    places = [(method, path) for method in _METHODS for path in _PATHS]
    return tuple((place, draw.choice(_ASKS[kind])) for place in sorted(draw.sample(places, number)))


def changed(draw: random.Random, one: Drawn) -> Drawn:
    """The same program with one thing changed, and perhaps a new deployment."""
    routes = dict(one.routes)
    place = draw.choice(list(routes))
    moved = {key: ask for key, ask in routes.items() if key != place or len(routes) == 1}
    changes: list[Callable[[], Drawn]] = [
        lambda: replace(one, note="2"),
        lambda: replace(one, routes=tuple({**routes, place: draw.choice(_ASKS[one.kind])}.items())),
        lambda: replace(one, routes=tuple(moved.items())),
        lambda: replace(one, routes=tuple({**dict(_routes(draw, one.kind, 1)), **routes}.items())),
        lambda: replace(one, issuers=(draw.choice("ab"),)),
        lambda: replace(one, audiences=tuple(draw.sample("xyz", draw.randint(1, 3)))),
        lambda: replace(one, scopes=tuple(draw.sample(("read", "write"), draw.randint(0, 2)))),
        lambda: replace(one, keys=tuple(zip(draw.sample(("acme", "globex"), 1), draw.choice("12"), strict=True))),
        lambda: replace(one, ranges=tuple(draw.sample(_RANGES[:3], 1)) if one.kind == "rest" else None),
        lambda: replace(one, ranges=None),
        lambda: replace(one, closed=not one.closed),
        lambda: replace(one, domain=not one.domain),
        lambda: replace(one, certificate=not one.certificate),
        lambda: replace(one, inline=draw.choice((None, (), (draw.choice(_RANGES),)))),
        lambda: replace(one, inline=(draw.choice(_RANGES),), ignores=True),
        lambda: replace(one, rule=draw.choice(("", draw.choice(_RANGES)))),
    ]
    found = draw.choice(changes)()
    return replace(found, deployment="2") if one.deployment and draw.random() < 0.5 else found


def after(old: Drawn, new: Drawn) -> Drawn:
    """What AWS has after the update."""
    ranges = old.ranges if new.ranges is None else new.ranges
    inline = old.inline if new.inline is None or new.ignores else new.inline
    made = replace(new, ranges=ranges, inline=inline)
    if not new.deployment:
        return made
    if new.deployment == old.deployment:
        parts = ("routes", "audiences", "issuers", "scopes", "ranges")
        made = replace(made, **{part: getattr(old, part) for part in parts})
        return replace(made, closed=old.closed)
    # The engine deletes routes after the deployment, which still has them.
    return replace(made, routes=tuple({**dict(old.routes), **dict(new.routes)}.items()))


def callers(draw: random.Random, number: int) -> list[Caller]:
    sources = ("203.0.113.9", "198.51.100.9", "192.0.2.7", "8.8.8.8")
    return [
        Caller(
            draw.choice(("default", "domain", "machine")),
            draw.choice(("GET", "POST", "PUT")),
            draw.choice(("/a", "/b", "/a/7", "/a/7/8", "/c")),
            draw.choice(sources),
            draw.choice(("", "iam", "a", "b")),
            draw.choice("xyz"),
            draw.choice(("", "read", "write")),
            draw.choice(("", "1", "2")),
            draw.random() < 0.5,
        )
        for _ in range(number)
    ]


def admits(one: Drawn, retained: str, caller: Caller) -> bool:
    """Whether a caller gets through. `retained` is the range of a rule that left the program and stays in AWS."""
    if caller.address == "machine":
        return _inside(caller.source, [*(one.inline or ()), *filter(None, (one.rule, retained))])
    if caller.address == "domain" and (not one.domain or (one.certificate and not caller.certificate)):
        return False
    if caller.address == "default" and one.closed:
        return False
    if one.ranges is not None and not _inside(caller.source, one.ranges):
        return False
    asks = _asks(dict(one.routes), caller)
    if asks == "TOKEN":
        known = caller.identity in one.issuers and (one.kind == "rest" or caller.audience in one.audiences)
        return known and (not one.scopes or caller.scope in one.scopes)
    if asks == "KEY":
        return caller.key in {value for _, value in one.keys}
    return asks == "NONE" or (asks == "AWS_IAM" and caller.identity == "iam")


def _inside(source: str, ranges: Any) -> bool:
    return any(ip_address(source) in ip_network(cidr) for cidr in ranges)


def _asks(routes: Routes, caller: Caller) -> str:
    given = caller.path.strip("/").split("/")
    ways: dict[str, tuple[list[str | None], int]] = {"/a": (["a"], 0), "/b": (["b"], 0), "/a/{id}": (["a", None], 1)}
    found = []
    for (method, path), asks in routes.items():
        if method not in ("ANY", caller.method):
            continue
        if path == "/{proxy+}":
            found.append(((2, method == "ANY"), asks))
        else:
            parts, rank = ways[path]
            if len(parts) == len(given) and all(part in (None, one) for part, one in zip(parts, given, strict=True)):
                found.append(((rank, method == "ANY"), asks))
    return min(found)[1] if found else ""


def declared(one: Drawn) -> Builder:
    """The program for the review."""
    build, net = Builder.of(network)
    inline = [{"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [cidr]} for cidr in one.inline or ()]
    options = Options(ignore_changes=("ingress",) if one.ignores else ())
    members = group(build, net.vpc, "web-group", options=options, **({} if one.inline is None else {"ingress": inline}))
    if one.rule:
        kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        given: dict[str, Any] = {"securityGroupId": members.id, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22}
        build(kind, "ssh", options=Options(retain_on_delete=one.retains), **given, cidrIpv4=one.rule)
    machine(build, "web", subnetId=net.public.id, vpcSecurityGroupIds=[members.id], associatePublicIpAddress=True)
    (_rest if one.kind == "rest" else _http)(build, one)
    return build


def _rest(build: Builder, one: Drawn) -> None:
    function = greeter(build)
    policy: dict[str, Any] = {} if one.ranges is None else {"policy": Json(only_from(*one.ranges))}
    api = build(
        "apigateway/restApi:RestApi", "api", disableExecuteApiEndpoint=one.closed, description=one.note, **policy
    )
    arns = [_POOL.format(each) for each in one.issuers]
    kind = "apigateway/authorizer:Authorizer"
    authorizer = build(kind, "authorizer", restApi=api.id, type="COGNITO_USER_POOLS", providerArns=arns)
    at: dict[str, Any] = {}
    for name, parent, part in (
        ("a", "root", "a"),
        ("b", "root", "b"),
        ("id", "a", "{id}"),
        ("rest", "root", "{proxy+}"),
    ):
        above = at[parent].id if parent in at else "root"
        at[name] = build("apigateway/resource:Resource", name, restApi=api.id, parentId=above, pathPart=part)
    for (method, path), asks in one.routes:
        place = {"/a": "a", "/b": "b", "/a/{id}": "id", "/{proxy+}": "rest"}[path]
        where: dict[str, Any] = {"restApi": api.id, "resourceId": at[place].id, "httpMethod": method}
        how: dict[str, Any] = {"authorization": asks if asks == "AWS_IAM" else "NONE"}
        if asks == "TOKEN":
            how = {"authorization": "COGNITO_USER_POOLS", "authorizerId": authorizer.id}
            how |= {"authorizationScopes": list(one.scopes)} if one.scopes else {}
        build("apigateway/method:Method", f"{method}{path}", **where, **how, apiKeyRequired=asks == "KEY")
        more: dict[str, Any] = {"type": "AWS_PROXY", "integrationHttpMethod": "POST", "uri": function.invokeArn}
        build("apigateway/integration:Integration", f"{method}{path}-greets", **where, **more)
    made = build("apigateway/deployment:Deployment", "deployment", restApi=api.id, triggers={"n": one.deployment})
    stage = build("apigateway/stage:Stage", "stage", restApi=api.id, deployment=made.id, stageName="live")
    plan = build("apigateway/usagePlan:UsagePlan", "plan", apiStages=[{"apiId": api.id, "stage": stage.stageName}])
    for name, value in one.keys:
        key = build("apigateway/apiKey:ApiKey", name, value=value * 20)
        build(
            "apigateway/usagePlanKey:UsagePlanKey", f"{name}-in", keyId=key.id, keyType="API_KEY", usagePlanId=plan.id
        )
    if one.domain:
        trust: dict[str, Any] = {"mutualTlsAuthentication": {"truststoreUri": "s3://a/b"}} if one.certificate else {}
        given: dict[str, Any] = {"domainName": "api.example.com", "regionalCertificateArn": "arn:aws:acm:c", **trust}
        domain = build("apigateway/domainName:DomainName", "domain", **given)
        where = {"restApi": api.id, "stageName": stage.stageName}
        build("apigateway/basePathMapping:BasePathMapping", "mapping", domainName=domain.domainName, **where)


def _http(build: Builder, one: Drawn) -> None:
    function = greeter(build)
    given: dict[str, Any] = {"disableExecuteApiEndpoint": one.closed, "description": one.note}
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP", **given)
    deploys: dict[str, Any] = {"autoDeploy": True}
    if one.deployment:
        kind = "apigatewayv2/deployment:Deployment"
        made = build(kind, "deployment", apiId=api.id, triggers={"n": one.deployment})
        deploys = {"autoDeploy": False, "deploymentId": made.id}
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", **deploys)
    settings: dict[str, Any] = {"issuer": f"https://{one.issuers[0]}.example", "audiences": list(one.audiences)}
    how: dict[str, Any] = {
        "authorizerType": "JWT",
        "identitySources": ["$request.header.A"],
        "jwtConfiguration": settings,
    }
    authorizer = build("apigatewayv2/authorizer:Authorizer", "authorizer", apiId=api.id, **how)
    by: dict[str, Any] = {"integrationType": "AWS_PROXY", "integrationUri": function.invokeArn}
    integration = build("apigatewayv2/integration:Integration", "integration", apiId=api.id, **by)
    for (method, path), asks in one.routes:
        given = {"authorizationType": asks if asks in ("NONE", "AWS_IAM") else "JWT"}
        if asks == "TOKEN":
            given |= {
                "authorizerId": authorizer.id,
                **({"authorizationScopes": list(one.scopes)} if one.scopes else {}),
            }
        target = "integrations/" + integration.id
        kind = "apigatewayv2/route:Route"
        build(kind, f"{method}{path}", apiId=api.id, routeKey=f"{method} {path}", target=target, **given)
    if one.domain:
        trust: dict[str, Any] = {"mutualTlsAuthentication": {"truststoreUri": "s3://a/b"}} if one.certificate else {}
        settings = {"endpointType": "REGIONAL", "securityPolicy": "TLS_1_2", "certificateArn": "arn:aws:acm:c"}
        given = {"domainName": "api.example.com", "domainNameConfiguration": settings, **trust}
        domain = build("apigatewayv2/domainName:DomainName", "domain", **given)
        build("apigatewayv2/apiMapping:ApiMapping", "mapping", apiId=api.id, domainName=domain.id, stage="$default")
