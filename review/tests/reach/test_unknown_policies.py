"""Policies, URLs and firewalls of an owner that is not known: each may be of any, and may open or close it."""

from typing import Any

from review.graph import Invoke
from review.tests.graph_builder import Builder
from review.tests.reach.test_unknown_owners import traced
from review.tests.reach.test_unknown_references import CASES


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
