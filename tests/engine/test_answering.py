"""Whether calls reach something that answers: listeners, registries and forwarders, on the emulator."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.engine.answering import silent
from tests.engine.cli import Engine
from tests.engine.corrections.health import BROKEN
from tests.engine.read_back import client


def found(engine: Engine, kind: str, outputs: dict[str, Any], **more: Any) -> list[str]:
    state = [{"type": kind, "urn": "urn:pulumi:test::gatehouse::type::way", "outputs": outputs, **more}]
    return list(silent(cast(Engine, SimpleNamespace(endpoint=engine.endpoint, state=lambda stack: state)), "test"))


def instance(engine: Engine, image: str) -> dict[str, Any]:
    launched = client(engine, "ec2").run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, UserData=f"#!{image}")
    made: dict[str, Any] = launched["Instances"][0]
    return made


@pytest.mark.parametrize("image", ["good", BROKEN])
def test_a_listener_needs_a_healthy_target(engine: Engine, image: str) -> None:
    ec2, balancers = client(engine, "ec2"), client(engine, "elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    made = balancers.create_load_balancer(Name=image, Subnets=[each["SubnetId"] for each in subnets])
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    group = balancers.create_target_group(Name=image, Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    listener = balancers.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}],
    )["Listeners"][0]["ListenerArn"]
    outputs = {"arn": listener, "loadBalancerArn": balancer}
    kind = "aws:lb/listener:Listener"
    assert found(engine, kind, outputs) == [f"way forwards to {image}, whose targets are: none"]
    identifier = instance(engine, image)["InstanceId"]
    balancers.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": identifier}])
    assert bool(found(engine, kind, outputs)) == (image == BROKEN)
    assert found(engine, kind, outputs, delete=True) == []


@pytest.mark.parametrize("image", ["good", BROKEN])
def test_a_forwarder_needs_an_instance_that_answers(engine: Engine, image: str) -> None:
    address = instance(engine, image)["PrivateIpAddress"]
    role = client(engine, "iam").create_role(RoleName=image, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client(engine, "lambda").create_function(
        FunctionName=image,
        Runtime="python3.13",
        Role=role,
        Handler="a.b",
        Code={"ZipFile": b""},
        Environment={"Variables": {"BACKEND_URL": f"http://{address}:80"}},
    )
    answer = found(engine, "aws:lambda/function:Function", {"name": image})
    assert answer == ([f"way calls {address}, where no instance answers"] if image == BROKEN else [])


@pytest.mark.parametrize("image", ["good", BROKEN])
def test_a_registry_needs_an_instance_that_answers(engine: Engine, image: str) -> None:
    registry = client(engine, "servicediscovery")
    registry.create_http_namespace(Name=image)
    made = registry.create_service(Name=image)["Service"]
    outputs = {"id": made["Id"], "arn": made["Arn"]}
    kind = "aws:servicediscovery/service:Service"
    assert found(engine, kind, outputs) == ["way has no task that runs, and these instances: none"]
    address = instance(engine, image)["PrivateIpAddress"]
    registry.register_instance(
        ServiceId=made["Id"], InstanceId="i", CreatorRequestId="a", Attributes={"AWS_INSTANCE_IPV4": address}
    )
    assert bool(found(engine, kind, outputs)) == (image == BROKEN)
