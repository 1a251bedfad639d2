"""The NAT instance: forwards for the VPC alone, keeps its addresses, raises an alarm when it is down."""

import json
from typing import Any

import pulumi
import pytest

from components.nat_instance import NatInstance
from tests.helpers.declare import declare, names, one, refusal
from tests.helpers.declared import Graph

REQUIRED = {"vpc_id": "vpc-1", "vpc_cidr": "10.1.0.0/16", "subnet_id": "subnet-1"}


def nat(known: bool = True, **changes: Any) -> Graph:
    def program() -> None:
        made = NatInstance("network-nat", {**REQUIRED, **changes})
        pulumi.export("interface", made.network_interface_id)
        pulumi.export("address", made.public_ip)

    return declare(program, known=known)


def test_it_forwards_what_is_not_its_own() -> None:
    graph = nat()
    interface = one(graph, "NetworkInterface")
    assert interface.inputs["sourceDestCheck"] is False
    assert interface.inputs["subnetId"] == "subnet-1"
    assert interface.inputs["securityGroups"] == [one(graph, "SecurityGroup").id]
    assert one(graph, "Instance").inputs["primaryNetworkInterface"] == {"networkInterfaceId": interface.id}


def test_only_the_vpc_may_use_it() -> None:
    graph = nat()
    group = one(graph, "SecurityGroup")
    assert "ingress" not in group.inputs
    assert "egress" not in group.inputs
    inward = one(graph, "SecurityGroupIngressRule").inputs
    assert (inward["cidrIpv4"], inward["ipProtocol"], inward["securityGroupId"]) == ("10.1.0.0/16", "-1", group.id)
    outward = one(graph, "SecurityGroupEgressRule").inputs
    assert (outward["cidrIpv4"], outward["ipProtocol"]) == ("0.0.0.0/0", "-1")


def test_its_address_is_there_before_it_boots_and_outlives_it() -> None:
    graph = nat()
    association, instance = one(graph, "EipAssociation"), one(graph, "Instance")
    assert association.inputs["networkInterfaceId"] == one(graph, "NetworkInterface").id
    assert association.inputs["allocationId"] == one(graph, "Eip").id
    assert association.urn in instance.dependencies
    assert instance.options.delete_before_replace is True
    assert graph.exports["address"] == one(graph, "Eip").state["publicIp"]


def test_routes_wait_for_the_instance() -> None:
    def program() -> None:
        made = NatInstance("network-nat", REQUIRED)
        pulumi.CustomResource("aws:ec2/route:Route", "route", {"networkInterfaceId": made.network_interface_id})

    graph = declare(program)
    route = one(graph, "Route")
    assert route.inputs["networkInterfaceId"] == one(graph, "NetworkInterface").id
    assert one(graph, "Instance").urn in route.dependencies


def test_the_machine_is_hardened() -> None:
    inputs = one(nat(), "Instance").inputs
    assert inputs["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }
    disk = inputs["rootBlockDevice"]
    assert (disk["encrypted"], disk["volumeType"], disk["volumeSize"]) == (True, "gp3", 2)
    assert inputs["creditSpecification"] == {"cpuCredits": "standard"}
    assert "keyName" not in inputs
    assert inputs["userDataReplaceOnChange"] is True
    assert "VPC_CIDR=10.1.0.0/16" in inputs["userData"]
    assert "https://ec2.eu-west-1.amazonaws.com/ping" in inputs["userData"]


def test_its_role_may_change_its_own_interface_and_put_its_own_metric_and_nothing_else() -> None:
    graph = nat()
    assert names(graph, "RolePolicyAttachment") == []
    statements = json.loads(one(graph, "RolePolicy", "network-nat-permissions").inputs["policy"])["Statement"]
    by_action = {action: statement for statement in statements for action in statement["Action"]}
    own = one(graph, "NetworkInterface").state["arn"]
    changing = {action for action in by_action if action.startswith(("ec2:", "cloudwatch:"))}
    assert changing == {
        "ec2:DescribeNetworkInterfaceAttribute",
        "ec2:ModifyNetworkInterfaceAttribute",
        "cloudwatch:PutMetricData",
    }
    assert by_action["ec2:ModifyNetworkInterfaceAttribute"]["Resource"] == own
    # IAM knows no resource of this action: one with an ARN allows nothing.
    assert by_action["ec2:DescribeNetworkInterfaceAttribute"]["Resource"] == "*"
    namespace = one(graph, "MetricAlarm", "network-nat-down").inputs["namespace"]
    condition = by_action["cloudwatch:PutMetricData"]["Condition"]
    assert condition == {"StringEquals": {"cloudwatch:namespace": namespace}}
    assert all(action.startswith(("ssm:", "ssmmessages:")) for action in by_action.keys() - changing)


def test_one_that_is_stopped_is_started_by_a_role_that_can_do_nothing_else() -> None:
    graph = nat()
    instance, schedule = one(graph, "Instance"), one(graph, "Schedule")
    target = schedule.inputs["target"]
    assert target["arn"] == "arn:aws:scheduler:::aws-sdk:ec2:startInstances"
    assert json.loads(target["input"]) == {"InstanceIds": [instance.id]}
    assert schedule.inputs["scheduleExpression"] == "rate(5 minutes)"
    assert target["retryPolicy"]["maximumRetryAttempts"] == 0
    role = one(graph, "Role", "network-nat-starter-role")
    assert target["roleArn"] == role.state["arn"]
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    permissions = one(graph, "RolePolicy", "network-nat-starter-permissions")
    assert json.loads(permissions.inputs["policy"])["Statement"] == [
        {"Effect": "Allow", "Action": ["ec2:StartInstances"], "Resource": instance.state["arn"]}
    ]
    assert permissions.urn in schedule.dependencies


def test_the_newest_image_never_replaces_it_and_a_named_one_does() -> None:
    newest = nat()
    assert "ami" in one(newest, "Instance").options.ignore_changes
    image = next(invoke for invoke in newest.invokes if invoke.token.endswith("getParameter"))
    assert image.arguments["name"].endswith("/al2023-ami-minimal-kernel-default-arm64")
    assert one(newest, "Instance").inputs["ami"] == image.result["insecureValue"]
    named = one(nat(image_id="ami-0123456789abcdef0", disk_gib=8), "Instance")
    assert named.inputs["ami"] == "ami-0123456789abcdef0"
    assert "ami" not in named.options.ignore_changes


@pytest.mark.parametrize(
    "changes", [{}, {"image_id": "ami-0123456789abcdef0", "disk_gib": 8}], ids=["newest image", "named image"]
)
def test_a_second_update_leaves_the_source_destination_check_off(changes: dict[str, Any]) -> None:
    # hashicorp/terraform-provider-aws#44768: the provider would turn it on again through the instance.
    graph = nat(**changes)
    assert one(graph, "NetworkInterface").inputs["sourceDestCheck"] is False
    assert "sourceDestCheck" in one(graph, "Instance").options.ignore_changes


def test_the_image_fits_the_processor() -> None:
    names_asked = [invoke.arguments.get("name", "") for invoke in nat(instance_type="t3.nano").invokes]
    assert any(name.endswith("-x86_64") for name in names_asked)


def test_alarms_tell_the_topic_when_nothing_gets_through_or_it_is_slow() -> None:
    graph = nat(alarm_topic_arn="arn:aws:sns:eu-west-1:123456789012:alarms")
    instance = one(graph, "Instance")
    down, slow, hung = (one(graph, "MetricAlarm", f"network-nat-{name}").inputs for name in ("down", "credits", "hung"))
    for alarm in (down, slow):
        assert alarm["alarmActions"] == alarm["okActions"] == ["arn:aws:sns:eu-west-1:123456789012:alarms"]
    assert slow["dimensions"] == hung["dimensions"] == {"InstanceId": instance.id}
    # The check reports to the namespace of its own interface: another stack's NAT cannot stand in for this one.
    interface = one(graph, "NetworkInterface").id
    assert down["namespace"] == f"Gatehouse/NAT/{interface}"
    assert "NAMESPACE=Gatehouse/NAT\n" in instance.inputs["userData"]
    assert interface not in instance.inputs["userData"]
    assert f"MetricName={down['metricName']} " in instance.inputs["userData"]
    assert (down["comparisonOperator"], down["threshold"]) == ("LessThanThreshold", 1)
    assert down["treatMissingData"] == "breaching"
    assert instance.id in down["alarmDescription"]
    assert "pulumi up --refresh" in down["alarmDescription"]
    assert hung["metricName"] == "StatusCheckFailed_Instance"
    assert hung["alarmActions"] == ["arn:aws:automate:eu-west-1:ec2:reboot"]


def test_a_type_without_credits_has_no_alarm_and_no_setting_for_them() -> None:
    graph = nat(instance_type="c7gn.medium")
    assert names(graph, "MetricAlarm") == ["network-nat-down", "network-nat-hung"]
    assert "creditSpecification" not in one(graph, "Instance").inputs


@pytest.mark.parametrize(
    ("changes", "key", "want"),
    [
        ({"instance_type": "nano"}, "instance_type", "named like t4g.micro"),
        ({"disk_gib": 1}, "disk_gib", "2 to 100"),
        ({"image_id": "ami-0123456789abcdef0"}, "disk_gib", "the size of the disk for the image"),
        ({"disk_gb": 8}, "disk_gb", "did you mean 'disk_gib'"),
        ({"vpc_cidr": None}, "vpc_cidr", "it is required"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_declared(changes: dict[str, Any], key: str, want: str) -> None:
    error = refusal(lambda: NatInstance("network-nat", {**REQUIRED, **changes}))
    assert key in str(error)
    assert want in str(error)
