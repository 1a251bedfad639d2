"""A port is written once: the next components take it, and whom they call, from the one before."""

from typing import Any

import pulumi
import pytest

from components.ec2_backend import Ec2Backend
from components.fargate_backend import FargateBackend
from components.private_ingress import PrivateIngress
from components.serverless_proxy import ServerlessProxy
from components.url_backend import UrlBackend
from tests.helpers.declare import declare, one, refusal
from tests.helpers.declared import Graph

NETWORK: Any = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}
PORT = 9000
URL = "http://10.1.2.3:9000"


def forwarder(args: Any) -> None:
    ServerlessProxy("proxy", NETWORK | args)


def chain(kind: str, backend: type[Ec2Backend] | type[FargateBackend]) -> Graph:
    def program() -> None:
        ingress = PrivateIngress("ingress", NETWORK | {"kind": kind, "link": "v2", "backend_port": PORT})
        backend("backend", NETWORK | {"image": "nginx:1.29", "egress": ["nat-instance"], **ingress.registration})
        if kind != "cloud-map":
            forwarder(ingress.endpoint)

    return declare(program)


@pytest.mark.parametrize("backend", [Ec2Backend, FargateBackend])
@pytest.mark.parametrize("kind", ["alb", "nlb"])
def test_a_backend_takes_its_port_from_its_ingress(kind: str, backend: type[Ec2Backend] | type[FargateBackend]) -> None:
    graph = chain(kind, backend)
    targets = one(graph, "TargetGroup")
    assert targets.inputs["port"] == PORT
    rule = one(graph, "SecurityGroupIngressRule", f"backend-from-{kind}-ingress").inputs
    assert (rule["fromPort"], rule["toPort"]) == (PORT, PORT)
    if backend is Ec2Backend:
        registered = one(graph, "TargetGroupAttachment").inputs
        assert (registered["targetGroupArn"], registered["port"]) == (targets.state["arn"], PORT)
    else:
        (registered,) = one(graph, "Service").inputs["loadBalancers"]
        assert (registered["targetGroupArn"], registered["containerPort"]) == (targets.state["arn"], PORT)


@pytest.mark.parametrize("backend", [Ec2Backend, FargateBackend])
def test_a_backend_registers_with_its_port_in_the_registry(backend: type[Ec2Backend] | type[FargateBackend]) -> None:
    graph = chain("cloud-map", backend)
    (service,) = graph.of_type("aws:servicediscovery/service:Service")
    if backend is Ec2Backend:
        registered = one(graph, "Instance", "backend-registration").inputs
        assert registered["serviceId"] == service.id
        assert registered["attributes"]["AWS_INSTANCE_PORT"] == str(PORT)
    else:
        (ecs,) = graph.of_type("aws:ecs/service:Service")
        assert ecs.inputs["serviceRegistries"]["registryArn"] == service.state["arn"]
        assert ecs.inputs["serviceRegistries"]["containerPort"] == PORT


def test_a_forwarder_calls_the_listener_of_an_ingress() -> None:
    graph = chain("alb", FargateBackend)
    rule = one(graph, "SecurityGroupEgressRule", "proxy-to-backend-egress").inputs
    assert rule["referencedSecurityGroupId"] == one(graph, "SecurityGroup", "ingress-alb-group").id
    assert rule["toPort"] == 80


def test_a_forwarder_calls_a_single_instance_on_its_port() -> None:
    def program() -> None:
        backend = Ec2Backend("backend", NETWORK | {"image": "nginx:1.29", "egress": ["nat-instance"], "port": PORT})
        forwarder(backend.endpoint)

    rule = one(declare(program, known=False), "SecurityGroupEgressRule", "proxy-to-backend-egress").inputs
    assert rule["toPort"] == PORT


@pytest.mark.parametrize(
    ("args", "rule"),
    [
        ({}, {"cidrIpv4": "10.1.2.3/32"}),
        ({"cidrs": ["10.1.0.0/16"]}, {"cidrIpv4": "10.1.0.0/16"}),
        ({"security_group_id": "sg-1"}, {"referencedSecurityGroupId": "sg-1"}),
    ],
)
def test_a_forwarder_calls_a_backend_that_exists(args: Any, rule: dict[str, str]) -> None:
    def program() -> None:
        forwarder(UrlBackend("backend", {"url": URL} | args).endpoint)

    assert one(declare(program), "SecurityGroupEgressRule").inputs.items() >= {**rule, "toPort": PORT}.items()


def test_a_forwarder_calls_over_ipv6_whom_only_a_name_hides() -> None:
    def program() -> None:
        forwarder(UrlBackend("backend", {"url": "http://[2001:db8::7]", "security_group_id": "sg-1"}).endpoint)

    assert one(declare(program), "Function").inputs["vpcConfig"]["ipv6AllowedForDualStack"] is True


def test_a_url_says_its_port_itself() -> None:
    graph = declare(lambda: forwarder({"url": URL, "vpc_cidr": "10.0.0.0/8"}))
    assert one(graph, "SecurityGroupEgressRule").inputs["toPort"] == PORT


def test_a_port_may_be_an_output_as_its_url() -> None:
    def program(**port: Any) -> None:
        forwarder({"url": pulumi.Output.from_input(URL), "vpc_cidr": "10.0.0.0/8", **port})

    graph = declare(lambda: program(port=pulumi.Output.from_input(PORT)))
    assert one(graph, "SecurityGroupEgressRule").inputs["toPort"] == PORT
    assert "**backend.endpoint" in str(refusal(program))


def test_the_port_of_a_known_url_is_opened_whatever_an_output_says() -> None:
    graph = declare(lambda: forwarder({"url": URL, "port": pulumi.Output.from_input(80), "vpc_cidr": "10.0.0.0/8"}))
    assert one(graph, "SecurityGroupEgressRule").inputs["toPort"] == PORT


def test_another_port_than_the_urls_is_refused() -> None:
    args = {"url": URL, "port": 80, "vpc_cidr": "10.0.0.0/8"}
    words = "got 80; 9000, the port of the URL: the security group opens no other; take it out"
    assert words in str(refusal(lambda: forwarder(args)))


def test_a_group_that_scales_by_requests_takes_the_label_of_its_ingress() -> None:
    def program() -> None:
        ingress = PrivateIngress("ingress", NETWORK | {"kind": "alb", "link": "v2"})
        scaling = {"maximum": 3, "requests_per_target": 100}
        FargateBackend(
            "backend",
            NETWORK | {"image": "nginx:1.29", "egress": ["nat-instance"], "scaling": scaling, **ingress.registration},
        )

    (policy,) = declare(program).of_type("aws:appautoscaling/policy:Policy")
    metric = policy.inputs["targetTrackingScalingPolicyConfiguration"]["predefinedMetricSpecification"]
    assert metric["resourceLabel"]


def test_an_ingress_and_a_backend_have_the_same_port_if_nothing_is_said() -> None:
    def program() -> None:
        ingress = PrivateIngress("ingress", NETWORK | {"kind": "nlb", "link": "v2"})
        args = NETWORK | {
            "image": "nginx:1.29",
            "egress": ["nat-instance"],
            "target_group_arn": ingress.target_group_arn,
        }
        FargateBackend("backend", args)

    graph = declare(program)
    (registered,) = one(graph, "Service").inputs["loadBalancers"]
    assert one(graph, "TargetGroup").inputs["port"] == registered["containerPort"] == 8080


def test_a_backend_with_a_security_group_has_no_ranges() -> None:
    def program() -> None:
        pulumi.export("cidrs", UrlBackend("backend", {"url": URL, "security_group_id": "sg-1"}).cidrs)

    assert declare(program).exports["cidrs"] == []


def test_what_has_no_url_has_no_endpoint() -> None:
    def program() -> None:
        several = NETWORK | {"image": "nginx:1.29", "egress": ["nat-instance"], "count": 2, "target_group_arn": "arn"}
        with pytest.raises(AttributeError, match=r"PrivateIngress\.endpoint"):
            _ = Ec2Backend("backend", several).endpoint
        with pytest.raises(AttributeError, match="endpoint exists only with kind alb or nlb"):
            _ = PrivateIngress("ingress", NETWORK | {"kind": "cloud-map", "link": "v2"}).endpoint

    declare(program)
