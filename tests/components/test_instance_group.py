"""Several instances: an Auto Scaling group behind the target group."""

import base64
import re
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from components import compute
from components.ec2_backend import Ec2Backend
from components.testing.recorder import Graph
from tests.helpers.declare import declare, evaluate, one
from tests.helpers.mocks import StackMocks

COMPUTE = Path(compute.__file__).parent
ARGS: dict[str, Any] = {
    "vpc_id": "vpc-00000001",
    "subnet_ids": ["subnet-00000001", "subnet-00000002"],
    "image": "nginx:1.29",
    "egress": ["nat-instance"],
    "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/1",
    "callers": {"ingress": "sg-d89a7850"},
}
REGISTRY = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"
SCALING = {"minimum": 2, "maximum": 5, "cpu_percent": 60, "requests_per_target": 500}


def backend(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: Ec2Backend("backend", ARGS | changes), known=known)


def test_one_instance_registers_by_itself_and_its_callers_reach_the_port_alone() -> None:
    graph = backend()
    registration = one(graph, "TargetGroupAttachment").inputs
    instance = one(graph, "Instance").id
    assert registration == {"targetGroupArn": ARGS["target_group_arn"], "targetId": instance, "port": 8080}
    rule = one(graph, "SecurityGroupIngressRule").inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-d89a7850", 8080, 8080)
    found = backend(target_group_arn=None, registry_arn=REGISTRY)
    (registered,) = found.of_type("aws:servicediscovery/instance:Instance")
    address = one(found, "Instance", "backend-instance").state["privateIp"]
    assert registered.inputs["serviceId"] == "srv-1"
    assert registered.inputs["attributes"] == {"AWS_INSTANCE_IPV4": address, "AWS_INSTANCE_PORT": "8080"}
    # Callers are led to it after its gate.
    assert one(found, "Stash").urn in registered.dependencies


def test_default_tags_are_on_all_that_aws_creates_from_the_template() -> None:
    """https://github.com/terraform-aws-modules/terraform-aws-autoscaling/issues/162, pulumi/pulumi-aws#1655."""

    def program() -> None:
        Ec2Backend("backend", ARGS | {"count": 2, "tags": {"team": "own"}})

    config = {"aws:region": "eu-west-1", "aws:defaultTags": '{"tags": {"costCenter": "42", "team": "all"}}'}
    graph = evaluate(program, StackMocks(region="eu-west-1"), config=config)
    specifications = one(graph, "LaunchTemplate").inputs["tagSpecifications"]
    assert [each["resourceType"] for each in specifications] == ["instance", "volume", "network-interface"]
    for each in specifications:
        assert each["tags"]["costCenter"] == "42"
        assert each["tags"]["team"] == "own"
    tags = {tag["key"]: tag["value"] for tag in one(graph, "Group").inputs["tags"]}
    assert (tags["costCenter"], tags["team"]) == ("42", "own")


def test_a_provider_of_the_program_has_default_tags_of_its_own() -> None:
    def program() -> None:
        options = pulumi.ResourceOptions(providers=[aws.Provider("other", region="eu-west-1")])
        Ec2Backend("backend", ARGS | {"count": 2}, options)

    config = {"aws:region": "eu-west-1", "aws:defaultTags": '{"tags": {"costCenter": "42"}}'}
    graph = evaluate(program, StackMocks(region="eu-west-1"), config=config)
    (instances, *_) = one(graph, "LaunchTemplate").inputs["tagSpecifications"]
    assert "costCenter" not in instances["tags"]


def test_a_count_is_kept_by_a_group_in_every_zone() -> None:
    graph = backend(count=3)
    group, template = one(graph, "Group"), one(graph, "LaunchTemplate")
    assert {key: value for key, value in group.inputs.items() if key != "tags"} == {
        "minSize": 3,
        "maxSize": 3,
        "desiredCapacity": 3,
        "minElbCapacity": 3,
        "vpcZoneIdentifiers": ["subnet-00000001", "subnet-00000002"],
        "targetGroupArns": [ARGS["target_group_arn"]],
        "healthCheckType": "ELB",
        "healthCheckGracePeriod": 2100,
        # No refresh, which goes back to the new template: hashicorp/terraform-provider-aws#34189.
        "waitForCapacityTimeout": "2400s",
        "launchTemplate": {"id": template.id, "version": "1"},
    }
    # The last: a group that never got its instances is made again, and the old one stays.
    assert group.options.replace_on_changes == ("launchTemplate", "targetGroupArns", "#initerror")
    assert not group.options.delete_before_replace
    # A changed template would keep the old image, which may be for another processor: the engine puts it back.
    assert template.options.ignore_changes == ("imageId",)
    unaffected = {"imageId", "updateDefaultVersion", "tags"}
    assert set(template.options.replace_on_changes) == template.inputs.keys() - unaffected
    assert template.inputs["imageId"] == one(backend(), "Instance").inputs["ami"]
    assert (
        one(backend(count=3, image_id="ami-76bef661", disk_gib=8), "LaunchTemplate").inputs["imageId"] == "ami-76bef661"
    )
    # All groups of a component have one owner, whatever the stack is called.
    (tag,) = (tag for tag in group.inputs["tags"] if tag["key"] == "gatehouse:component")
    assert (tag["value"], tag["propagateAtLaunch"]) == (one(graph, "SecurityGroup").id, False)


def test_a_group_that_scales_is_awaited_by_its_first_policy_and_not_for_an_exact_number() -> None:
    graph = backend(scaling=SCALING, request_count_label="l")
    group = one(graph, "Group").inputs
    assert (group["minSize"], group["maxSize"], group["waitForCapacityTimeout"]) == (2, 5, "0")
    assert not {"minElbCapacity", "desiredCapacity"} & group.keys()
    by_cpu, by_requests = (one(graph, "Policy", f"backend-scale-by-{name}") for name in ("cpu", "requests"))
    assert by_cpu.options.hooks == {"before_create": ("backend-scale-by-cpu-waits-until-it-answers",)}
    assert not by_requests.options.hooks
    assert by_cpu.urn in by_requests.dependencies
    tracked = by_requests.inputs["targetTrackingConfiguration"]
    assert (tracked["targetValue"], tracked["predefinedMetricSpecification"]["resourceLabel"]) == (500, "l")


@pytest.mark.parametrize(
    ("changes", "waits"),
    [
        ({"target_group_arn": None}, "backend-instance"),
        ({"target_group_arn": None, "registry_arn": REGISTRY}, "backend-instance"),
        ({}, "backend-registration"),
        ({"target_group_arn": None, "image": None, "user_data": "#!/bin/bash"}, ""),
        ({"image": None, "user_data": "#!/bin/bash"}, "backend-registration"),
        ({"count": 2}, "backend-group-of-instances"),
    ],
)
def test_a_gate_holds_the_engine_until_the_instance_answers(changes: dict[str, Any], waits: str) -> None:
    graph = backend(**changes)
    gates = [resource for resource in graph.of_type("pulumi:index:Stash") if resource.name != "backend-owner"]
    assert [gate.name for gate in gates] == (["backend-answers"] if waits else [])
    for gate in gates:
        hook = ("Ec2Backend-backend-answers-waits-until-it-answers",)
        assert gate.options.hooks == {"before_create": hook, "before_update": hook}
        assert waits in [graph.resources[urn].name for urn in gate.dependencies]


def test_another_size_replaces_a_container_host_and_nothing_that_may_keep_something() -> None:
    machine = one(backend(), "Instance")
    assert machine.options.replace_on_changes == ("instanceType", "rootBlockDevice.volumeSize")
    assert not machine.options.hooks
    own = one(backend(image=None, user_data="#!/bin/bash"), "Instance")
    assert own.options.replace_on_changes == ()
    assert own.options.hooks == {"before_update": ("Ec2Backend-backend-disk-only-grows",)}


def test_members_are_hardened_as_the_single_instance_is() -> None:
    graph = backend(count=2)
    template, single = one(graph, "LaunchTemplate").inputs, one(backend(), "Instance").inputs
    for key in ("metadataOptions", "creditSpecification", "instanceType"):
        assert template[key] == single[key]
    assert template["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    (interface,) = template["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert interface["securityGroups"] == [one(graph, "SecurityGroup").id]
    assert base64.b64decode(template["userData"]).decode() == single["userData"]


def test_a_machine_of_its_own_and_those_of_a_group_have_the_same_settings() -> None:
    """A new one needs a use in both files, or a group would ignore it."""
    single, group = (
        set(re.findall(r"\b(?:hardware|machine)\.(\w+)", (COMPUTE / name).read_text()))
        for name in ("single_instance.py", "instance_group.py")
    )
    # A group replaces its machines together with their disks.
    assert (single - group, group - single) == ({"lasting"}, set())
