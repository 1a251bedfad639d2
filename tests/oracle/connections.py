"""Who may open connections to whom: rules of security groups, and the same by the statements."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.facts import egress_modes, endpoint_ports
from components.recording.resources import Resource
from tests.oracle.stack import Fact, Stack, plain

_ANY: tuple[Any, Any] = (None, None)
_PEERS = ("referencedSecurityGroupId", "prefixListId", "cidrIpv4", "cidrIpv6")


def read_rules(stack: Stack) -> set[Fact]:
    """Each rule of a group: direction, group, peer, and ports."""
    return {
        (
            "in" if rule.kind == "SecurityGroupIngressRule" else "out",
            stack.name(given["securityGroupId"]),
            *[stack.name(given[key]) for key in _PEERS if key in given],
            (given.get("fromPort"), given.get("toPort")),
        )
        for rule in stack.list_all("SecurityGroupIngressRule", "SecurityGroupEgressRule")
        for given in [plain(rule)]
    }


def state_rules(stack: Stack) -> set[Fact]:
    """The rules that statements say."""
    found: set[Fact] = set()
    for component, statement in stack.of(*_BY_KIND):
        for caller, called, ports in _BY_KIND[component.kind](stack, component, statement):
            found |= {("out", caller, called, ports)} if caller in _groups(stack, caller) else set()
            found |= {("in", called, caller, ports)} if called in _groups(stack, called) else set()
    return found


Edge = tuple[str, str, Any]
"""Caller, called, and ports."""


def _groups(stack: Stack, name: str) -> set[str]:
    is_group = name.startswith("sg-") or (
        name in stack.graph.resources and stack.graph.resources[name].kind == "SecurityGroup"
    )
    return {name} if is_group else set()


def _one(port: Any) -> tuple[Any, Any]:
    return (port, port)


def _of_proxy(stack: Stack, proxy: Resource, statement: Any) -> Iterator[Edge]:
    to, own = statement["to"], stack.group(proxy)
    called = stack.names(to["group"]) if "group" in to else [*to.get("ranges", {})]
    called += [stack.range_of(to["vpc"])] if "vpc" in to else []
    yield from ((own, each, _one(to["port"])) for each in called)


def _of_ingress(stack: Stack, ingress: Resource, statement: Any) -> Iterator[Edge]:
    """The link may call the listener; a link of the first version passes no rules."""
    if statement["kind"] != "cloud-map" and statement["link"] == "v2":
        balancer = stack.group(ingress, f"{statement['kind']}-group")
        yield stack.group(ingress, "link-group"), balancer, _one(statement["port"])


def _of_service_ingress(stack: Stack, _: Resource, statement: Any) -> Iterator[Edge]:
    shared = stack.owner(stack.name_of(statement["shares"]))
    assert shared is not None
    yield from _of_ingress(stack, shared, statement)


def _of_existing_ingress(stack: Stack, ingress: Resource, statement: Any) -> Iterator[Edge]:
    if statement["link"] == "own":
        called = stack.names(statement["opens"]) if "opens" in statement else []
        called += [stack.range_of(cidr if part is True else part) for cidr, part in statement.get("ranges", {}).items()]
        yield from ((stack.group(ingress, "link-group"), each, _one(statement["port"])) for each in called)


def _of_program(stack: Stack, program: Resource, statement: Any) -> Iterator[Edge]:
    leads = statement["leads"]
    if leads.get("anywhere"):
        return
    own = stack.group(program)
    for caller in statement.get("admits", {}).values():
        yield stack.name_of(caller), own, _one(statement["port"])
    if through := statement.get("people", {}).get("through"):
        yield stack.name_of(through), own, _one(22)
    assert leads.get("out", {}).keys() <= {*egress_modes.EGRESS_MODES}
    nat = bool(egress_modes.NAT & leads.get("out", {}).keys())
    for cidr, is_open in (("0.0.0.0/0", nat), ("::/0", "ipv6" in leads.get("out", {}))):
        yield from ((own, cidr, _one(int(port))) for port in leads.get("ports", {}) if is_open)
    for service in leads.get("gateways", {}) if not nat else ():
        yield own, _find_gateway(stack, service), _one(443)
    if "endpointsAt" in leads:
        for ports in _merge(leads.get("endpoints", {})):
            yield own, stack.name_of(leads["endpointsAt"]), ports
    if "existingAt" in leads:
        for ports in _merge(leads.get("existingEndpoints", {})):
            yield own, stack.range_of(leads["existingAt"]), ports
    for call in leads.get("calls", {}).values():
        yield own, stack.name_of(call["group"]) if "group" in call else call["range"], _one(call["port"])


def _merge(services: Iterable[str]) -> list[tuple[int, int]]:
    return endpoint_ports.merge_ports([one for one in services if one not in ("s3", "dynamodb")] or ["ssm"])


def _find_gateway(stack: Stack, service: str) -> str:
    """The gateway endpoint, whose prefix list a rule names; of an existing one, the list itself."""
    own = [each.urn for each in stack.list_all("VpcEndpoint") if each.inputs["serviceName"].endswith(f".{service}")]
    return own[0] if own else _look_up_prefix_list(stack, service)


def _look_up_prefix_list(stack: Stack, service: str) -> str:
    found = {
        str(result.result.get(key))
        for result in stack.graph.invokes
        for key in ("id", "prefixListId")
        if service in str(result.arguments) and str(result.result.get(key)).startswith("pl-")
    }
    [only] = found
    return only


def _of_network(stack: Stack, network: Resource, statement: Any) -> Iterator[Edge]:
    services = statement.get("endpoints", {})
    if not services:
        return
    ranges = [statement["range"]] if "range" in statement else _find_ranges(stack, statement["vpc"])
    for cidr in ranges:
        yield from ((cidr, stack.group(network, "endpoints-group"), ports) for ports in _merge(services))


def _find_ranges(stack: Stack, vpc: Any) -> list[str]:
    found = [one.result for one in stack.graph.invokes if one.token.endswith(":getVpc") and one.arguments["id"] == vpc]
    cidrs = [each["cidrBlock"] for each in found[0].get("cidrBlockAssociations") or ()]
    return [*dict.fromkeys([found[0]["cidrBlock"], *cidrs])]


def _of_nat(stack: Stack, nat: Resource, statement: Any) -> Iterator[Edge]:
    own = stack.group(nat)
    yield stack.range_of(statement["admits"]["vpc"]), own, _ANY
    if statement["leads"]["anywhere"]:
        yield own, "0.0.0.0/0", _ANY


def _of_endpoint(stack: Stack, endpoint: Resource, statement: Any) -> Iterator[Edge]:
    admits = statement["admits"]
    if not isinstance(admits, Mapping):
        return
    callers = [stack.range_of(admits["vpc"])] if "vpc" in admits else []
    callers += [stack.name_of(one) for key in ("groups", "prefixLists") for one in admits.get(key, {}).values()]
    yield from ((each, stack.group(endpoint), _one(443)) for each in (*callers, *admits.get("ranges", {})))


def _of_service_call(stack: Stack, _: Resource, statement: Any) -> Iterator[Edge]:
    yield stack.name_of(statement["from"]), stack.name_of(statement["to"]), _one(statement["port"])


_BY_KIND = {
    "ServerlessProxy": _of_proxy,
    "PrivateIngress": _of_ingress,
    "ServiceIngress": _of_service_ingress,
    "ExistingIngress": _of_existing_ingress,
    **dict.fromkeys(("Ec2Backend", "FargateBackend", "ApiFunction", "ApiConsumer", "Greeter"), _of_program),
    "PrivateNetwork": _of_network,
    "NatInstance": _of_nat,
    "PrivateApiEndpoint": _of_endpoint,
    "ServiceCall": _of_service_call,
}
