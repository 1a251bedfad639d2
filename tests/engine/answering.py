"""Whether calls reach a backend that answers, as far as the emulator knows: target groups, registries, addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from components.compute.readiness import ANSWERS

from .cli import Engine
from .read_back import client

_LISTENER: Final = "aws:lb/listener:Listener"
_REGISTRY: Final = "aws:servicediscovery/service:Service"
_FUNCTION: Final = "aws:lambda/function:Function"
_URL: Final = "BACKEND_URL"


def silent(engine: Engine, stack: str) -> Iterator[str]:
    """One sentence for each way into the backend that ends at something that does not answer."""
    asked = {_LISTENER: _listener, _REGISTRY: _registry, _FUNCTION: _function}
    for resource in engine.state(stack):
        if resource["type"] in asked and not resource.get("delete"):
            name = resource["urn"].rpartition("::")[2]
            yield from (f"{name} {fault}" for fault in asked[resource["type"]](engine, resource["outputs"]))


def _listener(engine: Engine, outputs: Mapping[str, Any]) -> Iterator[str]:
    balancers = client(engine, "elbv2")
    existing = balancers.describe_listeners(LoadBalancerArn=outputs["loadBalancerArn"])["Listeners"]
    for listener in existing:
        # The standby listener only keeps a target group in use.
        if listener["ListenerArn"] != outputs["arn"] or "standby" in outputs.get("tags", {}).get("Name", ""):
            continue
        group = listener["DefaultActions"][0]["TargetGroupArn"]
        health = balancers.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        states = [target["TargetHealth"]["State"] for target in health]
        if "healthy" not in states:
            yield f"forwards to {group.split('/')[-2]}, whose targets are: {', '.join(states) or 'none'}"


def _registry(engine: Engine, outputs: Mapping[str, Any]) -> Iterator[str]:
    registered = client(engine, "servicediscovery").list_instances(ServiceId=outputs["id"])["Instances"]
    addresses = [instance["Attributes"]["AWS_INSTANCE_IPV4"] for instance in registered]
    tasks = sum(
        service["runningCount"]
        for service in _services(engine)
        if any(registry["registryArn"] == outputs["arn"] for registry in service["serviceRegistries"])
    )
    if not tasks and not any(_runs(engine, address) for address in addresses):
        yield f"has no task that runs, and these instances: {', '.join(addresses) or 'none'}"


def _function(engine: Engine, outputs: Mapping[str, Any]) -> Iterator[str]:
    configuration = client(engine, "lambda").get_function_configuration(FunctionName=outputs["name"])
    host = urlsplit(configuration.get("Environment", {}).get("Variables", {}).get(_URL, "")).hostname
    if host and host.replace(".", "").isdecimal() and not _runs(engine, host):
        yield f"calls {host}, where no instance answers"


def _services(engine: Engine) -> Sequence[Any]:
    ecs = client(engine, "ecs")
    return [
        service
        for cluster in ecs.list_clusters()["clusterArns"]
        for arn in ecs.list_services(cluster=cluster)["serviceArns"]
        for service in ecs.describe_services(cluster=cluster, services=[arn])["services"]
        if service["status"] == "ACTIVE"
    ]


def _runs(engine: Engine, address: str) -> bool:
    """Whether the instance with this address runs, and its boot script has ended well."""
    ec2 = client(engine, "ec2")
    filters = [
        {"Name": "private-ip-address", "Values": [address]},
        {"Name": "instance-state-name", "Values": ["running"]},
    ]
    instances = [one for group in ec2.describe_instances(Filters=filters)["Reservations"] for one in group["Instances"]]
    return any(ANSWERS in ec2.get_console_output(InstanceId=one["InstanceId"]).get("Output", "") for one in instances)
