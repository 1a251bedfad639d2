"""The ingress: one group a hop, one port between them, and what each kind of API needs to integrate with."""

import re
from typing import Any

import pulumi
import pytest

from components.private_ingress import PrivateIngress
from tests.helpers.declare import declare, names, one, refusal
from tests.helpers.declared import Graph, ProgramError

ARGS: dict[str, Any] = {
    "kind": "alb",
    "link": "v2",
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "backend_port": 8080,
}
TLS = {"certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x", "server_name": "app.example.com", "port": 443}
KINDS = [("alb", "v2"), ("alb", "none"), ("nlb", "v1"), ("nlb", "v2"), ("cloud-map", "v2")]


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
        ({"deferred": True}, "listener_arn", "only once listen() was called"),
    ],
)
def test_an_output_that_is_not_there_is_named(changes: dict[str, Any], key: str, words: str) -> None:
    def program() -> None:
        with pytest.raises(AttributeError, match=re.escape(words)):
            getattr(PrivateIngress("ingress", ARGS | changes), key)

    declare(program)


@pytest.mark.parametrize(("kind", "link"), [pair for pair in KINDS if pair[0] != "cloud-map"])
def test_balancers_are_internal_and_never_named_by_hand(kind: str, link: str) -> None:
    graph = ingress(kind=kind, link=link)
    balancer = one(graph, "LoadBalancer")
    assert balancer.inputs["internal"] is True
    assert balancer.inputs["subnets"] == ["subnet-1", "subnet-2"]
    assert "name" not in balancer.inputs
    # AWS allows 32 characters, of which Pulumi takes eight.
    assert all(len(name) <= 24 for name in names(graph, "LoadBalancer") + names(graph, "TargetGroup"))


def test_the_chain_has_one_port_a_hop() -> None:
    graph = ingress()
    link, balancer = one(graph, "SecurityGroup", "ingress-link-group"), one(graph, "SecurityGroup", "ingress-alb-group")
    outward, inward = one(graph, "SecurityGroupEgressRule").inputs, one(graph, "SecurityGroupIngressRule").inputs
    assert (outward["securityGroupId"], outward["referencedSecurityGroupId"]) == (link.id, balancer.id)
    assert (inward["securityGroupId"], inward["referencedSecurityGroupId"]) == (balancer.id, link.id)
    assert {outward["fromPort"], outward["toPort"], inward["fromPort"], inward["toPort"]} == {80}
    assert graph.exports["caller_security_group_id"] == balancer.id


def test_a_link_of_the_second_version_stands_where_the_balancer_does() -> None:
    graph = ingress()
    link = one(graph, "VpcLink")
    assert link.type == "aws:apigatewayv2/vpcLink:VpcLink"
    assert link.inputs["subnetIds"] == one(graph, "LoadBalancer").inputs["subnets"]
    assert link.inputs["securityGroupIds"] == [one(graph, "SecurityGroup", "ingress-link-group").id]
    assert graph.exports["listener_arn"] == one(graph, "Listener", "ingress-listener").state["arn"]
    assert graph.exports["load_balancer_arn"] == one(graph, "LoadBalancer").state["arn"]


def test_private_link_needs_no_way_into_the_balancers_group() -> None:
    graph = ingress(kind="nlb", link="v1")
    assert one(graph, "VpcLink").type == "aws:apigateway/vpcLink:VpcLink"
    balancer = one(graph, "LoadBalancer")
    assert one(graph, "VpcLink").inputs["targetArn"] == balancer.state["arn"]
    assert balancer.inputs["enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] == "off"
    assert balancer.inputs["securityGroups"] == [one(graph, "SecurityGroup").id]
    assert not names(graph, "SecurityGroupIngressRule")


def test_rules_are_enforced_where_there_is_no_private_link() -> None:
    for changes in ({"kind": "nlb", "link": "v2"}, {"kind": "nlb", "link": "none"}):
        balancer = one(ingress(**changes), "LoadBalancer").inputs
        assert balancer["enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"] == "on"


@pytest.mark.parametrize(
    ("kind", "tls", "listener", "targets"),
    [("alb", {}, "HTTP", "HTTP"), ("alb", TLS, "HTTPS", "HTTP"), ("nlb", {}, "TCP", "TCP"), ("nlb", TLS, "TLS", "TCP")],
)
def test_protocols(kind: str, tls: dict[str, Any], listener: str, targets: str) -> None:
    graph = ingress(kind=kind, **tls)
    assert one(graph, "Listener", "ingress-listener").inputs["protocol"] == listener
    assert one(graph, "TargetGroup").inputs["protocol"] == targets
    assert ("sslPolicy" in one(graph, "Listener", "ingress-listener").inputs) == bool(tls)


def test_the_url_names_the_certificates_host() -> None:
    assert ingress(**TLS).exports["url"] == "https://app.example.com:443"
    graph = ingress()
    assert graph.exports["url"] == f"http://{one(graph, 'LoadBalancer').state['dnsName']}:80"


def test_targets_are_asked_after_their_health_on_their_own_port() -> None:
    targets = one(ingress(health_check_path="/well", target_type="instance"), "TargetGroup").inputs
    assert (targets["port"], targets["targetType"], targets["deregistrationDelay"]) == (8080, "instance", 30)
    assert (targets["healthCheck"]["path"], targets["healthCheck"]["port"]) == ("/well", "traffic-port")


def without_tags(inputs: Any) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if key != "tags"}


def test_a_balancer_and_its_targets_whole() -> None:
    graph = ingress(**TLS)
    group = one(graph, "SecurityGroup", "ingress-alb-group").id
    assert without_tags(one(graph, "LoadBalancer").inputs) == {
        "internal": True,
        "loadBalancerType": "application",
        "subnets": ["subnet-1", "subnet-2"],
        "securityGroups": [group],
        "enableDeletionProtection": False,
        "idleTimeout": 60,
        "dropInvalidHeaderFields": True,
        "desyncMitigationMode": "defensive",
    }
    targets = one(graph, "TargetGroup")
    assert without_tags(targets.inputs) == {
        "vpcId": "vpc-1",
        "port": 8080,
        "protocol": "HTTP",
        "targetType": "ip",
        "deregistrationDelay": 30,
        "healthCheck": {
            "protocol": "HTTP",
            "path": "/",
            "port": "traffic-port",
            "matcher": "200-399",
            "interval": 10,
            "timeout": 5,
            "healthyThreshold": 2,
            "unhealthyThreshold": 2,
        },
    }
    assert without_tags(one(graph, "Listener", "ingress-listener").inputs) == {
        "loadBalancerArn": one(graph, "LoadBalancer").state["arn"],
        "port": 443,
        "protocol": "HTTPS",
        "certificateArn": TLS["certificate_arn"],
        "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "defaultActions": [{"type": "forward", "targetGroupArn": targets.state["arn"]}],
    }


def test_a_network_balancer_finds_its_targets_from_every_zone() -> None:
    inputs = one(ingress(kind="nlb", link="v2", deletion_protection=True), "LoadBalancer").inputs
    assert (inputs["loadBalancerType"], inputs["enableCrossZoneLoadBalancing"]) == ("network", True)
    assert inputs["enableDeletionProtection"] is True


def test_the_backend_sees_the_balancers_address() -> None:
    assert one(ingress(kind="nlb", link="v1"), "TargetGroup").inputs["preserveClientIp"] == "false"


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


def test_the_port_of_the_listener_that_nobody_calls_is_taken() -> None:
    with pytest.raises(ProgramError, match="the listener for health checks"):
        ingress(port=65535)


def test_without_a_backend_to_wait_for_the_listener_leads_there_at_once() -> None:
    graph = ingress()
    assert one(graph, "TargetGroup").state["arn"] == graph.exports["target_group_arn"]
    assert one(graph, "Listener", "ingress-listener").inputs["port"] == 80


def test_another_port_has_another_listener_and_other_rules_beside_the_old_ones() -> None:
    graph = ingress()
    assert one(graph, "Listener", "ingress-listener").options.replace_on_changes == ("port",)
    for rule in (one(graph, "SecurityGroupIngressRule"), one(graph, "SecurityGroupEgressRule")):
        assert {"fromPort", "toPort", "referencedSecurityGroupId"} <= {*rule.options.replace_on_changes}
        assert rule.urn in one(graph, "VpcLink").dependencies


def test_cloud_map_takes_no_balancer() -> None:
    graph = ingress(kind="cloud-map")
    assert not names(graph, "LoadBalancer")
    service = one(graph, "Service")
    namespace = one(graph, "PrivateDnsNamespace")
    assert (namespace.inputs.get("name"), namespace.inputs["vpc"]) == (None, "vpc-1")
    assert without_tags(service.inputs) == {
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


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "elb"}, "alb, nlb, cloud-map"),
        ({"kind": "alb", "link": "v1"}, "call only NLBs"),
        ({"kind": "cloud-map", "link": "none"}, "only HTTP APIs"),
        ({"kind": "cloud-map", **TLS}, "terminates no TLS"),
        ({"certificate_arn": "arn"}, "together"),
        ({"port": 0}, "1 to 65,535"),
        ({"backend_port": 70_000}, "1 to 65,535"),
        ({"target_type": "lambda"}, "one of ip, instance"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    assert words in str(refusal(lambda: PrivateIngress("ingress", ARGS | changes)))


def test_the_name_of_a_tls_listener_answers_inside_the_vpc_when_asked() -> None:
    tls = {"certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x", "server_name": "app.example.com", "port": 443}
    assert not names(ingress(**tls), "Record")
    graph = ingress(**tls, link="none", private_record=True)
    zone, record, balancer = one(graph, "Zone"), one(graph, "Record"), one(graph, "LoadBalancer")
    assert zone.inputs["name"] == record.inputs["name"] == "app.example.com"
    assert zone.inputs["vpcs"] == [{"vpcId": "vpc-1"}]
    assert record.inputs["aliases"][0]["name"] == balancer.state["dnsName"]
    assert graph.exports["url"] == "https://app.example.com:443"
    assert "server_name" in str(refusal(lambda: PrivateIngress("ingress", ARGS | {"private_record": True})))
