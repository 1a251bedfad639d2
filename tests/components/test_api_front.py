"""The API front: the same face for each kind, and nothing open that nobody asked for."""

import functools
import json
from typing import Any

import pulumi
import pytest

from components.recording.values import Secret
from components.testing.recorder import Graph
from tests.components.front import FUNCTION, ROUTE, body, front, made
from tests.helpers.declare import ProgramError, declare, inputs, names, one
from tests.helpers.mocks import OUTPUTS

DOMAIN: dict[str, Any] = {"name": "api.example.com", "zone_id": "Z0123456789"}
PLAN: dict[str, Any] = {"throttle": {"rate": 5, "burst": 9}, "quota": {"limit": 10, "period": "DAY"}}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
ALARMS = {
    "topic_arn": TOPIC,
    "server_error_percent": 5,
    "client_error_percent": 50,
    "latency_milliseconds": 5000,
    "requests_per_five_minutes": 1000,
}
EVERYTHING: dict[str, Any] = {
    "plans": {"partners": {**PLAN, "keys": ["first"]}},
    "routes": [{**ROUTE, "key_required": True, "throttle": {"rate": 1, "burst": 2}}],
    "allow_cidrs": ["github-hooks"],
    "firewall": {
        "requests_per_five_minutes": 1000,
        "managed_rules": ["common"],
        "allow": ["203.0.113.0/24", "2001:db8::/32"],
    },
    "alarms": ALARMS,
    "domain": DOMAIN,
    "execution_logs": "ERROR",
    "cors": {"origins": ["https://app.example.com"]},
}


@functools.cache
def everything() -> Graph:
    return front(**EVERYTHING)


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:eu-west-1:123456789012:{name}"


def test_a_rest_api_whole() -> None:
    made = inputs(everything())
    log = made["front-stage"]["accessLogSettings"].pop("format")
    expected = {
        "front-stage": {
            "restApi": "front-api-id",
            "deployment": "front-deployment-id",
            "stageName": "live",
            "accessLogSettings": {"destinationArn": arn("logs", "log-group:front-access")},
            "xrayTracingEnabled": False,
        },
        "front-invokes-backend": {
            "function": "forwarder",
            "principal": "apigateway.amazonaws.com",
            "action": "lambda:InvokeFunction",
            "sourceArn": arn("execute-api", "front-api/live/*"),
        },
        "front-access": {"retentionInDays": 30, "namePrefix": "/aws/vendedlogs/front-"},
        "front-execution": {"retentionInDays": 30, "name": "API-Gateway-Execution-Logs_front-api-id/live"},
        "front-partners": {
            "quotaSettings": {"limit": 10, "period": "DAY"},
            "throttleSettings": {"burstLimit": 9, "rateLimit": 5},
            "apiStages": [{"stage": "live", "throttles": [], "apiId": "front-api-id"}],
        },
        "front-key-first": {"description": "Managed by Pulumi"},
        "front-key-first-member": {
            "keyType": "API_KEY",
            "usagePlanId": "front-partners-id",
            "keyId": "front-key-first-id",
        },
    }
    assert {name: made[name] for name in expected} == expected
    api = {key: value for key, value in made["front-api"].items() if key != "body"}
    assert api == {
        "securityPolicy": "TLS_1_2",
        "putRestApiMode": "overwrite",
        "disableExecuteApiEndpoint": True,
        "endpointConfiguration": {"ipAddressType": "ipv4", "types": "REGIONAL"},
    }
    assert everything().exports["keys"] == {"first": "front-key-first-id"}
    fields = json.loads(log)
    assert fields["extendedRequestId"] == "$context.extendedRequestId"
    assert "$context.identity.apiKey" not in fields.values()
    assert "\n" not in log
    assert len(log) < 3072


def test_the_stage_and_each_route_are_throttled() -> None:
    found = {made["methodPath"]: made["settings"] for made in inputs(everything()).values() if "methodPath" in made}
    paths = [f"~1forward{under}/{method}" for under in ("", "~1{proxy+}") for method in ("GET", "POST")]
    assert found.keys() == {"*/*", *paths}
    for path, settings in found.items():
        rate, burst = (100, 50) if path == "*/*" else (1, 2)
        assert settings == {
            "throttlingRateLimit": rate,
            "throttlingBurstLimit": burst,
            "metricsEnabled": False,
            "loggingLevel": "ERROR",
            "dataTraceEnabled": False,
        }


def test_tls_1_3_needs_an_access_mode() -> None:
    api = one(front(minimum_tls="1.3"), "RestApi").inputs
    assert (api["securityPolicy"], api["endpointAccessMode"]) == ("SecurityPolicy_TLS13_1_3_2025_09", "STRICT")


def shape(graph: Graph) -> Any:
    return one(graph, "Deployment").inputs["triggers"]["shape"]


SHAPES: list[dict[str, Any]] = [
    {"routes": [{**ROUTE, "methods": ["GET"]}]},
    {"routes": [{**ROUTE, "timeout_milliseconds": 500}]},
    {"routes": [{**ROUTE, "authorization": "iam"}]},
    {"targets": {"backend": {**FUNCTION, "invoke_arn": "arn:other"}}},
    {"allow_cidrs": ["203.0.113.0/24"]},
    {"cors": {"origins": ["*"]}},
    {"minimum_tls": "1.3"},
    {"domain": DOMAIN},
]
KEEPS: list[dict[str, Any]] = [
    {"throttle": {"rate": 1, "burst": 1}},
    {"log_retention_days": 7},
    {"tracing": True},
    {"routes": [{**ROUTE, "throttle": {"rate": 1, "burst": 1}}]},
    {"tags": {"team": "gate"}},
]


def test_only_what_shapes_the_api_deploys_it_anew() -> None:
    plain = shape(front())
    for change in [*SHAPES, *KEEPS]:
        assert (shape(front(**change)) != plain) is (change in SHAPES), change


def test_the_stage_follows_the_deployment_in_place_and_after_what_it_needs() -> None:
    graph = everything()
    stage, deployment, permission = (one(graph, kind) for kind in ("Stage", "Deployment", "Permission"))
    assert deployment.options.delete_before_replace is None
    assert permission.urn in deployment.dependencies
    assert stage.urn not in permission.dependencies
    needed = {one(graph, "Account", "front-account").urn, one(graph, "LogGroup", "front-execution").urn}
    assert needed <= {*stage.dependencies}


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_access_logs_name_the_caller_and_the_fields_of_the_api(kind: str) -> None:
    graph = front(kind=kind, access_log_fields=["identity.principalOrgId", "authorizer.claims.email"])
    line = json.loads(one(graph, "Stage").inputs["accessLogSettings"]["format"])
    assert line["callerArn"] == "$context.identity.userArn"
    assert line["subject"] == "$context.authorizer.claims.sub"
    assert line["authorizer.claims.email"] == "$context.authorizer.claims.email"
    assert line["identity.principalOrgId"] == "$context.identity.principalOrgId"


def test_logs_traces_and_retention_are_as_asked() -> None:
    graph = front(execution_logs="ERROR", tracing=True, log_retention_days=7)
    assert one(graph, "Stage").inputs["xrayTracingEnabled"] is True
    assert {made["retentionInDays"] for made in inputs(graph).values() if "retentionInDays" in made} == {7}


def test_a_closed_default_endpoint_is_closed_in_the_document_too() -> None:
    configuration = body(everything())["servers"][0]["x-amazon-apigateway-endpoint-configuration"]
    assert configuration == {"disableExecuteApiEndpoint": True}
    assert "servers" not in body(front())


def test_the_accounts_role_survives_the_stack_and_stays_whichever_stack_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = front()
    account, now = (one(graph, "Account", name) for name in ("front-account", "front-account-now"))
    role = one(graph, "Role")
    assert now.existing
    assert account.inputs["cloudwatchRoleArn"] == role.state["arn"]
    assert account.options.retain_on_delete is role.options.retain_on_delete is True
    other = "arn:aws:iam::123456789012:role/of-another-stack"
    monkeypatch.setitem(OUTPUTS, now.type, {"cloudwatchRoleArn": other})
    assert one(front(), "Account", "front-account").inputs["cloudwatchRoleArn"] == other
    assert not names(front(account_log_role=False), "Account")


def test_a_plan_without_limits_has_none() -> None:
    made = one(front(routes=[{**ROUTE, "key_required": True}], plans={"partners": {"keys": ["first"]}}), "UsagePlan")
    assert not {"quotaSettings", "throttleSettings"} & set(made.inputs)


def test_two_values_that_are_known_later_must_differ() -> None:
    def program() -> None:
        later = {name: pulumi.Output.secret("a" * 20) for name in ("acme", "other")}
        made(routes=[{**ROUTE, "key_required": True}], plans={"partners": {**PLAN, "key_values": later}})

    with pytest.raises(ProgramError, match=r"plans\.partners\.key_values\.other: .*key_values\.acme has") as raised:
        declare(program)
    assert "a" * 20 not in str(raised.value)


def test_a_given_key_stays_secret() -> None:
    keyed = [{**ROUTE, "key_required": True}]
    graph = front(plans={"partners": {**PLAN, "key_values": {"acme": "a" * 20}}}, routes=keyed)
    assert isinstance(one(graph, "ApiKey").inputs["value"], Secret)
    given = one(graph, "ApiFront").inputs["plans"]["partners"]
    assert isinstance(given["key_values"]["acme"], Secret)
    assert given["quota"]["limit"] == 10


def test_a_given_key_that_turns_out_blank_is_refused() -> None:
    def program() -> None:
        made(plans={"partners": {**PLAN, "key_values": {"acme": pulumi.Output.from_input(" ")}}})

    with pytest.raises(ProgramError, match=r"ApiFront: plans\.partners\.key_values\.acme: got \(not shown\)"):
        declare(program)


@pytest.mark.parametrize(
    ("under", "paths"), [(False, ["/forward/GET"]), (True, ["/forward/GET", "/forward/{proxy+}/GET"])]
)
def test_plan_throttles_name_the_paths_as_aws_does(under: bool, paths: list[str]) -> None:
    plans = {"partners": {**PLAN, "keys": ["a"], "route_throttles": {"GET /forward": {"rate": 1, "burst": 2}}}}
    graph = front(plans=plans, routes=[{**ROUTE, "include_subpaths": under, "key_required": True}])
    throttles = one(graph, "UsagePlan").inputs["apiStages"][0]["throttles"]
    assert throttles == [{"path": path, "rateLimit": 1, "burstLimit": 2} for path in paths]


def test_the_firewall_blocks_by_rate_after_it_allows() -> None:
    made = inputs(everything())
    acl = made["front-web-acl"]
    for family, addresses in (("4", ["203.0.113.0/24"]), ("6", ["2001:db8::/32"])):
        wanted = {"scope": "REGIONAL", "ipAddressVersion": f"IPV{family}", "addresses": addresses}
        assert made[f"front-allow-ipv{family}"] == wanted
    rules = [{key: value for key, value in rule.items() if key != "visibilityConfig"} for rule in acl["rules"]]
    allowed = [{"ipSetReferenceStatement": {"arn": arn("wafv2", f"ip-set/front-allow-ipv{family}")}} for family in "46"]
    rate = {"rateBasedStatement": {"limit": 1000, "aggregateKeyType": "IP", "evaluationWindowSec": 300}}
    common = {"managedRuleGroupStatement": {"vendorName": "AWS", "name": "AWSManagedRulesCommonRuleSet"}}
    assert rules == [
        {"name": "allow-ipv4", "priority": 0, "action": {"allow": {}}, "statement": allowed[0]},
        {"name": "allow-ipv6", "priority": 1, "action": {"allow": {}}, "statement": allowed[1]},
        {"name": "rate", "priority": 2, "action": {"block": {}}, "statement": rate},
        {"name": "common", "priority": 3, "overrideAction": {"none": {}}, "statement": common},
    ]
    assert (acl["defaultAction"], acl["scope"]) == ({"allow": {}}, "REGIONAL")
    resource = one(everything(), "Stage").state["arn"]
    assert made["front-web-acl-stage"] == {
        "webAclArn": arn("wafv2", "regional/webacl/front-web-acl/0123"),
        "resourceArn": resource,
    }


def alarms(graph: Graph) -> dict[str, dict[str, Any]]:
    """What differs between the alarms, by their names."""
    found = {each.name.removeprefix("front-"): dict(each.inputs) for each in graph if each.kind == "MetricAlarm"}
    for alarm in found.values():
        assert alarm.pop("alarmActions") == alarm.pop("okActions") == [TOPIC]
        assert alarm.pop("alarmDescription")
        assert alarm.pop("comparisonOperator") == "GreaterThanOrEqualToThreshold"
        assert (alarm.pop("treatMissingData"), alarm.pop("evaluationPeriods")) == ("notBreaching", 1)
        alarm.pop("tags", None)
    return found


def test_alarms_tell_the_topic() -> None:
    api: dict[str, Any] = {"namespace": "AWS/ApiGateway", "dimensions": {"ApiName": "front-api", "Stage": "live"}}
    metric = "front-front-api-id-throttled"
    assert alarms(everything()) == {
        "server-errors": {**api, "metricName": "5XXError", "statistic": "Average", "threshold": 0.05, "period": 300},
        "client-errors": {**api, "metricName": "4XXError", "statistic": "Average", "threshold": 0.5, "period": 300},
        "latency": {**api, "metricName": "Latency", "extendedStatistic": "p99", "threshold": 5000, "period": 300},
        "requests": {**api, "metricName": "Count", "statistic": "Sum", "threshold": 1000, "period": 300},
        "throttled-requests": {
            "namespace": "Gatehouse",
            "metricName": metric,
            "statistic": "Sum",
            "threshold": 1,
            "period": 300,
        },
    }
    throttled = inputs(everything())["front-throttled"]
    assert (throttled["logGroupName"], throttled["pattern"]) == ("front-access", '{ $.status = "429" }')
    assert throttled["metricTransformation"]["name"] == metric
    share = alarms(front(kind="http", alarms=ALARMS))["server-errors"]
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html has counts.
    metrics = [query["metric"]["metricName"] for query in share["metricQueries"] if "metric" in query]
    assert (metrics, share["metricQueries"][-1]["expression"]) == (["5xx", "Count"], "errors / calls")
    assert share["threshold"] == 0.05
    assert "metricName" not in share


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_a_domain_is_proven_and_served_and_the_default_endpoint_is_closed(kind: str) -> None:
    graph = front(kind=kind, domain={**DOMAIN, "base_path": "v1"})
    made = inputs(graph)
    certificate, zone = arn("acm", "certificate/front-certificate"), DOMAIN["zone_id"]
    alias = {
        "zoneId": "Z0REGIONAL",
        "evaluateTargetHealth": False,
        "name": "d-front-domain.execute-api.eu-west-1.amazonaws.com",
    }
    served = {"zoneId": zone, "name": DOMAIN["name"], "aliases": [alias]}
    proof = {"zoneId": zone, "type": "CNAME", "name": "_front-certificate", "records": ["_x."], "ttl": 60}
    expected = {
        "front-certificate": {"validationMethod": "DNS", "domainName": DOMAIN["name"]},
        "front-certificate-proof": {**proof, "allowOverwrite": False},
        "front-certificate-validation": {
            "validationRecordFqdns": ["_front-certificate"],
            "certificateArn": certificate,
        },
        "front-domain": {
            "securityPolicy": "TLS_1_2",
            "regionalCertificateArn": certificate,
            "domainName": DOMAIN["name"],
            "endpointConfiguration": {"ipAddressType": "dualstack", "types": "REGIONAL"},
        },
        "front-ipv4": {**served, "type": "A"},
        "front-ipv6": {**served, "type": "AAAA"},
    }
    assert {name: made[name] for name in expected} == expected
    mapping = one(graph, "ApiMapping")
    assert (mapping.inputs["apiId"], mapping.inputs["apiMappingKey"]) == ("front-api-id", "v1")
    assert mapping.options.delete_before_replace is True
    assert made["front-api"]["disableExecuteApiEndpoint"] is True
    assert graph.exports["url"] == "https://api.example.com/v1"


def test_a_domain_speaks_tls_as_the_api_does_and_names_its_truststore() -> None:
    domain = {"name": "api.example.com", "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/x"}
    name = one(front(minimum_tls="1.3", domain=domain), "DomainName").inputs
    assert (name["securityPolicy"], name["regionalCertificateArn"]) == (
        "SecurityPolicy_TLS13_1_3_2025_09",
        "arn:aws:acm:eu-west-1:111122223333:certificate/x",
    )
    for kind in ("rest", "http"):
        mutual = one(front(kind=kind, domain={**domain, "truststore": "s3://trust/ca.pem"}), "DomainName").inputs
        assert mutual["mutualTlsAuthentication"] == {"truststoreUri": "s3://trust/ca.pem"}


@pytest.mark.parametrize(
    ("lists", "addresses"),
    [
        ({"allow_cidrs": ["203.0.113.0/24"]}, "ipv4"),
        ({"deny_cidrs": ["203.0.113.0/24"]}, "ipv4"),
        ({"allow_cidrs": ["203.0.113.0/24", "2001:db8::/32"]}, "dualstack"),
        ({"allow_cidrs": ["203.0.113.0/24", "2001:db8::/32"], "deny_cidrs": ["203.0.113.9/32"]}, "ipv4"),
        ({"allow_cidrs": ["github-hooks"]}, "dualstack"),
    ],
)
def test_a_domain_has_no_ipv6_where_a_list_does_not_cover_it(lists: dict[str, Any], addresses: str) -> None:
    graph = front(**lists, domain={**DOMAIN, "certificate_arn": "arn:aws:acm:::certificate/x"})
    assert one(graph, "DomainName").inputs["endpointConfiguration"]["ipAddressType"] == addresses
    records = [record.inputs["type"] for record in graph if record.kind == "Record"]
    assert sorted(records) == (["A", "AAAA"] if addresses == "dualstack" else ["A"])


def test_the_document_carries_the_policy() -> None:
    policy = body(everything())["x-amazon-apigateway-policy"]
    assert "192.30.252.0/22" in policy["Statement"][1]["Condition"]["NotIpAddress"]["aws:SourceIp"]
