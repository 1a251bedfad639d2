"""The table of replacements, held to the installed SDK's documents on its inputs."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pulumi import _types

from review.aws.catalog.catalog import ROWS
from review.aws.catalog.naming import is_freed_first
from review.aws.catalog.provider_facts import all_facts
from review.aws.catalog.tables import table
from review.compare.engine.replacements import replaced_by
from review.evaluate.host.types import properties
from review.graph import Resource
from review.tests.graph_builder import Builder
from review.tests.sdk import sdk_class, sdk_names
from tests.helpers.stacks import ROOT

REPLACING = {token: facts.replaces for token, facts in all_facts().items()}
SOMETIMES = table("documented_replacements")["sometimes"]
SAYS = re.compile(
    r"\bforces? (?:a |the )?(?:new resource|replacement|(?:resource )?re-?creation)|destroy and recreate"
    r"|will recreate the resource|cannot be changed after creation",
    re.IGNORECASE,
)
ZONES = "availabilityZoneAddresses"
ZONE = {"availabilityZone": "eu-west-1a"}
# Inputs whose words are about something else: what `userDataReplaceOnChange` does when another input changes, and that
# the provider ignores the removal of `smsConfiguration`; and three of which the source has no such word.
ABOUT_OTHERS = {
    ("aws:ec2/instance:Instance", "userDataReplaceOnChange"),
    ("aws:cognito/userPool:UserPool", "smsConfiguration"),
    ("aws:bedrock/agentcoreMemoryStrategy:AgentcoreMemoryStrategy", "name"),
    ("aws:workspacesweb/sessionLogger:SessionLogger", "displayName"),
    ("aws:networkmanager/siteToSiteVpnAttachment:SiteToSiteVpnAttachment", "routingPolicyLabel"),
}


def told(token: str) -> Iterator[str]:
    """Inputs whose change replaces the resource, by the SDK's docstrings."""
    kind = sdk_class(token)
    arguments = getattr(sys.modules[kind.__module__], f"{kind.__name__}Args", None)
    wire = {snake: camel for camel, snake in _types.resource_pulumi_to_py_names(kind).items()}
    text = (arguments.__init__.__doc__ if arguments else "") or ""
    for match in re.finditer(r":param [^\n]*?(\w+): (.*?)(?=\n\s*:param|\Z)", text, re.DOTALL):
        if SAYS.search(" ".join(match[2].split())):
            yield wire.get(match[1], match[1])


@pytest.mark.parametrize("services", ["acm apigateway", "ec2", "lb ecs lambda ecr", "others"])
def test_the_table_has_every_replacement_that_the_sdk_tells_of(services: str) -> None:
    named = ["acm", "apigateway", "ec2", "lb", "ecs", "lambda", "ecr"]
    for token in REPLACING:
        service = token.split(":")[1].partition("/")[0]
        if service not in (services.split() if services != "others" else {service} - set(named)):
            continue
        known = REPLACING[token] | SOMETIMES.get(token, {}).keys() | {*all_facts()[token].counted}
        known |= {key.partition(".")[0] for key in all_facts()[token].unknown | REPLACING[token]}
        missing = [key for key in told(token) if key not in known and (token, key) not in ABOUT_OTHERS]
        assert missing == [], f"{token}: {missing}"


def test_the_provider_was_asked_about_each_type_of_the_table() -> None:
    document = json.loads((ROOT / "review" / "aws" / "catalog" / "provider_facts.json").read_text(encoding="utf-8"))
    asked = document["types"].keys() | document["not known"].keys()
    missing = {token for token in ROWS if token.startswith("aws:")} - asked
    assert not missing, (
        "make provider-facts ARGS=SOURCE, or name them below `not known` in provider_facts.json, with the reason"
    )


def test_inputs_have_the_types_of_the_installed_sdk() -> None:
    for token, kinds in table("input_types")["types"].items():
        assert kinds.items() <= properties(sdk_class(token)).items(), f"{token}: make provider-facts ARGS=SOURCE"


def test_an_input_that_could_not_be_planned_is_not_known_to_leave_a_resource_in_place() -> None:
    token, key = next((token, min(facts.unknown)) for token, facts in sorted(all_facts().items()) if facts.unknown)
    one = resource(token.removeprefix("aws:"))
    assert replaced_by(one, one, [key]) is None
    assert replaced_by(one, replace(one, options=replace(one.options, replace_on_changes=(key,))), [key]) == [key]


def test_the_words_are_found_at_all() -> None:
    assert "quicServerId" in set(told("aws:lb/targetGroupAttachment:TargetGroupAttachment"))
    assert "privateDnsEnabled" in set(told("aws:ec2/vpcEndpoint:VpcEndpoint"))


@pytest.mark.parametrize("token", sorted(token for token in SOMETIMES if token.startswith("aws:")))
def test_conditional_replacements_are_of_inputs_that_the_types_have(token: str) -> None:
    assert {key.partition(".")[0] for key in SOMETIMES[token]} <= sdk_names(token)


def resource(kind: str, **inputs: Any) -> Resource:
    build = Builder()
    return build.graph().resources[build(kind, "one", **inputs).urn]


PRIVATE = {"vpcOptions": {"securityGroupIds": ["g"], "subnetIds": ["a"]}}
NLB = {"loadBalancerType": "network", "subnets": ["a", "b"], "securityGroups": ["g"]}


ENCRYPTED = {"encryptAtRest": {"enabled": True}}
AT_REST = "encryptAtRest.enabled"
OLD_ENGINE = {"engineVersion": "Elasticsearch_6.5"}
WARM = "warmThroughput.readUnitsPerSecond"
COLUMNS = "schemaDefinition.columns"


def engine(version: str) -> dict[str, Any]:
    return {"engineVersion": version}


def warm(units: int) -> dict[str, Any]:
    return {"warmThroughput": {"readUnitsPerSecond": units}}


def capacity(size: int) -> dict[str, Any]:
    return {"storageCapacity": size, "deploymentType": "PERSISTENT_2"}


def vpc(identity: str | None) -> dict[str, Any]:
    return {"endpointDetails": {"vpcId": identity}}


def columns(*names: str) -> dict[str, Any]:
    return {"schemaDefinition": {"columns": [{"name": name, "type": "text"} for name in names]}}


@pytest.mark.parametrize(
    ("kind", "before", "after", "changed", "replacing"),
    [
        ("eks/nodeGroup:NodeGroup", {"diskSize": 20}, {"diskSize": 50}, "diskSize", ["diskSize"]),
        ("eks/nodeGroup:NodeGroup", {}, {}, "scalingConfig.desiredSize", []),
        ("eks/nodeGroup:NodeGroup", {}, {}, "launchTemplate.id", ["launchTemplate.id"]),
        ("eks/cluster:Cluster", {}, {}, "vpcConfig.publicAccessCidrs[0]", []),
        ("opensearch/domain:Domain", PRIVATE, PRIVATE, "vpcOptions.securityGroupIds[0]", []),
        ("opensearch/domain:Domain", {}, PRIVATE, "vpcOptions", ["vpcOptions"]),
        ("opensearch/domain:Domain", PRIVATE, {}, "vpcOptions", ["vpcOptions"]),
        ("msk/cluster:Cluster", {}, {}, "encryptionInfo.encryptionInTransit.clientBroker", []),
        (
            "msk/cluster:Cluster",
            {},
            {},
            "encryptionInfo.encryptionInTransit.inCluster",
            ["encryptionInfo.encryptionInTransit.inCluster"],
        ),
        ("eks/cluster:Cluster", {}, {}, "encryptionConfig.provider.keyArn", []),
        ("eks/cluster:Cluster", {"encryptionConfig": {}}, {}, "encryptionConfig", []),
        ("eks/cluster:Cluster", {"encryptionConfig": {"resources": []}}, {}, "encryptionConfig", ["encryptionConfig"]),
        ("efs/accessPoint:AccessPoint", {}, {}, "rootDirectory.path", ["rootDirectory.path"]),
        ("sfn/stateMachine:StateMachine", {}, {}, "type", ["type"]),
        ("sfn/stateMachine:StateMachine", {}, {}, "definition", []),
        ("lb/loadBalancer:LoadBalancer", NLB, {**NLB, "subnets": ["a", "b", "c"]}, "subnets", []),
        ("lb/loadBalancer:LoadBalancer", NLB, {**NLB, "subnets": ["a", "c"]}, "subnets", ["subnets"]),
        ("lb/loadBalancer:LoadBalancer", {"subnets": ["a", "b"]}, {"subnets": ["a"]}, "subnets", []),
        ("lb/loadBalancer:LoadBalancer", NLB, {**NLB, "securityGroups": ["h"]}, "securityGroups[0]", []),
        ("lb/loadBalancer:LoadBalancer", NLB, {**NLB, "securityGroups": []}, "securityGroups", ["securityGroups"]),
        (
            "ec2/vpcEndpoint:VpcEndpoint",
            {"vpcEndpointType": "Interface"},
            {"vpcEndpointType": "Interface", "privateDnsEnabled": True},
            "privateDnsEnabled",
            [],
        ),
        ("ec2/vpcEndpoint:VpcEndpoint", {}, {"privateDnsEnabled": True}, "privateDnsEnabled", ["privateDnsEnabled"]),
        # What the provider itself plans: `make engine` compares each input of the examples.
        ("cloudwatch/logMetricFilter:LogMetricFilter", {}, {}, "logGroupName", ["logGroupName"]),
        ("apigateway/basePathMapping:BasePathMapping", {}, {}, "domainName", ["domainName"]),
        ("servicediscovery/service:Service", {}, {}, "dnsConfig.namespaceId", ["dnsConfig.namespaceId"]),
        ("servicediscovery/service:Service", {}, {}, "dnsConfig.dnsRecords[0].ttl", []),
        ("apigatewayv2/integration:Integration", {}, {}, "connectionType", []),
        ("budgets/budget:Budget", {}, {}, "budgetType", []),
        ("ec2/instance:Instance", {}, {}, "ipv6AddressCount", []),
        (
            "ec2/subnet:Subnet",
            {"assignIpv6AddressOnCreation": True, "ipv6CidrBlock": "2001:db8::/64"},
            {},
            "ipv6CidrBlock",
            ["ipv6CidrBlock"],
        ),
        ("ec2/subnet:Subnet", {}, {"ipv6CidrBlock": "2001:db8::/64"}, "ipv6CidrBlock", []),
        ("ec2/instance:Instance", {"enablePrimaryIpv6": True}, {}, "enablePrimaryIpv6", ["enablePrimaryIpv6"]),
        ("ec2/instance:Instance", {}, {"enablePrimaryIpv6": True}, "enablePrimaryIpv6", []),
        ("ec2/natGateway:NatGateway", {ZONES: [ZONE]}, {}, ZONES, [ZONES]),
        ("ec2/natGateway:NatGateway", {}, {ZONES: [ZONE]}, ZONES, [ZONES]),
        ("ec2/natGateway:NatGateway", {ZONES: [ZONE]}, {ZONES: [ZONE, ZONE]}, ZONES, []),
        ("ec2/instance:Instance", {}, {"ipv6Addresses": ["a"]}, "ipv6Addresses", ["ipv6Addresses"]),
        ("ec2/instance:Instance", {"ipv6AddressCount": 1}, {"ipv6Addresses": ["a"]}, "ipv6Addresses", []),
        ("ec2/networkInterface:NetworkInterface", {"privateIps": ["a"]}, {"privateIps": ["a", "b"]}, "privateIps", []),
        (
            "ec2/networkInterface:NetworkInterface",
            {"privateIps": ["a"]},
            {"privateIps": ["b"]},
            "privateIps",
            ["privateIps"],
        ),
        ("ec2/vpc:Vpc", {"instanceTenancy": "dedicated"}, {}, "instanceTenancy", []),
        ("ec2/vpc:Vpc", {}, {"instanceTenancy": "dedicated"}, "instanceTenancy", ["instanceTenancy"]),
        ("apigateway/integration:Integration", {}, {}, "contentHandling", []),
        ("apigateway/integration:Integration", {}, {}, "credentials", ["credentials"]),
        ("ec2/instance:Instance", {}, {"userData": "a"}, "userData", []),
        ("ec2/instance:Instance", {}, {"userDataReplaceOnChange": True}, "userData", ["userData"]),
        *[
            ("servicediscovery/service:Service", {}, {"dnsConfig": {key: value}}, "dnsConfig", ["dnsConfig"])
            for key, value in (("namespaceId", "n"), ("dnsRecords", [{"type": "SRV"}]))
        ],
        ("servicediscovery/service:Service", {}, {"dnsConfig": {"dnsRecords": [{"ttl": 1}]}}, "dnsConfig", []),
        ("servicediscovery/service:Service", {}, {}, "dnsConfig.dnsRecords[0].type", ["dnsConfig.dnsRecords[0].type"]),
        ("apigatewayv2/apiMapping:ApiMapping", {}, {}, "apiId", ["apiId"]),
        ("ssm/parameter:Parameter", {"tier": "Advanced"}, {"tier": "Standard"}, "tier", ["tier"]),
        ("ssm/parameter:Parameter", {"tier": "Standard"}, {"tier": "Advanced"}, "tier", []),
        # Conditions that the provider has on an input of a block, some of them on whether the block is there.
        ("opensearch/domain:Domain", {**ENCRYPTED, "engineVersion": "OpenSearch_2.11"}, {}, AT_REST, [AT_REST]),
        ("opensearch/domain:Domain", {}, {**ENCRYPTED, "engineVersion": "OpenSearch_2.11"}, AT_REST, []),
        ("opensearch/domain:Domain", OLD_ENGINE, {**ENCRYPTED, **OLD_ENGINE}, AT_REST, [AT_REST]),
        ("opensearch/domain:Domain", ENCRYPTED, {}, "encryptAtRest", ["encryptAtRest"]),
        ("opensearch/domain:Domain", engine("OpenSearch_2.9"), engine("OpenSearch_2.11"), "engineVersion", []),
        ("opensearch/domain:Domain", engine("OpenSearch_2.11"), engine("OpenSearch_2.9"), "engineVersion", None),
        ("opensearch/domain:Domain", engine("OpenSearch_1.3"), engine("OpenSearch_2.11"), "engineVersion", None),
        ("opensearch/domain:Domain", engine("Elasticsearch_7.1"), engine("OpenSearch_7.2"), "engineVersion", None),
        ("batch/computeEnvironment:ComputeEnvironment", {}, {}, "computeResources.instanceTypes[0]", None),
        ("batch/computeEnvironment:ComputeEnvironment", {}, {}, "computeResources.maxVcpus", []),
        ("ec2/instance:Instance", {}, {}, "launchTemplate.version", None),
        ("dynamodb/table:Table", warm(400), warm(200), WARM, [WARM]),
        ("dynamodb/table:Table", warm(200), warm(400), WARM, []),
        (
            "fsx/lustreFileSystem:LustreFileSystem",
            capacity(2400),
            capacity(1200),
            "storageCapacity",
            ["storageCapacity"],
        ),
        ("fsx/lustreFileSystem:LustreFileSystem", capacity(1200), capacity(2400), "storageCapacity", []),
        (
            "fsx/lustreFileSystem:LustreFileSystem",
            {"storageCapacity": 1200},
            {},
            "storageCapacity",
            ["storageCapacity"],
        ),
        ("transfer/server:Server", vpc(None), vpc("vpc-1"), "endpointDetails.vpcId", []),
        ("transfer/server:Server", vpc("vpc-1"), vpc("vpc-2"), "endpointDetails.vpcId", ["endpointDetails.vpcId"]),
        ("keyspaces/table:Table", columns("a", "b"), columns("a"), COLUMNS, [COLUMNS]),
        ("keyspaces/table:Table", columns("a"), columns("a", "b"), COLUMNS, []),
        ("msk/cluster:Cluster", {"storageMode": "LOCAL"}, {"storageMode": "TIERED"}, "storageMode", []),
    ],
)
def test_a_replacement_that_depends_on_the_values(
    kind: str, before: dict[str, Any], after: dict[str, Any], changed: str, replacing: list[str]
) -> None:
    assert replaced_by(resource(kind, **before), resource(kind, **after), [changed]) == replacing


@pytest.mark.parametrize(
    ("kind", "key", "first"),
    [
        ("sqs/queue:Queue", "name", True),
        ("sqs/queue:Queue", "namePrefix", False),
        ("route53/record:Record", "name", False),
        ("eks/nodeGroup:NodeGroup", "nodeGroupName", True),
        ("eks/nodeGroup:NodeGroup", "nodeGroupNamePrefix", False),
        ("efs/mountTarget:MountTarget", "subnetId", True),
        ("random:index/randomId:RandomId", "name", False),
    ],
)
def test_what_has_a_name_of_the_program_s_own_is_freed_first(kind: str, key: str, first: bool) -> None:
    assert is_freed_first(resource(kind, **{key: "written"})) is first
