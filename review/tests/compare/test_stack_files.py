"""Changes of a stack file: what the first screen says of callers, of credentials and of the update."""

import copy
from typing import Any

import pytest

from review.compare.effect import Line
from review.report.render.verdict import sentence
from review.tests.updates import updated
from tests.helpers.stacks import ROOT, graph_with, remembered

pytestmark = pytest.mark.xdist_group("stack files")
IN, OUT, UNSURE = "can now call", "may no longer call", "not judged"
SAME = "the same as before, and no others"
ROUTE = {"path": "/orders", "methods": ["GET"], "authorization": "iam"}
KEYED = {"path": "/orders", "methods": ["GET"], "keyRequired": True}
PLANS = {"partners": {"keys": ["acme", "globex"]}}
REST: dict[str, Any] = {
    "topology": "public-proxy",
    "backend": {"kind": "greeter"},
    "network": {"egress": "none"},
    "api": {"kind": "rest", "routes": [ROUTE]},
}
JWT = {"kind": "jwt", "issuer": "https://a.example.com", "audiences": ["a"]}
SECURE = "v1:{}:text"


def with_(base: dict[str, Any], **sections: Any) -> dict[str, Any]:
    made = copy.deepcopy(base)
    for name, value in sections.items():
        made[name] = {**made.get(name, {}), **value} if isinstance(value, dict) else value
    return made


def api(**given: Any) -> dict[str, Any]:
    return with_(REST, api=given)


def jwt(scopes: list[str] | None = None, **given: Any) -> dict[str, Any]:
    route = {**ROUTE, "authorization": "pool", **({"scopes": scopes} if scopes else {})}
    return api(kind="http", authorizers={"pool": {**JWT, **given}}, routes=[route])


def keys(**plans: Any) -> dict[str, Any]:
    return api(routes=[KEYED], plans={name: {"keys": each} for name, each in plans.items()})


def private(**given: Any) -> dict[str, Any]:
    return with_(REST, topology="private-api", api={"private": given})


def pool(arn: str) -> dict[str, Any]:
    users = {"kind": "cognito", "userPoolArns": [f"arn:aws:cognito-idp:eu-west-1:111122223333:userpool/{arn}"]}
    return api(authorizers={"users": users}, routes=[{**ROUTE, "authorization": "users"}])


def decider(arn: str, **given: Any) -> dict[str, Any]:
    function = {"arn": f"arn:aws:lambda:eu-west-1:111122223333:function:{arn}"}
    route = {**ROUTE, "authorization": "own"}
    return api(authorizers={"own": {"kind": "lambda", "function": function, **given}}, routes=[route])


DOMAIN = {"name": "api.example.com", "zoneId": "Z0123456789ABCDEFGHIJ"}
CHANGES = {
    "another account": (api(), api(callerAccountIds=["999988887777"]), "999988887777"),
    "no scope": (jwt(["admin"]), jwt(), "front-api (HTTP, $default) without scope admin"),
    "another scope": (jwt(["admin"]), jwt(["user"]), "scope user"),
    "an audience more": (jwt(), jwt(audiences=["a", "b"]), "front-api (HTTP, $default) with audience b"),
    "another issuer": (jwt(), jwt(issuer="https://b.example.com"), "issuer https://b.example.com"),
    "another user pool": (pool("a"), pool("b"), "user pool"),
    "another authorizer function": (decider("a"), decider("b"), "authorizer function"),
    "another identity header": (decider("a"), decider("a", identityHeaders=["X-Other"]), "X-Other"),
    "a range more": (
        private(allowCidrs=["10.9.0.0/16"]),
        private(allowCidrs=["10.9.0.0/16", "10.8.0.0/16"]),
        "10.8.0.0/16",
    ),
    "the last range": (
        private(allowCidrs=["10.9.0.0/16"]),
        private(),
        f"{OUT}: tcp 443 from 10.9.0.0/16 → endpoint-group",
    ),
    "private DNS off": (private(), private(privateDns=False), f"{OUT}: private DNS"),
    "a key renamed": (keys(partners=["acme"]), keys(partners=["acme-2"]), "with API key front-key-acme"),
    "a key removed": (keys(partners=["acme", "globex"]), keys(partners=["acme"]), "with API key front-key-globex"),
    "a key moved to another plan": (keys(a=["acme"], b=["globex"]), keys(a=["acme", "globex"]), SAME),
    "a plan renamed": (keys(partners=["acme"]), keys(others=["acme"]), SAME),
    "a route renamed": (api(), api(routes=[{**ROUTE, "path": "/items"}]), f"{OUT}: GET /orders"),
    "a method taken out": (api(routes=[{**ROUTE, "methods": ["GET", "POST"]}]), api(), f"{OUT}: POST /orders"),
    "subpaths taken out": (api(), api(routes=[{**ROUTE, "includeSubpaths": False}]), "GET /orders/{proxy+}"),
    "ANY to GET and POST": (
        api(routes=[{**ROUTE, "methods": ["ANY"]}]),
        api(routes=[{**ROUTE, "methods": ["GET", "POST"]}]),
        f"{OUT}: DELETE/HEAD/OPTIONS/PATCH/PUT /orders",
    ),
    "minimum TLS": (
        api(domain=DOMAIN),
        api(domain=DOMAIN, minimumTls="1.3"),
        f"{OUT}: api.example.com without TLS version 1.3",
    ),
    "the domain's zone": (
        api(domain=DOMAIN),
        api(domain={"name": DOMAIN["name"], "certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/x"}),
        f"{OUT}: DNS record",
    ),
}


def on_machines(**given: Any) -> dict[str, Any]:
    machine = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80, **given}
    return {**REST, "backend": machine, "network": {"egress": "nat-instance"}}


def behind(kind: str, **given: Any) -> dict[str, Any]:
    return {**on_machines(**given), "topology": "vpc-link", "ingress": {"kind": kind}}


def browsers(kind: str = "http", **given: Any) -> dict[str, Any]:
    only = {"preflightOnly": True} if kind == "rest" else {}
    return api(kind=kind, cors={"origins": ["https://a.example.com"], **only, **given})


def open_at(kind: str) -> dict[str, Any]:
    """An API with a domain and a route that anyone may call."""
    return api(kind=kind, domain=DOMAIN, routes=[{"path": "/health", "methods": ["GET"], "authorization": "none"}])


ASKED = {**KEYED, "authorization": "iam"}
HEADERS = ["X-Auth", "X-More"]
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "the other kind of an open API with a domain": (open_at("rest"), open_at("http"), []),
    "the first kind of an open API with a domain": (open_at("http"), open_at("rest"), []),
    "keys are needed": (api(), api(routes=[ASKED], plans=PLANS), [OUT]),
    "keys are not needed": (api(routes=[ASKED], plans=PLANS), api(), [IN]),
    "a header more": (decider("a", identityHeaders=HEADERS[:1]), decider("a", identityHeaders=HEADERS), [OUT]),
    "a header fewer": (decider("a", identityHeaders=HEADERS), decider("a", identityHeaders=HEADERS[:1]), [IN]),
    "answers of an authorizer are kept": (decider("a"), decider("a", cacheSeconds=60), [UNSURE]),
    "answers for browsers are kept": (browsers(), browsers(maxAgeSeconds=60), []),
    "answers for browsers are kept, REST": (browsers("rest"), browsers("rest", maxAgeSeconds=60), []),
    "answers for browsers are kept no longer, REST": (
        browsers("rest", maxAgeSeconds=60),
        browsers("rest", maxAgeSeconds=0),
        [],
    ),
    "browsers may send their cookies, REST": (browsers("rest"), browsers("rest", credentials=True), [UNSURE]),
    "another processor": (on_machines(), on_machines(instanceType="t3.small", platform="linux/amd64"), []),
    "several of another processor": (
        behind("alb", count=2),
        behind("alb", count=2, instanceType="t3.small", platform="linux/amd64"),
        [],
    ),
    "another image": (on_machines(), on_machines(imageId="ami-0a1b2c3d4e5f60718"), []),
    "several of another image": (behind("alb", count=2), behind("alb", count=2, imageId="ami-0a1b2c3d4e5f60718"), []),
    "another NAT instance": (
        on_machines(),
        with_(on_machines(), network={"natInstance": {"instanceType": "t3.nano"}}),
        [],
    ),
    "another balancer": (behind("alb"), behind("nlb"), []),
    "another profile": (api(), {**api(), "aws:profile": "other"}, [UNSURE]),
    "another region": (api(), {**api(), "aws:region": "eu-central-1"}, [UNSURE]),
    "another default tag": (api(), {**api(), "aws:defaultTags": {"tags": {"team": "a"}}}, []),
}
"""Changes with the words that the first screen has of callers; none if they are the same."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_stack_file(name: str) -> None:
    before, after, part = CHANGES[name]
    graphs = [remembered(one) for one in (before, after)]
    told = sentence(updated(graphs[0], graphs[1], ROOT, rules=False), Line.CALLERS)[1]
    assert part in told
    assert (told == SAME) == (part == SAME)


@pytest.mark.parametrize("name", WAYS)
def test_the_way_of_a_change_of_the_stack_file(name: str) -> None:
    before, after, words = WAYS[name]
    graphs = [remembered(one) for one in (before, after)]
    told = sentence(updated(graphs[0], graphs[1], ROOT, rules=False), Line.CALLERS)[1]
    assert [word for word in (IN, OUT, UNSURE) if word in told] == words, told
    assert (told == SAME) == (not words)


def test_another_ciphertext_is_another_value() -> None:
    graphs = [
        graph_with(api(routes=[KEYED], plans={"partners": {"keyValues": {"acme": {"secure": SECURE.format(one)}}}}))
        for one in "ab"
    ]
    assert updated(graphs[0], graphs[0], ROOT, rules=False).callers.unjudged == ()
    assert updated(graphs[0], graphs[1], ROOT, rules=False).callers.unjudged == (
        "gatehouse:api.plans.partners.keyValues.acme (encrypted)",
    )


def test_another_backend_takes_the_calls() -> None:
    existing = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"]}
    urls = ["http://10.20.30.40:8080", "http://10.20.30.41:8080"]
    graphs = [graph_with({**REST, "network": existing, "backend": {"url": url}}) for url in urls]
    said = sentence(updated(graphs[0], graphs[1], ROOT, rules=False), Line.BACKEND)[1]
    assert said == f"calls go to {urls[1]}, before to {urls[0]}"
