"""Targets, tasks, machines and interfaces that AWS lists: which of them the stack registers itself."""

from collections.abc import Callable
from typing import Any

import pytest

from review.tests.graph_builder import Builder
from review.tests.verify.strangers import JSON, id_of, machine, strangers


def target(name: str, port: int | None) -> JSON:
    return {"Target": {"Id": name, **({"Port": port} if port else {})}, "TargetHealth": {"State": "healthy"}}


@pytest.mark.parametrize(
    ("declared", "listed", "count"),
    [
        ({"targetId": "i-1"}, [target("i-1", 80)], 0),
        ({"targetId": "i-1", "port": 80}, [target("i-1", 80)], 0),
        ({"targetId": "i-1"}, [target("i-1", 80), target("i-1", 22)], 1),
        ({"targetId": "i-1", "port": 8080}, [target("i-1", 8080)], 0),
        ({"targetId": "i-1", "port": 8080}, [target("i-1", 80)], 1),
        (
            {"targetId": "arn:aws:lambda:eu-west-1:1:function:f"},
            [target("arn:aws:lambda:eu-west-1:1:function:f", None)],
            0,
        ),
    ],
)
def test_a_target_is_its_port_too(declared: JSON, listed: list[JSON], count: int) -> None:
    build = Builder()
    group = build("lb/targetGroup:TargetGroup", "targets", port=80)
    build("lb/targetGroupAttachment:TargetGroupAttachment", "its", targetGroupArn=group.arn, **declared)
    found = strangers(build.graph(), {"elbv2.DescribeTargetHealth": {"TargetHealthDescriptions": listed}})
    assert len(found) == count


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        ("attachment:Attachment", lambda arn: {"autoscalingGroupName": "fleet", "lbTargetGroupArn": arn}),
        ("trafficSourceAttachment:TrafficSourceAttachment",
         lambda arn: {"autoscalingGroupName": "fleet", "trafficSource": {"identifier": arn, "type": "elbv2"}}),
        ("group:Group", lambda arn: {"name": "fleet", "trafficSources": [{"identifier": arn, "type": "elbv2"}]})
    ]
)  # fmt: skip
def test_machines_of_a_group_that_text_names(token: str, inputs: Callable[[Any], JSON]) -> None:
    build = Builder()
    group = build("lb/targetGroup:TargetGroup", "targets", port=80)
    build(f"autoscaling/{token}", "its", **inputs(group.arn))
    answer: JSON = {
        "autoscaling.DescribeAutoScalingGroups": {"AutoScalingGroups": [{"Instances": [{"InstanceId": "i-own"}]}]},
        "elbv2.DescribeTargetHealth": {
            "TargetHealthDescriptions": [target("i-own", 80), target("i-own", 22), target("i-other", 80)]
        },
    }
    assert strangers(build.graph(), answer) == {"i-own:22 of targets", "i-other:80 of targets"}


def service(build: Builder, blue: Any, green: Any) -> None:
    balancer = {"targetGroupArn": blue, "containerName": "app", "containerPort": 8080}
    advanced = {"alternateTargetGroupArn": green, "productionListenerRule": "arn:x", "roleArn": "arn:x"}
    its: JSON = {
        "cluster": "arn:aws:ecs:eu-west-1:1:cluster/c",
        "loadBalancers": [{**balancer, "advancedConfiguration": advanced}],
    }
    build("ecs/service:Service", "service", name="service", **its)


def code_deploy(build: Builder, blue: Any, green: Any) -> None:
    balancer = {"targetGroupArn": blue, "containerName": "app", "containerPort": 8080}
    cluster = "arn:aws:ecs:eu-west-1:1:cluster/c"
    build("ecs/service:Service", "service", name="service", cluster=cluster, loadBalancers=[balancer])
    pair = {"targetGroups": [{"name": "blue"}, {"name": "green"}]}
    its: JSON = {
        "ecsService": {"clusterName": "c", "serviceName": "service"},
        "loadBalancerInfo": {"targetGroupPairInfo": pair},
    }
    build("codedeploy/deploymentGroup:DeploymentGroup", "deployments", appName="app", **its)


@pytest.mark.parametrize("deployment", [service, code_deploy], ids=["ecs", "codedeploy"])
def test_tasks_of_both_colours(deployment: Callable[[Builder, Any, Any], None]) -> None:
    build = Builder()
    groups = [build("lb/targetGroup:TargetGroup", name, name=name, port=80) for name in ("blue", "green")]
    deployment(build, *(group.arn for group in groups))
    details = [{"name": "privateIPv4Address", "value": "10.0.0.9"}]
    answer: JSON = {
        "ecs.ListTasks": {"taskArns": ["arn:aws:ecs:eu-west-1:1:task/c/abc"]},
        "ecs.DescribeTasks": {"tasks": [{"taskArn": "arn:x/abc", "attachments": [{"details": details}]}]},
        "elbv2.DescribeTargetHealth": {
            "TargetHealthDescriptions": [target("10.0.0.9", 8080), target("10.0.0.9", 9229)]
        },
    }
    assert strangers(build.graph(), answer) == {"10.0.0.9:9229 of blue", "10.0.0.9:9229 of green"}


def test_a_task_on_a_machine_is_a_target_by_that_machine_and_its_port() -> None:
    """The host chooses the port of a container in bridge mode."""
    build = Builder()
    group = build("lb/targetGroup:TargetGroup", "blue", name="blue", port=80)
    service(build, group.arn, None)
    task = {"taskArn": "arn:x/abc", "containerInstanceArn": "arn:x/host"}
    answer: JSON = {
        "ecs.ListTasks": {"taskArns": ["arn:aws:ecs:eu-west-1:1:task/c/abc"]},
        "ecs.DescribeTasks": {"tasks": [{**task, "containers": [{"networkBindings": [{"hostPort": 32768}]}]}]},
        "ecs.DescribeContainerInstances": {
            "containerInstances": [{"ec2InstanceId": "i-host", "containerInstanceArn": "arn:x/host"}]
        },
        "elbv2.DescribeTargetHealth": {
            "TargetHealthDescriptions": [target("i-host", 32768), target("i-host", 22), target("i-other", 32768)]
        },
    }
    assert strangers(build.graph(), answer) == {"i-host:22 of blue", "i-other:32768 of blue"}


def test_a_spot_request_has_another_machine_after_an_interruption() -> None:
    build = Builder()
    group = build("ec2/securityGroup:SecurityGroup", "group")
    build("ec2/spotInstanceRequest:SpotInstanceRequest", "request", vpcSecurityGroupIds=[group.id])
    graph = build.graph()
    answers = [machine(SpotInstanceRequestId=one) for one in (id_of(graph, "request"), "sir-other")]
    found = [strangers(graph, {"ec2.DescribeInstances": answer}) for answer in answers]
    assert found == [set(), {"i-1 of group"}]


@pytest.mark.parametrize("declared", [True, False])
def test_a_machine_that_builds_an_image(declared: bool) -> None:
    build = Builder()
    group = build("ec2/securityGroup:SecurityGroup", "group")
    if declared:
        token = "imagebuilder/infrastructureConfiguration:InfrastructureConfiguration"
        build(token, "builds", securityGroupIds=[group.id], instanceProfileName="p")
    answer = machine(Tags=[{"Key": "CreatedBy", "Value": "EC2 Image Builder"}])
    assert (strangers(build.graph(), {"ec2.DescribeInstances": answer}) == set()) is declared


def test_a_machine_of_the_stack_may_be_in_a_group_by_another_resource() -> None:
    """An attachment of a group to an interface, for example. The refresh compares the machine's own groups."""
    build = Builder()
    groups = [build("ec2/securityGroup:SecurityGroup", name) for name in ("own", "more")]
    build("ec2/instance:Instance", "machine", vpcSecurityGroupIds=[groups[0].id])
    graph = build.graph()
    answer = machine(InstanceId=id_of(graph, "machine"))
    assert strangers(graph, {"ec2.DescribeInstances": answer}) == set()


@pytest.mark.parametrize(
    ("interface", "count"),
    [({}, 0), ({"RequesterManaged": True, "NetworkInterfaceId": "eni-2"}, 0), ({"NetworkInterfaceId": "eni-2"}, 1)],
)
def test_interfaces_of_a_machine(interface: JSON, count: int) -> None:
    """One that declares its machine itself, one that a service of AWS made, and one that nobody declares."""
    build = Builder()
    machine = build("ec2/instance:Instance", "machine")
    token = "ec2/networkInterface:NetworkInterface"
    build(token, "second", attachments=[{"instance": machine.id, "deviceIndex": 1}])
    graph = build.graph()
    listed = {"NetworkInterfaceId": id_of(graph, "second"), "Attachment": {"DeviceIndex": 1}, **interface}
    assert len(strangers(graph, {"ec2.DescribeNetworkInterfaces": {"NetworkInterfaces": [listed]}})) == count


@pytest.mark.parametrize(
    ("attributes", "known"),
    [
        ({"AWS_INSTANCE_IPV4": "10.0.0.9"}, True),
        ({"AWS_INSTANCE_IPV4": "10.0.0.9", "AWS_INSTANCE_IPV6": "2001:db8::9", "AWS_INSTANCE_PORT": "8080"}, True),
        ({"AWS_INSTANCE_IPV4": "192.0.2.9"}, False),
        ({"AWS_INSTANCE_IPV4": "10.0.0.9", "AWS_INSTANCE_IPV6": "2001:db8::bad"}, False),
        ({"AWS_INSTANCE_IPV4": "10.0.0.9", "AWS_INSTANCE_PORT": "6666"}, False),
        ({"AWS_INSTANCE_IPV4": "10.0.0.9", "AWS_INSTANCE_CNAME": "other.example.net"}, False),
    ],
)
def test_a_task_of_the_stack_has_its_own_address_in_cloud_map(attributes: JSON, *, known: bool) -> None:
    build = Builder()
    names = build("servicediscovery/service:Service", "names")
    registry = {"registryArn": names.arn, "containerPort": 8080}
    its: JSON = {"cluster": "arn:aws:ecs:eu-west-1:1:cluster/c", "serviceRegistries": registry}
    build("ecs/service:Service", "service", name="service", **its)
    kinds = {"privateIPv4Address": "10.0.0.9", "privateIPv6Address": "2001:db8::9"}
    details = [{"name": name, "value": value} for name, value in kinds.items()]
    answer: JSON = {
        "ecs.ListTasks": {"taskArns": ["arn:aws:ecs:eu-west-1:1:task/c/abc"]},
        "ecs.DescribeTasks": {"tasks": [{"taskArn": "arn:x/abc", "attachments": [{"details": details}]}]},
        "servicediscovery.ListInstances": {"Instances": [{"Id": "abc", "Attributes": attributes}]},
    }
    assert (strangers(build.graph(), answer) == set()) is known


def test_a_tag_hides_no_machine() -> None:
    """Anybody may write it: with the ID of a declared machine, or in a group that builds no images."""
    build = Builder()
    group, _ = (build("ec2/securityGroup:SecurityGroup", name) for name in ("builds", "others"))
    token = "imagebuilder/infrastructureConfiguration:InfrastructureConfiguration"
    build(token, "infrastructure", securityGroupIds=[group.id], instanceProfileName="p")
    build("ec2/instance:Instance", "own", vpcSecurityGroupIds=[group.id])
    graph = build.graph()
    for value, hidden in ((id_of(graph, "own"), set()), ("EC2 Image Builder", {"i-1 of builds"})):
        answer = {"ec2.DescribeInstances": machine(Tags=[{"Key": "CreatedBy", "Value": value}])}
        assert strangers(graph, answer) == {"i-1 of builds", "i-1 of others"} - hidden
