"""Policies, URLs and firewalls of an owner that is not known: each may be of any, and may open or close it."""

import json
from typing import Any

import pytest

from review.graph import Invoke
from review.reach import Reach
from review.reach.anyone import anyone
from review.tests.graph_builder import Builder, Made
from review.tests.reach.test_unknown_owners import traced
from review.tests.reach.test_unknown_references import CASES, without

INVOKE = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
POLICIES = {effect: json.dumps({"Statement": [{"Effect": effect, **INVOKE}]}) for effect in ("Allow", "Deny")}


def api(build: Builder, **inputs: Any) -> Made:
    made = build("apigateway/restApi:RestApi", "api", **inputs)
    part = build("apigateway/resource:Resource", "part", restApi=made.id, parentId=made.rootResourceId, pathPart="x")
    method: dict[str, Any] = {"restApi": made.id, "resourceId": part.id, "httpMethod": "GET"}
    build("apigateway/method:Method", "method", authorization="NONE", **method)
    build("apigateway/integration:Integration", "to", type="HTTP_PROXY", uri="https://example.com/", **method)
    deployment = build("apigateway/deployment:Deployment", "deployment", restApi=made.id)
    return build("apigateway/stage:Stage", "stage", restApi=made.id, deployment=deployment.id, stageName="prod")


def verdict(reach: Reach) -> str:
    """Whether the internet reaches the API."""
    ways = [way for way in reach.inbound if way.source == "internet"]
    assert ways
    return "no" if not any(way.open for way in ways) else "cannot tell" if ways[0].uncertainty else "open"


@CASES
@pytest.mark.parametrize(("own", "apart", "quiet"), [("Deny", "Allow", "no"), ("Allow", "Deny", "open")])
def test_a_policy_of_an_api(
    own: str, apart: str, quiet: str, reference: Any, invokes: tuple[Invoke, ...], expected: str
) -> None:
    build = Builder()
    api(build, policy=POLICIES[own])
    build("apigateway/restApiPolicy:RestApiPolicy", "policy", restApiId=reference, policy=POLICIES[apart])
    reach = traced(build, *invokes)
    assert verdict(reach) == (quiet if expected == "no" else "cannot tell")
    assert len(list(anyone(reach.model))) == (own == "Allow" and expected == "no")


@CASES
def test_a_policy_of_a_search_domain(reference: Any, invokes: tuple[Invoke, ...], expected: str) -> None:
    build = Builder()
    build("opensearch/domain:Domain", "search", domainName="search")
    assert not traced(build).inbound
    everyone = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*"}]})
    build("opensearch/domainPolicy:DomainPolicy", "policy", domainName=reference, accessPolicies=everyone)
    ways = [way for way in traced(build, *invokes).inbound if way.target == "search"]
    assert ("no" if not ways else "cannot tell" if ways[0].uncertainty else "open") == expected


@CASES
def test_a_url_of_a_function(build: Builder, reference: Any, invokes: tuple[Invoke, ...], expected: str) -> None:
    build("lambda/function:Function", "function", role="arn:aws:iam::123456789012:role/any")
    build("lambda/functionUrl:FunctionUrl", "url", functionName=reference, authorizationType="NONE")
    ways = [way for way in traced(build, *invokes).inbound if way.source == "internet"]
    assert ("no" if not ways else "cannot tell" if ways[0].uncertainty else "open") == expected


@CASES
@pytest.mark.parametrize(("action", "quiet"), [("block", "open"), ("allow", "open")])
def test_a_web_acl_of_an_api(
    action: str, quiet: str, reference: Any, invokes: tuple[Invoke, ...], expected: str
) -> None:
    build = Builder()
    api(build)
    firewall = build("wafv2/webAcl:WebAcl", "firewall", scope="REGIONAL", defaultAction={action: {}}, rules=[])
    build("wafv2/webAclAssociation:WebAclAssociation", "link", resourceArn=reference, webAclArn=firewall.arn)
    doubted = action == "block" and expected != "no"
    reach = traced(build, *invokes)
    assert verdict(reach) == ("cannot tell" if doubted else quiet)
    assert len(list(anyone(reach.model))) == (not doubted)


MAPPINGS = {
    "apigateway/basePathMapping:BasePathMapping": "restApi",
    "apigatewayv2/apiMapping:ApiMapping": "apiId",
    "apigateway/stage:Stage": "restApi",
}


@CASES
@pytest.mark.parametrize("kind", MAPPINGS)
def test_what_makes_an_api_answer(kind: str, reference: Any, invokes: tuple[Invoke, ...], expected: str) -> None:
    """A domain's mapping, for an API whose default address is off, and a stage, for an API without one."""
    build = Builder()
    api(build, disableExecuteApiEndpoint="stage" not in kind)
    if "stage" in kind:
        without(build, "stage")
    build(kind, "more", domainName="api.example.com", **{MAPPINGS[kind]: reference})
    assert verdict(traced(build, *invokes)) == expected


REGISTERING: dict[str, tuple[str, Any]] = {
    "lb/targetGroupAttachment:TargetGroupAttachment": ("targetGroupArn", lambda reference: reference),
    "autoscaling/attachment:Attachment": ("lbTargetGroupArn", lambda reference: reference),
    "autoscaling/trafficSourceAttachment:TrafficSourceAttachment": ("trafficSource", lambda one: {"identifier": one}),
    "autoscaling/group:Group": ("trafficSources", lambda reference: [{"identifier": reference}]),
}


@CASES
@pytest.mark.parametrize("kind", REGISTERING)
def test_what_registers_with_a_target_group(
    kind: str, reference: Any, invokes: tuple[Invoke, ...], expected: str
) -> None:
    build = Builder()
    balancer = build("lb/loadBalancer:LoadBalancer", "balancer", loadBalancerType="network")
    group = build("lb/targetGroup:TargetGroup", "group", port=80, protocol="TCP")
    to = [{"type": "forward", "targetGroupArn": group.arn}]
    listener: dict[str, Any] = {"port": 80, "protocol": "TCP", "defaultActions": to}
    build("lb/listener:Listener", "listener", loadBalancerArn=balancer.arn, **listener)
    key, named = REGISTERING[kind]
    build(kind, "more", **{key: named(reference)})
    lines = [str(path) for path in traced(build, *invokes).inbound if path.target == "group"]
    # Others may register targets by calls of their own.
    assert all("cannot tell: which targets others register with group" in line for line in lines), lines
    assert lines or expected != "no"
