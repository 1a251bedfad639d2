"""Where programs lead: to the internet, to AWS, and to servers by name; and how people get onto machines."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..facts import aws_permissions, endpoint_ports
from ..facts.private_addresses import is_private_range
from ..graph import Resource
from .inbound import BACKENDS
from .path import INTERNET, SESSION, Hop, Kind, Path, make_traffic
from .statements import Part, Statements, describe
from .words import Name

_PROGRAMS: Final = (*BACKENDS, "ApiConsumer", "ApiFunction", "Greeter")
_ROUTES: Final = {
    "ipv6": ("egress-only gateway", "internet (IPv6)"),
    "nat-gateway": ("NAT gateway", "internet (IPv4)"),
    "nat-instance": ("", "internet (IPv4)"),
}
"""By mode of egress: what carries the traffic, and where it leads. A NAT instance has its own name."""
_GATEWAYS: Final = {"dynamodb": ("DynamoDB", "any table"), "s3": ("S3", "any bucket")}


class Outbound:
    """Follows what programs call."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list_paths(self) -> Iterator[Path]:
        """Yields where each program leads, and the rights of its role."""
        for part in self._statements.list_of(*_PROGRAMS):
            yield from self._list_egress(part)
            yield from self._list_rights(part)
        for proxy in self._statements.list_of("ServerlessProxy"):
            yield from self._list_of_forwarder(proxy)
        for call in self._statements.list_of("ServiceCall"):
            yield self._trace_service(call)

    def list_logins(self) -> Iterator[Path]:
        """Yields the ways by which people get onto machines."""
        for part in self._statements.all:
            people = part.get_map("people")
            start = Path(source=SESSION, kind=Kind.PEOPLE).end(part.name, part.resource)
            match people.get("by"):
                case "session-manager":
                    yield self._doubt_routes(start.add(Hop("Session Manager")), part, "Session Manager")
                case "ecs-exec":
                    yield self._doubt_routes(start.add(Hop("ECS Exec")), part, "ECS Exec")
                case "instance-connect":
                    yield start.add(Hop("Instance Connect endpoint"), make_traffic(22))
                case "bastion":
                    yield self._trace_bastion(people.get("through")).end(part.name, part.resource)

    def _trace_bastion(self, group: Any) -> Path:
        owner = self._statements.find(group)
        source = owner.name if owner is not None else f"members of {describe(self._statements.graph, group)}"
        path = Path(source=source, kind=Kind.PEOPLE, origin=owner.resource if owner is not None else None)
        return path.add(make_traffic(22))

    def _doubt_routes(self, path: Path, part: Part, service: str) -> Path:
        network = self.find_network(part)
        if part.kind == "NatInstance":
            return path
        is_unknown = network is None or network.get("routes") == "unknown"
        return path.doubt(f"whether the routes of its network lead to {service}" if is_unknown else "")

    def find_network(self, part: Part) -> Part | None:
        """The network of a program, if a component of the stack states it."""
        vpc = part.get("leads", "network")
        if (found := self._statements.find(vpc)) is not None:
            return found
        networks = self._statements.list_of("PrivateNetwork")
        return next((one for one in networks if isinstance(vpc, str) and one.get("vpc") == vpc), None)

    def _start(self, part: Part) -> Path:
        return Path(source=part.name, origin=part.resource, backend=part.resource, kind=Kind.OUTBOUND)

    def _list_egress(self, part: Part) -> Iterator[Path]:
        leads, start = part.get_map("leads"), self._start(part)
        if leads.get("anywhere"):
            yield start.add(Hop("Lambda's own network")).end("internet (IPv4)", part.resource)
            return
        carried = [*self._list_to_internet(part, leads, start)]
        yield from carried
        yield from self._list_to_gateways(part, leads, start)
        yield from self._list_to_endpoints(leads, start, part.resource)
        called = [*self._list_to_servers(leads, start, part.resource)]
        yield from called
        if not (carried or any(path.target.startswith(INTERNET) for path in called)):
            ranges = [str(call.get("range")) for call in leads.get("calls", {}).values() if "range" in call]
            yield self._trace_to_internet(part, ranges)

    def _list_to_internet(self, part: Part, leads: Mapping[str, Any], start: Path) -> Iterator[Path]:
        network, out = self.find_network(part), leads.get("out", {})
        # Where both kinds of NAT are listed, the gateway carries the traffic.
        modes = [mode for mode in _ROUTES if mode in out and not (mode == "nat-instance" and "nat-gateway" in out)]
        ports = Hop(label=", ".join(f"tcp {port}" for port in sorted(leads.get("ports", {}), key=int)))
        for mode in modes:
            carrier, to = _ROUTES[mode]
            path = start.end(to, part.resource)
            if network is None or network.get("routes") == "unknown":
                yield path.add(ports).doubt("the routes of its network are its owner's")
            elif mode not in network.get_map("out"):
                members = self._statements.list_members(network)
                yield path.add(ports).close(f"{network.name} has no {carrier or 'NAT instance'}", members)
            else:
                nat = self._find_nat(network) if mode == "nat-instance" else None
                hop = Hop(carrier or "NAT instance") if nat is None else Hop(nat.name, resource=nat.resource)
                yield path.add(ports, hop)

    def _find_nat(self, network: Part) -> Part | None:
        instances = self._statements.list_of("NatInstance")
        return next((one for one in instances if one.resource.parent == network.resource.urn), None)

    def _list_to_gateways(self, part: Part, leads: Mapping[str, Any], start: Path) -> Iterator[Path]:
        """To S3 and DynamoDB, whose gateway endpoints are on the routes of the network."""
        network = self.find_network(part)
        narrow = network.get_map("only") if network is not None else {}
        for service in leads.get("gateways", {}):
            name, everything = _GATEWAYS[service]
            if network is None or network.get("routes") == "unknown":
                doubt = f"whether the routes of its network have an endpoint of {name}, and what its policy admits"
                yield start.end(name, part.resource).doubt(doubt)
            else:
                hop = Hop(f"{name} endpoint", _describe_admitted(service, narrow, self._statements.name) or everything)
                yield start.add(hop).end(name, part.resource)

    def _list_to_endpoints(self, leads: Mapping[str, Any], start: Path, by: Resource) -> Iterator[Path]:
        called = map(self._statements.find, (call.get("group") for call in leads.get("calls", {}).values()))
        at, served = leads.get("endpointsAt"), [*leads.get("endpoints", {})]
        doubt = f"whether the endpoints at {self._statements.name(at)} admit it, which no component states"
        unstated = set() if self._statements.find(at) is not None else {*served}
        served += ["execute-api" for part in called if part is not None and part.kind == "PrivateApiEndpoint"]
        served += ["execute-api" for part in self._list_entries_of(leads)]
        for traffic, services in _group_by_ports(served).items():
            path = start.add(Hop("endpoints", traffic)).end(", ".join(sorted(services)), by)
            yield path if unstated.isdisjoint(services) else path.doubt(doubt)
        existing = [service for service in leads.get("existingEndpoints", {}) if service not in _GATEWAYS]
        for traffic in _group_by_ports(existing):
            at = self._statements.name(leads.get("existingAt"))
            yield start.add(Hop(label=traffic)).end(at, by).doubt(f"whether the endpoints in {at} admit it")

    def _list_entries_of(self, leads: Mapping[str, Any]) -> list[Part]:
        """Entries to private APIs that admit a program by its address, since it may call any address over IPv4."""
        calls_any_address = not {"nat-gateway", "nat-instance"}.isdisjoint(leads.get("out", {}))
        entries = self._statements.list_of("PrivateApiEndpoint") if calls_any_address else []
        return [one for one in entries if one.get("admits", "vpc") == leads.get("network")]

    def _list_to_servers(self, leads: Mapping[str, Any], start: Path, by: Resource) -> Iterator[Path]:
        for call in leads.get("calls", {}).values():
            group = self._statements.find(call.get("group"))
            if group is not None and group.kind == "PrivateApiEndpoint":
                continue
            path = start.add(make_traffic(self._statements.name(call.get("port"))))
            if "range" in call:
                anywhere = {"0.0.0.0/0": "internet (IPv4)", "::/0": "internet (IPv6)"}.get(call["range"], call["range"])
                yield path.end(anywhere, by).doubt("whether a route leads there, and the servers admit it")
            elif group is not None:
                yield path.end(group.name, by)
            else:
                yield path.end(self._name_group(call.get("group")), by)

    def _list_rights(self, part: Part) -> Iterator[Path]:
        rights, leads = part.get_map("rights"), part.get_map("leads")
        start, by = self._start(part), part.resource
        if image := rights.get("image"):
            yield start.add(Hop(label="read"), *self._pass_gateway("s3", leads)).end(f"bucket {image}", by)
        for right in rights.get("permissions", {}).values():
            service = aws_permissions.KINDS[right["kind"]].service
            words = Hop(label=", ".join(right["allow"]))
            end = f"{right['kind']} {self._statements.name(right['name'])}"
            yield start.add(words, *self._pass_gateway(service, leads)).end(end, by)
        for arn in rights.get("secrets", {}).values():
            text = self._statements.name(arn)
            _, _, name = aws_permissions.strip_secret_arn(text).partition(":secret:")
            hops = [Hop(label="GetSecretValue")] + [Hop("endpoints")] * ("secretsmanager" in leads.get("endpoints", {}))
            yield start.add(*(hops if name else [Hop(label="read")])).end(f"secret {name}" if name else text, by)
        for arn in rights.get("policies", {}).values():
            policy = self._statements.name(arn)
            yield start.end(f"what the policy {policy} allows", by).doubt("the policy is not read")

    def _pass_gateway(self, service: str, leads: Mapping[str, Any]) -> list[Hop]:
        return [Hop(f"{_GATEWAYS[service][0]} endpoint")] if service in leads.get("gateways", {}) else []

    def _list_of_forwarder(self, proxy: Part) -> Iterator[Path]:
        """Where a forwarder leads that calls no component: to ranges or a group, and no further."""
        to, start = proxy.get_map("to"), self._start(proxy)
        called = self._statements.find(to.get("group"))
        if called is not None:
            return
        hop = make_traffic(self._statements.name(to.get("port")))
        for cidr in to.get("ranges", {}):
            yield (
                start.add(hop).end(cidr, proxy.resource).doubt("whether a route leads there, and the servers admit it")
            )
        if "vpc" in to:
            end = f"anything in {self._statements.name(to['vpc'])}"
            yield start.add(hop).end(end, proxy.resource).doubt("whether the servers there admit it")
        if "group" in to:
            yield start.add(hop).end(self._name_group(to["group"]), proxy.resource)
        yield self._trace_to_internet(proxy, [*to.get("ranges", {})])

    def _name_group(self, group: Any) -> str:
        """A group that leads to no component for sure."""
        outside = "" if self._statements.is_ambiguous(group) else " (outside this stack)"
        return f"{self._statements.name(group)}{outside}"

    def _trace_to_internet(self, part: Part, ranges: Iterable[str]) -> Path:
        """From a program that calls these ranges. Security groups do not filter questions to the resolver of the VPC.

        https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
        """
        path = self._start(part).end(INTERNET, part.resource)
        if not all(map(is_private_range, ranges)):
            return path.doubt("whether a route leads to the addresses that it calls")
        reason = f"{part.name} lets out no connection to the internet, and only asks the VPC's resolver for names"
        return path.close(reason, self._statements.list_members(part))

    def _trace_service(self, call: Part) -> Path:
        """A call from one service of the stack to another."""
        caller, called = (self._statements.find(call.get(key)) for key in ("from", "to"))
        source = caller.name if caller is not None else self._statements.name(call.get("from"))
        path = Path(source=source, origin=caller.resource if caller is not None else call.resource, kind=Kind.OUTBOUND)
        return path.add(make_traffic(call.get("port"))).end(
            str(call.get("service")), called.resource if called is not None else None
        )


def _describe_admitted(service: str, narrow: Mapping[str, Any], name: Name) -> str:
    """What the policy of a gateway endpoint admits, in words; empty if it admits everything."""
    if not narrow:
        return ""
    if service == "dynamodb":
        return "this account's only"
    kinds = [right["name"] for right in narrow.get("permissions", {}).values() if right["kind"] == "bucket"]
    named = dict.fromkeys([*narrow.get("buckets", {}), *map(name, kinds)])
    words = ["Amazon Linux packages"] * bool(narrow.get("packages")) + ["ECR's layers"] * bool(narrow.get("ecrLayers"))
    words += [*named] if len(named) <= 2 else [f"{len(named)} buckets"]
    return " and ".join(words)


def _group_by_ports(services: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for service in dict.fromkeys(services):
        traffic = endpoint_ports.format_ports(endpoint_ports.list_service_ports(service))
        traffic += ", which is assumed" * endpoint_ports.is_assumed(service)
        found.setdefault(traffic, []).append(service)
    return found
