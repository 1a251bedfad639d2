"""Pairs of programs: the first screen says what AWS will have, and never that callers are the same if they differ."""

import pytest

from review.evaluate.runner import Evaluation
from review.graph import Graph
from review.report.render.verdict import banner
from review.report.report import Report
from review.tests.compare.pairs import (
    JWT,
    PROTECTED,
    RETAINED,
    SSH,
    balanced,
    by_principals,
    discrete,
    document,
    foreign,
    guests,
    http_api,
    ignoring,
    keyed,
    lambda_scheme,
    only_from,
    pools,
    private,
    public,
    queue,
    role_trusting,
    scaled,
    scheduled,
    with_rule,
)
from review.tests.graph_builder import Builder, Declare
from review.tests.parts import ANYWHERE
from review.tests.updates import reported, said

SAME = "the same as before, and no others"
IN, OUT, UNSURE = "can now call", "may no longer call", "not judged"
ANYONE = f"anyone on the internet {IN}"
HTTP, LIVE = "GET /orders at api (HTTP, $default)", "GET /orders at api (live)"
MAY, MAY_NOT = f"{IN}: {HTTP}", f"{OUT}: {HTTP}"
HAS, LACKS = f"{IN}: {LIVE}", f"{OUT}: {LIVE}"
RULE = {"cidrIpv4": ANYWHERE}
PARTNER = {"cidrIpv4": "203.0.113.0/24"}
POOL = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/{}"
SCHEME = {"type": "apiKey", "name": "x-api-key", "in": "header"}
AUTHORIZER = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{}/invocations"


def built(declare: Declare) -> Graph:
    build = Builder()
    declare(build)
    return build.graph()


def report_of(before: Declare, after: Declare) -> Report:
    graph = built(after)
    return reported(built(before), Evaluation(graph, graph))


def first_screen(before: Declare, after: Declare) -> dict[str, str]:
    return said(report_of(before, after))


STAYS = {
    "inline rules left out": (public([SSH]), public(None)),
    "left out with another tag": (public([SSH]), public(None, tags={"a": "b"})),
    "an inline rule that is ignored from now on": (public([SSH]), public([], ignoring("ingress"))),
    "left out and ignored": (public([SSH]), public(None, ignoring("ingress"))),
    "the first of the inline rules ignored": (
        public([SSH]),
        public([{**SSH, "cidrBlocks": []}], ignoring("ingress[0].cidrBlocks")),
    ),
    "everything ignored": (public([SSH]), public([], ignoring("*"))),
    "a queue's policy left out": (queue(by_principals("1")), queue(None)),
    "a queue's policy ignored": (queue(by_principals("1")), queue(by_principals("2"), ignoring("policy"))),
    "a retained rule removed": (with_rule(RULE, RETAINED), with_rule(None)),
    "a protected rule removed": (with_rule(RULE, PROTECTED), with_rule(None)),
    "a protected rule renamed": (with_rule(RULE, PROTECTED), with_rule(PARTNER, name="other")),
    "a template made private, default version": (scaled(public_address=True), scaled(public_address=False)),
    "likewise, without a version": (
        scaled(public_address=True, version=None),
        scaled(public_address=False, version=None),
    ),
    "likewise, pinned": (scaled(public_address=True, version="1"), scaled(public_address=False, version="1")),
    "likewise, the output of the default version": (
        scaled(public_address=True, version="defaultVersion"),
        scaled(public_address=False, version="defaultVersion"),
    ),
    "the newest version, without a refresh": (
        scaled(public_address=True, version="$Latest"),
        scaled(public_address=False, version="$Latest"),
    ),
    "the newest version by a word, whose refresh nothing starts": (
        scaled(public_address=True, version="$Latest", refresh=True),
        scaled(public_address=False, version="$Latest", refresh=True),
    ),
    "made public, default version": (scaled(public_address=False), scaled(public_address=True)),
    "a resource policy without a deployment": (discrete(), discrete(policy=only_from("203.0.113.0/24"))),
    "a policy resource without a deployment": (discrete(), discrete(policy=only_from("203.0.113.0/24"), resource=True)),
    "a method without a deployment": (discrete(), discrete("GET", "POST")),
    "a method removed without a deployment": (discrete("GET", "POST"), discrete("GET")),
    "a method removed with a deployment, which still has it": (discrete("GET", "POST"), discrete("GET", triggers="2")),
    "a policy resource removed with a deployment": (
        discrete(policy=only_from("203.0.113.0/24"), resource=True),
        discrete(triggers="2"),
    ),
    "an identity without a deployment": (discrete(asks="AWS_IAM"), discrete()),
    "the default address without a deployment": (discrete(), discrete(disableExecuteApiEndpoint=True)),
    "a route without a deployment": (http_api(deployment="1"), http_api("GET /orders", "POST /orders", deployment="1")),
    "a route's authorizer without a deployment": (http_api(deployment="1"), http_api(jwt=JWT, deployment="1")),
}
"""Changes of a program after which AWS admits the callers of before."""

DIFFERS = {
    "inline rules taken out": (public([SSH]), public([]), OUT),
    "another program ignored them already": (public([SSH]), public(None, ignoring("tags"), tags={"a": "b"}), SAME),
    "a rule removed": (with_rule(RULE), with_rule(None), OUT),
    "a rule added": (with_rule(None), with_rule(RULE), IN),
    "a rule added, retained later": (with_rule(None), with_rule(RULE, RETAINED), IN),
    "another range": (with_rule(RULE), with_rule(PARTNER), OUT),
    "a queue's policy taken away": (queue(by_principals("1", "2")), queue(by_principals("1")), OUT),
    "a queue's policy for another account": (queue(by_principals("1")), queue(by_principals("1", "2")), IN),
    "a template with its default version": (
        scaled(public_address=False, update=True, refresh=True),
        scaled(public_address=True, update=True, refresh=True),
        IN,
    ),
    "the newest version with a refresh": (
        scaled(public_address=True, version="latestVersion", refresh=True),
        scaled(public_address=False, version="latestVersion", refresh=True),
        OUT,
    ),
    "the newest version, new machines": (
        scaled(public_address=False, version="latestVersion"),
        scaled(public_address=True, version="latestVersion"),
        IN,
    ),
    "a policy with a deployment": (discrete(), discrete(policy=only_from("203.0.113.0/24"), triggers="2"), OUT),
    "a policy resource with a deployment": (
        discrete(),
        discrete(policy=only_from("203.0.113.0/24"), resource=True, triggers="2"),
        OUT,
    ),
    "a method with a deployment": (discrete(), discrete("GET", "POST", triggers="2"), "POST /orders"),
    "an identity with a deployment": (
        discrete(asks="AWS_IAM"),
        discrete(triggers="2"),
        f"{ANYONE} GET /orders (before: IAM)",
    ),
    "the default address with a deployment": (discrete(), discrete(disableExecuteApiEndpoint=True, triggers="2"), OUT),
    "a range more": (
        discrete(policy=only_from("203.0.113.0/24")),
        discrete(policy=only_from("203.0.113.0/24", "198.51.100.0/24"), triggers="2"),
        f"{IN}: callers from 198.51.100.0/24",
    ),
    "an account more": (
        discrete(policy=by_principals("1")),
        discrete(policy=by_principals("1", "999988887777"), triggers="2"),
        "999988887777",
    ),
    "an account less": (
        discrete(policy=by_principals("1", "2")),
        discrete(policy=by_principals("1"), triggers="2"),
        OUT,
    ),
    "a route": (http_api(), http_api("GET /orders", "POST /orders"), f"{ANYONE} POST /orders at api"),
    "a route with a deployment": (
        http_api(deployment="1"),
        http_api("GET /orders", "POST /orders", deployment="2"),
        f"{ANYONE} POST /orders",
    ),
    "a route renamed": (http_api(), http_api("GET /items"), f"{OUT}: GET /orders"),
    "a method": (
        http_api("ANY /orders"),
        http_api("GET /orders", "POST /orders"),
        f"{OUT}: DELETE/HEAD/OPTIONS/PATCH/PUT /orders",
    ),
    "every method": (http_api("GET /orders"), http_api("ANY /orders"), IN),
    "paths below": (http_api("GET /orders", "GET /orders/{proxy+}"), http_api("GET /orders"), "GET /orders/{proxy+}"),
    "a variable renamed": (http_api("GET /orders/{id}"), http_api("GET /orders/{name}"), SAME),
    "a route that another takes over": (http_api("GET /a", "GET /{proxy+}"), http_api("GET /{proxy+}"), SAME),
    "the default route": (http_api("GET /orders"), http_api("GET /orders", "$default"), IN),
    "another issuer": (http_api(jwt=JWT), http_api(jwt={**JWT, "issuer": "https://b.example.com"}), "issuer https://b"),
    "an audience more": (http_api(jwt=JWT), http_api(jwt={**JWT, "audiences": ["a", "b"]}), f"{MAY} with audience b"),
    "an audience less": (
        http_api(jwt={**JWT, "audiences": ["a", "b"]}),
        http_api(jwt=JWT),
        f"{MAY_NOT} with audience b",
    ),
    "no scope any more": (http_api(jwt=JWT, scopes=["admin"]), http_api(jwt=JWT), f"{MAY} without scope admin"),
    "a scope": (http_api(jwt=JWT), http_api(jwt=JWT, scopes=["admin"]), f"{MAY_NOT} without scope admin"),
    "a scope more": (http_api(jwt=JWT, scopes=["a"]), http_api(jwt=JWT, scopes=["a", "b"]), f"{MAY} with scope b"),
    "an authorizer gone": (http_api(jwt=JWT), http_api(), f"{ANYONE} GET /orders (before: JWT of issuer.example.com)"),
    "an authorizer": (http_api(), http_api(jwt=JWT), f"{OUT}: GET /orders without JWT of issuer.example.com"),
    "another header of the token": (
        http_api(
            authorizer={"authorizerType": "REQUEST", "authorizerUri": "arn:a", "identitySources": ["$request.header.A"]}
        ),
        http_api(
            authorizer={"authorizerType": "REQUEST", "authorizerUri": "arn:a", "identitySources": ["$request.header.B"]}
        ),
        "header.B",
    ),
    "another authorizer function, HTTP": (
        http_api(authorizer={"authorizerType": "REQUEST", "authorizerUri": "arn:a"}),
        http_api(authorizer={"authorizerType": "REQUEST", "authorizerUri": "arn:b"}),
        f"{UNSURE}: authorizer function",
    ),
    "another authorizer function": (
        document([{"it": []}], lambda_scheme(AUTHORIZER.format("a"))),
        document([{"it": []}], lambda_scheme(AUTHORIZER.format("b"))),
        "authorizer function",
    ),
    "another form of the token": (
        document([{"it": []}], lambda_scheme("arn:a", identityValidationExpression="a+")),
        document([{"it": []}], lambda_scheme("arn:a", identityValidationExpression="b+")),
        "without a token that matches b+",
    ),
    "another user pool": (
        document([{"it": []}], pools(POOL.format("a"))),
        document([{"it": []}], pools(POOL.format("b"))),
        IN,
    ),
    "a user pool more": (
        document([{"it": []}], pools(POOL.format("a"))),
        document([{"it": []}], pools(POOL.format("a"), POOL.format("b"))),
        f"{HAS} with user pool",
    ),
    "a scope of a pool": (
        document([{"it": ["read"]}], pools(POOL.format("a"))),
        document([{"it": ["read", "write"]}], pools(POOL.format("a"))),
        f"{HAS} with scope write",
    ),
    "no key": (document([{"it": []}], SCHEME), document([], SCHEME), f"{ANYONE} GET /orders (before: API key)"),
    "a path renamed": (document([], SCHEME), document([], SCHEME, path="/items"), f"{OUT}: GET /orders"),
    "a method of a document": (document([], SCHEME), document([], SCHEME, method="post"), f"{OUT}: GET /orders"),
    "a key renamed": (keyed(("acme", None)), keyed(("globex", None)), f"{LACKS} with API key acme"),
    "a key removed": (keyed(("acme", None), ("globex", None)), keyed(("acme", None)), f"{LACKS} with API key globex"),
    "a key added": (keyed(("acme", None)), keyed(("acme", None), ("globex", None)), f"{HAS} with API key globex"),
    "a key disabled": (keyed(("acme", None)), keyed(("acme", None), enabled=False), f"{LACKS} with API key acme"),
    "another value of a key": (
        keyed(("acme", "a" * 20)),
        keyed(("acme", "b" * 20)),
        f"{LACKS} with API key acme (old)",
    ),
    "a plan renamed": (keyed(("acme", None)), keyed(("acme", None), plan="partners"), SAME),
    "minimum TLS": (
        http_api(domain={}),
        http_api(domain={"securityPolicy": "TLS_1_3"}),
        f"{UNSURE}: TLS policy TLS_1_2, TLS_1_3 of api.example.com",
    ),
    "a client certificate": (
        http_api(domain={}),
        http_api(domain={"mutualTlsAuthentication": {"truststoreUri": "s3://a/b"}}),
        f"{OUT}: api.example.com without client certificate",
    ),
    "no client certificate": (
        http_api(domain={"mutualTlsAuthentication": {"truststoreUri": "s3://a/b"}}),
        http_api(domain={}),
        f"{IN}: api.example.com without client certificate",
    ),
    "another truststore": (
        http_api(domain={"mutualTlsAuthentication": {"truststoreUri": "s3://a/b"}}),
        http_api(domain={"mutualTlsAuthentication": {"truststoreUri": "s3://a/c"}}),
        f"{UNSURE}: domain.mutualTlsAuthentication.truststoreUri",
    ),
    "another certificate": (http_api(domain={}), http_api(domain={"certificateArn": "arn:aws:acm:d"}), UNSURE),
    "the domain's record gone": (http_api(domain={"zone": "Z1"}), http_api(domain={}), f"{OUT}: DNS record"),
    "the record in another zone": (http_api(domain={"zone": "Z1"}), http_api(domain={"zone": "Z3"}), "DNS record"),
    "another domain": (http_api(domain={}), http_api(domain={"name": "b.example.com"}), f"{OUT}: address api.example"),
    "a CORS origin": (
        http_api(corsConfiguration={"allowOrigins": ["https://a.example"]}),
        http_api(corsConfiguration={"allowOrigins": ["https://b.example"]}),
        "origin https://a.example",
    ),
    "a range at a private API": (private(), private("192.168.0.0/24"), "192.168.0.0/24"),
    "the last range at a private API": (private("192.168.0.0/24"), private(), "192.168.0.0/24"),
    "private DNS off": (private(), private(dns=False), f"{OUT}: private DNS"),
    "private DNS on": (private(dns=False), private(), f"{IN}: private DNS"),
    "a scheduled task with a public address": (scheduled(False), scheduled(True), "job"),
    "guests of an identity pool": (guests(False), guests(True), "pool"),
    "a web ACL off a balancer": (balanced(acl=True), balanced(), f"{IN}: front without web ACL acl"),
    "a web ACL on a balancer": (balanced(), balanced(acl=True), f"{OUT}: front unless web ACL acl allows it"),
    "the source of a listener rule dropped": (
        balanced(source=["203.0.113.0/24"]),
        balanced(conditions=[{"pathPattern": {"values": ["/orders"]}}]),
        f"{IN}: rule from any address (before: 203.0.113.0/24)",
    ),
    "a source of a listener rule": (
        balanced(source=["203.0.113.0/24"]),
        balanced(source=["203.0.113.0/24", "198.51.100.0/24"]),
        f"{IN}: source range 198.51.100.0/24",
    ),
    "another path of a listener rule": (
        balanced(conditions=[{"pathPattern": {"values": ["/orders"]}}]),
        balanced(conditions=[{"pathPattern": {"values": ["/items"]}}]),
        "/items",
    ),
    "another TLS policy of a listener": (
        balanced(sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06"),
        balanced(sslPolicy="ELBSecurityPolicy-2016-08"),
        f"{UNSURE}: TLS policy ELBSecurityPolicy-2016-08, ELBSecurityPolicy-TLS13-1-2-2021-06 of listener",
    ),
    "a client certificate at a listener": (
        balanced(mutualAuthentication={"mode": "off"}),
        balanced(mutualAuthentication={"mode": "verify", "trustStoreArn": "arn:t"}),
        f"{OUT}: listener without client certificate that arn:t knows",
    ),
    "a foreign group opened": (foreign(False), foreign(True), f"{IN}: internet"),
    "a foreign group closed": (foreign(True), foreign(False), f"{OUT}: internet"),
    "another account may take a role": (
        role_trusting({"AWS": "1"}),
        role_trusting({"AWS": ["1", "2"]}),
        f"{IN}: 2 (sts:AssumeRole) → partner",
    ),
    "another repository may take a role": (
        role_trusting({"Federated": "arn:oidc"}, Condition={"StringEquals": {"sub": "repo:a"}}),
        role_trusting({"Federated": "arn:oidc"}, Condition={"StringEquals": {"sub": ["repo:a", "repo:b"]}}),
        "repo:b",
    ),
    "a condition of a role dropped": (
        role_trusting({"AWS": "1"}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
        role_trusting({"AWS": "1"}),
        IN,
    ),
    "a service may take a role": (
        role_trusting({"Service": "ec2.amazonaws.com"}),
        role_trusting({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}),
        f"{IN}: lambda.amazonaws.com → partner",
    ),
}
"""Changes, each with a part of the sentence on callers."""


@pytest.mark.parametrize("name", STAYS)
def test_what_aws_keeps_is_neither_opened_nor_closed_nor_mended(name: str) -> None:
    report = report_of(*STAYS[name])
    screen = said(report)
    assert IN not in screen["callers"], screen
    assert OUT not in screen["callers"], screen
    assert "mended" not in screen["rules"], screen
    assert report.changes is not None
    refused = screen["calls"].startswith("the update fails")
    if name != "the newest version by a word, whose refresh nothing starts":
        assert report.changes.kept or refused or report.changes.retained or "#" in str(report.paths), report.changes
    assert banner(report).headline == banner(report_of(STAYS[name][0], STAYS[name][0])).headline


@pytest.mark.parametrize("name", DIFFERS)
def test_callers_are_compared_with_what_a_call_must_show(name: str) -> None:
    before, after, part = DIFFERS[name]
    screen = first_screen(before, after)
    assert part in screen["callers"], screen
    assert (screen["callers"] == SAME) == (part == SAME)


@pytest.mark.parametrize("name", DIFFERS)
def test_a_program_that_stays_has_the_same_callers(name: str) -> None:
    assert first_screen(DIFFERS[name][1], DIFFERS[name][1])["callers"] == SAME


def test_of_a_domain_that_goes_nothing_else_is_not_judged() -> None:
    sentence = first_screen(http_api(domain={}), http_api())["callers"]
    assert f"{OUT}: address api.example.com" in sentence
    assert UNSURE not in sentence


def test_a_caller_of_another_port_is_named_with_the_port() -> None:
    said_of_callers = first_screen(public([SSH]), public([{**SSH, "fromPort": 443, "toPort": 443}]))["callers"]
    assert f"{ANYONE} tcp 443 → web" in said_of_callers, said_of_callers
    assert f"{OUT}: internet → tcp 22 → web" in said_of_callers, said_of_callers
