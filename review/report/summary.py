"""One line that describes a component: what it states of its reach, and the size of what it declares."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from ..aws.catalog import types
from ..aws.compute import functions
from ..aws.model.model import AwsModel
from ..graph import Resource
from ..graph.graph import group_pairs
from ..graph.prose import format_count
from ..graph.reading import as_list, as_number, as_text, get_declared_input, get_output
from ..reach.inbound import Inbound
from ..reach.keys import group_keys
from ..reach.statements import Part, Statements
from ..reach.ways import CallGroup, group_by_path, group_calls, list_calls
from ..reach.words import describe_needs

_APIS: Final = {"http": "HTTP API", "rest": "REST API", "private": "private REST API"}
_MODES: Final = {
    "ipv6": "IPv6",
    "nat-gateway": "NAT gateway",
    "nat-instance": "NAT instance",
    "s3-packages": "Amazon Linux packages",
}
_GATEWAYS: Final = {"s3": "S3", "dynamodb": "DynamoDB"}
_BALANCERS: Final = {"alb": "internal ALB", "nlb": "internal NLB", "cloud-map": "Cloud Map"}


class Group:
    """Resources to be summed up together, by type."""

    def __init__(self, resources: Iterable[Resource], model: AwsModel, part: Part | None = None) -> None:
        self.model, self.part = model, part
        self.resources = list(resources)
        self._by_type = group_pairs((resource.type, resource) for resource in self.resources)

    def list_of(self, kinds: Iterable[str]) -> list[Resource]:
        return [resource for kind in kinds for resource in self._by_type.get(kind, [])]


def summarize(group: Group, statements: Statements) -> str:
    """Phrases for the resources of the group, joined by dots; kinds and counts where no phrase is known."""
    phrases = [phrase for phrases_of in _SIZES for phrase in phrases_of(group)]
    if group.part is not None:
        phrases = [*_describe_statement(group, group.part, statements), *phrases]
    counted = Counter(resource.kind for resource in group.resources)
    kinds = (f"{many} {kind}" if many > 1 else kind for kind, many in sorted(counted.items()))
    return " · ".join(dict.fromkeys(phrases)) or ", ".join(kinds)


def _describe_statement(group: Group, part: Part, statements: Statements) -> Iterator[str]:
    match part.kind:
        case "PrivateNetwork":
            yield from _describe_network(group, part)
        case "PrivateIngress" | "ServiceIngress" | "ServiceRegistry":
            yield from _describe_ingress(part)
        case "ApiFront":
            yield from _describe_api(part, statements)
        case "Ec2Backend" | "FargateBackend":
            yield from _describe_machines(group)
            yield f"tcp {part.get('port')}"
        case "NatInstance":
            yield from _describe_machines(group)


def _describe_network(group: Group, part: Part) -> Iterator[str]:
    yield str(part.get("range") or f"existing {part.get('vpc')}")
    zones = {as_text(get_output(subnet, "availabilityZone")) for subnet in group.list_of(types.SUBNET)} - {""}
    if zones:
        yield format_count(len(zones), "zone")
    gateways = len(group.list_of(types.NAT_GATEWAY))
    words = {**_MODES, "nat-gateway": f"{gateways} NAT gateways"} if gateways > 1 else _MODES
    if modes := [words[mode] for mode in part.get_map("out")]:
        yield f"out: {' and '.join(modes)}"
    if free := [_GATEWAYS[service] for service in part.get_map("gateways")]:
        yield f"{' and '.join(free)} endpoint{'s' if len(free) > 1 else ''}, free"
    if paid := part.get_map("endpoints"):
        yield f"endpoints {' '.join(paid)}"
    if part.get("instanceConnect"):
        yield "Instance Connect"


def _describe_ingress(part: Part) -> Iterator[str]:
    yield _BALANCERS[str(part.get("kind"))]
    if port := part.get("port"):
        yield f"port {port}"
    if not part.get("shares") and (link := part.get("link")) in ("v1", "v2"):
        yield f"VPC link {link}"


def _describe_api(part: Part, statements: Statements) -> Iterator[str]:
    kind = str(part.get("kind"))
    yield _APIS.get(kind, kind)
    groups = group_calls(part, list_calls(part, Inbound(statements).find_checks))
    for group in groups:
        # Methods by path; paths under another are left out.
        shown = group_by_path(group.calls)
        routes = [*shown[:3], *([f"{len(shown) - 3} more paths"] if len(shown) > 3 else [])]
        need = _describe_needs(group, statements)
        yield from [*routes, need] if len(groups) == 1 else [f"{', '.join(routes)} ({need})"]
    every = CallGroup(tuple(call for group in groups for call in group.calls), {}, is_all=True)
    yield every.describe_rate(kind, burst=True) or "no throttle"
    yield from map(str, group_keys(part))


def _describe_needs(group: CallGroup, statements: Statements) -> str:
    needs = {key: part for key, part in group.needs.items() if key != "through"}
    words = [word.short for word in describe_needs(needs, "", statements.name)]
    words += ["signature"] if "signature" in group.needs else []
    return f"requires {', '.join(words)}" if words else "open to anyone" if "through" not in group.needs else ""


def _describe_machines(group: Group) -> Iterator[str]:
    machines = group.model.machines
    kinds = Counter(machines.find_instance_type(instance) or "?" for instance in group.list_of(types.INSTANCE))
    yield from (f"{many} × {kind}" if many > 1 else kind for kind, many in kinds.items())
    for scaling in group.list_of(types.SCALING_GROUP):
        sizes = (as_number(get_declared_input(scaling, key)) for key in ("minSize", "maxSize"))
        shown = ["?" if size is None else f"{size:g}" for size in sizes]
        yield f"{' to '.join(dict.fromkeys(shown))} × {machines.find_instance_type(scaling) or 'instances'}"
    containers = group.model.containers
    for service in group.list_of(types.SERVICE):
        size, tasks = containers.find_task_size(service), containers.count(service)
        phrase = "Fargate" if size is None else f"Fargate {size[0]:g} vCPU {size[1]:g} GB"
        yield phrase + (f" × {'?' if tasks is None else tasks}" if tasks != 1 else "")


def _describe_functions(group: Group) -> Iterator[str]:
    for function in group.list_of(types.FUNCTION):
        memory, timeout = functions.find_memory(function), functions.find_timeout(function)
        size = "? MB" if memory is None else f"{memory:g} MB"
        longest = "timeout not known" if timeout is None else f"times out after {timeout:g} s"
        yield f"{size} {functions.find_architecture(function)} · {longest}"
        if (reserved := functions.find_reserved_concurrency(function)) is not None:
            yield f"at most {reserved} at once"


def _describe_others(group: Group) -> Iterator[str]:
    """The rest: domains, alarms, budgets, logs."""
    for domain in group.list_of(types.REST_DOMAIN):
        yield as_text(domain.inputs.get("domainName")) or "own domain"
    if alarms := group.list_of(("aws:cloudwatch/metricAlarm:MetricAlarm",)):
        silent = sum(not as_list(get_declared_input(alarm, "alarmActions")) for alarm in alarms)
        yield format_count(len(alarms), "alarm") + (f", {silent} without a topic" if silent else "")
    for budget in group.list_of(("aws:budgets/budget:Budget",)):
        yield f"budget of ${as_text(budget.inputs.get('limitAmount')).removesuffix('.0')} a month"
    if group.list_of(("aws:ec2/flowLog:FlowLog",)):
        yield "flow logs"


_SIZES: Final[tuple[Callable[[Group], Iterator[str]], ...]] = (_describe_functions, _describe_others)


def summarize_component(resource: Resource) -> str:
    """Summary of a component without resources: the plain values that it was given."""
    plain: list[Any] = [value for value in resource.inputs.values() if isinstance(value, str) and 0 < len(value) <= 60]
    return " · ".join(plain[:3])
