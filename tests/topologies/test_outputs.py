"""Outputs that a first call, a probe or a repair needs."""

from typing import Any

import pytest

from tests.helpers import mocks
from tests.helpers.declare import one
from tests.helpers.stacks import graph_of, graph_with

SUBNET = "aws:ec2/getSubnet:getSubnet"


def test_the_group_that_an_existing_backend_must_admit_is_named() -> None:
    graph = graph_of("examples/existing-backend.yaml")
    assert graph.exports["forwarderSecurityGroupId"] == one(graph, "SecurityGroup", "proxy-group").id


def test_another_stack_can_adopt_the_network_by_the_outputs() -> None:
    first = graph_of("dev")
    subnets = [resource.id for resource in first.of_type("aws:ec2/subnet:Subnet") if "private" in resource.name]
    assert first.exports["subnetIds"] == subnets
    # The free endpoints of the first stack are in the route tables, and AWS takes no second route for their lists.
    assert first.exports["endpoints"] == ["dynamodb", "s3"]
    network = {key: first.exports[key] for key in ("vpcId", "subnetIds")} | {"egress": "nat-instance"}
    network["existingEndpoints"] = first.exports["endpoints"]
    second = graph_with({"topology": "public-proxy", "network": network, "backend": {"image": "nginx:1.29"}})
    assert second.exports["subnetIds"] == subnets
    assert not second.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")


def test_another_private_api_can_use_the_endpoint_by_the_outputs() -> None:
    first = graph_of("examples/private-greeter.yaml")
    endpoint = one(first, "VpcEndpoint", "endpoint-execute-api")
    assert first.exports["endpointId"] == endpoint.id
    network = {key: first.exports[key] for key in ("vpcId", "subnetIds")} | {"egress": first.exports["egress"]}
    api = {"stage": "v2", "private": {"endpointId": first.exports["endpointId"]}}
    second = graph_with({"topology": "private-api", "network": network, "backend": {"kind": "greeter"}, "api": api})
    # AWS refuses a second endpoint with private DNS in a VPC.
    assert second.of_type("aws:ec2/vpcEndpoint:VpcEndpoint") == []
    assert one(second, "RestApi").inputs["endpointConfiguration"]["vpcEndpointIds"] == [endpoint.id]


def test_machines_and_logs_are_named() -> None:
    graph = graph_of("dev")
    assert graph.exports["backendInstanceIds"] == [one(graph, "Instance", "backend-instance").id]
    assert str(graph.exports["backendConnect"]).endswith(one(graph, "Instance", "backend-instance").id)
    assert graph.exports["forwarderLogGroup"] == one(graph, "LogGroup", "proxy-log").state["name"]
    assert str(graph.exports["apiConsole"]).startswith("https://eu-west-1.console.aws.amazon.com/apigateway/main/apis/")


@pytest.mark.parametrize(
    ("ingress", "kind", "named"),
    [
        ("alb", "fargate", {"backendCluster", "backendService", "targetGroupArn"}),
        ("cloud-map", "fargate", {"backendCluster", "backendService"}),
        ("nlb", "ec2", {"targetGroupArn"}),
        (None, "ec2", set()),
    ],
)
def test_the_service_and_the_target_group_are_named_where_they_exist(
    ingress: str | None, kind: str, named: set[str]
) -> None:
    config: dict[str, Any] = {
        "topology": "vpc-link" if ingress else "public-proxy",
        "ingress": {"kind": ingress} if ingress else None,
        "backend": {"kind": kind, "image": "nginx:1.29", "port": 80},
        "api": {"kind": "http" if ingress == "cloud-map" else "rest", "routes": [{"path": "/a"}]},
    }
    graph = graph_with(config)
    sources = {"backendCluster": ("Cluster", "name"), "backendService": ("Service", "name")}
    sources["targetGroupArn"] = ("TargetGroup", "arn")
    for output, (resource, key) in sources.items():
        owned = [each for each in graph if each.kind == resource and not each.name.startswith("ingress-service")]
        assert graph.exports[output] == (owned[0].state[key] if output in named else ""), output


def test_a_bastion_is_a_tunnel_and_no_more() -> None:
    wanted = {"image": "nginx:1.29", "port": 80, "access": "bastion"}
    graph = graph_with({"topology": "public-proxy", "backend": wanted})
    line = str(graph.exports["backendConnect"])
    bastion, backend = one(graph, "Instance", "bastion-instance"), one(graph, "Instance", "backend-instance")
    assert f"--target {bastion.id} " in line
    assert f"host={backend.state['privateIp']}" in line
    assert f"--instance-id {backend.id} " in line


def test_a_forwarder_finds_the_name_of_its_tls_balancer() -> None:
    certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
    ingress = {"kind": "alb", "port": 443, "certificateArn": certificate, "serverName": "app.example.com"}
    backend = {"kind": "fargate", "image": "nginx:1.29", "port": 80}
    graph = graph_with({"topology": "public-proxy", "ingress": ingress, "backend": backend})
    record = one(graph, "Record", "ingress-record")
    function = one(graph, "Function", "proxy-function")
    assert function.inputs["environment"]["variables"]["BACKEND_URL"] == f"https://{record.inputs['name']}:443"
    assert record.urn in function.dependencies


@pytest.mark.parametrize("group", [{}, {"securityGroupId": "sg-0123456789abcdef0"}])
def test_a_forwarder_to_an_ipv6_backend_may_send_ipv6(group: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    found = mocks.usual(SUBNET)
    monkeypatch.setitem(
        mocks.ANSWERS, SUBNET, lambda made, given: {**found(made, given), "ipv6CidrBlock": "2001:db8:0:1::/64"}
    )
    config: dict[str, Any] = {
        "topology": "public-proxy",
        "network": {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]},
        "backend": {"url": "http://[fd00:1::5]:8080", **group},
    }
    assert one(graph_with(config), "Function").inputs["vpcConfig"]["ipv6AllowedForDualStack"] is True
    config["backend"] = {"url": "http://10.1.2.3:8080", **group}
    assert "ipv6AllowedForDualStack" not in one(graph_with(config), "Function").inputs["vpcConfig"]


_ISSUER = {"issuer": "https://issuer.example.com", "audiences": ["gate"]}


@pytest.mark.parametrize(
    ("kind", "route", "authorizer", "flags"),
    [
        ("rest", {"methods": ["GET"]}, {}, ""),
        ("rest", {"methods": ["HEAD"]}, {}, "--head "),
        ("rest", {"methods": ["POST"], "keyRequired": True}, {}, '--request POST --header "x-api-key: $API_KEY" '),
        ("http", {"authorization": "iam"}, {}, "--aws-sigv4 aws:amz:eu-west-1:execute-api --user "),
        ("http", {"authorization": "who"}, {"kind": "jwt", **_ISSUER}, '--header "Authorization: Bearer $TOKEN" '),
        (
            "http",
            {"authorization": "who"},
            {"kind": "lambda", "function": {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:f"}},
            '--header "Authorization: $TOKEN" ',
        ),
    ],
)
def test_the_line_to_try_the_first_route_has_what_the_route_requires(
    kind: str, route: dict[str, Any], authorizer: dict[str, Any], flags: str
) -> None:
    api = {
        "kind": kind,
        "routes": [{"path": "/orders", **route}],
        "authorizers": {"who": authorizer} if authorizer else {},
    }
    if route.get("keyRequired"):
        api["plans"] = {"all": {"keys": ["shop"]}}
    curl = graph_with({"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": api}).exports["curl"]
    assert str(curl).startswith(f"curl {flags}" if flags.endswith("--user ") else f"curl {flags}'https://")
    assert str(curl).endswith("/orders'")
