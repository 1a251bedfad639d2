"""Charges that come whether or not anybody calls: machines, disks, addresses, balancers, endpoints, rules."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.compute.containers import Runs
from ..aws.compute.machines import Disk
from ..aws.network.endpoints import is_interface, parse_service
from ..aws.network.load_balancer_kind import Kind, read_kind
from ..graph import UNKNOWN, Graph, Resource
from ..graph.reading import as_list, as_number, as_text, get_declared_input, get_value
from .charge import Charge, Context, charge_by_use, charge_hourly, charge_monthly, multiply
from .public_addresses import count_of_load_balancer, count_of_machine, count_of_service

_SPOT: Final = "priced as on demand: what Spot costs changes by the hour, and is less"
DISK_GB: Final = 8
"""Assumed size of a root volume if none is given: that of Amazon Linux 2023's images."""


def instance(resource: Resource, context: Context) -> Iterator[Charge]:
    """Charges of a machine, or of all machines of an Auto Scaling group, with their disks and public addresses."""
    machines = context.model.machines
    inputs, count = machines.merge_settings(resource), machines.count(resource)
    if count == 0:
        return
    kind = machines.find_instance_type(resource)
    note = "the number of machines is not known" if count is None else ""
    windows = _is_windows(context.model.graph, inputs)
    if windows:
        note = "the price of a machine with Windows is not in the table"
    label = kind or "instance of unknown type"
    yield charge_hourly("ec2-windows" if windows else f"ec2-{kind}", None if windows else count, label, note, count)
    if get_value(inputs, "creditSpecification", "cpuCredits") == "unlimited":
        note = "CPU credits are unlimited: sustained load is billed on top"
        yield charge_by_use(f"cpu-credits-{kind.partition('.')[0]}", f"CPU credits of {kind}", note=note)
    for disk in machines.list_disks(resource):
        assumed = "size not given: {} GB, as in Amazon Linux's images"
        yield _charge_disk(disk, count, "size not given" if windows else assumed, None if windows else DISK_GB)
    yield from _charge_addresses(count_of_machine(resource, context), count)


def _is_windows(graph: Graph, inputs: Mapping[str, Any]) -> bool:
    """Whether the image is a Windows image, judged by its name or by the lookup that returned it."""
    image = as_text(inputs.get("ami")) or as_text(inputs.get("imageId"))
    names = [
        image,
        *(str(invoke.arguments) for invoke in graph.invokes if image and as_text(invoke.result.get("id")) == image),
    ]
    return any("windows" in name.lower() for name in names)


def _charge_addresses(addresses: int | None, count: int | None) -> Iterator[Charge]:
    """Public IPv4 addresses of each of these machines or tasks."""
    if addresses == 0:
        return
    reason = "whether it gets a public address" if addresses is None else "their number"
    note = f"{reason} is not known" if None in (addresses, count) else ""
    yield charge_hourly("public-ipv4", multiply(addresses, count), "public IPv4", note)


def _charge_disk(disk: Disk, count: float | None, note: str, assumed: int | None = None) -> Charge:
    gigabytes = disk.gigabytes if disk.gigabytes is not None else assumed
    quantity = multiply(gigabytes, count)
    label = "disk of unknown size" if gigabytes is None else f"disk {gigabytes} GB"
    return charge_monthly(f"ebs-{disk.kind}", quantity, label, note.format(assumed) if disk.gigabytes is None else "")


def nat_gateway(resource: Resource, _context: Context) -> Iterator[Charge]:
    """A zonal gateway has one price, and a regional gateway the same price for each zone that it is in.

    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
    """
    if as_text(get_declared_input(resource, "availabilityMode")) != "regional":
        yield charge_hourly("nat-gateway")
    elif zones := len(as_list(get_declared_input(resource, "availabilityZoneAddresses"))):
        yield charge_hourly("nat-gateway", zones, f"NAT gateway × {zones} zone{'s' if zones > 1 else ''}")
    else:
        note = "AWS decides which zones it is in, and gives it an address or more in each"
        yield charge_hourly("nat-gateway", None, "NAT gateway", note)
        yield charge_hourly("public-ipv4", None, "public IPv4", note)


def endpoint(resource: Resource, context: Context) -> Iterator[Charge]:
    """An interface endpoint by the zone; gateway endpoints are free."""
    if not is_interface(resource):
        return
    subnets = get_declared_input(resource, "subnetIds")
    zones = None if subnets is UNKNOWN or UNKNOWN in as_list(subnets) else len(as_list(subnets))
    service = parse_service(resource) or "endpoint"
    if zones is None or _is_guessed(resource, context, "subnetIds"):
        yield charge_hourly("interface-endpoint", None, service, "the number of its zones is not known")
    elif zones:
        yield charge_hourly("interface-endpoint", zones, f"{service} × {zones} zone{'s' if zones > 1 else ''}")


def _is_guessed(resource: Resource, context: Context, key: str) -> bool:
    """Whether the review made up the subnets, so that their real number is not known."""
    return (
        sum(as_text(subnet) in context.model.graph.made_up for subnet in as_list(get_declared_input(resource, key))) > 1
    )


_BALANCER_ITEMS: Final = {Kind.APPLICATION: "alb", Kind.NETWORK: "nlb"}


def load_balancer(resource: Resource, context: Context) -> Iterator[Charge]:
    """Hours of the load balancer, and a public address in each zone if it is internet-facing."""
    kind = read_kind(resource)
    yield charge_hourly(_BALANCER_ITEMS.get(kind, "load-balancer"), label=kind.value)
    addresses = count_of_load_balancer(resource)
    if addresses is None or (addresses and _is_guessed(resource, context, "subnets")):
        yield charge_hourly("public-ipv4", None, "public IPv4", "the number of its zones is not known")
    elif addresses:
        yield charge_hourly("public-ipv4", addresses, f"public IPv4 × {addresses} zone{'s' if addresses > 1 else ''}")


def ecs_service(resource: Resource, context: Context) -> Iterator[Charge]:
    """The tasks that it keeps running on Fargate, by the processor and memory of their definition."""
    containers = context.model.containers
    runs, count = containers.resolve_launch_type(resource), containers.count(resource)
    if runs in (Runs.EC2, Runs.EXTERNAL) or count == 0:
        return
    size = containers.find_task_size(resource)
    if runs is Runs.UNKNOWN:
        yield charge_hourly("fargate-cpu-x86_64", None, "ECS tasks", "where its tasks run is not known")
    elif count is None or size is None:
        missing = "the number of tasks" if count is None else "the size of its tasks"
        yield charge_hourly("fargate-cpu-x86_64", None, "Fargate tasks", f"{missing} is not known")
    else:
        yield from _charge_fargate(resource, context, count, size)
    yield from _charge_addresses(count_of_service(resource), count)
    if resource.inputs.get("serviceRegistries") is not None:
        yield charge_monthly("cloud-map-instance", count, note="AWS may not charge for tasks that ECS registers")


def _charge_fargate(resource: Resource, context: Context, count: int, size: tuple[float, float]) -> Iterator[Charge]:
    architecture = context.model.containers.find_architecture(resource)
    note = _SPOT if context.model.containers.is_spot(resource) else ""
    yield charge_hourly(f"fargate-cpu-{architecture}", count * size[0], f"{size[0]:g} vCPU {architecture}", note, count)
    yield charge_hourly(f"fargate-memory-{architecture}", count * size[1], f"{size[1]:g} GB", pieces=count)


def alarm(resource: Resource, context: Context) -> Iterator[Charge]:
    """A price for each metric that the alarm watches, and the price of the metric itself if it is a custom metric."""
    queries = [
        entry for entry in as_list(resource.inputs.get("metricQueries")) if get_value(entry, "metric") is not None
    ]
    is_high_resolution = (as_number(get_declared_input(resource, "period")) or 60) < 60
    label = f"alarm on {len(queries)} metrics" if len(queries) > 1 else "alarm"
    yield charge_monthly("alarm-high-resolution" if is_high_resolution else "alarm", max(len(queries), 1), label=label)
    if get_declared_input(resource, "namespace") is UNKNOWN:
        yield charge_monthly("custom-metric", None, "custom metric", "the namespace of its metric is not known")
    if (watched := _find_custom_metric(resource)) is not None:
        graph = context.model.graph
        alarms = [
            alarm
            for alarm in graph.list_by_type("aws:cloudwatch/metricAlarm:MetricAlarm")
            if _find_custom_metric(alarm) == watched
        ]
        if alarms[0] is resource and watched not in _list_filtered_metrics(graph):
            yield charge_monthly(
                "custom-metric", label=f"custom metric {watched[1]}", note="besides the calls that write it"
            )


def _find_custom_metric(alarm_resource: Resource) -> tuple[str, str] | None:
    namespace, name = (
        as_text(get_declared_input(alarm_resource, "namespace")),
        as_text(get_declared_input(alarm_resource, "metricName")),
    )
    return (namespace, name) if namespace and not namespace.startswith("AWS/") else None


def _list_filtered_metrics(graph: Graph) -> set[tuple[str, str]]:
    """Metrics of log filters, which cost only for the hours with lines of the log."""
    filters = graph.list_by_type("aws:cloudwatch/logMetricFilter:LogMetricFilter")
    made = [get_value(resource.inputs, "metricTransformation") for resource in filters]
    return {
        (as_text(get_value(metric, "namespace")), as_text(get_value(metric, "name")))
        for metric in made
        if metric is not None
    }


def web_acl(resource: Resource, _context: Context) -> Iterator[Charge]:
    """The web ACL itself, and each of its rules."""
    yield charge_monthly("waf-acl", label="web ACL")
    if get_declared_input(resource, "rules") is UNKNOWN:
        yield charge_monthly("waf-rule", None, "rules", "the number of its rules is not known")
    elif rules := len(as_list(get_declared_input(resource, "rules"))):
        yield charge_monthly("waf-rule", rules, label=f"{rules} rule{'s' if rules > 1 else ''}")
