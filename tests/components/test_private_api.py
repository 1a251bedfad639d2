"""The door to a private API, the API behind it, its domain, and an instance to call it from."""

import json
from typing import Any

import pulumi
import pytest

from components.api_consumer import ApiConsumer
from components.private_api_endpoint import PrivateApiEndpoint
from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.components.front import body, front, made
from tests.helpers import mocks as answers
from tests.helpers.declare import ProgramError, declare, names, one
from tests.helpers.policies import Decision, allows

ENDPOINT: dict[str, Any] = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"], "vpc_cidr": "10.0.0.0/16"}
CONSUMER: dict[str, Any] = {
    "vpc_id": "vpc-00000001",
    "subnet_ids": ["subnet-00000001"],
    "calls_security_group_ids": {"endpoint": "sg-c4420f7b"},
    "endpoint_services": ["ssm", "ssmmessages"],
}
PRIVATE: dict[str, Any] = {
    "kind": "private",
    "endpoint_ids": ["vpce-76bef661"],
    "allow_endpoint_ids": ["vpce-76bef661"],
}
DOMAIN: dict[str, Any] = {
    "name": "api.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x",
    "vpc_id": "vpc-00000001",
    "endpoint_id": "vpce-76bef661",
    "endpoint_dns_name": "vpce-76bef661.execute-api.invalid",
    "endpoint_zone_id": "Z1",
}


def endpoint(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: PrivateApiEndpoint("endpoint", ENDPOINT | changes), known=known)


def consumer(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: ApiConsumer("consumer", CONSUMER | changes), known=known)


def callers(graph: Graph) -> set[str]:
    rules = [rule.inputs for rule in graph if rule.kind == "SecurityGroupIngressRule"]
    assert {(rule["fromPort"], rule["toPort"]) for rule in rules} == {(443, 443)}
    keys = ("referencedSecurityGroupId", "prefixListId", "cidrIpv4", "cidrIpv6")
    return {next(rule[key] for key in keys if rule.get(key)) for rule in rules}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {"10.0.0.0/16"}),
        (
            {"allow_security_group_ids": {"jobs": "sg-00000001"}, "allow_cidrs": ["192.168.0.0/24", "2001:db8::/32"]},
            {"sg-00000001", "192.168.0.0/24", "2001:db8::/32"},
        ),
        (
            {"allow_vpc": False, "allow_cidrs": ["10.250.0.0/16"], "allow_prefix_list_ids": {"office": "pl-00000001"}},
            {"pl-00000001", "10.250.0.0/16"},
        ),
        ({"allow_vpc": True, "allow_security_group_ids": {"jobs": "sg-00000001"}}, {"10.0.0.0/16", "sg-00000001"}),
        (
            {"allow_security_group_ids": {"jobs": "sg-00000001"}, "allow_cidrs": ["10.0.0.0/16"]},
            {"10.0.0.0/16", "sg-00000001"},
        ),
    ],
)
def test_the_vpc_may_call_unless_others_take_its_place(changes: dict[str, Any], found: set[str]) -> None:
    graph = endpoint(**changes)
    assert callers(graph) == found
    assert len(names(graph, "SecurityGroupIngressRule")) == len(found)
    assert all("::" not in name for name in names(graph, "SecurityGroupIngressRule"))
    if "sg-00000001" in found:
        assert one(graph, "SecurityGroupEgressRule").inputs["securityGroupId"] == "sg-00000001"


def test_the_vpcs_own_range_is_admitted_once() -> None:
    """A second rule for it would be refused: InvalidPermission.Duplicate."""

    def twice() -> None:
        cidr = pulumi.Output.from_input("10.0.0.0/16")
        PrivateApiEndpoint("endpoint", {**ENDPOINT, "vpc_cidr": cidr, "allow_cidrs": ["10.0.0.0/16"]})

    with pytest.raises(ProgramError, match="the VPC's own, which may call already"):
        declare(twice)


def test_the_endpoint_leads_to_calls_of_this_accounts_apis_alone() -> None:
    made = one(endpoint(), "VpcEndpoint").inputs
    policy = json.loads(reveal(made["policy"]))
    own, other = (f"arn:aws:execute-api:eu-west-1:{account}:abc/live/GET/x" for account in ("123456789012", "9" * 12))
    assert allows(policy, action="execute-api:Invoke", resource=own) is Decision.ALLOW
    assert allows(policy, action="execute-api:Invoke", resource=other) is Decision.SILENT
    assert allows(policy, action="execute-api:ManageConnections", resource=own) is Decision.SILENT
    assert made["privateDnsEnabled"] is True
    assert one(endpoint(private_dns=False), "VpcEndpoint").inputs["privateDnsEnabled"] is False


def decision(graph: Graph, **context: str) -> Decision:
    policy = body(graph)["x-amazon-apigateway-policy"]
    resource = "arn:aws:execute-api:eu-west-1:123456789012:abc/live/GET/forward"
    return allows(policy, action="execute-api:Invoke", resource=resource, context=context)


def test_the_api_is_private_and_lets_its_endpoints_in() -> None:
    graph = front(**PRIVATE | {"allow_endpoint_ids": ["vpce-76bef661", "vpce-312b3e16"]})
    configuration = one(graph, "RestApi").inputs["endpointConfiguration"]
    # Left out, the address type of the state would stay, and the provider refuses ipv4 here.
    assert configuration == {"types": "PRIVATE", "ipAddressType": "dualstack", "vpcEndpointIds": ["vpce-76bef661"]}
    assert body(graph)["servers"][0]["x-amazon-apigateway-endpoint-configuration"]["vpcEndpointIds"] == [
        "vpce-76bef661"
    ]
    for door, found in (("76bef661", Decision.ALLOW), ("312b3e16", Decision.ALLOW), ("0a1b2c3d", Decision.DENY)):
        assert decision(graph, **{"aws:SourceVpce": f"vpce-{door}"}) is found
    assert decision(graph) is Decision.DENY
    # A change of the policy is a new deployment.
    changed = front(**PRIVATE | {"allow_vpc_ids": ["vpc-55eeac61"]})
    assert one(changed, "Deployment").inputs["triggers"] != one(graph, "Deployment").inputs["triggers"]


def test_a_private_domain_exists_inside_the_vpc() -> None:
    graph = front(**PRIVATE, private_domain=DOMAIN | {"base_path": "v1"})
    name = one(graph, "DomainName")
    assert name.inputs["endpointConfiguration"] == {"types": "PRIVATE"}
    policy = json.loads(name.inputs["policy"])
    # AWS completes `execute-api:/*`, and the provider would then find a difference in each update.
    assert {statement["Resource"] for statement in policy["Statement"]} == {"*"}
    of_api = json.loads(json.dumps(body(graph)["x-amazon-apigateway-policy"]).replace("execute-api:/*", "*"))
    assert policy == of_api
    association = one(graph, "DomainNameAccessAssociation").inputs
    assert (association["accessAssociationSource"], association["accessAssociationSourceType"]) == (
        "vpce-76bef661",
        "VPCE",
    )
    assert association["domainNameArn"] == name.state["arn"]
    assert one(graph, "Zone").inputs["vpcs"] == [{"vpcId": "vpc-00000001"}]
    assert one(graph, "Record").inputs["aliases"][0]["name"] == DOMAIN["endpoint_dns_name"]
    assert one(graph, "BasePathMapping").inputs["domainNameId"] == name.state["domainNameId"]
    assert graph.exports["url"] == "https://api.example.com/v1"


def test_nobody_reaches_the_consumer_but_by_session_manager() -> None:
    graph = consumer()
    assert names(graph, "SecurityGroupIngressRule") == ["consumer-to-endpoint-ingress"]
    outward = one(graph, "SecurityGroupEgressRule").inputs
    assert (outward["referencedSecurityGroupId"], outward["fromPort"]) == ("sg-c4420f7b", 443)
    instance = one(graph, "Instance").inputs
    assert instance["associatePublicIpAddress"] is False
    assert instance["metadataOptions"]["httpTokens"] == "required"
    assert instance["rootBlockDevice"]["encrypted"] is True
    assert instance["iamInstanceProfile"] == one(graph, "InstanceProfile").state["name"]
    connected = consumer(access="instance-connect", instance_connect_security_group_id="sg-74cff91f")
    assert not names(connected, "RolePolicy")
    ssh = one(connected, "SecurityGroupIngressRule", "consumer-ssh-ingress").inputs
    assert (ssh["referencedSecurityGroupId"], ssh["fromPort"]) == ("sg-74cff91f", 22)


EXISTING: Any = {
    "vpc_id": "vpc-0123456789abcdef0",
    "vpc_cidr": "10.0.0.0/16",
    "endpoint_id": "vpce-0a1b2c3d4e5f60718",
}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"vpcId": "vpc-00000009"}, "it is in vpc-00000009; name an endpoint in vpc-0123456789abcdef0"),
        ({"serviceName": "com.amazonaws.eu-west-1.ssm"}, "the Interface endpoint of com.amazonaws.eu-west-1.ssm"),
        ({"vpcEndpointType": "Gateway"}, "the Gateway endpoint of com.amazonaws.eu-west-1.execute-api"),
    ],
)
def test_an_endpoint_that_callers_cannot_use_is_refused(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, str], message: str
) -> None:
    token = "aws:ec2/getVpcEndpoint:getVpcEndpoint"
    usual = answers.usual(token)
    monkeypatch.setitem(answers.ANSWERS, token, lambda mocks, args: {**usual(mocks, args), **found})
    with pytest.raises(
        ProgramError, match=f"PrivateApiEndpoint: endpoint_id: got 'vpce-0a1b2c3d4e5f60718'; .*{message}"
    ):
        declare(lambda: PrivateApiEndpoint("endpoint", EXISTING))


def test_an_endpoint_that_exists_is_used_and_left_alone() -> None:
    def program() -> None:
        door = PrivateApiEndpoint("endpoint", EXISTING)
        pulumi.export("id", door.endpoint_id)
        pulumi.export("group", door.security_group_id)

    graph = declare(program)
    assert [resource.kind for resource in graph] == ["PrivateApiEndpoint"]
    assert graph.exports["id"] == "vpce-0a1b2c3d4e5f60718"
    assert str(graph.exports["group"]).startswith("sg-")


def test_each_endpoint_has_a_name_for_the_api() -> None:
    def program() -> None:
        pulumi.export("urls", made(**(PRIVATE | {"endpoint_ids": ["vpce-00000001", "vpce-00000002"]})).endpoint_urls)

    graph = declare(program)
    api = one(graph, "RestApi").id
    hosts = [url.split("/")[2].split(".")[0] for url in graph.exports["urls"]]
    assert hosts == [f"{api}-vpce-00000001", f"{api}-vpce-00000002"]


def test_a_consumer_that_reaches_aws_only_over_ipv6_has_the_names_for_it() -> None:
    user_data = one(consumer(egress=["ipv6"]), "Instance").inputs["userData"]
    assert "UseDualStackEndpoint" in user_data
    assert user_data.rstrip().endswith("use_dual_stack_names")
    assert "userData" not in one(consumer(egress=["ipv6", "nat-gateway"]), "Instance").inputs
