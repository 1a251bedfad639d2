"""A port is written once: the next components take it, and whom they call, from the one before."""

from typing import Any

import pulumi
import pytest

from components.ec2_backend import Ec2Backend
from components.fargate_backend import FargateBackend
from components.private_ingress import PrivateIngress
from components.private_network import PrivateNetwork
from components.serverless_proxy import ServerlessProxy
from components.testing.recorder import Graph
from components.url_backend import UrlBackend
from tests.helpers.declare import ProgramError, declare, one, refusal

NETWORK: Any = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001", "subnet-00000002"]}
PROGRAM: Any = NETWORK | {"image": "nginx:1.29", "egress": ["nat-instance"]}
PORT = 9000
URL = "http://10.1.2.3:9000"


def forwarder(args: Any) -> None:
    ServerlessProxy("proxy", NETWORK | args)


def chain(kind: str, backend: type[Ec2Backend] | type[FargateBackend]) -> Graph:
    def program() -> None:
        ingress = PrivateIngress("ingress", NETWORK | {"kind": kind, "link": "v2", "backend_port": PORT})
        backend("backend", PROGRAM | ingress.registration)
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
    registered: Any
    if backend is Ec2Backend:
        registered = one(graph, "TargetGroupAttachment").inputs
    else:
        (registered,) = one(graph, "Service").inputs["loadBalancers"]
    assert registered["targetGroupArn"] == targets.state["arn"]
    assert (registered.get("port") or registered["containerPort"]) == PORT
    # The forwarder calls the listener.
    out = one(graph, "SecurityGroupEgressRule", "proxy-to-backend-egress").inputs
    assert out["referencedSecurityGroupId"] == one(graph, "SecurityGroup", f"ingress-{kind}-group").id
    assert out["toPort"] == 80


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


@pytest.mark.parametrize(
    ("args", "rule"),
    [
        ({"url": URL}, {"cidrIpv4": "10.1.2.3/32", "toPort": PORT}),
        ({"url": "http://[2001:db8::7]/base"}, {"cidrIpv6": "2001:db8::7/128", "toPort": 80}),
        ({"url": URL, "cidrs": ["10.1.0.0/16"]}, {"cidrIpv4": "10.1.0.0/16", "toPort": PORT}),
        ({"url": "https://app.example.com/x", "security_group_id": "sg-00000001"}, {"toPort": 443}),
        (
            {"url": "http://[2001:db8::7]", "security_group_id": "sg-00000001"},
            {"referencedSecurityGroupId": "sg-00000001"},
        ),
    ],
)
def test_a_forwarder_calls_a_backend_that_exists(args: Any, rule: dict[str, Any]) -> None:
    def program() -> None:
        backend = UrlBackend("backend", args)
        forwarder(backend.endpoint)

    graph = declare(program)
    inputs = one(graph, "SecurityGroupEgressRule").inputs
    assert inputs.items() >= rule.items()
    if "security_group_id" in args:
        assert not {"cidrIpv4", "cidrIpv6"} & inputs.keys()
    # Over IPv6 it calls also whom only a name hides.
    dual = one(graph, "Function").inputs["vpcConfig"].get("ipv6AllowedForDualStack", False)
    assert dual is ("[" in args["url"])


def test_a_name_alone_stands_somewhere_in_the_vpc() -> None:
    found: dict[str, Any] = {}
    declare(lambda: found.update(UrlBackend("backend", {"url": "http://app.internal"}).endpoint))
    assert not found.get("backend_cidrs")
    assert found["port"] == 80


def test_a_port_may_be_an_output_as_its_url() -> None:
    output = pulumi.Output.from_input

    def program(url: Any, **port: Any) -> Graph:
        return declare(
            lambda: forwarder({"url": url(), "vpc_cidr": "10.1.0.0/16"} | {key: of() for key, of in port.items()})
        )

    assert "**backend.endpoint" in str(refusal(lambda: forwarder({"url": output(URL), "vpc_cidr": "10.1.0.0/16"})))
    # The port of a known URL is opened before that of an output is known.
    for graph in (
        program(lambda: output(URL), port=lambda: output(PORT)),
        program(lambda: URL),
        program(lambda: URL, port=lambda: output(PORT)),
        declare(lambda: forwarder(Ec2Backend("backend", PROGRAM | {"port": PORT}).endpoint), known=False),
    ):
        (rule,) = (each for each in graph if each.kind == "SecurityGroupEgressRule" and each.name.startswith("proxy-"))
        assert rule.inputs["toPort"] == PORT


def test_a_group_that_scales_by_requests_takes_the_label_of_its_ingress() -> None:
    def program() -> None:
        ingress = PrivateIngress("ingress", NETWORK | {"kind": "alb", "link": "v2"})
        scaling = {"maximum": 3, "requests_per_target": 100}
        FargateBackend("backend", PROGRAM | {"scaling": scaling} | ingress.registration)

    graph = declare(program)
    (policy,) = graph.of_type("aws:appautoscaling/policy:Policy")
    metric = policy.inputs["targetTrackingScalingPolicyConfiguration"]["predefinedMetricSpecification"]
    assert metric["resourceLabel"]
    # Ingress and backend have the same port if nothing is said.
    (registered,) = one(graph, "Service").inputs["loadBalancers"]
    assert one(graph, "TargetGroup").inputs["port"] == registered["containerPort"] == 8080


def test_what_has_no_url_has_no_endpoint() -> None:
    def program() -> None:
        with pytest.raises(AttributeError, match=r"PrivateIngress\.endpoint"):
            _ = Ec2Backend("backend", PROGRAM | {"count": 2, "target_group_arn": "arn"}).endpoint
        with pytest.raises(AttributeError, match="endpoint exists only with kind alb or nlb"):
            _ = PrivateIngress("ingress", NETWORK | {"kind": "cloud-map", "link": "v2"}).endpoint

    declare(program)


def test_a_network_hands_on_the_buckets_that_its_endpoint_admits() -> None:
    """An instance that could not fetch its image would fail only after half an hour."""

    def program(image: str, **network: Any) -> None:
        made = PrivateNetwork("network", {"zones": ["eu-west-1a"], "egress": ["s3-packages"], **network})
        args: Any = {"image": image, "access": "none", **made.client()}
        Ec2Backend("backend", args)

    permitted = {"permissions": {"own": {"kind": "bucket", "name": "images", "allow": ["read"]}}}
    declare(lambda: program("s3://images/a.tar.gz", readable_buckets=["images"]))
    declare(lambda: program("s3://images/a.tar.gz", readable_buckets=[pulumi.Output.from_input("images")]))
    declare(lambda: program("s3://images/a.tar.gz", egress=["ipv6"]))
    declare(lambda: program("s3://images/a.tar.gz", **permitted))
    for buckets in ([], ["images-2"]):
        with pytest.raises(
            ProgramError, match=r"image: got 's3://images/a.tar.gz'; .* name images in readable_buckets"
        ):
            declare(lambda given=buckets: program("s3://images/a.tar.gz", readable_buckets=given))  # type: ignore[misc] # bound now
