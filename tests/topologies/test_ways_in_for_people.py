"""A way in for a person (A7): never a port that is open to the outside."""

import json
from typing import Any

from components.testing.recorder import Graph
from tests.helpers.declare import names, one
from tests.helpers.stacks import graph_with

ADOPTED = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"], "egress": "nat-gateway"}


def stack(access: str, network: dict[str, Any] | None = None) -> Graph:
    return graph_with(
        {
            "topology": "public-proxy",
            "network": network or {},
            "backend": {"image": "nginx:1.29", "port": 80, "access": access},
        }
    )


def ssh_sources(graph: Graph) -> list[Any]:
    rules = graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    return [rule.inputs.get("referencedSecurityGroupId") for rule in rules if rule.inputs.get("fromPort") == 22]


def test_only_an_endpoint_or_a_bastion_is_let_in() -> None:
    graph = stack("session-manager")
    assert ssh_sources(graph) == []
    assert "backend-permissions" in names(graph, "RolePolicy")
    for network in (None, ADOPTED):
        graph = stack("instance-connect", network)
        assert ssh_sources(graph) == [one(graph, "InstanceConnectEndpoint").inputs["securityGroupIds"][0]]
    # The bastion is reached by Session Manager.
    graph = stack("bastion")
    assert ssh_sources(graph) == [one(graph, "SecurityGroup", "bastion-group").id]
    assert one(graph, "Instance", "bastion-instance").inputs["associatePublicIpAddress"] is False


def test_nobody_gets_in_where_nobody_should() -> None:
    graph = stack("none")
    assert ssh_sources(graph) == []
    # The role stays, so that the instance keeps its profile. It allows the log only.
    statements = json.loads(one(graph, "RolePolicy", "backend-permissions").inputs["policy"])["Statement"]
    assert [action for one in statements for action in one["Action"]] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert [name for name in names(graph, "RolePolicyAttachment") if name.startswith("backend")] == []


def test_a_group_has_no_command_for_a_shell_since_its_instances_come_and_go() -> None:
    one_instance = stack("bastion").exports["backendConnect"]
    assert "--target bastion-instance-id" in one_instance
    assert "host=10.0.0.10," in one_instance
    for access in ("bastion", "session-manager"):
        group = graph_with(
            {
                "topology": "vpc-link",
                "ingress": {"kind": "alb"},
                "backend": {
                    **{"image": "nginx:1.29", "port": 80, "access": access},
                    "scaling": {"minimum": 2, "maximum": 3, "cpuPercent": 50},
                },
            }
        )
        assert group.exports["backendConnect"] == ""
