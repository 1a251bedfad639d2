"""Starts a new group or service with the old one's number of copies, before scaling begins and the old one is deleted.

A scaled-out backend that is replaced would start again at its minimum, since Pulumi knows the minimum and not the
number that runs. So the first scaling policy or target of the new one has a hook: before it is created, the hook sets
the new number to that of the old one and waits until so many copies answer. If they do not, the policy is not created
and the update ends. The next update runs the hook again, so the old copies are deleted only after new ones answer.
https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from ..facts import hook_names
from ..resource_hooks.boto3_clients import create_client, run_in_thread
from .readiness import Client, Connect, NotAnsweringError

_PAUSE_SECONDS: Final = 5
_BLIND_LOOKS: Final = 12

OWNER_TAG: Final = "gatehouse:component"
"""Tag of an Auto Scaling group with the component that it belongs to."""


@dataclass(frozen=True)
class Copies:
    """Reads and sets the number of copies in AWS. The text is the ARN of the new group or service."""

    old: Callable[[Client, str], int]
    """The number that the old ones run; 0 if there is none."""
    set: Callable[[Client, str, int], int]
    """Sets the number, within the bounds, and returns it."""
    answering: Callable[[Client, str], int]
    """The number of copies of the new one that answer."""


def build_capacity_hooks(
    name: str,
    arn: pulumi.Output[str],
    minimum: int,
    copies: Copies,
    connect: Connect | None = None,
    *,
    seconds: int,
) -> pulumi.ResourceHookBinding:
    """Returns hooks for what begins to scale the group or service with this ARN. They wait so many seconds."""

    async def carry(_: pulumi.ResourceHookArgs) -> None:
        known = await arn.future()
        if known is None:
            return
        using = connect or create_client
        if warning := await run_in_thread(_carry_capacity, name, known, minimum, copies, using, seconds):
            pulumi.log.warn(warning)

    hook = pulumi.ResourceHook(f"{name}-{hook_names.WAITS}", carry, opts=pulumi.ResourceHookOptions(on_dry_run=False))
    return pulumi.ResourceHookBinding(before_create=[hook])


def _carry_capacity(name: str, arn: str, minimum: int, copies: Copies, connect: Connect, seconds: int) -> str:
    """Carry the number over and wait; returns a warning if AWS does not show the numbers."""
    region = arn.split(":")[3]

    def client(service: str) -> Any:
        return connect(service, region)

    blind, wanted = 0, minimum
    running: int | None = None
    try:
        for _ in range(seconds // _PAUSE_SECONDS):
            try:
                if running is None:
                    running = copies.old(client, arn)
                    wanted = copies.set(client, arn, running) if running > minimum else minimum
                if (answering := copies.answering(client, arn)) >= wanted:
                    return ""
                blind = 0
            except Exception:
                # One look may fail by the network; missing permissions fail each time.
                blind += 1
                if blind == _BLIND_LOOKS:
                    raise
            time.sleep(_PAUSE_SECONDS)
    except Exception as error:  # of boto3, credentials or the network
        return f"{name}: the update did not wait until {wanted} copies answer, so calls may fail until they do: {error}"
    minutes = seconds // 60
    raise NotAnsweringError(
        f"{name} does not answer: {answering} of {wanted} copies do after {minutes} minutes. The update ends here, and "
        "the old copies go on answering; mend the image or the settings and run it again"
    )


def _group_name(arn: str) -> str:
    """arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:id:autoScalingGroupName/name"""
    return arn.partition("autoScalingGroupName/")[2]


def _list_groups(client: Client, **named: Any) -> list[Any]:
    pages = client("autoscaling").get_paginator("describe_auto_scaling_groups").paginate(**named)
    return [group for page in pages for group in page["AutoScalingGroups"]]


def _find_group(client: Client, arn: str) -> Any:
    (group,) = _list_groups(client, AutoScalingGroupNames=[_group_name(arn)])
    return group


def _count_old_instances(client: Client, arn: str) -> int:
    """Of the other groups of the same component. Neither template nor target group need be the same."""
    owner = next(tag["Value"] for tag in _find_group(client, arn)["Tags"] if tag["Key"] == OWNER_TAG)
    same = _list_groups(client, Filters=[{"Name": f"tag:{OWNER_TAG}", "Values": [owner]}])
    others = (group for group in same if group["AutoScalingGroupARN"] != arn)
    return max((group["DesiredCapacity"] for group in others if group["Instances"]), default=0)


def _set_instances(client: Client, arn: str, number: int) -> int:
    group = _find_group(client, arn)
    wanted = min(max(number, group["MinSize"]), group["MaxSize"])
    if group["DesiredCapacity"] < wanted:
        client("autoscaling").set_desired_capacity(
            AutoScalingGroupName=group["AutoScalingGroupName"], DesiredCapacity=wanted, HonorCooldown=False
        )
    return int(wanted)


def _count_answering_instances(client: Client, arn: str) -> int:
    group = _find_group(client, arn)
    own = {instance["InstanceId"] for instance in group["Instances"]}
    (target_group,) = group["TargetGroupARNs"]
    return len(own & _find_healthy_targets(client, target_group))


def _find_healthy_targets(client: Client, target_group: str) -> set[str]:
    descriptions = client("elbv2").describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    return {target["Target"]["Id"] for target in descriptions if target["TargetHealth"]["State"] == "healthy"}


INSTANCES: Final = Copies(_count_old_instances, _set_instances, _count_answering_instances)


def _cluster_name(arn: str) -> str:
    """arn:aws:ecs:eu-west-1:123456789012:service/cluster/name"""
    return arn.split("/")[-2]


def _list_services(client: Client, arn: str) -> list[Any]:
    ecs = client("ecs")
    pages = ecs.get_paginator("list_services").paginate(cluster=_cluster_name(arn))
    arns = [service_arn for page in pages for service_arn in page["serviceArns"]]
    return [
        describe_service
        for start in range(0, len(arns), 10)
        for describe_service in ecs.describe_services(cluster=_cluster_name(arn), services=arns[start : start + 10])[
            "services"
        ]
    ]


def describe_service(client: Client, arn: str) -> Any:
    (described,) = client("ecs").describe_services(cluster=_cluster_name(arn), services=[arn])["services"]
    return described


def _count_old_tasks(client: Client, arn: str) -> int:
    """Of the other services of the cluster, which is the component's own."""
    others = (
        other for other in _list_services(client, arn) if other["serviceArn"] != arn and other["status"] == "ACTIVE"
    )
    return max((deployment["desiredCount"] for deployment in others if deployment["runningCount"]), default=0)


def _set_tasks(client: Client, arn: str, number: int) -> int:
    """The old number is within the old bounds; the target, which is created next, holds the new ones."""
    if describe_service(client, arn)["desiredCount"] < number:
        set_tasks(client, arn, number)
    return number


def set_tasks(client: Client, arn: str, number: int) -> None:
    """Sets the number of copies of a service."""
    client("ecs").update_service(cluster=_cluster_name(arn), service=arn, desiredCount=number)


def _count_answering_tasks(client: Client, arn: str) -> int:
    """Tasks whose address is a healthy target; behind Cloud Map, tasks that run."""
    described = describe_service(client, arn)
    if not described["loadBalancers"]:
        return int(described["runningCount"])
    (balancer,) = described["loadBalancers"]
    return len(_find_addresses(client, arn) & _find_healthy_targets(client, balancer["targetGroupArn"]))


def _find_addresses(client: Client, arn: str) -> set[str]:
    ecs, cluster = client("ecs"), _cluster_name(arn)
    pages = ecs.get_paginator("list_tasks").paginate(cluster=cluster, serviceName=arn)
    listed = [page["taskArns"] for page in pages if page["taskArns"]]
    return {
        interface["privateIpv4Address"]
        for tasks in listed
        for task in ecs.describe_tasks(cluster=cluster, tasks=tasks)["tasks"]
        for container in task["containers"]
        for interface in container["networkInterfaces"]
    }


TASKS: Final = Copies(_count_old_tasks, _set_tasks, _count_answering_tasks)
