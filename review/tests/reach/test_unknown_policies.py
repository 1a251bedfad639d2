"""Policies, URLs and firewalls of an owner that is not known: each may be of any, and may open or close it."""

import json
from typing import Any

from review.graph import Invoke
from review.reach import Reach
from review.tests.graph_builder import Builder, Made
from review.tests.reach.test_unknown_owners import traced
from review.tests.reach.test_unknown_references import CASES

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


MAPPINGS = {
    "apigateway/basePathMapping:BasePathMapping": "restApi",
    "apigatewayv2/apiMapping:ApiMapping": "apiId",
    "apigateway/stage:Stage": "restApi",
}


@CASES
def test_what_registers_with_a_target_group(reference: Any, invokes: tuple[Invoke, ...], expected: str) -> None:
    build = Builder()
    balancer = build("lb/loadBalancer:LoadBalancer", "balancer", loadBalancerType="network")
    group = build("lb/targetGroup:TargetGroup", "group", port=80, protocol="TCP")
    to = [{"type": "forward", "targetGroupArn": group.arn}]
    listener: dict[str, Any] = {"port": 80, "protocol": "TCP", "defaultActions": to}
    build("lb/listener:Listener", "listener", loadBalancerArn=balancer.arn, **listener)
    build("lb/targetGroupAttachment:TargetGroupAttachment", "more", targetGroupArn=reference)
    lines = [str(path) for path in traced(build, *invokes).inbound if path.target == "group"]
    # Others may register targets by calls of their own.
    assert all("cannot tell: which targets others register with group" in line for line in lines), lines
    assert lines or expected != "no"
