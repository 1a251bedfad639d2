"""One line that describes a group of resources, derived only from the resources.

It reads no component's own inputs, so it is the same for anybody's program.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute import functions
from ..aws.compute.containers import Runs
from ..aws.gateway import throttle
from ..aws.gateway.api import Api, ApiKind, Call
from ..aws.gateway.usage_plans import plan
from ..aws.model.model import AwsModel
from ..aws.network.endpoints import format_service, is_interface, parse_service
from ..aws.network.load_balancer_kind import read_kind
from ..aws.network.route import Gateway
from ..aws.notices import describe_alarms, describe_budget
from ..facts import limits
from ..graph import UNKNOWN, Graph, Resource
from ..graph.addresses import ANYWHERE
from ..graph.graph import group_pairs
from ..graph.prose import format_count
from ..graph.reading import as_integer, as_number, as_text, get_declared_input
from ..paths.anyone import find_open_calls, group_by_path


class Group:
    """Resources to be summed up together, by type."""

    def __init__(self, resources: Iterable[Resource], model: AwsModel) -> None:
        self.model = model
        self.resources = list(resources)
        self._by_type = group_pairs((resource.type, resource) for resource in self.resources)

    def list_of(self, kinds: Iterable[str]) -> list[Resource]:
        return [resource for kind in kinds for resource in self._by_type.get(kind, [])]


def summarize(group: Group) -> str:
    """Phrases for the resources of the group, joined by dots; kinds and counts where no phrase is known."""
    phrases = [phrase for phrases_of in _PHRASES for phrase in phrases_of(group)]
    counted = Counter(resource.kind for resource in group.resources)
    kinds = (f"{many} {kind}" if many > 1 else kind for kind, many in sorted(counted.items()))
    return " · ".join(dict.fromkeys(phrases)) or ", ".join(kinds)


def _describe_network(group: Group) -> Iterator[str]:
    for vpc in group.list_of(types.VPC):
        yield as_text(vpc.inputs.get("cidrBlock")) or "VPC"
    if zones := {as_text(subnet.state.get("availabilityZone")) for subnet in group.list_of(types.SUBNET)} - {""}:
        yield format_count(len(zones), "zone")
    routing = group.model.network
    routes = [
        route for holder in group.list_of((*types.ROUTE, *types.ROUTE_TABLE)) for route in routing.list_declared(holder)
    ]
    gateways = len(group.list_of(types.NAT_GATEWAY))
    named = {**_EGRESS, **({Gateway.NAT: f"{gateways} NAT gateways"} if gateways > 1 else {})}
    if ways := [named[route.gateway] for route in routes if route.destination in ANYWHERE and route.gateway in named]:
        yield "out: " + " and ".join(dict.fromkeys(ways))


_EGRESS: Final = {
    Gateway.NAT: "NAT gateway",
    Gateway.INTERFACE: "NAT instance",
    Gateway.EGRESS_ONLY: "IPv6",
    Gateway.PEERING: "another network",
}


def _describe_endpoints(group: Group) -> Iterator[str]:
    kinds = group_pairs(
        (is_interface(endpoint), parse_service(endpoint) or "?") for endpoint in group.list_of(types.ENDPOINT)
    )
    if free := kinds.get(False):
        yield f"{' and '.join(map(format_service, sorted(free)))} endpoint{'s' if len(free) > 1 else ''}, free"
    if paid := kinds.get(True):
        yield f"endpoints {' '.join(sorted(paid))}"
    if group.list_of(types.CONNECT_ENDPOINT):
        yield "Instance Connect"


def _describe_machines(group: Group) -> Iterator[str]:
    machines = group.model.machines
    kinds = Counter(machines.find_instance_type(instance) or "?" for instance in group.list_of(types.INSTANCE))
    yield from (f"{many} × {kind}" if many > 1 else kind for kind, many in kinds.items())
    for scaling in group.list_of(types.SCALING_GROUP):
        sizes = (as_number(get_declared_input(scaling, key)) for key in ("minSize", "maxSize"))
        shown = ["?" if size is None else f"{size:g}" for size in sizes]
        kind = machines.find_instance_type(scaling) or "instances"
        yield f"{' to '.join(dict.fromkeys(shown))} × {kind}"


def _describe_containers(group: Group) -> Iterator[str]:
    containers = group.model.containers
    for service in group.list_of(types.SERVICE):
        size, tasks, runs = (
            containers.find_task_size(service),
            containers.count(service),
            containers.resolve_launch_type(service),
        )
        phrase = {Runs.FARGATE: "Fargate", Runs.EC2: "ECS on EC2"}.get(runs, "ECS")
        if size is not None:
            phrase += f" {size[0]:g} vCPU {size[1]:g} GB"
        yield phrase + (f" × {'?' if tasks is None else tasks}" if tasks != 1 else "")


def _describe_ports(group: Group) -> Iterator[str]:
    """Ports that something else of the stack may call this group on."""
    rules = {
        (allowed.protocol, allowed.first, allowed.last): allowed.traffic
        for security_group in group.list_of(types.SECURITY_GROUP)
        for allowed in group.model.groups.list_ingress(security_group.urn)
        if allowed.protocol in ("tcp", "udp")
    }
    if rules and group.list_of((*types.INSTANCE, *types.SERVICE, *types.SCALING_GROUP)):
        yield " and ".join(sorted(set(rules.values())))


def _describe_balancers(group: Group) -> Iterator[str]:
    for balancer in group.list_of(types.LOAD_BALANCER):
        internal = get_declared_input(balancer, "internal")
        facing = "" if internal is UNKNOWN else "internal " if internal is True else "internet-facing "
        yield f"{facing}{read_kind(balancer).value}"
    for listener in group.list_of(types.LISTENER):
        port = as_integer(get_declared_input(listener, "port"))
        named = f"{as_text(get_declared_input(listener, 'protocol')) or 'port'} {'' if port is None else port}".strip()
        # As our own components keep the other target group in use.
        standby = port in limits.STANDBY_PORTS and _is_standby(group.model, listener)
        yield f"spare listener on {port}, closed" if standby else named
    if group.list_of(types.REST_LINK):
        yield "VPC link v1"
    if group.list_of(types.HTTP_LINK):
        yield "VPC link v2"
    if group.list_of(types.CLOUD_MAP_SERVICE):
        yield "Cloud Map"


def _is_standby(model: AwsModel, listener: Resource) -> bool:
    balancers = model.balancers
    if (balancer := balancers.find_balancer(listener)) is None:
        return False
    groups = model.nodes.find(balancer).groups
    permits = model.groups.list_ingress(*groups)
    shut = not any(permit.carries("tcp", port) for permit in permits for port in limits.STANDBY_PORTS)
    known = bool(groups) and model.groups.can_tell(*groups, inward=True)
    listeners = (resource for resource in balancers.list_listeners(balancer) if resource.urn != listener.urn)
    return known and shut and balancers.list_forwarded_groups([listener]) <= balancers.list_forwarded_groups(listeners)


def _describe_functions(group: Group) -> Iterator[str]:
    for function in group.list_of(types.FUNCTION):
        memory, timeout = functions.find_memory(function), functions.find_timeout(function)
        size = "? MB" if memory is None else f"{memory:g} MB"
        longest = "timeout not known" if timeout is None else f"times out after {timeout:g} s"
        yield f"{size} {functions.find_architecture(function)} · {longest}"
        if (reserved := functions.find_reserved_concurrency(function)) is not None:
            yield f"at most {reserved} at once"


def _describe_apis(group: Group) -> Iterator[str]:
    for api in map(group.model.apis.find, group.list_of(types.APIS)):
        yield {ApiKind.HTTP: "HTTP API", ApiKind.PRIVATE: "private REST API"}.get(api.kind, f"{api.kind.value} API")
        alike = _group_by_need(group.model.graph, api)
        for need, calls in alike.items():
            # Methods by path; paths under another are left out.
            shown = group_by_path(calls)
            routes = [*shown[:3], *([f"{len(shown) - 3} more paths"] if len(shown) > 3 else [])]
            yield from routes if len(alike) == 1 else [f"{', '.join(routes)}{f' ({need})' if need else ''}"]
        limits = {throttle.find_loosest(api, call) for call in api.calls}
        if len(limits) == 1:
            (limit,) = limits
            yield throttle.add_limit_unit(str(limit), api, api.calls) if limit else "no throttle"
        elif limits:
            yield throttle.describe_throttles(api, api.calls)
        yield from filter(None, alike) if len(alike) == 1 else ()
        if api.firewall_word:
            yield api.firewall_word


def _group_by_need(graph: Graph, api: Api) -> dict[str, list[Call]]:
    """The calls of an API by what they require of their caller, in words."""
    opened = find_open_calls(graph, api).known
    return group_pairs((_describe_need(call, is_open=call in opened), call) for call in api.calls)


def _describe_need(call: Call, *, is_open: bool) -> str:
    needs = " and ".join(sorted(requirement.value for requirement in call.proven))
    return f"{needs} required" if needs else "open to anyone" if is_open else ""


def _describe_others(group: Group) -> Iterator[str]:
    """The rest: domains, keys, alarms, budgets, logs."""
    for domain in group.list_of(types.REST_DOMAIN):
        yield as_text(domain.inputs.get("domainName")) or "own domain"
    plans = Counter(str(plan(group.model.graph, usage_plan)) for usage_plan in group.list_of(types.USAGE_PLAN))
    keys = group.list_of(("aws:apigateway/apiKey:ApiKey",))
    # Each plan has keys of its own: two plans that allow the same admit twice as many callers.
    yield from (
        plan_text if plans[plan_text] == 1 else f"{plans[plan_text]} plans of {plan_text}" for plan_text in plans
    )
    if keys and not plans:
        yield format_count(len(keys), "key")
    if alarms := group.list_of(("aws:cloudwatch/metricAlarm:MetricAlarm",)):
        yield describe_alarms(group.model.graph, alarms)
    for budget in group.list_of(("aws:budgets/budget:Budget",)):
        yield describe_budget(budget)
    if group.list_of(("aws:ec2/flowLog:FlowLog",)):
        yield "flow logs"


_PHRASES: Final[tuple[Callable[[Group], Iterator[str]], ...]] = (
    _describe_network,
    _describe_endpoints,
    _describe_machines,
    _describe_containers,
    _describe_ports,
    _describe_balancers,
    _describe_functions,
    _describe_apis,
    _describe_others,
)


def summarize_component(resource: Resource) -> str:
    """Summary of a component without resources: the plain values that it was given."""
    plain = [value for value in resource.inputs.values() if isinstance(value, str) and 0 < len(value) <= 60]
    return " · ".join(plain[:3])
