"""Arguments of an API that AWS or a browser would refuse: named together, before anything is declared."""

from typing import Any

import pytest

from components.private_api_endpoint import PrivateApiEndpoint
from tests.components.front import FUNCTION, ROUTE, front, made
from tests.helpers.declare import refusal

JWT = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}
LAMBDA = {"kind": "lambda", **FUNCTION}
PLAN = {"throttle": {"rate": 1, "burst": 1}, "quota": {"limit": 1, "period": "DAY"}}
PAGES = {"origins": ["https://app.example.com"]}
WAF = {"requests_per_five_minutes": 100}
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"authorizers": {"iam": LAMBDA}}, "authorizers.iam", "not none or iam"),
    ({"authorizers": {"none": LAMBDA}}, "authorizers.none", "not none or iam"),
    ({"authorizers": {"api_key": LAMBDA}}, "authorizers.api_key", "letters, digits and hyphens"),
    ({"authorizers": {"people": JWT}}, "authorizers.people.kind", "cognito or lambda"),
    ({"kind": "http", "authorizers": {"people": {"kind": "cognito"}}}, "authorizers.people.kind", "jwt or lambda"),
    ({"authorizers": {f"a{number}": LAMBDA for number in range(11)}}, "authorizers", "“Authorizers per API”"),
    (
        {"kind": "http", "authorizers": {"people": {**JWT, "audiences": [str(number) for number in range(51)]}}},
        "authorizers.people.audiences",
        "“Audiences per authorizer”",
    ),
    (
        {"kind": "http", "routes": [{**ROUTE, "scopes": [str(number) for number in range(11)]}]},
        "routes[0].scopes",
        "“Scopes per route”",
    ),
    ({"routes": [ROUTE, ROUTE]}, "routes[1]", "each path and method once"),
    ({"routes": [{**ROUTE, "methods": ["ANY", "GET"]}]}, "routes[0].methods", "only ANY"),
    ({"routes": [{**ROUTE, "methods": ["GET", "GET"]}]}, "routes[0].methods", "each member once"),
    ({"routes": [{**ROUTE, "path": "/a~b"}]}, "routes[0].path", "REST API"),
    ({"routes": [{**ROUTE, "path": "/a/{proxy}"}]}, "routes[0].path", "another name than {proxy}"),
    ({"routes": [{**ROUTE, "path": "/{id}/b/{id}"}]}, "routes[0].path", "{id} is in it twice"),
    ({"routes": [{**ROUTE, "path": "/a/{rest+}"}]}, "routes[0].path", "/orders/{id}"),
    ({"routes": [{**ROUTE, "path": "/a/"}]}, "routes[0].path", "/orders/{id}"),
    ({"routes": [{**ROUTE, "timeout_milliseconds": 30_000}]}, "routes[0].timeout_milliseconds", "at most 29000"),
    (
        {"timeout_quota_milliseconds": 60_000, "routes": [{**ROUTE, "timeout_milliseconds": 60_001}]},
        "routes[0].timeout_milliseconds",
        "at most 60000",
    ),
    ({"timeout_quota_milliseconds": 28_000}, "timeout_quota_milliseconds", "29,000 to 300,000"),
    (
        {"kind": "http", "routes": [{**ROUTE, "timeout_milliseconds": 30_001}]},
        "routes[0].timeout_milliseconds",
        "at most 30000",
    ),
    (
        {
            "strip_prefix": "/v1",
            "routes": [{**ROUTE, "path": "/"}],
            "targets": {"backend": {"link_id": "l", "url": "http://b.invalid"}},
        },
        "strip_prefix",
        "/{proxy+} cannot match",
    ),
    ({"stage": "a'b"}, "stage", "letters, digits, - and _"),
    ({"strip_prefix": "forward"}, "strip_prefix", "begins with one slash"),
    ({"strip_prefix": "//forward"}, "strip_prefix", "begins with one slash"),
    *(
        ({"domain": {"name": "a.example.com", "zone_id": "Z1", "base_path": base}}, "domain.base_path", "one part")
        for base in ("/v1", "v1/", "o'neil", ".", "..", "a/b")
    ),
    ({"plans": {"a": {**PLAN, "quota": {"limit": 2_147_483_648}}}}, "plans.a.quota.limit", "1 to 2,147,483,647"),
    ({"plans": {"a": {**PLAN, "keys": ["x", "x"]}}}, "plans.a.keys", "each member once"),
    ({"plans": {"a": {**PLAN, "keys": ["x"], "key_values": {"x": "y"}}}}, "plans.a.keys", "each name once"),
    ({"plans": {"a": {**PLAN, "keys": ["x"]}, "b": {**PLAN, "keys": ["x"]}}}, "plans.b.keys", "a key of the plan a"),
    ({"firewall": {**WAF, "managed_rules": ["common"] * 2}}, "firewall.managed_rules", "each member once"),
    ({"firewall": {**WAF, "allow": ["0.0.0.0/0"]}}, "firewall.allow", "/0"),
    ({"firewall": {**WAF, "allow": ["::/0"]}}, "firewall.allow", "/0"),
    ({"cors": {"origins": ["*"], "credentials": True}}, "cors.origins", "by name with credentials"),
    (
        {"kind": "http", "cors": {"origins": ["https://*"], "credentials": True}},
        "cors.origins",
        "by name with credentials",
    ),
    ({"cors": {"origins": ["https://*"]}}, "cors.origins", "literally"),
    ({"cors": {"origins": ["https://*.example.com"]}}, "cors.origins", "literally"),
    ({"kind": "http", "cors": {"origins": ["https://*.example.com"]}}, "cors.origins", "as browsers send it"),
    ({"cors": {**PAGES, "headers": ["*"], "credentials": True}}, "cors.headers", "by name"),
    (
        {"kind": "http", "cors": {**PAGES, "expose_headers": ["*"], "credentials": True}},
        "cors.expose_headers",
        "by name",
    ),
    ({"domain": {"name": "api.example.com"}}, "domain", "zone_id"),
    (
        {
            "kind": "private",
            "allow_endpoint_ids": ["vpce-1"],
            "private_domain": {
                "name": "*.example.com",
                **dict.fromkeys(("certificate_arn", "vpc_id", "endpoint_id", "endpoint_dns_name"), "x"),
                "endpoint_zone_id": "x",
            },
        },
        "private_domain.name",
        "one name",
    ),
    (
        {"domain": {"name": "api.example.com", "zone_id": "Z0123456789", "truststore_version": "1"}},
        "domain.truststore_version",
        "only with truststore",
    ),
    (
        {"kind": "http", "authorizers": {"people": {**JWT, "audiences": []}}},
        "authorizers.people",
        "issuer and audiences",
    ),
    ({"authorizers": {"people": {"kind": "cognito"}}}, "authorizers.people.user_pool_arns", "one user pool"),
    ({"authorizers": {"people": {"kind": "lambda"}}}, "authorizers.people.invoke_arn", "a function"),
    (
        {"kind": "http", "authorizers": {"people": {**JWT, "identity_headers": ["A", "B"]}}},
        "authorizers.people.identity_headers",
        "one header",
    ),
    (
        {"authorizers": {"people": {"kind": "lambda", "invoke_arn": "arn:x", "identity_headers": ["X-Key", "x-key"]}}},
        "authorizers.people.identity_headers",
        "each header once",
    ),
    ({"routes": [{**ROUTE, "authorization": "aim"}]}, "routes[0].authorization", "did you mean iam?"),
    ({"routes": [{**ROUTE, "scopes": ["a"]}]}, "routes[0].scopes", "jwt or cognito"),
    ({"caller_account_ids": ["111122223333"]}, "caller_account_ids", "authorization: iam"),
    ({"kind": "http", "minimum_tls": "1.3"}, "minimum_tls", "REST API"),
    ({"kind": "http", "routes": [{**ROUTE, "path": f"/{n}"} for n in range(151)]}, "routes", "routes at most"),
    ({"allow_cidrs": ["2001:db8::/32"]}, "allow_cidrs", "an IPv4 range among them"),
    ({"deny_cidrs": ["0.0.0.0/0"]}, "deny_cidrs", "all calls are denied"),
    ({"cors": {**PAGES, "expose_headers": ["ETag"]}}, "cors.expose_headers", "kind http"),
    (
        {"plans": {"a": {**PLAN, "route_throttles": {"GET /nowhere": {"rate": 1, "burst": 1}}}}},
        "plans.a.route_throttles",
        "one of the routes",
    ),
    (
        {"domain": {"name": "a.example.com", "zone_id": "Z1"}, "routes": [{**ROUTE, "path": "/ping"}]},
        "routes[0].path",
        "/healthz",
    ),
    (
        {"domain": {"name": "a.example.com", "zone_id": "Z1", "truststore": "s3://b/k"}, "minimum_tls": "1.3"},
        "minimum_tls",
        "mutual TLS",
    ),
]


@pytest.mark.parametrize(("changes", "key", "want"), REFUSED, ids=[f"{key}-{want}" for _, key, want in REFUSED])
def test_an_api_is_refused(changes: dict[str, Any], key: str, want: str) -> None:
    error = refusal(lambda: made(**changes))
    assert f"ApiFront: {key}: " in str(error)
    assert want in str(error)


@pytest.mark.parametrize(
    ("origin", "meant"),
    [
        ("app.example.com", "https://app.example.com"),
        ("https://app.example.com/", "https://app.example.com"),
        ("https://app.example.com/app", "https://app.example.com"),
        ("HTTPS://App.example.com", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80", "http://app.example.com"),
    ],
)
@pytest.mark.parametrize("kind", ["rest", "http"])
def test_an_origin_that_no_browser_sends_is_refused(kind: str, origin: str, meant: str) -> None:
    error = refusal(lambda: made(kind=kind, cors={"origins": [origin]}))
    assert f"did you mean {meant}?" in str(error)


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://[::1]:8443", "capacitor://localhost", "*"])
def test_an_origin_that_browsers_send_is_taken(origin: str) -> None:
    assert front(cors={"origins": [origin]}).resources


def endpoint(**changes: Any) -> PrivateApiEndpoint:
    args = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"], "vpc_cidr": "10.0.0.0/16", **changes}
    return PrivateApiEndpoint("endpoint", args)


@pytest.mark.parametrize(
    "changes",
    [
        {"allow_cidrs": [f"10.9.{number}.0/24" for number in range(60)]},
        {"allow_cidrs": [f"2001:db8:{number:x}::/48" for number in range(1, 62)]},
        {"allow_security_group_ids": {f"group-{number}": f"sg-{number}" for number in range(61)}},
    ],
)
def test_more_rules_than_a_group_takes_are_refused(changes: dict[str, Any]) -> None:
    error = refusal(lambda: endpoint(**changes))
    assert "“Inbound or outbound rules per security group”" in str(error)
    assert "60" in str(error)


def test_a_policy_is_refused_with_a_provider_that_loses_its_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(version: str) -> None:
        monkeypatch.setattr("importlib.metadata.version", lambda _: version)

    installed("7.9.1")
    error = refusal(lambda: made(allow_cidrs=["203.0.113.0/24"]))
    assert "got 'pulumi-aws 7.9.1'; pulumi-aws 7.51 or newer" in str(error)
    assert front().resources
    installed("8.0.0")
    assert front(allow_cidrs=["203.0.113.0/24"]).resources
