"""The NAT instance: forwards for the VPC alone, keeps its addresses, raises an alarm when it is down."""

import json
from typing import Any

import pulumi

from components.nat_instance import NatInstance
from components.testing.recorder import Graph
from tests.helpers.declare import declare, inputs, names, one

REQUIRED = {"vpc_id": "vpc-00000001", "vpc_cidr": "10.1.0.0/16", "subnet_id": "subnet-00000001"}


def nat(known: bool = True, **changes: Any) -> Graph:
    def program() -> None:
        made = NatInstance("network-nat", {**REQUIRED, **changes})
        pulumi.export("interface", made.network_interface_id)
        pulumi.export("address", made.public_ip)

    return declare(program, known=known)


def test_it_forwards_what_is_not_its_own() -> None:
    graph = nat()
    made, group = inputs(graph), one(graph, "SecurityGroup")
    interface, instance = one(graph, "NetworkInterface"), one(graph, "Instance")
    assert interface.inputs["sourceDestCheck"] is False
    assert interface.inputs["subnetId"] == "subnet-00000001"
    assert interface.inputs["securityGroups"] == [group.id]
    # hashicorp/terraform-provider-aws#44768: the provider would turn the check on again through the instance.
    assert "sourceDestCheck" in instance.options.ignore_changes
    script = instance.inputs["userData"]
    assert "VPC_CIDR=10.1.0.0/16" in script
    assert "https://ec2.eu-west-1.amazonaws.com/ping" in script
    (image,) = (invoke for invoke in graph.invokes if invoke.token.endswith("getParameter"))
    assert made[instance.name] == {
        "ami": image.result["insecureValue"],
        "instanceType": "t4g.nano",
        "iamInstanceProfile": one(graph, "InstanceProfile").state["name"],
        "primaryNetworkInterface": {"networkInterfaceId": interface.id},
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "rootBlockDevice": {
            "encrypted": True,
            "volumeType": "gp3",
            "volumeSize": 2,
            "deleteOnTermination": True,
            "tags": {"Name": "network-nat-disk"},
        },
        "maintenanceOptions": {"autoRecovery": "default"},
        "instanceInitiatedShutdownBehavior": "stop",
        "creditSpecification": {"cpuCredits": "standard"},
        "userData": script,
        "userDataReplaceOnChange": True,
    }


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
    def program() -> None:
        made = NatInstance("network-nat", REQUIRED)
        pulumi.export("address", made.public_ip)
        pulumi.CustomResource("aws:ec2/route:Route", "route", {"networkInterfaceId": made.network_interface_id})

    graph = declare(program)
    association, instance, route = (one(graph, kind) for kind in ("EipAssociation", "Instance", "Route"))
    interface, address = one(graph, "NetworkInterface").id, one(graph, "Eip")
    assert association.inputs["networkInterfaceId"] == route.inputs["networkInterfaceId"] == interface
    assert association.inputs["allocationId"] == address.id
    assert association.urn in instance.dependencies
    assert instance.options.delete_before_replace is True
    assert instance.urn in route.dependencies
    assert graph.exports["address"] == address.state["publicIp"]


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
    for kind, processor in (("t4g.nano", "arm64"), ("t3.nano", "x86_64")):
        newest = nat(instance_type=kind)
        assert "ami" in one(newest, "Instance").options.ignore_changes
        (asked,) = (invoke.arguments["name"] for invoke in newest.invokes if invoke.token.endswith("getParameter"))
        assert asked.endswith(f"/al2023-ami-minimal-kernel-default-{processor}")
    named = one(nat(image_id="ami-0123456789abcdef0", disk_gib=8), "Instance")
    assert named.inputs["ami"] == "ami-0123456789abcdef0"
    assert named.inputs["rootBlockDevice"]["volumeSize"] == 8
    assert "ami" not in named.options.ignore_changes
    assert "sourceDestCheck" in named.options.ignore_changes
    # A type without credits has neither an alarm nor a setting for them.
    steady = nat(instance_type="c7gn.medium")
    assert names(steady, "MetricAlarm") == ["network-nat-down", "network-nat-hung"]
    assert "creditSpecification" not in one(steady, "Instance").inputs


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
