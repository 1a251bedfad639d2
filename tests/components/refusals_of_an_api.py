"""Arguments that `ApiFront` refuses: each with its key, and words of what it wants."""

from typing import Any

from components import ApiFront
from tests.components.front import FUNCTION, ROUTE

JWT = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}
LAMBDA = {"kind": "lambda", **FUNCTION}
PLAN = {"throttle": {"rate": 1, "burst": 1}, "quota": {"limit": 1, "period": "DAY"}}
PAGES = {"origins": ["https://app.example.com"]}
SIGNED_IN = {**PAGES, "credentials": True}
NOWHERE = {"GET /nowhere": {"rate": 1, "burst": 1}}
WHO, WAIT = "authorizers.people", "routes[0].timeout_milliseconds"
WAF = {"requests_per_five_minutes": 100}
DOMAIN = {"name": "a.example.com", "zone_id": "Z0123456789ABC"}
PRIVATE = {"kind": "private", "endpoint_ids": ["vpce-00000001"], "allow_endpoint_ids": ["vpce-00000001"]}
IN_VPC = {
    "name": "*.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/x",
    "vpc_id": "vpc-00000001",
    "endpoint_id": "vpce-00000001",
    **dict.fromkeys(("endpoint_dns_name", "endpoint_zone_id"), "x"),
}
CERTIFIED = {"name": "a.example.com", "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/x"}
PRIMARY = {"policy": "failover", "failover": "primary"}
OVERLAPPING = [{**ROUTE, "path": "/"}, {**ROUTE, "path": "/admin", "authorization": "iam"}]
WIDE = [{**OVERLAPPING[1], "path": "/signed"}, *({**ROUTE, "path": f"/{'a' * 60}{n}"} for n in range(90))]
LIMITED = {"throttle": {"rate": 2, "burst": 1}, "routes": [{**ROUTE, "key_required": True}]}
KEYED = [{**ROUTE, "path": f"/{n}", "key_required": True} for n in range(6)]
BY_ROUTE = {f"{method} /{n}": {"rate": 1, "burst": 1} for n in range(6) for method in ("GET", "POST")}
OFFICE = {**ROUTE, "allow_cidrs": ["203.0.113.0/24"]}
LINK = {"backend": {"link_id": "l", "url": "http://b.invalid"}}
TO_LISTENER = {"link_id": "l", "listener_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/a/1/2"}
SET = {"proxy": {**FUNCTION, "sets_identity": True}}
AT, NO_CA, WHOLE = "targets.backend", "no public authority signs a certificate for this one", "returns whole responses"


HUGE = {"routes": [{**ROUTE, "path": f"/{n}", "body_schema": {"title": "a" * 99_999}} for n in range(16)]}


def routes(**changes: Any) -> dict[str, Any]:
    return {"routes": [{**ROUTE, **changes}]}


# DataBiosphere/azul#4055 logs every variable; api-gateway-execution-service-limits-table: 3 KB, which cannot be raised
MANY_CLAIMS = [f"authorizer.claims.number-{number}" for number in range(40)]
# https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html: from 1 to 64 characters
LONG_SCOPE = routes(authorization="people", scopes=["api://" + "a" * 59])


def waiting(milliseconds: int) -> dict[str, Any]:
    return routes(timeout_milliseconds=milliseconds)


def authorizer(given: dict[str, Any], kind: str = "rest", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "authorizers": {"people": {**given, **more}}}


CASES: dict[type, list[tuple[dict[str, Any], str, str]]] = {
    ApiFront: [
        ({"strip_prefix": "/nowhere"}, "strip_prefix", "no request has this prefix"),
        # Paths, a policy and a body that AWS does not take
        ({"deny_cidrs": ["203.0.113.0/24"], "routes": OVERLAPPING}, "routes", "can distinguish"),
        ({**PRIVATE, "routes": WIDE}, "routes", "8,192 characters"),
        ({"routes": [{**ROUTE, "path": "/{a}"}, {**ROUTE, "path": "/{b}"}]}, "routes", "one name for the variable"),
        (HUGE, "routes", "less than 6,000,000 bytes of the whole definition"),
        (routes(body_schema={"type": "objekt"}), "routes[0].body_schema", "a JSON schema"),
        (
            {"routes": KEYED, "plans": {"a": {"keys": ["x"], "route_throttles": BY_ROUTE}}},
            "plans.a.route_throttles",
            "20",
        ),
        # Domains of several stacks
        ({"domain": {**DOMAIN, "existing": True}}, "domain.zone_id", "only without existing"),
        ({"domain": {**CERTIFIED, "routing": {"policy": "latency"}}}, "domain.routing", "only with zone_id"),
        ({"domain": {**DOMAIN, "routing": {"policy": "weighted"}}}, "domain.routing.weight", "required with policy"),
        ({"domain": {**DOMAIN, "routing": {"policy": "latency", "weight": 1}}}, "domain.routing.weight", "only with"),
        ({"domain": {**DOMAIN, "routing": PRIMARY}}, "domain.routing.health_check_id", "a health check"),
        ({"private_domain": {**IN_VPC, "name": "a.example.com"}}, "private_domain", "the other kind of domain"),
        # Authorizers
        ({"authorizers": {"iam": LAMBDA}}, "authorizers.iam", "not none or iam"),
        ({"authorizers": {"none": LAMBDA}}, "authorizers.none", "not none or iam"),
        ({"authorizers": {"api_key": LAMBDA}}, "authorizers.api_key", "letters, digits and hyphens"),
        ({"authorizers": {f"a{number}": LAMBDA for number in range(11)}}, "authorizers", "“Authorizers per API”"),
        (authorizer(JWT), "authorizers.people.kind", "cognito or lambda"),
        (authorizer({"kind": "cognito"}, "http"), "authorizers.people.kind", "jwt or lambda"),
        (authorizer(JWT, "http", audiences=[]), "authorizers.people", "issuer and audiences"),
        (authorizer(JWT, "http", audiences=[*map(str, range(51))]), f"{WHO}.audiences", "“Audiences per authorizer”"),
        (authorizer(JWT, "http", identity_headers=["A", "B"]), "authorizers.people.identity_headers", "one header"),
        (authorizer(LAMBDA, identity_headers=["X-Key", "x-key"]), f"{WHO}.identity_headers", "each header once"),
        (authorizer({"kind": "cognito"}), "authorizers.people.user_pool_arns", "one user pool"),
        ({"authorizers": {"people": LAMBDA}}, "authorizers.people", "an authorizer that some route uses"),
        (authorizer({"kind": "lambda"}), "authorizers.people.invoke_arn", "a function"),
        # Routes
        ({"routes": [ROUTE, ROUTE]}, "routes[1]", "each path and method once"),
        ({"routes": [{**ROUTE, "path": f"/a/{n}"} for n in range(150)]}, "routes", "“Resources per API”"),
        (routes(target="nowhere"), "routes[0].target", "one of backend"),
        (routes(methods=["ANY", "GET"]), "routes[0].methods", "only ANY"),
        (routes(methods=["GET", "GET"]), "routes[0].methods", "each member once"),
        (routes(path="/a~b"), "routes[0].path", "REST API"),
        (routes(path="/a/{proxy}"), "routes[0].path", "another name than {proxy}"),
        (routes(path="/{id}/b/{id}"), "routes[0].path", "{id} is in it twice"),
        (routes(path="/a/{rest+}"), "routes[0].path", "/orders/{id}"),
        (routes(path="/a/"), "routes[0].path", "/orders/{id}"),
        (routes(authorization="aim"), "routes[0].authorization", "did you mean iam?"),
        (routes(authorization="who"), "routes[0].authorization", "none, iam"),
        (routes(scopes=["a"]), "routes[0].scopes", "jwt or cognito"),
        ({"kind": "http", **routes(scopes=[str(n) for n in range(11)])}, "routes[0].scopes", "“Scopes per route”"),
        ({"kind": "http", **authorizer(JWT, "http"), **LONG_SCOPE}, "routes[0].scopes", "at most 64 characters"),
        ({"kind": "http", **routes(key_required=True)}, "routes[0].key_required", "use kind: rest"),
        ({"kind": "http", "routes": [{**ROUTE, "path": f"/{n}"} for n in range(151)]}, "routes", "routes at most"),
        (routes(timeout_milliseconds=30_000), "routes[0].timeout_milliseconds", "at most 29000"),
        ({"timeout_quota_milliseconds": 60_000, **waiting(60_001)}, WAIT, "at most 60000"),
        ({"timeout_quota_milliseconds": 28_000}, "timeout_quota_milliseconds", "29,000 to 300,000"),
        ({"kind": "http", **waiting(30_001)}, WAIT, "at most 30000"),
        ({"strip_prefix": "/v1", **routes(path="/"), "targets": LINK}, "strip_prefix", "/{proxy+} cannot match"),
        ({"strip_prefix": "forward"}, "strip_prefix", "begins with one slash"),
        ({"strip_prefix": "//forward"}, "strip_prefix", "begins with one slash"),
        ({"stage": "a'b"}, "stage", "letters, digits, - and _"),
        # Streaming
        ({"kind": "http", **routes(streaming=True)}, "routes[0].streaming", "kind: rest"),
        ({"kind": "http", "streaming": True}, "streaming", "kind: rest"),
        (routes(streaming=True, timeout_milliseconds=900_001), "routes[0].timeout_milliseconds", "900,000"),
        (routes(streaming=True, timeout_milliseconds=49), "routes[0].timeout_milliseconds", "50 to"),
        (
            {"streaming": True, "routes": [{**ROUTE, "path": f"/a/long/way/{n}{n}"} for n in range(12)]},
            "routes",
            "512 characters",
        ),
        # Targets
        ({"targets": {"backend": {}}}, "targets.backend", "a function or a VPC link, such as proxy.target"),
        ({"targets": {"backend": {**FUNCTION, "link_id": "l"}}}, "targets.backend", "a function or a VPC link"),
        (
            {"targets": {"backend": {**FUNCTION, "insecure_skip_verification": True}}},
            "targets.backend.insecure_skip_verification",
            "only for a REST API",
        ),
        (
            {"kind": "http", "targets": {"backend": {**LINK["backend"], "insecure_skip_verification": True}}},
            "targets.backend.insecure_skip_verification",
            "only for a REST API",
        ),
        ({"targets": {"backend": {"invoke_arn": "arn"}}}, "targets.backend.function_name", "together"),
        ({"targets": {"backend": {"function_name": "f"}}}, "targets.backend.invoke_arn", "together"),
        ({"targets": {"backend": {"link_id": "l", "listener_arn": "arn"}}}, "targets.backend.url", "link_id and url"),
        ({"kind": "http", "targets": LINK}, "targets.backend.listener_arn", "link_id and listener_arn together"),
        ({"targets": {"backend": {**LINK["backend"], "alias_name": "live"}}}, "targets.backend.alias_name", "whose"),
        (
            {"targets": {"backend": {"link_id": "l", "url": "http://b.invalid:81"}}},
            "targets.backend.url",
            "port 80, 443",
        ),
        # Plans
        (routes(key_required=True), "routes[0].key_required", "only with a usage plan"),
        ({"plans": {"a": {**PLAN, "keys": ["x"]}}}, "plans.a", "only where some route has key_required"),
        ({"plans": {"a": PLAN}, **routes(key_required=True)}, "plans.a.keys", "one key or more"),
        ({"plans": {"a": {**PLAN, "quota": {"limit": 2_147_483_648}}}}, "plans.a.quota.limit", "1 to 2,147,483,647"),
        ({"plans": {"a": {**PLAN, "keys": ["x", "x"]}}}, "plans.a.keys", "each member once"),
        ({"plans": {"a": {**PLAN, "keys": ["x"], "key_values": {"x": "a" * 20}}}}, "plans.a.keys", "each name once"),
        ({"plans": {"a": {**PLAN, "keys": ["x"]}, "b": {**PLAN, "keys": ["x"]}}}, "plans.b.keys", "the plan a"),
        (
            {"plans": {"a": {**PLAN, "keys": ["x"], "renamed_keys": {"y": "z"}}}},
            "plans.a.renamed_keys",
            "a key of the plan: x",
        ),
        (
            {"plans": {"a": {**PLAN, "keys": ["x", "y"], "renamed_keys": {"x": "y"}}}},
            "plans.a.renamed_keys.x",
            "a name that no key has now",
        ),
        (
            {"plans": {"a": {**PLAN, "keys": ["x", "y"], "renamed_keys": {"x": "z", "y": "z"}}}},
            "plans.a.renamed_keys.y",
            "each former name once",
        ),
        (
            {"plans": {"a": {**PLAN, "key_values": {"x": "a" * 20, "y": "a" * 20}}}},
            "plans.a.key_values.y",
            "another value than plans.a.key_values.x has",
        ),
        ({"plans": {"a": {**PLAN, "route_throttles": NOWHERE}}}, "plans.a.route_throttles", "one of the routes"),
        *(
            ({**LIMITED, "plans": {"a": {"keys": ["x"], **limits}}}, f"plans.a.{key}", "at most 2, the rate of the API")
            for key, limits in (
                ("throttle.rate", {"throttle": {"rate": 3, "burst": 9}}),
                ("route_throttles.GET /forward.rate", {"route_throttles": {"GET /forward": {"rate": 3, "burst": 1}}}),
            )
        ),
        # Who may call
        ({"firewall": {**WAF, "managed_rules": ["common"] * 2}}, "firewall.managed_rules", "each member once"),
        ({"firewall": {**WAF, "allow": ["0.0.0.0/0"]}}, "firewall.allow", "/0"),
        ({"firewall": {**WAF, "allow": ["::/0"]}}, "firewall.allow", "/0"),
        ({"firewall": {**WAF, "allow": ["0.0.0.0/1", "128.0.0.0/1"]}}, "firewall.allow", "take one out"),
        ({"kind": "http", "allow_cidrs": ["10.0.0.0/8"]}, "allow_cidrs", "use kind: rest"),
        ({"allow_cidrs": ["2001:db8::/32"]}, "allow_cidrs", "an IPv4 range among them"),
        ({"allow_cidrs": [f"10.{n // 200}.{n % 200}.0/24" for n in range(600)]}, "allow_cidrs", "8,192"),
        ({"deny_cidrs": ["0.0.0.0/0"]}, "deny_cidrs", "all calls are denied"),
        ({"kind": "http", "routes": [OFFICE]}, "routes[0].allow_cidrs", "use kind: rest"),
        ({"deny_cidrs": OFFICE["allow_cidrs"], "routes": [OFFICE]}, "routes[0].allow_cidrs", "name other ranges"),
        (
            {"routes": [{**OFFICE, "path": "/{id}", "include_subpaths": False}, {**ROUTE, "path": "/admin"}]},
            "routes[0].allow_cidrs",
            "give /admin the same ranges",
        ),
        ({"caller_account_ids": ["111122223333"]}, "caller_account_ids", "authorization: iam"),
        ({"kind": "private"}, "allow_endpoint_ids", "admits one endpoint"),
        (
            {"kind": "private", "caller_account_ids": ["111122223333"], "routes": [OVERLAPPING[1]]},
            "caller_account_ids",
            "beside an endpoint or a VPC",
        ),
        ({**PRIVATE, "targets": LINK, "identity": True}, "identity", "send every route through the forwarder"),
        ({"targets": LINK, "identity": True}, "identity", "passes on a caller's own in any other spelling"),
        # Targets that a route does not fit
        (
            {"targets": SET | LINK, "routes": [ROUTE, {**ROUTE, "path": "/b", "target": "proxy"}]},
            "routes[1].target",
            "no target with identity headers beside a VPC link of a REST API",
        ),
        (
            {"targets": {"backend": {**FUNCTION, "streams": False}}, **routes(streaming=True)},
            "routes[0].streaming",
            WHOLE,
        ),
        *(
            ({"targets": {"backend": {**LINK["backend"], "idle_seconds": 60}}, **given}, WAIT, "at most 60,000")
            for given in (routes(streaming=True), {**waiting(90_000), "timeout_quota_milliseconds": 90_000})
        ),
        *(
            ({"kind": "http", "targets": {"backend": {**TO_LISTENER, "server_name": name}}}, f"{AT}.server_name", NO_CA)
            for name in ("app.internal", "internal-a-1.eu-west-1.elb.amazonaws.com")
        ),
        ({"targets": {"backend": {"link_id": "l", "url": "https://10.1.2.3"}}}, f"{AT}.url", NO_CA),
        # Pages of other origins
        ({"cors": {"origins": ["*"], "credentials": True}}, "cors.origins", "by name with credentials"),
        ({"kind": "http", "cors": {"origins": ["https://*"], "credentials": True}}, "cors.origins", "by name with"),
        ({"cors": {"origins": ["https://*"]}}, "cors.origins", "literally"),
        ({"cors": {"origins": ["https://*.example.com"]}}, "cors.origins", "literally"),
        ({"kind": "http", "cors": {"origins": ["https://*.example.com"]}}, "cors.origins", "as browsers send it"),
        ({"cors": {**SIGNED_IN, "headers": ["*"]}}, "cors.headers", "by name"),
        ({"kind": "http", "cors": {**SIGNED_IN, "expose_headers": ["*"]}}, "cors.expose_headers", "by name"),
        ({"cors": {**PAGES, "expose_headers": ["ETag"]}}, "cors.expose_headers", "kind http"),
        # Domains and the rest
        *(
            ({"domain": {**DOMAIN, "base_path": base}}, "domain.base_path", "one part")
            for base in ("/v1", "v1/", "o'neil", "..", "a/b")
        ),
        ({"domain": {"name": "api.example.com"}}, "domain", "zone_id"),
        ({"domain": {**DOMAIN, "truststore_version": "1"}}, "domain.truststore_version", "only with truststore"),
        # An empty value of an environment variable must not take a protection away.
        ({"domain": {**DOMAIN, "truststore": ""}}, "domain.truststore", "s3://bucket/key"),
        ({"domain": {**DOMAIN, "truststore": "s3://bucket/"}}, "domain.truststore", "s3://bucket/key"),
        ({"allow_cidrs": []}, "allow_cidrs", "a list of one or more"),
        ({"access_log_fields": ["identity.apiKey"]}, "access_log_fields[0]", "a key itself is a secret"),
        ({"access_log_fields": MANY_CLAIMS}, "access_log_fields", "at most 3,072 bytes"),
        ({"access_log_fields": ["requestid"]}, "access_log_fields[0]", "a variable of AWS's list"),
        ({"access_log_fields": ["dataProcessed"]}, "access_log_fields[0]", "a variable of REST APIs"),
        ({"kind": "http", "access_log_fields": ["xrayTraceId"]}, "access_log_fields[0]", "a variable of HTTP APIs"),
        ({"plans": {"a": {**PLAN, "key_values": {"x": " "}}}}, "plans.a.key_values.x", "neither empty nor blank"),
        (routes(path="/live/orders"), "routes[0].path", "a path without the stage"),
        ({"domain": DOMAIN, **routes(path="/ping")}, "routes[0].path", "/healthz"),
        (
            {"domain": {**DOMAIN, "truststore": "s3://bucket/key.pem"}, "minimum_tls": "1.3"},
            "minimum_tls",
            "mutual TLS",
        ),
        ({**PRIVATE, "private_domain": IN_VPC}, "private_domain.name", "one name"),
        ({"kind": "http", "minimum_tls": "1.3"}, "minimum_tls", "REST API"),
        # What another kind of API has
        *(
            ({"kind": "http", key: value}, key, "use kind: rest")
            for key, value in (
                ("tracing", True),
                ("stage", "v1"),
                ("execution_logs", "INFO"),
                ("timeout_quota_milliseconds", 60_000),
                ("policy_quota_characters", 16_384),
                ("plans", {"a": {**PLAN, "keys": ["x"]}}),
                ("firewall", WAF),
                ("caller_account_ids", ["111122223333"]),
                ("deny_cidrs", ["10.0.0.0/8"]),
            )
        ),
        *(
            ({"kind": kind, key: [value]}, key, "use kind: private")
            for kind in ("rest", "http")
            for key, value in (
                ("endpoint_ids", "vpce-00000001"),
                ("allow_endpoint_ids", "vpce-00000001"),
                ("allow_vpc_ids", "vpc-00000001"),
            )
        ),
        *(
            ({**PRIVATE, key: ["10.0.0.0/8"]}, key, "callers come from endpoints")
            for key in ("allow_cidrs", "deny_cidrs")
        ),
        ({**PRIVATE, "domain": DOMAIN}, "domain", "use private_domain"),
    ],
}
