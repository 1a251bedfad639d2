"""Functions of a stack file: alone, with variables, secrets, the network, layers, ZIP archives and images."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from review.graph import UNKNOWN, Graph, Secret, reveal
from review.permissions import build_permissions
from review.tests.helpers.graph_reports import list_failures
from review.tests.helpers.stacks import graph_with
from tests.helpers.declare import names, one

SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-db-AbCdEf"  # an ARN
GROUP = "sg-0a1b2c3d4e5f60718"
DATABASE = {"database": {"securityGroupId": GROUP, "port": 5432}}
ADOPTED = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:tools:3"
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders:1"


def stack(function: dict[str, Any], topology: str = "public-proxy", **more: Any) -> dict[str, Any]:
    routes = [{"path": "/orders", "methods": ["GET"], "target": "own", "authorization": "iam"}]
    code = {} if {"zip", "image"} & function.keys() else {"folder": "handlers/greeter"}
    return {"topology": topology, "api": {"functions": {"own": code | function}, "routes": routes}, **more}


def sound(config: dict[str, Any]) -> Graph:
    """A graph that breaks no rule."""
    graph = graph_with(config)
    assert list_failures(graph) == []
    return graph


def egress_rules(graph: Graph) -> dict[str, Any]:
    rules = graph.list_by_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    return {rule.name: rule.inputs for rule in rules if rule.name.startswith("function-own")}


@pytest.mark.parametrize("topology", ["public-proxy", "private-api"])
def test_without_a_backend_only_the_function_and_its_api_are_declared(topology: str) -> None:
    graph = sound(stack({}, topology))
    assert (names(graph, "Function"), names(graph, "Instance")) == (["function-own-function"], [])
    assert bool(names(graph, "Vpc")) == (topology == "private-api")


def test_only_a_vpn_may_call_a_function_behind_a_private_api() -> None:
    config = stack({}, "private-api")
    config["api"]["private"] = {"allowVpc": False, "allowCidrs": ["10.250.0.0/16"]}
    graph = sound(config)
    assert one(graph, "SecurityGroupIngressRule").inputs["cidrIpv4"] == "10.250.0.0/16"
    assert graph.exports["egress"] == "none"


def test_a_function_in_the_vpc_reaches_only_the_servers_that_it_names() -> None:
    graph = sound(stack({"vpc": True, "calls": DATABASE}, network=ADOPTED))
    function = one(graph, "Function")
    assert function.inputs["vpcConfig"]["subnetIds"] == ADOPTED["subnetIds"]
    (group,) = function.inputs["vpcConfig"]["securityGroupIds"]
    (rule,) = egress_rules(graph).values()
    assert (rule["securityGroupId"], rule["referencedSecurityGroupId"]) == (group, GROUP)
    assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (5432, 5432, "tcp")
    admitted = one(graph, "SecurityGroupIngressRule").inputs
    assert (admitted["securityGroupId"], admitted["referencedSecurityGroupId"]) == (GROUP, group)
    # Deleted in the reverse order: Lambda removes the interfaces with this role, and the group waits for that.
    assert one(graph, "SecurityGroup").options.custom_timeouts["delete"] == "60m"
    rules = {rule.urn for rule in graph if "EgressRule" in rule.type}
    policies = {policy.urn for policy in graph if policy.kind == "RolePolicy"}
    assert {*policies, *rules} <= {*function.dependencies}


@pytest.mark.parametrize("topology", ["public-proxy", "private-api"])
def test_a_new_network_is_declared_for_it(topology: str) -> None:
    server = {"server": {"cidr": "10.1.2.0/24", "port": 8080}}
    graph = graph_with(stack({"vpc": True, "calls": server}, topology))
    assert names(graph, "Vpc") == ["network-vpc"]
    (rule,) = egress_rules(graph).values()
    assert (rule["cidrIpv4"], rule["fromPort"]) == ("10.1.2.0/24", 8080)
    assert names(graph, "NatGateway") == names(graph, "Instance") == []


def test_a_secret_is_a_variable_with_its_arn_and_a_right_to_read_it() -> None:
    graph = sound(stack({"secrets": {"DATABASE_SECRET": SECRET}, "environment": {"MODE": "live"}}))
    function = one(graph, "Function").inputs
    assert function["environment"]["variables"] == {"DATABASE_SECRET": SECRET, "MODE": "live"}
    statements = json.loads(reveal(one(graph, "RolePolicy").inputs["policy"]))["Statement"]
    assert {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]} in statements


@pytest.mark.parametrize(
    ("function", "endpoints"),
    [
        ({"secrets": {"AB": SECRET}}, ["secretsmanager"]),
        ({"secrets": {"AB": "arn:aws:ssm:eu-west-1:111122223333:parameter/db"}}, ["ssm"]),
        ({"permissions": {"jobs": {"kind": "queue", "name": "jobs", "allow": ["send"]}}}, ["sqs"]),
        ({"permissions": {"files": {"kind": "bucket", "name": "files-a", "allow": ["read"]}}}, ["s3"]),
    ],
)
def test_a_network_without_internet_gets_the_endpoints_that_it_calls(
    function: dict[str, Any], endpoints: list[str]
) -> None:
    graph = sound(stack({"vpc": True, **function}, network={"egress": "none"}))
    made = [
        vpc_endpoint.inputs["serviceName"] for vpc_endpoint in graph.list_by_type("aws:ec2/vpcEndpoint:VpcEndpoint")
    ]
    assert [str(name).rpartition("eu-west-1.")[2] for name in made] == endpoints
    assert {(rule["fromPort"], rule.get("cidrIpv4")) for rule in egress_rules(graph).values()} == {(443, None)}


@pytest.mark.parametrize(
    ("network", "ports"),
    [
        ({**ADOPTED, "egress": "nat-gateway"}, {None: 5432, "0.0.0.0/0": 443}),
        # In a new network it calls AWS by endpoints alone.
        *(({"egress": egress}, None) for egress in ("auto", "nat-instance", "none")),
    ],
)
def test_through_a_nat_it_calls_only_https(network: dict[str, Any], ports: dict[str | None, int] | None) -> None:
    calls = {"calls": DATABASE} if ports else {}
    graph = graph_with(stack({"vpc": True, "secrets": {"AB": SECRET}, **calls}, network=network))
    found = {rule.get("cidrIpv4"): rule["fromPort"] for rule in egress_rules(graph).values()}
    assert found == (ports or {None: 443})
    assert ports or list_failures(graph) == []


def test_permissions_of_a_backend_and_a_function_for_one_bucket_are_joined() -> None:
    bucket = {"kind": "bucket", "name": "files-a"}
    function = {"vpc": True, "permissions": {"files": {**bucket, "allow": ["write"]}}}
    config = stack(function, network={"egress": "none"})
    config["backend"] = {
        **{"kind": "ec2", "userData": "#!/bin/sh\nserve", "access": "none"},
        "permissions": {"own": {**bucket, "allow": ["read"]}},
    }
    config["api"]["routes"].append({"path": "/", "authorization": "iam"})
    sound(config)


def test_an_encrypted_value_is_secret_in_the_function_and_a_password_in_plain_fails() -> None:
    graph = sound(stack({"environment": {"TOKEN": {"secure": "v1:abc"}}}))
    assert isinstance(one(graph, "Function").inputs["environment"]["variables"]["TOKEN"], Secret)
    broken = list_failures(graph_with(stack({"environment": {"DB_PASSWORD": "hunter2-is-long"}})))
    assert any(text.startswith("SEC-01 ") for text in broken)


def test_a_zip_with_layers_is_deployed_as_it_is(tmp_path: Path) -> None:
    archive = tmp_path / "app.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("index.mjs", "export const handler = async () => ({statusCode: 204})")
    wanted = {"zip": str(archive), "runtime": "nodejs22.x", "handler": "index.handler", "layers": [LAYER]}
    function = one(graph_with(stack(wanted)), "Function").inputs
    assert (function["layers"], function["runtime"], function["handler"]) == ([LAYER], "nodejs22.x", "index.handler")
    assert reveal(function["code"]).path == str(archive)


def test_an_image_names_handler_and_runtime_itself() -> None:
    function = one(graph_with(stack({"image": IMAGE, "architecture": "x86_64"})), "Function").inputs
    assert (function["packageType"], function["imageUri"], function["architectures"]) == ("Image", IMAGE, ["x86_64"])
    assert not {"handler", "runtime", "code", "layers"} & {key for key, one in function.items() if one is not UNKNOWN}


def test_an_authorizers_function_may_be_in_the_vpc() -> None:
    own = {"folder": "handlers/greeter", "vpc": True, "calls": DATABASE}
    config = stack({}, network=ADOPTED)
    config["api"]["authorizers"] = {"people": {"kind": "lambda", "function": own}}
    config["api"]["routes"][0]["authorization"] = "people"
    functions = graph_with(config).list_by_type("aws:lambda/function:Function")
    assert [one.name for one in functions if "vpcConfig" in one.inputs] == ["authorizer-people-function"]


@pytest.mark.parametrize(
    ("function", "action"),
    [({"layers": [LAYER]}, "lambda:GetLayerVersion"), ({"image": IMAGE}, "ecr:SetRepositoryPolicy")],
)
def test_a_deployment_may_read_layers_and_images_only_if_there_are_any(function: dict[str, Any], action: str) -> None:
    assert action in json.dumps(build_permissions(graph_with(stack(function))).up)
    assert action not in json.dumps(build_permissions(graph_with(stack({}))).up)
