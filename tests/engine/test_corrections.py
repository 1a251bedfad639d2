"""What the corrected emulator answers."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.engine.cli import Engine
from tests.engine.corrections.health import BROKEN
from tests.engine.read_back import client

GOOD = "traefik/whoami:v1.11.0"
BAD = f"traefik/whoami:{BROKEN}"


def task(engine: Engine, image: str) -> str:
    made = client(engine, "ecs").register_task_definition(
        family="app", cpu="0.5 vCPU", memory="1 GB", containerDefinitions=[{"name": "app", "image": image}]
    )["taskDefinition"]
    assert (made["cpu"], made["memory"]) == ("512", "1024")
    return str(made["taskDefinitionArn"])


def service(engine: Engine, name: str, image: str) -> Any:
    ecs = client(engine, "ecs")
    ecs.create_cluster(clusterName="cluster")
    return ecs.create_service(
        cluster="cluster", serviceName=name, desiredCount=2, launchType="FARGATE", taskDefinition=task(engine, image)
    )["service"]


def failed(engine: Engine, name: str) -> list[str]:
    ecs = client(engine, "ecs")
    briefs = ecs.list_service_deployments(cluster="cluster", service=name)["serviceDeployments"]
    arns = [each["serviceDeploymentArn"] for each in briefs]
    found = ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"]
    return [each["status"] for each in found]


def test_a_service_of_a_broken_image_runs_nothing_and_its_deployment_fails(engine: Engine) -> None:
    assert service(engine, "good", GOOD)["runningCount"] == 2
    assert failed(engine, "good") == []
    made = service(engine, "bad", BAD)
    assert (made["runningCount"], made["deployments"][0]["rolloutState"]) == (0, "FAILED")
    assert failed(engine, "bad") == ["ROLLBACK_FAILED"]
    client(engine, "ecs").update_service(cluster="cluster", service="bad", desiredCount=3)
    (found,) = client(engine, "ecs").describe_services(cluster="cluster", services=["bad"])["services"]
    assert found["runningCount"] == 0


def test_an_update_to_a_broken_image_is_rolled_back(engine: Engine) -> None:
    before = service(engine, "rolled", GOOD)["taskDefinition"]
    ecs = client(engine, "ecs")
    updated = ecs.update_service(cluster="cluster", service="rolled", taskDefinition=task(engine, BAD))["service"]
    assert (updated["runningCount"], updated["taskDefinition"]) == (2, before)
    assert failed(engine, "rolled") == ["ROLLBACK_SUCCESSFUL"]
    later = ecs.update_service(cluster="cluster", service="rolled", taskDefinition=task(engine, GOOD))["service"]
    assert (later["runningCount"], later["taskDefinition"] != before) == (2, True)
    assert failed(engine, "rolled") == ["ROLLBACK_SUCCESSFUL"]


@pytest.mark.parametrize(("image", "state"), [(GOOD, "healthy"), (BAD, "unhealthy")])
def test_an_instance_answers_by_its_image(engine: Engine, image: str, state: str) -> None:
    ec2, balancers = client(engine, "ec2"), client(engine, "elbv2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    launched = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, UserData=f"#!/bin/bash\n{image}")
    identifier = launched["Instances"][0]["InstanceId"]
    group = balancers.create_target_group(
        Name=state, Protocol="HTTP", Port=80, VpcId=vpc["VpcId"], TargetType="instance"
    )["TargetGroups"][0]["TargetGroupArn"]
    balancers.register_targets(TargetGroupArn=group, Targets=[{"Id": identifier, "Port": 80}])
    (description,) = balancers.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert description["TargetHealth"]["State"] == state
    console = ec2.get_console_output(InstanceId=identifier)["Output"]
    assert ("answers" in console) == (state == "healthy")


def test_a_disk_does_not_become_smaller(engine: Engine) -> None:
    ec2 = client(engine, "ec2")
    volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=8)["VolumeId"]
    ec2.modify_volume(VolumeId=volume, Size=20)
    with pytest.raises(ClientError, match="must be greater than or equal to the existing size"):
        ec2.modify_volume(VolumeId=volume, Size=8)
    ec2.modify_volume(VolumeId=volume, Size=30)
    (modification,) = ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"]
    assert modification["TargetSize"] == 30
