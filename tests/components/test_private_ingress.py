"""The ingress: one group a hop, one port between them, and what each kind of API needs to integrate with."""

import re
from typing import Any

import pulumi
import pytest

from components.private_ingress import PrivateIngress
from components.testing.recorder import Graph
from tests.helpers.declare import declare, inputs, names, one

ARGS: dict[str, Any] = {
    "kind": "alb",
    "link": "v2",
    "vpc_id": "vpc-00000001",
    "subnet_ids": ["subnet-00000001", "subnet-00000002"],
    "backend_port": 8080,
}
TLS = {"certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x", "server_name": "app.example.com", "port": 443}


def ingress(known: Any = True, **changes: Any) -> Graph:
    def program() -> None:
        made = PrivateIngress("ingress", ARGS | changes)
        for key in PrivateIngress.__annotations__:
            pulumi.export(key, getattr(made, key, None))

    return declare(program, known=known)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"link": "none"}, "link_id", "only with link v1 or v2"),
        ({"kind": "cloud-map", "link": "v2"}, "target_group_arn", "only with kind alb or nlb"),
        ({"deferred": True}, "listener_arn", "exists only after listen()"),
    ],
)
def test_an_output_that_is_not_there_is_named(changes: dict[str, Any], key: str, words: str) -> None:
    def program() -> None:
        with pytest.raises(AttributeError, match=re.escape(words)):
            getattr(PrivateIngress("ingress", ARGS | changes), key)

    declare(program)


@pytest.mark.parametrize(
    ("kind", "link"), [("alb", "v2"), ("alb", "none"), ("nlb", "v1"), ("nlb", "v2"), ("nlb", "none")]
)
def test_balancers_are_internal_and_never_named_by_hand(kind: str, link: str) -> None:
    graph = ingress(kind=kind, link=link, deletion_protection=True)
    balancer = one(graph, "LoadBalancer").inputs
    assert balancer["internal"] is balancer["enableDeletionProtection"] is True
    assert balancer["subnets"] == ["subnet-00000001", "subnet-00000002"]
    assert "name" not in balancer
    # AWS allows 32 characters, of which Pulumi takes eight.
    assert all(len(name) <= 24 for name in names(graph, "LoadBalancer") + names(graph, "TargetGroup"))
    if kind == "nlb":
        assert (balancer["loadBalancerType"], balancer["enableCrossZoneLoadBalancing"]) == ("network", True)
        enforced = balancer["enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"]
        assert enforced == ("off" if link == "v1" else "on")
        # The backend sees the balancer's address.
        assert one(graph, "TargetGroup").inputs["preserveClientIp"] == "false"


ADMITTED = {
    *("ipProtocol", "fromPort", "toPort"),
    *("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"),
}
"""Inputs of a rule that decide which traffic it allows."""


def test_the_chain_has_one_port_a_hop() -> None:
    graph = ingress()
    group, balancer = (
        one(graph, "SecurityGroup", "ingress-link-group"),
        one(graph, "SecurityGroup", "ingress-alb-group"),
    )
    rules = [one(graph, f"SecurityGroup{kind}Rule") for kind in ("Egress", "Ingress")]
    assert group.inputs["revokeRulesOnDelete"] is balancer.inputs["revokeRulesOnDelete"] is True
    ends = [(rule.inputs["securityGroupId"], rule.inputs["referencedSecurityGroupId"]) for rule in rules]
    assert ends == [(group.id, balancer.id), (balancer.id, group.id)]
    link, listener = one(graph, "VpcLink"), one(graph, "Listener", "ingress-listener")
    for rule in rules:
        assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (80, 80)
        # Another port has another listener and other rules beside the old ones.
        assert {*rule.options.replace_on_changes} == ADMITTED
        assert rule.urn in link.dependencies
    assert listener.options.replace_on_changes == ("port",)
    assert link.type == "aws:apigatewayv2/vpcLink:VpcLink"
    assert (link.inputs["subnetIds"], link.inputs["securityGroupIds"]) == (
        ["subnet-00000001", "subnet-00000002"],
        [group.id],
    )
    exports = {"caller_security_group_id": balancer.id, "listener_arn": listener.state["arn"]}
    exports["load_balancer_arn"] = one(graph, "LoadBalancer").state["arn"]
    exports["target_group_arn"] = one(graph, "TargetGroup").state["arn"]
    exports["url"] = f"http://{one(graph, 'LoadBalancer').state['dnsName']}:80"
    assert {key: graph.exports[key] for key in exports} == exports


def test_private_link_needs_no_way_into_the_balancers_group() -> None:
    graph = ingress(kind="nlb", link="v1")
    link, balancer = one(graph, "VpcLink"), one(graph, "LoadBalancer")
    assert (link.type, link.inputs["targetArn"]) == ("aws:apigateway/vpcLink:VpcLink", balancer.state["arn"])
    assert balancer.inputs["securityGroups"] == [one(graph, "SecurityGroup").id]
    assert not names(graph, "SecurityGroupIngressRule")


@pytest.mark.parametrize(
    ("kind", "tls", "listener", "targets"),
    [("alb", {}, "HTTP", "HTTP"), ("alb", TLS, "HTTPS", "HTTP"), ("nlb", {}, "TCP", "TCP"), ("nlb", TLS, "TLS", "TCP")],
)
def test_protocols(kind: str, tls: dict[str, Any], listener: str, targets: str) -> None:
    graph = ingress(kind=kind, **tls)
    assert one(graph, "Listener", "ingress-listener").inputs["protocol"] == listener
    assert one(graph, "TargetGroup").inputs["protocol"] == targets
    assert ("sslPolicy" in one(graph, "Listener", "ingress-listener").inputs) == bool(tls)


def test_a_balancer_and_its_targets_whole() -> None:
    graph = ingress(**TLS, health_check_path="/well", target_type="instance")
    targets = one(graph, "TargetGroup")
    made = {each.kind: inputs(graph)[each.name] for each in graph if each.custom and each.name != "ingress-standby"}
    assert made["LoadBalancer"] == {
        "internal": True,
        "loadBalancerType": "application",
        "subnets": ["subnet-00000001", "subnet-00000002"],
        "securityGroups": [one(graph, "SecurityGroup", "ingress-alb-group").id],
        "enableDeletionProtection": False,
        "idleTimeout": 60,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
    }
    assert made["TargetGroup"] == {
        "vpcId": "vpc-00000001",
        "port": 8080,
        "protocol": "HTTP",
        "targetType": "instance",
        "deregistrationDelay": 30,
        "healthCheck": {
            "protocol": "HTTP",
            "path": "/well",
            "port": "traffic-port",
            "matcher": "200-399",
            "interval": 10,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 2,
        },
    }
    assert made["Listener"] == {
        "loadBalancerArn": one(graph, "LoadBalancer").state["arn"],
        "port": 443,
        "protocol": "HTTPS",
        "certificateArn": TLS["certificate_arn"],
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "defaultActions": [{"type": "forward", "targetGroupArn": targets.state["arn"]}],
    }
    assert graph.exports["url"] == "https://app.example.com:443"


def test_the_listener_leads_to_the_backend_once_it_is_well() -> None:
    """Health checks need a listener, and so does ECS: they have one that nobody is admitted to."""

    def program() -> None:
        made = PrivateIngress("ingress", ARGS | {"deferred": True})
        service = pulumi.CustomResource("aws:ecs/service:Service", "service", {"targetGroup": made.target_group_arn})
        made.listen(service)
        pulumi.export("url", made.url)
        pulumi.CustomResource("aws:lambda/function:Function", "caller", {"url": made.url})

    graph = declare(program)
    standby, listener = (one(graph, "Listener", f"ingress-{name}") for name in ("standby", "listener"))
    service = one(graph, "Service")
    assert standby.urn in service.dependencies
    assert listener.urn not in service.dependencies
    assert service.urn in listener.dependencies
    assert listener.urn in one(graph, "Function").dependencies
    assert standby.inputs["defaultActions"] == listener.inputs["defaultActions"]
    admitted = {rule.inputs["fromPort"] for rule in graph if rule.kind == "SecurityGroupIngressRule"}
    assert admitted == {listener.inputs["port"]} == {80}
    assert standby.inputs["port"] == 65535


def test_cloud_map_takes_no_balancer() -> None:
    graph = ingress(kind="cloud-map")
    assert not names(graph, "LoadBalancer")
    service = one(graph, "Service")
    namespace = one(graph, "PrivateDnsNamespace")
    assert (namespace.inputs.get("name"), namespace.inputs["vpc"]) == (None, "vpc-00000001")
    assert inputs(graph)[service.name] == {
        "name": "backend",
        "dnsConfig": {
            "namespaceId": namespace.id,
            "routingPolicy": "MULTIVALUE",
            "dnsRecords": [{"type": "SRV", "ttl": 10}],
        },
        # Not an empty block, which the provider drops: pulumi/pulumi-aws#6289.
        "healthCheckCustomConfig": {"failureThreshold": 1},
        "forceDestroy": True,
    }
    assert service.options.delete_before_replace
    assert graph.exports["listener_arn"] == service.state["arn"]
    assert graph.exports["caller_security_group_id"] == one(graph, "SecurityGroup").id
    assert "url" not in graph.exports


def test_the_name_of_a_tls_listener_answers_inside_the_vpc_when_asked() -> None:
    assert not names(ingress(**TLS), "Record")
    graph = ingress(**TLS, link="none", private_record=True)
    zone, record, balancer = one(graph, "Zone"), one(graph, "Record"), one(graph, "LoadBalancer")
    assert zone.inputs["name"] == record.inputs["name"] == "app.example.com"
    assert zone.inputs["vpcs"] == [{"vpcId": "vpc-00000001"}]
    assert record.inputs["aliases"][0]["name"] == balancer.state["dnsName"]
