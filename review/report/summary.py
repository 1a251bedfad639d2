"""One line that says what a group of resources is, derived from the resources alone.

It reads no component's own inputs, so it says the same of anybody's program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ..aws import throttle
from ..aws.api import Api, ApiKind, Requirement
from ..aws.usage_plans import plan
from ..graph import Graph, Resource
from ..graph.reading import items, text
from ..reach.anyone import by_path

_SPELLED: Final = {"s3": "S3", "dynamodb": "DynamoDB"}
_ANYWHERE: Final = ("0.0.0.0/0", "::/0")


class Group:
    """Resources to be summed up together, by kind."""

    def __init__(self, resources: Iterable[Resource], graph: Graph, apis: Iterable[Api]) -> None:
        self.graph = graph
        self.resources = list(resources)
        self._apis = {api.resource.urn: api for api in apis}
        self._by_kind: dict[str, list[Resource]] = {}
        for resource in self.resources:
            self._by_kind.setdefault(resource.type, []).append(resource)

    def of(self, *types: str) -> list[Resource]:
        return [resource for kind in types for resource in self._by_kind.get(kind, [])]

    @property
    def apis(self) -> list[Api]:
        return [self._apis[resource.urn] for resource in self.resources if resource.urn in self._apis]


def summarize(group: Group) -> str:
    """Phrases for whatever the group holds, joined by dots; kinds and counts where no phrase is known."""
    phrases = [phrase for tell in _TELLERS for phrase in tell(group)]
    return " · ".join(dict.fromkeys(phrases)) or _kinds(group.resources)


def _kinds(resources: list[Resource]) -> str:
    counted = Counter(resource.kind for resource in resources)
    return ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(counted.items()))


def _network(group: Group) -> Iterator[str]:
    for vpc in group.of("aws:ec2/vpc:Vpc"):
        yield text(vpc.inputs.get("cidrBlock")) or "VPC"
    zones = {text(subnet.state.get("availabilityZone")) for subnet in group.of("aws:ec2/subnet:Subnet")} - {""}
    if zones:
        yield f"{len(zones)} zone{'s' if len(zones) > 1 else ''}"
    ways = [way for route in group.of("aws:ec2/route:Route") if (way := _way_out(route))]
    if ways:
        yield "out: " + " and ".join(dict.fromkeys(ways))
    gateways = len(group.of("aws:ec2/natGateway:NatGateway"))
    if gateways > 1:
        yield f"{gateways} NAT gateways"


def _way_out(route: Resource) -> str:
    destination = text(route.inputs.get("destinationCidrBlock")) or text(route.inputs.get("destinationIpv6CidrBlock"))
    if destination not in _ANYWHERE:
        return ""
    ways = {
        "natGatewayId": "NAT gateway",
        "networkInterfaceId": "NAT instance",
        "egressOnlyGatewayId": "IPv6",
        "transitGatewayId": "transit gateway",
        "vpcPeeringConnectionId": "peering",
    }
    return next((way for key, way in ways.items() if route.inputs.get(key) is not None), "")


def _endpoints(group: Group) -> Iterator[str]:
    free: list[str] = []
    paid: list[str] = []
    for endpoint in group.of("aws:ec2/vpcEndpoint:VpcEndpoint"):
        service = text(endpoint.inputs.get("serviceName")).split(".", 3)[-1] or "?"
        (paid if endpoint.inputs.get("vpcEndpointType") == "Interface" else free).append(service)
    if free:
        named = " and ".join(_SPELLED.get(service, service) for service in sorted(free))
        yield f"{named} endpoint{'s' if len(free) > 1 else ''}, free"
    if paid:
        yield f"endpoints {' '.join(sorted(paid))}"
    if group.of("aws:ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint"):
        yield "Instance Connect"


def _machines(group: Group) -> Iterator[str]:
    kinds = Counter(text(one.inputs.get("instanceType")) or "?" for one in group.of("aws:ec2/instance:Instance"))
    for kind, count in kinds.items():
        yield f"{count} × {kind}" if count > 1 else kind
    for scaling in group.of("aws:autoscaling/group:Group"):
        low, high = scaling.inputs.get("minSize"), scaling.inputs.get("maxSize")
        templates = group.of("aws:ec2/launchTemplate:LaunchTemplate")
        kind = text(templates[0].inputs.get("instanceType")) if templates else ""
        yield f"{low} to {high} × {kind or 'instances'}" if low != high else f"{low} × {kind or 'instances'}"


def _containers(group: Group) -> Iterator[str]:
    for service in group.of("aws:ecs/service:Service"):
        definition = next(iter(group.of("aws:ecs/taskDefinition:TaskDefinition")), None)
        count = service.inputs.get("desiredCount", 1)
        size = ""
        if definition is not None:
            cpu, memory = (text(definition.inputs.get(key)) for key in ("cpu", "memory"))
            if cpu.isdigit() and memory.isdigit():
                size = f" {int(cpu) / 1024:g} vCPU {int(memory) / 1024:g} GB"
        yield f"Fargate{size}" + (f" × {count}" if count != 1 else "")


def _ports(group: Group) -> Iterator[str]:
    """Ports that something else of the stack may call this group on."""
    ours = {group_.id for group_ in group.of("aws:ec2/securityGroup:SecurityGroup")}
    seen: list[str] = []
    for rule in group.graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        if text(rule.inputs.get("securityGroupId")) in ours:
            low, high = rule.inputs.get("fromPort"), rule.inputs.get("toPort")
            protocol = text(rule.inputs.get("ipProtocol"))
            if isinstance(low, int) and protocol in ("tcp", "udp"):
                seen.append(f"{protocol} {low}" if low == high else f"{protocol} {low}-{high}")
    machines = group.of("aws:ec2/instance:Instance", "aws:ecs/service:Service", "aws:autoscaling/group:Group")
    if seen and machines:
        yield " and ".join(sorted(set(seen)))


def _balancers(group: Group) -> Iterator[str]:
    for balancer in group.of("aws:lb/loadBalancer:LoadBalancer"):
        kind = {"network": "NLB", "gateway": "GWLB"}.get(text(balancer.inputs.get("loadBalancerType")), "ALB")
        yield f"{'internal' if balancer.inputs.get('internal') is True else 'internet-facing'} {kind}"
    for listener in group.of("aws:lb/listener:Listener"):
        yield f"{text(listener.inputs.get('protocol')) or 'port'} {listener.inputs.get('port', '')}".strip()
    if group.of("aws:apigateway/vpcLink:VpcLink"):
        yield "VPC link v1"
    if group.of("aws:apigatewayv2/vpcLink:VpcLink"):
        yield "VPC link v2"
    if group.of("aws:servicediscovery/service:Service"):
        yield "Cloud Map"


def _functions(group: Group) -> Iterator[str]:
    for function in group.of("aws:lambda/function:Function"):
        inputs = function.inputs
        architecture = text(next(iter(items(inputs.get("architectures"))), "")) or "x86_64"
        yield f"{inputs.get('memorySize', 128)} MB {architecture} · {inputs.get('timeout', 3)} s"
        reserved = inputs.get("reservedConcurrentExecutions")
        if isinstance(reserved, int) and reserved >= 0:
            yield f"at most {reserved} at once"


def _apis(group: Group) -> Iterator[str]:
    for api in group.apis:
        yield {ApiKind.HTTP: "HTTP API", ApiKind.PRIVATE: "private REST API"}.get(api.kind, f"{api.kind.value} API")
        yield from _routes(api)
        limits = {throttle.loosest(api, call) for call in api.calls}
        if len(limits) == 1:
            yield str(limits.pop() or "no throttle")
        elif limits:
            yield throttle.spread(api, api.calls)
        asks = set.intersection(*(set(call.requires) for call in api.calls)) if api.calls else set()
        if asks - {Requirement.UNKNOWN}:
            yield " and ".join(sorted(ask.value for ask in asks - {Requirement.UNKNOWN})) + " required"
        if api.acl is not None:
            yield "WAF"


def _routes(api: Api) -> Iterator[str]:
    """Methods by path; what is under a path is not said beside it."""
    shown = by_path(api.calls)
    yield from shown[:3]
    if len(shown) > 3:
        yield f"{len(shown) - 3} more paths"


def _around(group: Group) -> Iterator[str]:
    """What stands beside: domains, keys, alarms, budgets, logs."""
    for domain in group.of("aws:apigateway/domainName:DomainName", "aws:apigatewayv2/domainName:DomainName"):
        yield text(domain.inputs.get("domainName")) or "own domain"
    plans = [str(plan(group.graph, one)) for one in group.of("aws:apigateway/usagePlan:UsagePlan")]
    keys = len(group.of("aws:apigateway/apiKey:ApiKey"))
    yield from plans or ([f"{keys} key{'s' if keys > 1 else ''}"] if keys else [])
    alarms = len(group.of("aws:cloudwatch/metricAlarm:MetricAlarm"))
    if alarms:
        yield f"{alarms} alarm{'s' if alarms > 1 else ''}"
    for budget in group.of("aws:budgets/budget:Budget"):
        yield f"alert at ${text(budget.inputs.get('limitAmount')).removesuffix('.0')} a month"
    if group.of("aws:ec2/flowLog:FlowLog"):
        yield "flow logs"


_TELLERS: Final[tuple[Callable[[Group], Iterator[str]], ...]] = (
    _network,
    _endpoints,
    _machines,
    _containers,
    _ports,
    _balancers,
    _functions,
    _apis,
    _around,
)


def of_component(resource: Resource) -> str:
    """What a component without resources of its own says of itself: the plain values that it was given."""
    values: Mapping[str, Any] = {**resource.inputs}
    plain = [value for value in values.values() if isinstance(value, str) and 0 < len(value) <= 60]
    return " · ".join(plain[:3])
