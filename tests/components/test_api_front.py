"""The API front: the same face for each kind, and nothing open that nobody asked for."""

import functools
import json
from typing import Any

import pytest

from components.api_front import ApiFront
from tests.components.front import ARGS, FUNCTION, ROUTE, body, front
from tests.helpers.declare import names, one, refusal
from tests.helpers.declared import Graph, Secret
from tests.helpers.mocks import OUTPUTS

EVERYTHING: dict[str, Any] = {
    "plans": {
        "partners": {"throttle": {"rate": 5, "burst": 9}, "quota": {"limit": 10, "period": "DAY"}, "keys": ["first"]}
    },
    "routes": [{**ROUTE, "key_required": True, "throttle": {"rate": 1, "burst": 2}}],
    "allow_cidrs": ["github-hooks"],
    "firewall": {
        "requests_per_five_minutes": 1000,
        "managed_rules": ["common"],
        "allow": ["203.0.113.0/24", "2001:db8::/32"],
    },
    "alarms": {
        "topic_arn": "arn:aws:sns:eu-west-1:123456789012:alerts",
        "server_error_percent": 5,
        "client_error_percent": 50,
        "latency_milliseconds": 5000,
        "requests_per_five_minutes": 1000,
    },
    "domain": {"name": "api.example.com", "zone_id": "Z0123456789"},
    "execution_logs": "ERROR",
    "cors": {"origins": ["https://app.example.com"]},
}


def test_the_rest_api_is_regional_and_speaks_tls_1_2() -> None:
    api = one(front(), "RestApi").inputs
    assert api["endpointConfiguration"] == {"types": "REGIONAL", "ipAddressType": "ipv4"}
    assert api["securityPolicy"] == "TLS_1_2"
    assert api["putRestApiMode"] == "overwrite"


def test_tls_1_3_needs_an_access_mode() -> None:
    api = one(front(minimum_tls="1.3"), "RestApi").inputs
    assert (api["securityPolicy"], api["endpointAccessMode"]) == ("SecurityPolicy_TLS13_1_3_2025_09", "STRICT")


def test_the_stage_follows_the_deployment_in_place() -> None:
    graph = front()
    stage, deployment = one(graph, "Stage"), one(graph, "Deployment")
    assert stage.inputs["deployment"] == deployment.id
    assert stage.inputs["stageName"] == "live"
    assert deployment.options.delete_before_replace is None


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
    {"domain": {"name": "api.example.com", "zone_id": "Z0123456789"}},
]
KEEPS: list[dict[str, Any]] = [
    {"throttle": {"rate": 1, "burst": 1}},
    {"log_retention_days": 7},
    {"tracing": True},
    {"routes": [{**ROUTE, "throttle": {"rate": 1, "burst": 1}}]},
    {"tags": {"team": "gate"}},
]


@functools.cache
def plain() -> Any:
    return shape(front())


@pytest.mark.parametrize("change", [*SHAPES, *KEEPS], ids=lambda change: next(iter(change)))
def test_only_what_shapes_the_api_deploys_it_anew(change: dict[str, Any]) -> None:
    assert (shape(front(**change)) != plain()) is (change in SHAPES)


def test_the_stage_is_throttled() -> None:
    settings = one(front(), "MethodSettings", "front-settings").inputs
    assert settings["methodPath"] == "*/*"
    assert (settings["settings"]["throttlingRateLimit"], settings["settings"]["throttlingBurstLimit"]) == (100, 50)
    assert settings["settings"]["dataTraceEnabled"] is False


def test_execution_logs_traces_and_retention_are_as_asked() -> None:
    graph = front(execution_logs="ERROR", tracing=True, log_retention_days=7)
    settings = one(graph, "MethodSettings").inputs["settings"]
    assert (settings["loggingLevel"], settings["metricsEnabled"]) == ("ERROR", False)
    assert one(graph, "Stage").inputs["xrayTracingEnabled"] is True
    groups = graph.of_type("aws:cloudwatch/logGroup:LogGroup")
    assert {group.inputs["retentionInDays"] for group in groups} == {7}
    assert one(front(), "Stage").inputs["xrayTracingEnabled"] is False


def test_a_closed_default_endpoint_is_closed_in_the_document_too() -> None:
    graph = front(domain={"name": "api.example.com", "zone_id": "Z0123456789"})
    configuration = body(graph)["servers"][0]["x-amazon-apigateway-endpoint-configuration"]
    assert configuration == {"disableExecuteApiEndpoint": True}
    assert "servers" not in body(front())


def test_a_route_has_a_throttle_of_its_own() -> None:
    graph = front(routes=[{**ROUTE, "methods": ["GET"], "throttle": {"rate": 1, "burst": 2}}])
    paths = {
        resource.inputs["methodPath"] for resource in graph.of_type("aws:apigateway/methodSettings:MethodSettings")
    }
    assert paths == {"*/*", "~1forward/GET", "~1forward~1{proxy+}/GET"}


def test_only_this_api_and_stage_may_invoke_the_function() -> None:
    graph = front()
    permission = one(graph, "Permission").inputs
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert permission["action"] == "lambda:InvokeFunction"
    assert permission["sourceArn"] == f"{one(graph, 'RestApi').state['executionArn']}/live/*"


def test_a_function_admits_the_calls_before_anything_leads_there() -> None:
    graph = front()
    assert one(graph, "Permission").urn in one(graph, "Deployment").dependencies
    assert one(graph, "Stage").urn not in one(graph, "Permission").dependencies


def test_access_logs_are_kept_and_name_no_key() -> None:
    graph = front()
    settings = one(graph, "Stage").inputs["accessLogSettings"]
    assert settings["destinationArn"] == one(graph, "LogGroup").state["arn"]
    fields = json.loads(settings["format"])
    assert fields["extendedRequestId"] == "$context.extendedRequestId"
    assert "$context.identity.apiKey" not in fields.values()
    assert "\n" not in settings["format"]
    assert len(settings["format"]) < 3072
    assert one(graph, "LogGroup").inputs["retentionInDays"] == 30


def test_the_account_role_survives_the_stack() -> None:
    graph = front()
    account = one(graph, "Account", "front-account")
    assert account.options.retain_on_delete is True
    assert one(graph, "Role").options.retain_on_delete is True
    assert account.urn in one(graph, "Stage").dependencies
    assert not names(front(account_log_role=False), "Account")


def test_the_role_that_the_account_has_stays_whichever_stack_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = front()
    account, now = (one(graph, "Account", name) for name in ("front-account", "front-account-now"))
    assert now.existing
    assert account.inputs["cloudwatchRoleArn"] == one(graph, "Role").state["arn"]
    other = "arn:aws:iam::123456789012:role/of-another-stack"
    monkeypatch.setitem(OUTPUTS, now.type, {"cloudwatchRoleArn": other})
    assert one(front(), "Account", "front-account").inputs["cloudwatchRoleArn"] == other


def test_execution_logs_have_a_retention_before_aws_makes_the_group() -> None:
    graph = front(execution_logs="ERROR")
    group = one(graph, "LogGroup", "front-execution")
    assert group.inputs["name"] == f"API-Gateway-Execution-Logs_{one(graph, 'RestApi').id}/live"
    assert group.urn in one(graph, "Stage").dependencies


def test_a_plan_without_limits_has_none() -> None:
    plans = {"partners": {"keys": ["first"]}}
    inputs = one(front(routes=[{**ROUTE, "key_required": True}], plans=plans), "UsagePlan").inputs
    assert not {"quotaSettings", "throttleSettings"} & set(inputs)


def test_keys_belong_to_plans_and_their_values_stay_away() -> None:
    graph = front(**EVERYTHING)
    plan, key = one(graph, "UsagePlan"), one(graph, "ApiKey")
    assert plan.inputs["apiStages"][0]["stage"] == "live"
    assert plan.inputs["quotaSettings"] == {"limit": 10, "period": "DAY"}
    assert "value" not in key.inputs
    assert graph.exports["keys"] == {"first": key.id}
    member = one(graph, "UsagePlanKey").inputs
    assert (member["keyId"], member["usagePlanId"]) == (key.id, plan.id)


PLAN = {"throttle": {"rate": 5, "burst": 9}, "quota": {"limit": 10, "period": "DAY"}}


def test_a_given_key_stays_secret() -> None:
    plans = {"partners": {**PLAN, "key_values": {"acme": "a" * 20}}}
    assert isinstance(one(front(plans=plans), "ApiKey").inputs["value"], Secret)


def test_plan_throttles_name_the_path_as_aws_does() -> None:
    plans = {"partners": {**PLAN, "keys": ["a"], "route_throttles": {"GET /forward": {"rate": 1, "burst": 2}}}}
    graph = front(plans=plans, routes=[{**ROUTE, "include_subpaths": False}])
    throttles = one(graph, "UsagePlan").inputs["apiStages"][0]["throttles"]
    assert throttles == [{"path": "/forward/GET", "rateLimit": 1, "burstLimit": 2}]


def test_the_firewall_blocks_by_rate_after_it_allows() -> None:
    graph = front(**EVERYTHING)
    rules = one(graph, "WebAcl").inputs["rules"]
    assert [(rule["priority"], rule["name"]) for rule in rules] == [
        (0, "allow-ipv4"),
        (1, "allow-ipv6"),
        (2, "rate"),
        (3, "common"),
    ]
    rate = rules[2]["statement"]["rateBasedStatement"]
    assert (rate["limit"], rate["aggregateKeyType"], rate["evaluationWindowSec"]) == (1000, "IP", 300)
    assert [sorted(rule.get("action", rule.get("overrideAction"))) for rule in rules] == [
        ["allow"],
        ["allow"],
        ["block"],
        ["none"],
    ]
    group = rules[3]["statement"]["managedRuleGroupStatement"]
    assert (group["name"], group["vendorName"]) == ("AWSManagedRulesCommonRuleSet", "AWS")
    sets = {made.inputs["ipAddressVersion"]: made for made in graph.of_type("aws:wafv2/ipSet:IpSet")}
    assert {version: made.inputs["addresses"] for version, made in sets.items()} == {
        "IPV4": ["203.0.113.0/24"],
        "IPV6": ["2001:db8::/32"],
    }
    for rule, version in zip(rules, ("IPV4", "IPV6"), strict=False):
        assert rule["statement"]["ipSetReferenceStatement"]["arn"] == sets[version].state["arn"]
    assert sorted(one(graph, "WebAcl").inputs["defaultAction"]) == ["allow"]
    assert {made.inputs["scope"] for made in [*sets.values(), one(graph, "WebAcl")]} == {"REGIONAL"}
    assert one(graph, "WebAclAssociation").inputs["webAclArn"] == one(graph, "WebAcl").state["arn"]
    assert one(graph, "WebAclAssociation").inputs["resourceArn"] == one(graph, "Stage").state["arn"]


def test_alarms_tell_the_topic() -> None:
    graph = front(**EVERYTHING)
    alarms = graph.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    assert {alarm.inputs["metricName"] for alarm in alarms} == {
        "5XXError",
        "4XXError",
        "Latency",
        "Count",
        f"front-{one(graph, 'RestApi').id}-throttled",
    }
    assert all(alarm.inputs["alarmActions"] == [EVERYTHING["alarms"]["topic_arn"]] for alarm in alarms)
    by_name = {alarm.name: alarm.inputs for alarm in alarms}
    errors, latency = by_name["front-server-errors"], by_name["front-latency"]
    assert (errors["statistic"], errors["threshold"], errors["treatMissingData"]) == ("Average", 0.05, "notBreaching")
    assert (latency["extendedStatistic"], latency["threshold"]) == ("p99", 5000)
    assert by_name["front-requests"]["statistic"] == "Sum"
    assert errors["dimensions"] == {"ApiName": one(graph, "RestApi").state["name"], "Stage": "live"}
    assert {alarm["comparisonOperator"] for alarm in by_name.values()} == {"GreaterThanOrEqualToThreshold"}
    throttled = one(graph, "LogMetricFilter").inputs
    assert throttled["logGroupName"] == one(graph, "LogGroup", "front-access").state["name"]
    assert throttled["pattern"] == '{ $.status = "429" }'
    watched = by_name["front-throttled-requests"]
    assert (watched["namespace"], watched["metricName"]) == ("Gatehouse", throttled["metricTransformation"]["name"])
    http = front(kind="http", alarms=EVERYTHING["alarms"]).of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    share = next(alarm.inputs for alarm in http if alarm.name == "front-server-errors")
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html has counts.
    metrics = [query["metric"]["metricName"] for query in share["metricQueries"] if "metric" in query]
    assert (metrics, share["metricQueries"][-1]["expression"]) == (["5xx", "Count"], "errors / calls")
    assert (share["threshold"], share["treatMissingData"]) == (0.05, "notBreaching")
    assert "metricName" not in share


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_a_domain_is_proven_served_and_the_disable_default_endpoint(kind: str) -> None:
    graph = front(kind=kind, domain={"name": "api.example.com", "zone_id": "Z0123456789", "base_path": "v1"})
    api = one(graph, "RestApi" if kind == "rest" else "Api")
    assert api.inputs["disableExecuteApiEndpoint"] is True
    assert graph.exports["url"] == "https://api.example.com/v1"
    records = graph.of_type("aws:route53/record:Record")
    assert {record.inputs["type"] for record in records if record.inputs["name"] == "api.example.com"} == {"A", "AAAA"}
    certificate, proof = one(graph, "Certificate"), one(graph, "Record", "front-certificate-proof")
    assert certificate.inputs["validationMethod"] == "DNS"
    assert (proof.inputs["zoneId"], proof.inputs["ttl"]) == ("Z0123456789", 60)
    validation = one(graph, "CertificateValidation").inputs
    assert validation["certificateArn"] == certificate.state["arn"]
    assert validation["validationRecordFqdns"] == [proof.state["fqdn"]]
    mapping = one(graph, "ApiMapping")
    assert (mapping.inputs["apiId"], mapping.inputs["apiMappingKey"]) == (api.id, "v1")
    assert mapping.options.delete_before_replace is True
    name = one(graph, "DomainName")
    served = [record for record in records if record.inputs["name"] == "api.example.com"]
    for record in served:
        alias = record.inputs["aliases"][0]
        assert alias["name"] == name.state["regionalDomainName"]
        assert alias["evaluateTargetHealth"] is False


@pytest.mark.parametrize(("minimum", "policy"), [("1.2", "TLS_1_2"), ("1.3", "SecurityPolicy_TLS13_1_3_2025_09")])
def test_a_domain_speaks_what_the_api_speaks(minimum: str, policy: str) -> None:
    domain = {"name": "api.example.com", "certificate_arn": "arn:aws:acm:x"}
    name = one(front(minimum_tls=minimum, domain=domain), "DomainName").inputs
    assert name["securityPolicy"] == policy
    assert name["regionalCertificateArn"] == "arn:aws:acm:x"
    assert name["endpointConfiguration"] == {"types": "REGIONAL", "ipAddressType": "dualstack"}


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_mutual_tls_names_its_truststore(kind: str) -> None:
    domain = {"name": "api.example.com", "certificate_arn": "arn:aws:acm:x", "truststore": "s3://trust/ca.pem"}
    made = one(front(kind=kind, domain=domain), "DomainName").inputs
    assert made["mutualTlsAuthentication"] == {"truststoreUri": "s3://trust/ca.pem"}


def refused(**changes: Any) -> str:
    return str(refusal(lambda: ApiFront("front", ARGS | changes)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "soap"}, "rest, http, private"),
        ({"routes": [{**ROUTE, "target": "nowhere"}]}, "one of backend"),
        ({"routes": [{**ROUTE, "authorization": "who"}]}, "none, iam"),
        ({"kind": "http", "allow_cidrs": ["10.0.0.0/8"]}, "use kind: rest"),
        ({"kind": "http", "routes": [{**ROUTE, "key_required": True}]}, "use kind: rest"),
        ({"kind": "http", "tracing": True}, "use kind: rest"),
        ({"kind": "private"}, "admits one endpoint"),
        ({"allow_cidrs": [f"10.{high}.{low}.0/24" for high in range(3) for low in range(200)]}, "8,192"),
        ({"rutes": []}, "did you mean 'routes'"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_declared(changes: dict[str, Any], words: str) -> None:
    assert words in refused(**changes)


def test_the_document_carries_the_policy() -> None:
    policy = body(front(allow_cidrs=["github-hooks"]))["x-amazon-apigateway-policy"]
    assert "192.30.252.0/22" in policy["Statement"][1]["Condition"]["NotIpAddress"]["aws:SourceIp"]


def test_the_value_of_a_key_is_secret_in_the_state() -> None:
    plan = {**PLAN, "key_values": {"a": "k" * 20}}
    given = one(front(plans={"partners": plan}), "ApiFront").inputs["plans"]["partners"]
    assert isinstance(given["key_values"]["a"], Secret)
    assert given["quota"]["limit"] == 10
