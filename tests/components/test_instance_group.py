"""Several instances: an Auto Scaling group behind the target group."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from components import compute
from components.ec2_backend import Ec2Backend
from tests.helpers.declare import declare, names, one, refusal
from tests.helpers.declared import Graph

COMPUTE = Path(compute.__file__).parent
ARGS: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "image": "nginx:1.29",
    "egress": ["nat-instance"],
    "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/1",
    "callers": {"ingress": "sg-ingress"},
}
REGISTRY = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1"
SCALING = {"minimum": 2, "maximum": 5, "cpu_percent": 60, "requests_per_target": 500}


def backend(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: Ec2Backend("backend", ARGS | changes), known=known)


def test_one_instance_registers_by_itself() -> None:
    graph = backend()
    registration = one(graph, "TargetGroupAttachment").inputs
    assert registration["targetId"] == one(graph, "Instance").id
    assert registration["targetGroupArn"] == ARGS["target_group_arn"]
    assert registration["port"] == 8080
    assert not names(graph, "Group")


def test_one_instance_is_found_in_a_registry() -> None:
    graph = backend(target_group_arn=None, registry_arn=REGISTRY)
    registered = one(graph, "Instance", "backend-registration").inputs
    assert registered["serviceId"] == "srv-1"
    assert registered["attributes"] == {
        "AWS_INSTANCE_IPV4": one(graph, "Instance", "backend-instance").state["privateIp"],
        "AWS_INSTANCE_PORT": "8080",
    }


def test_a_count_is_kept_by_a_group_in_every_zone() -> None:
    group = one(backend(count=3), "Group").inputs
    assert (group["minSize"], group["maxSize"]) == (3, 3)
    assert group["vpcZoneIdentifiers"] == ["subnet-1", "subnet-2"]
    assert group["targetGroupArns"] == [ARGS["target_group_arn"]]
    assert group["healthCheckType"] == "ELB"
    assert group["desiredCapacity"] == 3


def test_each_machine_has_the_image_that_is_given_or_aws_newest() -> None:
    assert one(backend(count=3, image_id="ami-own"), "LaunchTemplate").inputs["imageId"] == "ami-own"
    newest = one(backend(), "Instance").inputs["ami"]
    assert one(backend(count=3), "LaunchTemplate").inputs["imageId"] == newest != "ami-own"


def test_a_new_group_replaces_the_old_one_once_its_instances_answer() -> None:
    """A refresh goes back to the new template: hashicorp/terraform-provider-aws#34189."""
    group = one(backend(count=3), "Group")
    assert "instanceRefresh" not in group.inputs
    assert (group.inputs["minElbCapacity"], group.inputs["waitForCapacityTimeout"]) == (3, "2400s")
    # The last: a group that never got its instances is made again, and the old one stays.
    assert group.options.replace_on_changes == ("launchTemplate", "targetGroupArns", "#initerror")
    assert not group.options.delete_before_replace


def test_a_group_that_scales_is_awaited_by_its_first_policy_and_not_for_an_exact_number() -> None:
    graph = backend(scaling=SCALING, request_count_label="l")
    group = one(graph, "Group").inputs
    assert group["waitForCapacityTimeout"] == "0"
    assert not {"minElbCapacity", "desiredCapacity"} & group.keys()
    by_cpu, by_requests = (one(graph, "Policy", f"backend-scale-by-{name}") for name in ("cpu", "requests"))
    assert by_cpu.options.hooks == {"before_create": ("backend-scale-by-cpu-waits-until-it-answers",)}
    assert not by_requests.options.hooks
    assert by_cpu.urn in by_requests.dependencies


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


def test_all_groups_of_a_component_have_one_owner_whatever_the_stack_is_called() -> None:
    graph = backend(count=2)
    (tag,) = (tag for tag in one(graph, "Group").inputs["tags"] if tag["key"] == "gatehouse:component")
    assert tag["value"] == one(graph, "SecurityGroup").id
    assert tag["propagateAtLaunch"] is False


def test_callers_of_an_instance_are_led_to_it_after_its_gate() -> None:
    registered = backend(target_group_arn=None, registry_arn=REGISTRY)
    (registration,) = registered.of_type("aws:servicediscovery/instance:Instance")
    assert one(registered, "Stash").urn in registration.dependencies


def test_another_size_replaces_a_container_host_and_nothing_that_may_keep_something() -> None:
    machine = one(backend(), "Instance")
    assert machine.options.replace_on_changes == ("instanceType", "rootBlockDevice.volumeSize")
    assert not machine.options.hooks
    own = one(backend(image=None, user_data="#!/bin/bash"), "Instance")
    assert own.options.replace_on_changes == ()
    assert own.options.hooks == {"before_update": ("Ec2Backend-backend-disk-only-grows",)}


def test_another_machine_makes_another_template_with_its_own_image() -> None:
    """A changed template would keep the old image, which may be for another processor: the engine puts it back."""
    template = one(backend(count=2), "LaunchTemplate")
    unaffected = {"imageId", "updateDefaultVersion", "tags"}
    assert set(template.options.replace_on_changes) == template.inputs.keys() - unaffected


def test_a_group_has_the_newest_version_of_its_template() -> None:
    graph = backend(count=2)
    template = one(graph, "LaunchTemplate")
    assert one(graph, "Group").inputs["launchTemplate"]["id"] == template.id
    assert template.options.ignore_changes == ("imageId",)


def test_members_are_hardened_as_the_single_instance_is() -> None:
    graph = backend(count=2)
    template, single = one(graph, "LaunchTemplate").inputs, one(backend(), "Instance").inputs
    assert template["metadataOptions"] == single["metadataOptions"]
    assert template["blockDeviceMappings"][0]["ebs"]["encrypted"] == "true"
    assert template["networkInterfaces"][0]["associatePublicIpAddress"] == "false"
    assert template["networkInterfaces"][0]["securityGroups"] == [one(graph, "SecurityGroup").id]
    assert base64.b64decode(template["userData"]).decode() == single["userData"]
    assert template["creditSpecification"] == single["creditSpecification"]


def test_scaling_has_bounds_and_targets() -> None:
    graph = backend(scaling=SCALING, request_count_label="app/x/1/targetgroup/y/2")
    assert (one(graph, "Group").inputs["minSize"], one(graph, "Group").inputs["maxSize"]) == (2, 5)
    by_requests = one(graph, "Policy", "backend-scale-by-requests").inputs["targetTrackingConfiguration"]
    assert by_requests["targetValue"] == 500
    assert by_requests["predefinedMetricSpecification"]["resourceLabel"] == "app/x/1/targetgroup/y/2"


def test_callers_reach_the_port_alone() -> None:
    rule = one(backend(), "SecurityGroupIngressRule").inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-ingress", 8080, 8080)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"count": 0}, "1 to 1,000"),
        ({"count": 2, "scaling": SCALING}, "not both"),
        ({"count": 2, "target_group_arn": None}, "target group"),
        ({"registry_arn": REGISTRY}, "not both: instances register in one of them"),
        ({"scaling": SCALING}, "the ALB's label"),
        ({"scaling": {"maximum": 5}}, "at least one of cpu_percent"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    assert words in str(refusal(lambda: Ec2Backend("backend", ARGS | changes)))


def test_a_machine_of_its_own_and_those_of_a_group_have_the_same_settings() -> None:
    """A new one needs a use in both files, or a group would ignore it."""
    single, group = (
        set(re.findall(r"\b(?:hardware|machine)\.(\w+)", (COMPUTE / name).read_text()))
        for name in ("single_instance.py", "instance_group.py")
    )
    # A group replaces its machines together with their disks.
    assert (single - group, group - single) == ({"lasting"}, set())
