"""Endpoints that a VPC has already: they are looked up, checked and called, and nothing in them is changed."""

from typing import Any

import pulumi
import pytest

from components.api_function import ApiFunction
from components.private_network import PrivateNetwork
from components.testing.recorder import Graph
from tests.helpers import mocks as answers
from tests.helpers.declare import ProgramError, declare, names, one
from tests.helpers.stacks import ROOT, graph_with

VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
TOKENS = {
    "endpoint": "aws:ec2/getVpcEndpoint:getVpcEndpoint",
    "rules": "aws:vpc/getSecurityGroupRules:getSecurityGroupRules",
    "rule": "aws:vpc/getSecurityGroupRule:getSecurityGroupRule",
    "vpc": "aws:ec2/getVpc:getVpc",
    "subnet": "aws:ec2/getSubnet:getSubnet",
}
HTTPS = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "isEgress": False, "prefixListId": ""}
RANGES = [{"cidrBlock": cidr, "associationId": "a", "state": "associated"} for cidr in ("10.0.0.0/16", "10.1.0.0/16")]


def adopted(*services: str, **more: Any) -> Graph:
    def program() -> None:
        made = PrivateNetwork("network", {"vpc_id": VPC, "subnet_ids": SUBNETS, "existing_endpoints": services, **more})
        for name in ("endpoint_cidr", "s3_prefix_list_id", "dynamodb_prefix_list_id", "private_subnet_ids"):
            pulumi.export(name, getattr(made, name))
        place: Any = {"folder": str(ROOT / "handlers/greeter"), "vpc_id": made.vpc_id}
        place["subnet_ids"] = made.private_subnet_ids
        if made.endpoint_cidr is not None:
            place["endpoint_cidr"] = made.endpoint_cidr
        place["permissions"] = {"orders": {"kind": "table", "name": "orders", "allow": ["read"]}}
        ApiFunction("program", place)

    return declare(program)


def answered(monkeypatch: pytest.MonkeyPatch, name: str, **fields: Any) -> None:
    """Give fields of a lookup's answer other values."""
    usual = answers.usual(TOKENS[name])

    def answer(context: Any, arguments: Any) -> dict[str, Any]:
        own = {"vpcId": VPC} if name == "subnet" else {}
        return {**usual(context, arguments), **own, **fields}

    monkeypatch.setitem(answers.ANSWERS, TOKENS[name], answer)


@pytest.fixture(autouse=True)
def their_lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, "subnet")


def test_they_are_called_and_not_declared() -> None:
    graph = adopted("logs", "s3", "dynamodb")
    assert names(graph, "VpcEndpoint") == names(graph, "SecurityGroupIngressRule") == []
    rule = one(graph, "SecurityGroupEgressRule", "program-to-existing-endpoints-egress").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)
    assert graph.exports["endpoint_cidr"] == "10.0.0.0/16"
    lists = {str(graph.exports[f"{service}_prefix_list_id"]) for service in ("s3", "dynamodb")}
    assert len(lists) == 2
    assert all(one.startswith("pl-") for one in lists)
    asked = [each.arguments for each in graph.invokes if each.token == TOKENS["endpoint"]]
    kinds = {one["serviceName"].rpartition(".")[2]: one["filters"][0]["values"][0] for one in asked}
    assert kinds == {"logs": "Interface", "s3": "Gateway", "dynamodb": "Gateway"}
    assert {one["vpcId"] for one in asked} == {VPC}
    gateways = adopted("s3")
    assert gateways.exports.get("endpoint_cidr") is None
    assert not names(gateways, "SecurityGroupEgressRule")


@pytest.mark.parametrize(
    ("service", "lookup", "fields", "words"),
    [
        ("logs", "endpoint", {"state": "pendingAcceptance"}, "is pendingAcceptance, and answers nothing"),
        ("logs", "endpoint", {"privateDnsEnabled": False}, "has no private DNS names"),
        ("logs", "rule", {**HTTPS, "cidrIpv4": "10.9.0.0/16"}, r"allow tcp 443 from 10\.0\."),
        ("logs", "rule", {**HTTPS, "cidrIpv4": "10.0.192.0/24"}, "allow tcp 443"),  # one of two private subnets
        ("logs", "rule", {**HTTPS, "cidrIpv4": "0.0.0.0/0", "isEgress": True}, "allow tcp 443"),
        ("logs", "rule", {**HTTPS, "cidrIpv4": "0.0.0.0/0", "fromPort": 80, "toPort": 80}, "allow tcp 443"),
        ("logs", "rule", {**HTTPS, "cidrIpv4": "0.0.0.0/0", "ipProtocol": "udp"}, "allow tcp 443"),
        ("logs", "rule", {**HTTPS, "cidrIpv4": "", "referencedSecurityGroupId": "sg-00000001"}, "allow tcp 443"),
        ("logs", "rules", {"ids": []}, "allow tcp 443"),
        ("s3", "endpoint", {"routeTableIds": ["rtb-d9583520"]}, "is not in rtb-"),
        ("s3", "endpoint", {"state": "deleting"}, "is deleting, and answers nothing"),
        ("logs", "rule", {**HTTPS, "cidrIpv4": "10.0.0.0/8"}, None),
        ("logs", "rule", {**HTTPS, "cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1", "fromPort": -1, "toPort": -1}, None),
        ("logs", "rule", {**HTTPS, "prefixListId": "pl-00000001"}, None),
        ("s3", "endpoint", {"privateDnsEnabled": False}, None),
        ("logs", "endpoint", {"state": "Available"}, None),
    ],
)
def test_one_that_cannot_be_called_is_refused(
    service: str, lookup: str, fields: dict[str, Any], words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(monkeypatch, lookup, **fields)
    if words is None:
        assert adopted(service).exports["private_subnet_ids"] == SUBNETS
        return
    with pytest.raises(ProgramError, match=f"existing_endpoints: got '{service}'; vpce-\\w+ .*{words}"):
        adopted(service)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("no matching EC2 VPC Endpoint found", "the VPC has no endpoint for it; create one, or name"),
        (
            "multiple EC2 VPC Endpoints matched; use additional constraints",
            "the VPC has several endpoints for it; leave",
        ),
    ],
)
def test_a_service_without_one_endpoint_is_refused_with_what_to_do(
    error: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the provider's own words, which name neither the service nor the argument."""

    def answer(_context: Any, _asked: Any) -> dict[str, Any]:
        raise answers.LookupRefusedError(error)

    monkeypatch.setitem(answers.ANSWERS, TOKENS["endpoint"], answer)
    for service in ("logs", "s3"):
        with pytest.raises(ProgramError, match=f"got '{service}'; {words}"):
            adopted(service)


def test_all_groups_of_an_endpoint_count(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, "endpoint", securityGroupIds=["sg-0000000a", "sg-0000000b"])
    answered(monkeypatch, "rules", ids=["sgr-a", "sgr-b"])
    cidrs = {"sgr-a": "10.0.0.0/17", "sgr-b": "10.0.128.0/17"}

    def rule(_context: Any, asked: Any) -> dict[str, Any]:
        return {"id": "r", **HTTPS, "cidrIpv4": cidrs[asked["securityGroupRuleId"]]}

    monkeypatch.setitem(answers.ANSWERS, TOKENS["rule"], rule)
    (filters,) = (each.arguments["filters"] for each in adopted("logs").invokes if each.token == TOKENS["rules"])
    assert filters == [{"name": "group-id", "values": ["sg-0000000a", "sg-0000000b"]}]


def test_one_in_a_further_range_of_the_vpc_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answered(monkeypatch, "vpc", cidrBlockAssociations=RANGES)
    answered(monkeypatch, "endpoint", subnetIds=["subnet-0123456789abcdef2"])
    assert adopted("logs").exports["endpoint_cidr"] == "10.0.0.0/16"
    answered(monkeypatch, "subnet", cidrBlock="10.1.0.0/24")
    with pytest.raises(ProgramError, match=r"is in 10\.1\.0\.0/24; callers are allowed to call 10\.0\.0\.0/16"):
        adopted("logs")


# --- of a stack file

ADOPTED = {"vpcId": VPC, "subnetIds": SUBNETS}
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
STACK: dict[str, Any] = {
    "topology": "vpc-link",
    "ingress": {"kind": "alb"},
    "api": {"routes": [{"path": "/", "authorization": "iam"}]},
    "backend": {"kind": "fargate", "image": IMAGE},
}


def config_with_endpoints(*services: str, **network: Any) -> dict[str, Any]:
    return {**STACK, "network": {**ADOPTED, "existingEndpoints": [*services], **network}}


def with_endpoints(*services: str, **network: Any) -> Graph:
    return graph_with(config_with_endpoints(*services, **network))


def test_a_backend_boots_by_the_endpoints_that_the_vpc_has() -> None:
    graph = with_endpoints("ecr.api", "ecr.dkr", "logs", "s3")
    assert not names(graph, "VpcEndpoint")
    rules = {*names(graph, "SecurityGroupEgressRule")}
    assert {"backend-to-existing-endpoints-egress", "backend-to-s3-egress"} <= rules


@pytest.mark.parametrize(
    ("services", "more", "words"),
    [
        (["ecr.api", "ecr.dkr", "logs"], {}, "needs S3 or DynamoDB"),
        (["ecr.api", "logs", "s3"], {}, "needs an image in Amazon ECR over IPv4.*its endpoints in existingEndpoints"),
        (["log"], {}, r"network.existingEndpoints\[0\].*did you mean logs"),
        (["execute-api"], {}, "network.existingEndpoints.*api.private.endpointId"),
        (["logs"], {"endpoints": ["logs"]}, "network.endpoints.*a service that is not in existingEndpoints"),
    ],
)
def test_a_wrong_list_is_refused(services: list[str], more: dict[str, Any], words: str) -> None:
    with pytest.raises(ProgramError, match=f"(?s){words}"):
        with_endpoints(*services, **more)


def test_session_manager_in_an_existing_vpc_first_asks_for_what_the_vpc_has() -> None:
    backend = {"image": IMAGE, "access": "session-manager"}
    with pytest.raises(
        ProgramError, match=r"(?s)backend\.access\n.*do +name its routes in egress, its endpoints in existing"
    ):
        graph_with({**STACK, "network": ADOPTED, "backend": backend})
