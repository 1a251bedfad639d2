"""Charges that come whether or not anybody calls: machines, disks, addresses, balancers, endpoints, rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..graph import UNKNOWN, Resource, reveal
from ..graph.reading import items, peek, pointed, text, within
from .charge import Basis, Charge, Charger, Context, hourly, monthly

DISK_GB: Final = 8
"""What a root disk is taken to have where nobody says: the size in Amazon Linux 2023's images."""


def instance(resource: Resource, context: Context) -> Iterator[Charge]:
    """Machine, disks, and a public address that it gets by itself."""
    yield from _machine(resource.inputs, 1)
    if text(resource.state.get("publicIp")) and not _has_elastic_address(resource, context):
        yield hourly("public-ipv4", label="public IPv4")


def _machine(inputs: Mapping[str, Any], count: float) -> Iterator[Charge]:
    kind = text(inputs.get("instanceType")) or "instance of unknown type"
    yield hourly(f"ec2-{kind}", count, label=f"{count:g} × {kind}" if count != 1 else kind)
    if within(inputs, "creditSpecification", "cpuCredits") == "unlimited":
        note = "CPU credits are unlimited: sustained load is billed on top"
        yield Charge(f"cpu-credits-{kind.partition('.')[0]}", 0, Basis.OTHER_USE, f"CPU credits of {kind}", note)
    yield from _disks(inputs, count)
    if inputs.get("monitoring") is True or within(inputs, "monitoring", "enabled") is True:
        yield monthly("detailed-monitoring", count)


def _disks(inputs: Mapping[str, Any], count: float) -> Iterator[Charge]:
    root = reveal(inputs.get("rootBlockDevice"))
    more = items(inputs.get("ebsBlockDevices"))
    mapped = [within(entry, "ebs") for entry in items(inputs.get("blockDeviceMappings"))]
    disks = [disk for disk in [*items(root), *more, *mapped] if isinstance(disk, Mapping)]
    if not any(isinstance(disk, Mapping) for disk in [*items(root), *mapped]):
        disks.insert(0, {})
    for disk in disks:
        size = reveal(disk.get("volumeSize"))
        kind = text(disk.get("volumeType")) or "gp3"
        note = "" if isinstance(size, int) else f"size not given: {DISK_GB} GB, as in Amazon Linux's images"
        gigabytes = size if isinstance(size, int) else DISK_GB
        yield Charge(f"ebs-{kind}", gigabytes * count, Basis.FIXED, f"disk {gigabytes} GB", note)


def _has_elastic_address(resource: Resource, context: Context) -> bool:
    ours = {resource.id, resource.state.get("primaryNetworkInterfaceId")} - {UNKNOWN, None}
    addressed = (
        reveal(other.inputs.get(key))
        for other in context.graph.of_type("aws:ec2/eip:Eip", "aws:ec2/eipAssociation:EipAssociation")
        for key in ("instance", "networkInterface", "instanceId", "networkInterfaceId")
    )
    return any(isinstance(value, str) and value in ours for value in addressed)


def scaling_group(resource: Resource, context: Context) -> Iterator[Charge]:
    """The machines that it is to run, by its launch template."""
    wanted = resource.inputs.get("desiredCapacity")
    count = wanted if isinstance(wanted, int) else resource.inputs.get("minSize", 1)
    template = next(iter(pointed(context.graph, resource, "launchTemplate", "id")), None) or next(
        iter(pointed(context.graph, resource, "launchTemplate", "name")), None
    )
    inputs = template.inputs if template else {}
    if isinstance(count, int) and count > 0:
        yield from _machine(inputs, count)
        public = within(inputs, "networkInterfaces", "associatePublicIpAddress")
        if public in (True, "true"):
            yield hourly("public-ipv4", count, label="public IPv4")


def volume(resource: Resource, _context: Context) -> Iterator[Charge]:
    size = resource.inputs.get("size")
    kind = text(resource.inputs.get("type")) or "gp2"
    yield Charge(f"ebs-{kind}", size if isinstance(size, int) else DISK_GB, label=f"disk {size} GB")


def endpoint(resource: Resource, context: Context) -> Iterator[Charge]:
    """An interface endpoint by the zone; gateway endpoints are free."""
    if resource.inputs.get("vpcEndpointType", "Gateway") != "Interface":
        return
    subnets = items(resource.inputs.get("subnetIds")) or context.graph.of_type(
        "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation"
    )
    zones = max(len(subnets), 1)
    service = text(resource.inputs.get("serviceName")).split(".", 3)[-1] or "endpoint"
    yield hourly("interface-endpoint", zones, label=f"{service} × {zones} zone{'s' if zones > 1 else ''}")


def balancer(resource: Resource, _context: Context) -> Iterator[Charge]:
    """Its hours, and an address in each zone where it faces the internet."""
    kind = balancer_kind(resource)
    yield hourly(kind, label={"alb": "ALB", "nlb": "NLB"}.get(kind, kind))
    if resource.inputs.get("internal") is not True:
        zones = len(items(resource.inputs.get("subnets"))) or len(items(resource.inputs.get("subnetMappings"))) or 2
        yield hourly("public-ipv4", zones, label=f"public IPv4 × {zones} zones")


def balancer_kind(resource: Resource) -> str:
    kind = resource.inputs.get("loadBalancerType", "application")
    return {"application": "alb", "network": "nlb", "gateway": "gwlb"}.get(str(kind), "alb")


def ecs_service(resource: Resource, context: Context) -> Iterator[Charge]:
    """The tasks that it is to run, by the processor and memory of their definition."""
    if not runs_on_fargate(resource, context):
        return
    count = resource.inputs.get("desiredCount", 1)
    definition = next(iter(pointed(context.graph, resource, "taskDefinition")), None)
    if definition is None or not isinstance(count, int):
        yield Charge("fargate-unknown", 1, label="Fargate tasks", note="the task definition is not in this program")
        return
    architecture = text(peek(definition, "runtimePlatform", "cpuArchitecture")).lower() or "x86_64"
    cpu, memory = _number(definition.inputs.get("cpu")), _number(definition.inputs.get("memory"))
    times = f"{count} × " if count != 1 else ""
    spot = "FARGATE_SPOT" in _providers(resource)
    note = "priced as on demand: what Spot costs changes by the hour, and is less" if spot else ""
    yield hourly(
        f"fargate-cpu-{architecture}", count * cpu / 1024, label=f"{times}{cpu / 1024:g} vCPU {architecture}", note=note
    )
    yield hourly(f"fargate-memory-{architecture}", count * memory / 1024, label=f"{times}{memory / 1024:g} GB")
    if peek(resource, "networkConfiguration", "assignPublicIp") is True:
        yield hourly("public-ipv4", count, label="public IPv4")
    if resource.inputs.get("serviceRegistries") is not None:
        note = "AWS may not charge for tasks that ECS registers"
        yield monthly("cloud-map-instance", count, note=note)


def runs_on_fargate(resource: Resource, context: Context) -> bool:
    """Whether a service's tasks are billed as Fargate's: by its launch type, or by capacity provider."""
    if resource.inputs.get("launchType") == "FARGATE":
        return True
    providers = _providers(resource)
    if not providers and resource.inputs.get("launchType") is None:
        definition = next(iter(pointed(context.graph, resource, "taskDefinition")), None)
        return definition is not None and "FARGATE" in items(definition.inputs.get("requiresCompatibilities"))
    return any(provider.startswith("FARGATE") for provider in providers)


def _providers(resource: Resource) -> list[str]:
    return [
        text(within(entry, "capacityProvider")) for entry in items(resource.inputs.get("capacityProviderStrategies"))
    ]


def _number(value: Any) -> float:
    value = reveal(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def alarm(resource: Resource, _context: Context) -> Iterator[Charge]:
    """By the metric that it watches."""
    queries = [entry for entry in items(resource.inputs.get("metricQueries")) if within(entry, "metric") is not None]
    period = resource.inputs.get("period")
    quick = isinstance(period, int) and period < 60
    yield monthly("alarm-high-resolution" if quick else "alarm", max(len(queries), 1), label="alarm")


def web_acl(resource: Resource, _context: Context) -> Iterator[Charge]:
    """The list itself and each of its rules."""
    yield monthly("waf-acl", label="web ACL")
    rules = len(items(resource.inputs.get("rules")))
    if rules:
        yield monthly("waf-rule", rules, label=f"{rules} rule{'s' if rules > 1 else ''}")


def rest_stage(resource: Resource, _context: Context) -> Iterator[Charge]:
    """A cache, which is off unless asked for."""
    if resource.inputs.get("cacheClusterEnabled") is True:
        size = text(resource.inputs.get("cacheClusterSize")) or "0.5"
        yield hourly(f"rest-api-cache-{size}", label=f"cache {size} GB")


def one(item: str, label: str = "") -> Charger:
    """A charge of one a month."""

    def charge(_resource: Resource, _context: Context) -> Iterable[Charge]:
        return [monthly(item, label=label)]

    return charge


def one_hourly(item: str, label: str = "") -> Charger:
    """A charge of one for each hour."""

    def charge(_resource: Resource, _context: Context) -> Iterable[Charge]:
        return [hourly(item, label=label)]

    return charge


CHARGERS: Final[Mapping[str, Charger]] = {
    "aws:ec2/instance:Instance": instance,
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": instance,
    "aws:autoscaling/group:Group": scaling_group,
    "aws:ebs/volume:Volume": volume,
    "aws:ec2/eip:Eip": one_hourly("public-ipv4", "public IPv4"),
    "aws:ec2/natGateway:NatGateway": one_hourly("nat-gateway"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
    "aws:lb/loadBalancer:LoadBalancer": balancer,
    "aws:alb/loadBalancer:LoadBalancer": balancer,
    "aws:ecs/service:Service": ecs_service,
    "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
    "aws:wafv2/webAcl:WebAcl": web_acl,
    "aws:apigateway/stage:Stage": rest_stage,
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": one("hosted-zone", "private DNS namespace"),
    "aws:servicediscovery/publicDnsNamespace:PublicDnsNamespace": one("hosted-zone", "public DNS namespace"),
    "aws:servicediscovery/instance:Instance": one("cloud-map-instance"),
    "aws:route53/zone:Zone": one("hosted-zone"),
    "aws:kms/key:Key": one("kms-key"),
    "aws:secretsmanager/secret:Secret": one("secret"),
}
