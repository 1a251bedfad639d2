"""private-api: the door, the API behind it, and the instance to call it from."""

import json
from typing import Any

import pytest

from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.helpers.declare import names, one
from tests.helpers.stacks import graph_of, graph_with

ADOPTED = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
PARTNER = "vpce-0f1e2d3c4b5a69788"
VPC = "vpc-0a1b2c3d4e5f60718"


def greeter(network: dict[str, Any] | None = None, **more: Any) -> Graph:
    network = network or {"egress": "none"}
    return graph_with({"topology": "private-api", "network": network, "backend": {"kind": "greeter"}, **more})


def let_in(graph: Graph) -> list[str]:
    """The endpoints that the API's policy admits."""
    statements = json.loads(reveal(one(graph, "RestApi").inputs["body"]))["x-amazon-apigateway-policy"]["Statement"]
    found: list[str] = statements[1]["Condition"]["StringNotEquals"]["aws:SourceVpce"]
    return found


def test_the_endpoint_of_the_stack_is_let_in_and_named() -> None:
    graph = graph_of("examples/private-greeter.yaml")
    endpoint = one(graph, "VpcEndpoint", "endpoint-execute-api")
    assert let_in(graph) == [endpoint.id]
    assert endpoint.urn in one(graph, "RestApi").dependencies
    assert one(graph, "Vpc").inputs["enableDnsHostnames"] is True
    assert PARTNER in let_in(graph_of("examples/private-cross-account.yaml"))


def test_session_manager_gets_the_endpoints_that_it_needs_where_there_is_no_way_out() -> None:
    services = names(graph_of("examples/private-greeter.yaml"), "VpcEndpoint")
    assert {"network-endpoint-ssm", "network-endpoint-ssmmessages"} <= set(services)
    with_nat = greeter({"egress": "nat-instance"}, consumer={"access": "session-manager"})
    assert "network-endpoint-ssm" not in names(with_nat, "VpcEndpoint")


def test_the_consumer_calls_no_store_of_packages() -> None:
    graph = greeter({"egress": "s3-packages"}, consumer={"access": "instance-connect"})
    rules = graph.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
    assert [rule.name for rule in rules if "consumer" in rule.name and "prefixListId" in rule.inputs] == []


def test_the_outputs_say_what_to_try() -> None:
    exports = graph_of("examples/private-greeter.yaml").exports
    assert exports["SecureApiUrl"] == exports["apiUrl"]
    assert str(exports["consumerConnect"]).startswith("aws ssm start-session --target consumer-instance-id")
    assert "/live/secure/greeter" in str(exports["consumerTry"])


def test_any_backend_may_stand_behind_it() -> None:
    assert one(graph_of("examples/private-ec2.yaml"), "Function", "proxy-function").custom
    by_link = greeter({"egress": "auto"}, backend={"kind": "fargate", "image": "nginx:1.29"}, ingress={"kind": "nlb"})
    assert one(by_link, "VpcLink").type == "aws:apigateway/vpcLink:VpcLink"
    assert one(by_link, "RestApi").inputs["endpointConfiguration"]["types"] == "PRIVATE"


def test_a_private_domain_leads_to_the_endpoint() -> None:
    certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
    graph = greeter(api={"domain": {"name": "api.example.com", "certificateArn": certificate}})
    assert graph.exports["apiUrl"] == "https://api.example.com"
    endpoint = one(graph, "VpcEndpoint", "endpoint-execute-api")
    assert one(graph, "DomainNameAccessAssociation").inputs["accessAssociationSource"] == endpoint.id
    assert one(graph, "Record").inputs["aliases"][0]["name"] == endpoint.state["dnsEntries"][0]["dnsName"]


@pytest.mark.parametrize("private_dns", [True, False])
def test_an_adopted_vpc_must_answer_names_where_the_endpoint_has_them(private_dns: bool) -> None:
    graph = greeter(ADOPTED, api={"private": {"privateDns": private_dns}})
    assert one(graph, "PrivateNetwork").inputs["private_dns"] is private_dns


def test_without_private_dns_the_outputs_name_what_resolves() -> None:
    private = {"privateDns": False, "vpcEndpointIds": [PARTNER]}
    graph = greeter(consumer={"access": "instance-connect"}, api={"private": private})
    api, endpoint = one(graph, "RestApi").id, one(graph, "VpcEndpoint", "endpoint-execute-api").id
    host = f"{api}-{endpoint}.execute-api.eu-west-1.amazonaws.com"
    for output in ("apiUrl", "SecureApiUrl", "curl", "consumerTry"):
        assert host in str(graph.exports[output])
    assert [host in url for url in graph.exports["endpointUrls"]] == [True, False]


def test_an_endpoint_of_an_adopted_vpc_is_used() -> None:
    graph = greeter(ADOPTED, api={"private": {"endpointId": PARTNER}})
    assert not names(graph, "VpcEndpoint")
    assert PARTNER in reveal(one(graph, "RestApi").inputs["body"])


ACCOUNT = {"routes": [{"path": "/secure/greeter", "authorization": "iam"}], "callerAccountIds": ["222233334444"]}


def test_an_api_that_only_others_call_has_no_endpoint_of_its_own() -> None:
    graph = greeter(api={**ACCOUNT, "private": {"vpcEndpointIds": [PARTNER], "ownEndpoint": False}})
    assert not names(graph, "VpcEndpoint")
    assert not names(graph, "PrivateApiEndpoint")
    api = one(graph, "RestApi")
    statements = json.loads(reveal(api.inputs["body"]))["x-amazon-apigateway-policy"]["Statement"]
    condition = {"aws:SourceVpce": [PARTNER]}
    assert [each["Condition"] for each in statements if each["Effect"] == "Deny"] == [{"StringNotEquals": condition}]
    assert api.inputs["endpointConfiguration"]["vpcEndpointIds"] == [PARTNER]
    assert graph.exports["apiUrl"].startswith(f"https://{api.id}-{PARTNER}.execute-api.")
    assert graph.exports["endpointId"] == ""


@pytest.mark.parametrize("carried", [{"vpcEndpointIds": [PARTNER]}, {"vpcIds": [VPC]}, {"allowCidrs": ["10.9.0.0/24"]}])
def test_other_accounts_may_call_where_something_carries_their_calls(carried: dict[str, Any]) -> None:
    graph = greeter(api={**ACCOUNT, "private": carried})
    assert "222233334444" in reveal(one(graph, "RestApi").inputs["body"])
