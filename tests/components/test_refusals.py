"""Arguments that AWS, a browser or another argument would refuse: each named, with what to do, before a declaration."""

import ast
import functools
import sys
from typing import Any

import pytest
import yaml

from components import (
    Alerts,
    ApiConsumer,
    ApiFront,
    ApiFunction,
    Ec2Backend,
    ExistingIngress,
    FargateBackend,
    Greeter,
    NatInstance,
    PrivateApiEndpoint,
    PrivateIngress,
    PrivateNetwork,
    ServerlessProxy,
    UrlBackend,
)
from components.arguments.faults import Fault
from tests.components.arguments_of_each import ADOPTED, BASE, VPC
from tests.components.front import FUNCTION, ROUTE, front, made
from tests.helpers.declare import changed, refusal
from tests.helpers.stacks import ROOT

JWT = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}
LAMBDA = {"kind": "lambda", **FUNCTION}
PLAN = {"throttle": {"rate": 1, "burst": 1}, "quota": {"limit": 1, "period": "DAY"}}
PAGES = {"origins": ["https://app.example.com"]}
SIGNED_IN = {**PAGES, "credentials": True}
NOWHERE = {"GET /nowhere": {"rate": 1, "burst": 1}}
WHO, WAIT, GROUP = "authorizers.people", "routes[0].timeout_milliseconds", "backend_security_group_id"
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
MANY_THROTTLES = {"a": {"keys": ["x"], "route_throttles": BY_ROUTE}}
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1"
AUTHORITY = yaml.safe_load((ROOT / "tests/settings/wrong_values.yaml").read_text())["Certificates"]["sound"]
OFFICE = {**ROUTE, "allow_cidrs": ["203.0.113.0/24"]}
LINK = {"backend": {"link_id": "l", "url": "http://b.invalid"}}
TLS = {"certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x", "server_name": "app.example.com", "port": 443}
CLOUD_MAP = {"kind": "cloud-map", "link": "v2"}
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
SCALING = {"maximum": 5, "cpu_percent": 60}
BY_REQUESTS = {"maximum": 5, "requests_per_target": 5}
FUNCTION_KIND = {"kind": "function", "name": "f", "allow": ["invoke"]}
TWICE, MANY = "keys that no other caller has", "“Inbound or outbound rules per security group”"
EXISTING = {"subnet_ids": None, "endpoint_id": "vpce-0a1b2c3d"}
BOTH = {"allow_security_group_ids": {"a": "sg-00000001"}}
NO_DOMAINS = """
api.example.com api.example.com/ https://api.example.com/v1 api.example.com:443/v1 api.example.com//v1 /v1
api.example.com/v1/ api.example.com/v1/orders api.example.com/v1?x api.example.com/.. api..example.com/v1
*/v1 localhost/v1
"""


def routes(**changes: Any) -> dict[str, Any]:
    return {"routes": [{**ROUTE, **changes}]}


# DataBiosphere/azul#4055 logs every variable; api-gateway-execution-service-limits-table: 3 KB, which cannot be raised
MANY_CLAIMS = [f"authorizer.claims.number-{number}" for number in range(40)]
# https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html: from 1 to 64 characters
LONG_SCOPE = routes(authorization="people", scopes=["api://" + "a" * 59])
TABLE: dict[str, Any] = {"kind": "table", "name": "orders", "allow": ["read"]}


def waiting(milliseconds: int) -> dict[str, Any]:
    return routes(timeout_milliseconds=milliseconds)


def permitted(given: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"permissions": {"orders": {**given, **more}}}


def authorizer(given: dict[str, Any], kind: str = "rest", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "authorizers": {"people": {**given, **more}}}


CASES: dict[type, list[tuple[dict[str, Any], str, str]]] = {
    Alerts: [
        ({"budget_monthly_usd": 10}, "budget_emails", "notifies nobody"),
    ],
    ApiFront: [
        # Paths, a policy and a body that AWS does not take
        ({"deny_cidrs": ["203.0.113.0/24"], "routes": OVERLAPPING}, "routes", "can distinguish"),
        ({**PRIVATE, "routes": WIDE}, "routes", "8,192 characters"),
        ({"routes": [{**ROUTE, "path": "/{a}"}, {**ROUTE, "path": "/{b}"}]}, "routes", "one name for the variable"),
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
    PrivateNetwork: [
        ({"zones": None}, "zones", "one to six"),
        ({"zones": 7}, "zones", "a whole number from 1 to 6"),
        ({"zones": [f"eu-west-1{letter}" for letter in "abcdefg"]}, "zones", "1 to 6"),
        ({"cidr": "10.0.0.0/27"}, "cidr", "the range of 2 zones is a /16 to /25, not a /27"),
        ({"cidr": "10.0.0.1/16"}, "cidr", "10.0.0.0/16"),
        ({"egress": ["nat"]}, "egress[0]", "one of s3-packages, ipv6"),
        ({"egress": ["s3-packages", "ipv6"]}, "egress", "leave it off"),
        ({"nat_instance": {"instance_type": "tiny"}}, "nat_instance.instance_type", "t4g.micro"),
        ({"endpoints": ["com.amazonaws.eu-west-1.ssm"]}, "endpoints[0]", "the short name"),
        ({"endpoints": ["elasticsearch-magic"]}, "endpoints[0]", "a service that has an endpoint"),
        ({"endpoints": ["ssm", "ssm"]}, "endpoints", "once"),
        ({"endpoints": ["s3"]}, "endpoints", "it would admit nothing"),
        ({"flow_logs_retention_days": 2}, "flow_logs_retention_days", "days that CloudWatch Logs offers"),
        ({"public_subnet_ids": ["subnet-00000001"]}, "public_subnet_ids", "only with vpc_id"),
        ({"existing_endpoints": ["logs"]}, "existing_endpoints", "only with vpc_id"),
        ({"cidr": "8.8.0.0/16"}, "cidr", "a range inside 10.0.0.0/8"),
        ({"nat_gateways": "regional"}, "nat_gateways", "only with egress nat-gateway"),
        ({"nat_instance": {"disk_gib": 4}}, "nat_instance", "only with egress nat-instance"),
        (
            {"egress": ["nat-instance"], "nat_instance": {"image_id": "ami-0123456789abcdef0"}},
            "nat_instance.disk_gib",
            "the size of the disk for the image",
        ),
        (
            {"egress": ["nat-instance"], "nat_instance": {"instance_type": "mac1.metal"}},
            "nat_instance.instance_type",
            "a dedicated host",
        ),
        ({"endpoints": ["execute-api"]}, "endpoints", "PrivateApiEndpoint makes this one"),
        ({**ADOPTED, "existing_endpoints": ["execute-api"]}, "existing_endpoints", "PrivateApiEndpoint makes this one"),
        # One that exists
        ({**ADOPTED, "subnet_ids": None}, "subnet_ids", "both"),
        ({**ADOPTED, "vpc_id": None}, "vpc_id", "both"),
        *(
            ({**ADOPTED, key: value}, key, "leave it out")
            for key, value in (
                ("zones", ["eu-west-1a"]),
                ("cidr", "10.0.0.0/16"),
                ("nat_instance", {"disk_gib": 4}),
                ("nat_gateways", "one-per-zone"),
                ("flow_logs_retention_days", 7),
                ("alarm_topic_arn", "arn:aws:sns:eu-west-1:123456789012:alarms"),
            )
        ),
        ({**ADOPTED, "endpoints": ["s3"]}, "endpoints", "it would admit nothing"),
        ({**ADOPTED, "existing_endpoints": ["ssm"], "endpoints": ["ssm"]}, "endpoints", "not in existing_endpoints"),
        (
            {**ADOPTED, "existing_endpoints": ["com.amazonaws.eu-west-1.logs"]},
            "existing_endpoints[0]",
            "the short name",
        ),
    ],
    NatInstance: [
        ({"instance_type": "g5.xlarge"}, "instance_type", "without GPU"),
        ({"vpc_cidr": "0.0.0.0/0"}, "vpc_cidr", "from /16 to /28"),
        ({"tags": {"aws:x": "y"}}, "tags.aws:x", "does not begin with aws:"),
        ({"instance_type": "mac1.metal"}, "instance_type", "a dedicated host"),
        ({"instance_type": "nano"}, "instance_type", "named like t4g.micro"),
        ({"disk_gib": 1}, "disk_gib", "2 to 100"),
        ({"image_id": "ami-0123456789abcdef0"}, "disk_gib", "the size of the disk for the image"),
    ],
    Ec2Backend: [
        (
            {"image": "s3://images/a.tar.gz", "s3_prefix_list_id": "pl-00000001", "egress": [], "logs": {}},
            "logs",
            "reaches CloudWatch",
        ),
        ({"egress": []}, "image", "does not lead to"),
        ({"instance_type": "a1.large"}, "instance_type", "first Graviton"),
        ({"files": {"/a": "x", "/a/b": "y"}}, "files./a", "a file or a folder"),
        ({"secrets": {"A": f"{SECRET}:key::"}}, "secrets.A", "a whole secret on EC2"),
        ({"policy_arns": {f"p{n}": f"arn:aws:iam::aws:policy/P{n}" for n in range(11)}}, "policy_arns", "10 at most"),
        ({"permissions": {f"t{n}": {**TABLE, "name": f"{n}" + "x" * 200} for n in range(300)}}, "permissions", "about"),
        (
            {"scaling": {**SCALING, "minimum": 9}, "target_group_arn": "arn"},
            "scaling.minimum",
            "at most the maximum, 5",
        ),
        ({"image": None}, "image", "image, user_data or image_id"),
        ({"image": "https://x"}, "image", "without a scheme"),
        ({"user_data": "#!/bin/sh"}, "user_data", "not both"),
        ({"image": None, "user_data": "echo hi"}, "user_data", "begin a script with #!/bin/bash"),
        ({"image": None, "user_data": "x" * 20_000}, "user_data", "EC2 takes 16384"),
        ({"image": None, "user_data": "#!/bin/sh", "environment": {"A": "b"}}, "environment", "only beside image"),
        ({"environment": {"A": "b"}, "secrets": {"A": SECRET}}, "secrets.A", "not in both"),
        ({"secrets": {"LD_PRELOAD": SECRET}}, "secrets.LD_PRELOAD", "take another"),
        ({"secrets": {"A": "hunter2"}}, "secrets.A", "the ARN of"),
        ({"port": 22}, "port", "its SSH server has this one"),
        ({"health_check_path": "health"}, "health_check_path", "begins with /; did you mean /health?"),
        ({"instance_type": "micro"}, "instance_type", "t4g.micro"),
        ({"instance_type": "g5.xlarge"}, "instance_type", "without GPU"),
        (
            {"instance_type": "g5.xlarge", "image_id": "ami-00000001", "disk_gib": 30},
            "instance_type",
            "not passed to a container",
        ),
        ({"disk_gib": 4}, "disk_gib", "8 to 65,536"),
        ({"image_id": "ami-0123456789abcdef0"}, "disk_gib", "the size of the disk for the image"),
        ({"access": "instance-connect"}, "instance_connect_security_group_id", "endpoint's group"),
        ({"access": "bastion"}, "bastion_security_group_id", "bastion's group"),
        ({"count": 0}, "count", "1 to 1,000"),
        ({"count": 2, "scaling": SCALING, "target_group_arn": "arn"}, "count", "not both"),
        ({"count": 2}, "target_group_arn", "target group"),
        ({"registry_arn": "arn:x", "target_group_arn": "arn"}, "registry_arn", "instances register in one of them"),
        ({"scaling": BY_REQUESTS, "target_group_arn": "arn"}, "request_count_label", "the ALB's label"),
        ({"scaling": {"maximum": 5}, "target_group_arn": "arn"}, "scaling", "at least one of cpu_percent"),
    ],
    FargateBackend: [
        ({"image": None}, "image", "image or build"),
        ({"build": "examples"}, "build", "not both"),
        ({"image": None, "build": "nowhere"}, "build", "a folder that exists"),
        ({"image": "s3://bucket/app.tar.gz"}, "image", "which loads tarballs"),
        ({"cpu": 256, "memory": 4096}, "memory", "nearest is 2048"),
        ({"egress": ["none"]}, "egress[0]", "nat-gateway; an empty list for none"),
        ({"scaling": {"maximum": 2, "requests_per_target": 5}}, "request_count_label", "the ALB's label"),
        ({"spot": {}}, "spot.on_demand", "fewer than the maximum number of copies, 1"),
        (permitted(TABLE, allow=["send"]), "permissions.orders", "read, write with kind: table"),
        (permitted(TABLE, allow=[]), "permissions.orders.allow", "a list of one or more"),
        (permitted(TABLE, name="*"), "permissions.orders", "the name or the ARN of one table"),
        (permitted(TABLE, kms_key="alias/a"), "permissions.orders", "the name or the ARN of one key"),
        (permitted(FUNCTION_KIND, kms_key="k"), "permissions.orders", "kms_key only with table"),
        ({"permissions": {"a": TABLE, "b": TABLE}}, "permissions.b", "add its words to permissions.a"),
        (permitted(TABLE, kind="tables"), "permissions.orders.kind", "one of table, bucket"),
    ],
    PrivateIngress: [
        ({"port": 443}, "port", "443 only with certificate_arn"),
        ({"kind": "alb"}, "subnet_ids", "an ALB needs two zones"),
        ({"kind": "alb", "link": "v1"}, "link", "call only NLBs"),
        ({"kind": "cloud-map", "link": "none"}, "link", "only HTTP APIs"),
        ({"kind": "cloud-map", **TLS}, "certificate_arn", "terminates no TLS"),
        *(
            ({**CLOUD_MAP, key: value, **more}, key, "only with alb or nlb: Cloud Map")
            for key, value, more in (
                ("port", 8443, {}),
                ("private_record", True, {"server_name": "app.example.com"}),
                ("server_name", "app.example.com", {}),
                ("insecure_skip_verification", True, {}),
                ("deletion_protection", True, {}),
                ("deregistration_delay_seconds", 5, {}),
                ("alarm_topic_arn", "arn:aws:sns:eu-west-1:123456789012:alarms", {}),
                ("health_check_path", "/healthz", {}),
                ("longest_wait_seconds", 30, {}),
                ("target_type", "instance", {}),
                ("target_zones", 1, {}),
            )
        ),
        ({"certificate_arn": TLS["certificate_arn"]}, "server_name", "together"),
        ({"private_record": True}, "private_record", "server_name"),
        ({"insecure_skip_verification": True}, "insecure_skip_verification", "only with certificate_arn"),
        ({"port": 65535}, "port", "the listener for health checks"),
        ({"target_port": 80}, "target_port", "did you mean 'port' or 'backend_port'?"),
    ],
    ExistingIngress: [
        (
            {"link_id": "a1b2c3", "security_group_id": "sg-00000001"},
            "security_group_id",
            "link_id or security_group_id",
        ),
        ({"insecure_skip_verification": True}, "insecure_skip_verification", "only with server_name"),
    ],
    ServerlessProxy: [
        ({"certificate_authority": AUTHORITY}, "certificate_authority", "only with a URL with https"),
        ({GROUP: None, "backend_cidrs": ["0.0.0.0/0"]}, "backend_cidrs", "this one is every address"),
        ({GROUP: None, "backend_cidrs": ["10.9.0.0/16"]}, "backend_cidrs", "ranges with 10.0.1.2, the address of url"),
        ({"port": 80}, "port", "8080, the port of the URL: the security group opens no other; take it out"),
        *(
            ({"url": url, GROUP: None, "vpc_cidr": "10.0.0.0/16"}, "vpc_cidr", "the address of url")
            for url in ("http://172.16.0.1", "http://[2600::1]:80")
        ),
        ({"url": "http://[2600::1]"}, "ipv6", "true with 2600::1, the address of url"),
        (
            {"url": "http://[2600::1]", GROUP: None, "backend_cidrs": ["2600::/32"], "ipv6": False},
            "ipv6",
            "true with 2600::1, the address of url",
        ),
        ({"timeout_seconds": 2, "mean_milliseconds": 9}, "timeout_seconds", "or mean_milliseconds, not both"),
        *(
            (
                {"webhook": {"scheme": scheme, "secret": "a" * 20, "tolerance_seconds": 60}},
                "webhook.tolerance_seconds",
                "no timestamp is signed",
            )
            for scheme in ("github", "gitlab")
        ),
        *(
            ({"webhook": {"secret": "a" * 20, "header": "X-S", "scheme": "hmac", **given}}, f"webhook.{key}", words)
            for given, key, words in (
                ({"tolerance_seconds": 60}, "tolerance_seconds", "no timestamp is signed"),
                ({"header": None}, "header", "the header that has the signature"),
                ({"signed": "{timestamp}"}, "signed", "ends with {body}"),
                ({"signed": "{body}{body}"}, "signed", "once at most"),
                ({"signed": "{url}{body}"}, "signed", "no other braces"),
                ({"signed": "{id}{body}"}, "signed", "where the ID ends"),
                ({"signed": "{timestamp}.{body}"}, "timestamp_header", "the header of {timestamp}"),
                ({"timestamp_header": "X-T"}, "timestamp_header", "only with {timestamp} in signed"),
                ({"id_header": "X-I"}, "id_header", "only with {id} in signed"),
                ({"scheme": "github"}, "header", "only with scheme hmac"),
                ({"scheme": "standard", "header": None, "secret": "whsec_aaaaaaaaaaaaa"}, "secret", "a key in base64"),
                ({"scheme": "standard", "header": None, "secret": "whsec_c2hvcnQtb25l"}, "secret", "16 bytes or more"),
            )
        ),
        ({"memory": 64}, "memory", "128 to 10,240"),
        ({"timeout_seconds": 301}, "timeout_seconds", "1 to 300"),
        ({"stream_seconds": 901}, "stream_seconds", "1 to 900"),
        ({"strip_prefix": "forward"}, "strip_prefix", "begins with one slash"),
        ({GROUP: None}, GROUP, "one of backend_security_group_id, backend_cidrs, vpc_cidr"),
        ({"backend_cidrs": ["10.0.0.0/8"]}, GROUP, "one of backend_security_group_id, backend_cidrs, vpc_cidr"),
        *(
            ({"custom_domain": domain}, "custom_domain", f"got {domain!r}; a domain name, one slash")
            for domain in NO_DOMAINS.split()
        ),
    ],
    UrlBackend: [
        ({"certificate_authority": AUTHORITY}, "certificate_authority", "only with a URL with https"),
        ({"url": "app.internal"}, "url", "http(s)"),
        ({"url": "http://8.8.8.8"}, "url", "is on the internet"),
        ({"cidrs": ["10.0.0.0/8"], "security_group_id": "sg-00000001"}, "cidrs", "not both"),
        ({"url": "http://10.1.2.3", "cidrs": ["10.2.0.0/16"]}, "cidrs", "ranges with 10.1.2.3"),
        ({"cidrs": ["2001:db8::1/32"]}, "cidrs[0]", "did you mean 2001:db8::/32?"),
    ],
    PrivateApiEndpoint: [
        ({"allow_cidrs": ["0.0.0.0/0"]}, "allow_cidrs[0]", "not of the internet"),
        ({"allow_cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}, "allow_cidrs[1]", "not of the internet"),
        ({"allow_cidrs": ["::/0"]}, "allow_cidrs[0]", "not of the internet"),
        (
            {"subnet_ids": None, "endpoint_id": "vpce-0a1b2c3d", "allow_vpc": True},
            "allow_vpc",
            "nothing with endpoint_id",
        ),
        ({**EXISTING, "private_dns": False}, "private_dns", "nothing with endpoint_id"),
        ({"allow_vpc": False}, "allow_vpc", "true, unless allow_cidrs"),
        ({"allow_vpc": True, "allow_security_group_ids": {"vpc": "sg-00000001"}}, "allow_security_group_ids", TWICE),
        ({"allow_prefix_list_ids": {"vpc": "pl-00000001"}}, "allow_prefix_list_ids", TWICE),
        ({**BOTH, "allow_prefix_list_ids": {"a": "pl-00000001"}}, "allow_prefix_list_ids", TWICE),
        # A second rule for it would be refused: InvalidPermission.Duplicate.
        ({"allow_cidrs": ["10.0.0.0/16"]}, "allow_cidrs", "the VPC's own, which may call already"),
        ({"endpoint_id": "vpce-0a1b2c3d4e5f60718"}, "subnet_ids", "not both"),
        ({"allow_cidrs": [f"10.9.{number}.0/24" for number in range(60)]}, "allow_cidrs", MANY),
        ({"allow_cidrs": [f"2001:db8:{number:x}::/48" for number in range(1, 62)]}, "allow_cidrs", MANY),
        ({"allow_security_group_ids": {f"g{n}": f"sg-{n:08}" for n in range(61)}}, "allow_security_group_ids", MANY),
    ],
    ApiConsumer: [
        ({"image_id": "ami-0123456789abcdef0"}, "disk_gib", "the size of the disk for the image"),
        ({"instance_type": "a1.large"}, "instance_type", "first Graviton"),
        ({"access": "instance-connect"}, "instance_connect_security_group_id", "endpoint's group"),
    ],
    Greeter: [({"log_level": "LOUD"}, "log_level", "INFO")],
    ApiFunction: [
        ({"folder": "nowhere"}, "folder", "a folder that exists"),
        ({"runtime": "nodejs22.x", "requirements": "requirements.txt"}, "requirements", "a runtime of Python"),
        ({"requirements": "nowhere.txt"}, "requirements", "a file that exists"),
        ({"folder": None}, "folder", "one of folder, zip and image"),
        ({"folder": None, "zip": "nowhere.zip"}, "zip", "a ZIP archive that exists"),
        ({"folder": None, "image": ECR, "handler": "a.b"}, "handler", "an image has its own"),
        ({"vpc_id": "vpc-00000001"}, "subnet_ids", "both or neither"),
        ({"calls": {"db": {"port": 80, "cidr": "10.0.0.0/8"}}}, "calls", "only with vpc_id"),
        ({**VPC, "calls": {"db": {"port": 80}}}, "calls.db", "only one of them"),
        ({**VPC, "calls": {key: {"port": 80, "cidr": "10.0.0.0/8"} for key in "ab"}}, "calls.b", "calls.a is the same"),
        ({**VPC, "calls": {"mail": {"port": 25, "cidr": "0.0.0.0/0"}}}, "calls.mail", "another port: AWS blocks 25"),
        ({"environment": {"A": "x"}}, "environment.A", "two characters or more"),
        ({"environment": {"AWS_REGION": "x"}}, "environment.AWS_REGION", "does not set itself"),
        ({"environment": {"AB": "x" * 4096}}, "environment", "at most 4,096 bytes"),
        ({"secrets": {"AB": f"{SECRET}:key::"}}, "secrets.AB", "a whole secret"),
    ],
}


@functools.cache
def refused(component: Any, number: int) -> tuple[str, frozenset[tuple[str, int]]]:
    """What a case is refused with, and the lines of the source that made a fault."""
    reached: set[tuple[str, int]] = set()
    made = Fault.__new__

    def noted(cls: type, *args: Any, **keys: Any) -> Any:
        frame = sys._getframe(1)
        reached.add((frame.f_code.co_filename, frame.f_lineno))
        return made(cls, *args, **keys)

    changes, _, _ = CASES[component][number]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fault, "__new__", noted)
        error = refusal(lambda: component("made", changed(BASE[component], changes)))
    return str(error), frozenset(reached)


@pytest.mark.parametrize(
    ("component", "number", "key", "want"),
    [
        pytest.param(component, number, key, want, id=f"{component.__name__}-{key}-{want[:30]}")
        for component, cases in CASES.items()
        for number, (_, key, want) in enumerate(cases)
    ],
)
def test_a_mistake_is_refused(component: Any, number: int, key: str, want: str) -> None:
    error, _ = refused(component, number)
    assert f"{component.__name__}: {key}: " in error
    assert want in error
    assert "hunter2" not in error


@pytest.mark.parametrize(
    ("origin", "meant"),
    [
        ("app.example.com", "https://app.example.com"),
        ("https://app.example.com/app", "https://app.example.com"),
        ("HTTPS://App.example.com", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80", "http://app.example.com"),
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str, meant: str) -> None:
    for kind in ("rest", "http"):
        assert f"did you mean {meant}?" in str(refusal(lambda kind=kind: made(kind=kind, cors={"origins": [origin]})))  # type: ignore[misc] # bound now


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://[::1]:8443", "capacitor://localhost", "*"])
def test_an_origin_that_browsers_send_is_taken(origin: str) -> None:
    assert front(cors={"origins": [origin]}).resources


def test_a_policy_is_refused_with_a_provider_that_loses_its_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(version: str) -> None:
        monkeypatch.setattr("importlib.metadata.version", lambda _: version)

    installed("7.9.1")
    error = refusal(lambda: made(allow_cidrs=["203.0.113.0/24"]))
    assert "got 'pulumi-aws 7.9.1'; pulumi-aws 7.51 or newer" in str(error)
    assert front().resources
    installed("8.0.0")
    assert front(allow_cidrs=["203.0.113.0/24"]).resources


TESTED_IN_OTHER_FILES = {
    "accepted_options.py": ("opts.",),
    "foreign_functions.py": ("Fault(",),
    "api_function.py": ("_SMALLER",),
    "private_api_endpoint.py": ("found.",),
    "existing_ingress.py": ("found.", "want)", "link_vpc", "load balancer, which has"),
    "serverless_proxy.py": ("which is an output", "'precompiled'"),
}
"""Rules that need a lookup, an output, large files or another Python: test_existing_ingress.py, test_functions.py,
test_names_and_options.py, test_private_api.py and test_serverless_proxy.py."""


def test_every_rule_between_arguments_has_a_row() -> None:
    """Compares the lines that made a fault with those of the source."""
    reached = {
        line for each, cases in CASES.items() for number in range(len(cases)) for line in refused(each, number)[1]
    }
    unreached = []
    for path in sorted((ROOT / "components").rglob("*.py")):
        if "stack" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault":
                if any(said in ast.unparse(node) for said in TESTED_IN_OTHER_FILES.get(path.name, ())):
                    continue
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                if not any((str(path), line) in reached for line in lines):
                    unreached.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:90]}")
    assert unreached == [], "\n".join(unreached)
