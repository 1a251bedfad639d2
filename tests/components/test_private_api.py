"""The door to a private API, the API behind it, its domain, and an instance to call it from."""

import json
from typing import Any

import pulumi
import pytest

from components.api_consumer import ApiConsumer
from components.private_api_endpoint import PrivateApiEndpoint
from tests.components.front import body, front, made
from tests.helpers.declare import declare, names, one, refusal
from tests.helpers.declared import Graph, reveal
from tests.helpers.policies import Decision, allows

ENDPOINT: dict[str, Any] = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"], "vpc_cidr": "10.0.0.0/16"}
CONSUMER: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1"],
    "calls_security_group_ids": {"endpoint": "sg-endpoint"},
}
PRIVATE: dict[str, Any] = {"kind": "private", "endpoint_ids": ["vpce-own"], "allow_endpoint_ids": ["vpce-own"]}
DOMAIN: dict[str, Any] = {
    "name": "api.example.com",
    "certificate_arn": "arn:aws:acm:eu-west-1:1:certificate/x",
    "vpc_id": "vpc-1",
    "endpoint_id": "vpce-own",
    "endpoint_dns_name": "vpce-own.execute-api.invalid",
    "endpoint_zone_id": "Z1",
}


def endpoint(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: PrivateApiEndpoint("endpoint", ENDPOINT | changes), known=known)


def consumer(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: ApiConsumer("consumer", CONSUMER | changes), known=known)


def test_the_whole_vpc_may_call_on_443_and_nobody_else() -> None:
    rule = one(endpoint(), "SecurityGroupIngressRule").inputs
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.0.0.0/16", 443, 443)


def test_named_groups_and_ranges_take_the_vpcs_place() -> None:
    graph = endpoint(allow_security_group_ids={"jobs": "sg-1"}, allow_cidrs=["192.168.0.0/24", "2001:db8::/32"])
    rules = [rule.inputs for rule in graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")]
    assert {rule.get("referencedSecurityGroupId") or rule.get("cidrIpv4") or rule["cidrIpv6"] for rule in rules} == {
        "sg-1",
        "192.168.0.0/24",
        "2001:db8::/32",
    }
    assert one(graph, "SecurityGroupEgressRule").inputs["securityGroupId"] == "sg-1"
    assert sorted(names(graph, "SecurityGroupIngressRule")) == [
        "endpoint-from-192.168.0.0-24-ingress",
        "endpoint-from-2001:0db8:0000:0000:0000:0000:0000:0000-32-ingress",
        "endpoint-from-jobs-ingress",
    ]


def test_a_vpn_takes_the_vpcs_place() -> None:
    graph = endpoint(allow_vpc=False, allow_cidrs=["10.250.0.0/16"], allow_prefix_list_ids={"office": "pl-1"})
    rules = [rule.inputs for rule in graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")]
    assert {rule.get("prefixListId") or rule["cidrIpv4"] for rule in rules} == {"pl-1", "10.250.0.0/16"}


def test_groups_and_the_vpc_may_both_call() -> None:
    graph = endpoint(allow_vpc=True, allow_security_group_ids={"jobs": "sg-1"})
    assert len(graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")) == 2


@pytest.mark.parametrize(
    "callers",
    [
        {"allow_vpc": True, "allow_security_group_ids": {"vpc": "sg-1"}},
        {"allow_prefix_list_ids": {"vpc": "pl-1"}},
        {"allow_security_group_ids": {"office": "sg-1"}, "allow_prefix_list_ids": {"office": "pl-1"}},
    ],
)
def test_two_callers_of_one_name_are_refused(callers: dict[str, Any]) -> None:
    """Their rules would have one name, and only one of them would be declared."""
    args: Any = {**ENDPOINT, **callers}
    assert "keys that no other caller has" in str(refusal(lambda: PrivateApiEndpoint("endpoint", args)))


@pytest.mark.parametrize("known", [True, False])
def test_the_vpcs_own_range_is_admitted_once(known: bool) -> None:
    """A second rule for it would be refused: InvalidPermission.Duplicate."""

    def twice() -> None:
        cidr = "10.0.0.0/16" if known else pulumi.Output.from_input("10.0.0.0/16")
        args: Any = {**ENDPOINT, "vpc_cidr": cidr, "allow_cidrs": ["10.0.0.0/16"]}
        PrivateApiEndpoint("endpoint", args)

    with pytest.raises(Exception, match="the VPC's own, which may call already"):
        declare(twice)
    graph = endpoint(allow_security_group_ids={"jobs": "sg-1"}, allow_cidrs=["10.0.0.0/16"])
    assert len(names(graph, "SecurityGroupIngressRule")) == 2


def test_the_endpoint_leads_to_this_accounts_apis_alone() -> None:
    policy = json.loads(reveal(one(endpoint(), "VpcEndpoint").inputs["policy"]))
    for account, decision in (("123456789012", Decision.ALLOW), ("999999999999", Decision.SILENT)):
        resource = f"arn:aws:execute-api:eu-west-1:{account}:abc/live/GET/x"
        assert allows(policy, action="execute-api:Invoke", resource=resource) is decision


def test_private_dns_is_a_choice() -> None:
    assert one(endpoint(), "VpcEndpoint").inputs["privateDnsEnabled"] is True
    assert one(endpoint(private_dns=False), "VpcEndpoint").inputs["privateDnsEnabled"] is False


def decision(graph: Graph, **context: str) -> Decision:
    policy = body(graph)["x-amazon-apigateway-policy"]
    resource = "arn:aws:execute-api:eu-west-1:123456789012:abc/live/GET/forward"
    return allows(policy, action="execute-api:Invoke", resource=resource, context=context)


def test_the_api_is_private_and_lets_its_endpoint_in() -> None:
    graph = front(**PRIVATE)
    configuration = one(graph, "RestApi").inputs["endpointConfiguration"]
    # Left out, the address type of the state would stay, and the provider refuses ipv4 here.
    assert configuration == {"types": "PRIVATE", "ipAddressType": "dualstack", "vpcEndpointIds": ["vpce-own"]}
    assert body(graph)["servers"][0]["x-amazon-apigateway-endpoint-configuration"]["vpcEndpointIds"] == ["vpce-own"]
    assert decision(graph, **{"aws:SourceVpce": "vpce-own"}) is Decision.ALLOW
    assert decision(graph, **{"aws:SourceVpce": "vpce-other"}) is Decision.DENY
    assert decision(graph) is Decision.DENY


def test_another_accounts_endpoint_is_let_in_by_name() -> None:
    graph = front(**PRIVATE | {"allow_endpoint_ids": ["vpce-own", "vpce-partner"]})
    assert decision(graph, **{"aws:SourceVpce": "vpce-partner"}) is Decision.ALLOW
    assert decision(graph, **{"aws:SourceVpce": "vpce-stranger"}) is Decision.DENY


def test_a_change_of_the_policy_is_a_new_deployment() -> None:
    before = one(front(**PRIVATE), "Deployment").inputs["triggers"]
    after = one(front(**PRIVATE | {"allow_vpc_ids": ["vpc-friend"]}), "Deployment").inputs["triggers"]
    assert before != after


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
    assert (association["accessAssociationSource"], association["accessAssociationSourceType"]) == ("vpce-own", "VPCE")
    assert association["domainNameArn"] == name.state["arn"]
    assert one(graph, "Zone").inputs["vpcs"] == [{"vpcId": "vpc-1"}]
    assert one(graph, "Record").inputs["aliases"][0]["name"] == DOMAIN["endpoint_dns_name"]
    assert one(graph, "BasePathMapping").inputs["domainNameId"] == name.state["domainNameId"]
    assert graph.exports["url"] == "https://api.example.com/v1"


def test_nobody_reaches_the_consumer_but_by_session_manager() -> None:
    graph = consumer()
    assert not names(graph, "SecurityGroupIngressRule") or names(graph, "SecurityGroupIngressRule") == [
        "consumer-to-endpoint-ingress"
    ]
    outward = one(graph, "SecurityGroupEgressRule").inputs
    assert (outward["referencedSecurityGroupId"], outward["fromPort"]) == ("sg-endpoint", 443)
    instance = one(graph, "Instance").inputs
    assert instance["associatePublicIpAddress"] is False
    assert instance["metadataOptions"]["httpTokens"] == "required"
    assert instance["iamInstanceProfile"] == one(graph, "InstanceProfile").state["name"]


def test_instance_connect_needs_no_role() -> None:
    graph = consumer(access="instance-connect", instance_connect_security_group_id="sg-connect")
    assert not names(graph, "RolePolicy")
    ssh = one(graph, "SecurityGroupIngressRule", "consumer-ssh-ingress").inputs
    assert (ssh["referencedSecurityGroupId"], ssh["fromPort"]) == ("sg-connect", 22)


@pytest.mark.parametrize(
    ("changes", "words"), [({"access": "ssh"}, "session-manager"), ({"access": "instance-connect"}, "endpoint's group")]
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    assert words in str(refusal(lambda: ApiConsumer("consumer", CONSUMER | changes)))


def test_an_endpoint_that_exists_is_used_and_left_alone() -> None:
    existing = {"vpc_id": "vpc-1", "vpc_cidr": "10.0.0.0/16", "endpoint_id": "vpce-0a1b2c3d4e5f60718"}

    def program() -> None:
        door = PrivateApiEndpoint("endpoint", existing)
        pulumi.export("id", door.endpoint_id)
        pulumi.export("group", door.security_group_id)

    graph = declare(program)
    assert [resource.kind for resource in graph] == ["PrivateApiEndpoint"]
    assert graph.exports["id"] == "vpce-0a1b2c3d4e5f60718"
    assert str(graph.exports["group"]).startswith("sg-")
    both = existing | {"subnet_ids": ["subnet-1"]}
    assert "not both" in str(refusal(lambda: PrivateApiEndpoint("endpoint", both)))


def test_each_endpoint_has_a_name_for_the_api() -> None:
    def program() -> None:
        pulumi.export("urls", made(**(PRIVATE | {"endpoint_ids": ["vpce-1", "vpce-2"]})).endpoint_urls)

    graph = declare(program)
    api = one(graph, "RestApi").id
    hosts = [url.split("/")[2].split(".")[0] for url in graph.exports["urls"]]
    assert hosts == [f"{api}-vpce-1", f"{api}-vpce-2"]


def test_a_consumer_that_reaches_aws_over_ipv6_alone_is_told_the_names_for_it() -> None:
    user_data = one(consumer(egress=["ipv6"]), "Instance").inputs["userData"]
    assert "UseDualStackEndpoint" in user_data
    assert user_data.rstrip().endswith("use_dual_stack_names")
    assert "userData" not in one(consumer(egress=["ipv6", "nat-gateway"]), "Instance").inputs
