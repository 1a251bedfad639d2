"""Limitations of a stack: what its egress does not reach, its speed, single points of failure, and streams."""

from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog import types
from ..aws.compute.architecture import find_for_instance_type
from ..aws.model.model import AwsModel
from ..cost.prices import Prices
from ..facts import limits
from ..facts.instance_types import IMAGE_PLATFORM_TAG
from ..graph import Resource, reveal_all
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..graph.reading import as_list, as_mapping, as_text, find_referenced, get_declared_input, get_output
from ..reach import Reach
from ..reach.inbound import BACKENDS
from ..reach.outbound import Outbound
from ..reach.path import INTERNET, Kind
from ..reach.statements import Part

_SUSTAINED_MBIT: Final = {"t4g.nano": 32, "t4g.small": 128}
"""Sustained bandwidth of a NAT instance of the type; bursts are wider. Other types are not confirmed.

https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
"""
_ZONES_UNKNOWN: Final = (
    "AWS offers some services in some zones only; whether the endpoint's zones are among them is not known here. The"
    " deployment fails if they are not"
)
_ANSWERS_FOR_EVERY_API: Final = (
    "inside its VPC all execute-api names of the region lead to it, and public APIs answer 403 there, except at domains"
    " of their own; without private DNS (api.private.privateDns: false) their names keep their public addresses"
)
"""https://repost.aws/knowledge-center/api-gateway-vpc-connections"""
SLASH_LOST: Final = (
    "a slash at the end of a path does not reach the backend: /orders/ arrives as /orders. A backend that redirects to"
    " the path with the slash does so endlessly"
)
_IPV6_ONLY: Final = "hosts that have only IPv4 cannot be reached, such as GitHub and most services of other companies"
_LOG_STAYS: Final = "its log stays on the instance and ends with it (backend.logs)"

Limitation = tuple[str, str]
"""A sentence, and the name of what it applies to."""


class Limitations:
    """Collects the limitations of one stack."""

    def __init__(self, reach: Reach, model: AwsModel, prices: Prices) -> None:
        self._reach, self._model, self._prices = reach, model, prices
        self._graph, self._statements = reach.graph, reach.statements

    def list_sentences(self) -> list[str]:
        """Returns a sentence for each limitation, with the names of those that it applies to."""
        found = [
            *self._list_of_programs(),
            *self._list_zone_crossings(),
            *self._list_of_entries(),
            *self._list_of_apis(),
        ]
        groups = group_pairs(found)
        return [f"{join_names(dict.fromkeys(names))}: {limitation}" for limitation, names in groups.items()]

    def _list_of_programs(self) -> Iterator[Limitation]:
        for part in self._statements.list_of(*BACKENDS, "ApiConsumer", "ApiFunction"):
            if part.kind == "Ec2Backend" and part.resource.inputs.get("image") and not self._list(part, *_LOG_GROUPS):
                yield _LOG_STAYS, part.name
            yield from ((sentence, part.name) for sentence in _list_unknown_platforms(part))
            if not part.get("leads", "anywhere"):
                yield from ((sentence, part.name) for sentence in self._list_of_egress(part))

    def _list_of_egress(self, part: Part) -> Iterator[str]:
        network, out = Outbound(self._statements).find_network(part), part.get_map("leads", "out")
        if {"nat-gateway", "nat-instance"} & out.keys():
            if network is not None and network.get("routes") != "unknown":
                yield from self._list_of_nat(network)
        elif "ipv6" in out:
            yield _IPV6_ONLY
        elif network is None or network.get("routes") != "unknown":
            paths = (path for path in self._reach.paths if path.kind is Kind.OUTBOUND and path.origin is part.resource)
            ends = [
                (path.target, path.hops[-1].label if path.hops else "tcp")
                for path in paths
                if path.open and path.target != INTERNET
            ]
            reached = [f"{end} ({label})" if label and not label.startswith("tcp") else end for end, label in ends]
            but = f" but {join_names(dict.fromkeys(reached))}" if reached else ""
            yield f"nothing outside the network can be reached{but}"

    def _list_of_nat(self, network: Part) -> Iterator[str]:
        if "nat-gateway" not in network.get_map("out"):
            for nat in self._statements.list_of("NatInstance"):
                if nat.resource.parent == network.resource.urn:
                    yield self._describe_nat_instance(nat)
            return
        gateways = self._list(network, *types.NAT_GATEWAY)
        zones = {_read_zone(subnet) for subnet in self._list(network, *types.SUBNET)} - {""}
        regional = any(as_text(get_declared_input(one, "availabilityMode")) == "regional" for one in gateways)
        if len(gateways) == 1 and len(zones) > 1 and not regional:
            home, billed = self._find_zone(gateways[0]), self._format_zone_price(gateways[0].region)
            yield (
                f"out of {len(zones)} zones through one NAT gateway{f' ({home})' if home else ''}: data crosses "
                f"zones{billed}, and a failure of that zone cuts all of them off"
            )

    def _describe_nat_instance(self, nat: Part) -> str:
        machines, cards = (self._list(nat, *kinds) for kinds in (types.INSTANCE, types.INTERFACE))
        kind = as_text(get_declared_input(machines[0], "instanceType")) if machines else ""
        sustained = _SUSTAINED_MBIT.get(kind)
        speed = f"{sustained} Mbit/s sustained" if sustained else f"what {kind or 'its type'} sustains"
        described = ", ".join(filter(None, (kind, self._find_zone(cards[0]) if cards else "")))
        named = f"{nat.name} ({described})" if described else nat.name
        return f"out through one machine, {named}: no more than {speed}, and nothing while it is down"

    def _list_zone_crossings(self) -> Iterator[Limitation]:
        """Requests inside the network that cross zones, which AWS bills in both directions.

        https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer_within_the_same_AWS_Region
        """
        for proxy in self._statements.list_of("ServerlessProxy"):
            called = self._statements.find(proxy.get("to", "group"))
            machines = self._list(called, *types.INSTANCE) if called is not None else []
            functions = self._list(proxy, *types.FUNCTION)
            home = {self._find_zone(machine) for machine in machines} - {""}
            away = {zone for one in functions for zone in self._list_zones(one, "vpcConfig", "subnetIds")} - {""} - home
            if called is not None and len(home) == 1 and away:
                price = self._format_zone_price(machines[0].region)
                there = f"{called.name} ({home.pop()})"
                yield f"data between {join_names(sorted(away))} and {there} crosses zones{price}", proxy.name
        for ingress in self._statements.list_of("PrivateIngress"):
            for balancer in self._list(ingress, *types.LOAD_BALANCER):
                crosses = get_declared_input(balancer, "enableCrossZoneLoadBalancing") is True
                if ingress.get("kind") == "nlb" and crosses and len(as_list(balancer.inputs.get("subnets"))) > 1:
                    price = self._format_zone_price(balancer.region)
                    yield f"data to copies in other zones crosses zones{price}", f"{ingress.name} nlb"

    def _list_of_entries(self) -> Iterator[Limitation]:
        for network in self._statements.list_of("PrivateNetwork"):
            yield from ((_ZONES_UNKNOWN, f"{service} endpoint") for service in network.get_map("endpoints"))
        for endpoint in self._statements.list_of("PrivateApiEndpoint"):
            if endpoint.get("admits") != "unknown":
                yield _ZONES_UNKNOWN, "execute-api endpoint"
            if endpoint.get("privateDns"):
                yield _ANSWERS_FOR_EVERY_API, "execute-api endpoint"

    def _list_of_apis(self) -> Iterator[Limitation]:
        for api in self._statements.list_of("ApiFront"):
            linked = any("link" in target for target in api.get_map("to").values())
            if api.get("kind") != "http" and linked:
                yield SLASH_LOST, api.name
            if origins := _list_origins_without_errors(api):
                yield (
                    f"pages of {join_names(origins)} cannot read the errors of API Gateway itself, "
                    "such as 401, 403 and 429",
                    api.name,
                )
            if streamed := [way for way in api.get_map("ways").values() if "streams" in way]:
                takes_lambda = any(api.get("to", way["to"], "function") for way in streamed)
                yield _describe_streams([way["streams"] for way in streamed], takes_lambda=takes_lambda), api.name

    def _list(self, part: Part, *kinds: str) -> list[Resource]:
        members = self._statements.list_members(part)
        return [resource for resource in self._graph.list_by_type(*kinds) if resource.urn in members]

    def _list_zones(self, resource: Resource, *path: str) -> list[str]:
        return [_read_zone(subnet) for subnet in find_referenced(self._graph, resource, *path, types=types.SUBNET)]

    def _find_zone(self, resource: Resource) -> str:
        return next(iter(self._list_zones(resource, "subnetId")), "")

    def _format_zone_price(self, region: str) -> str:
        price = self._prices.find_price("cross-zone", region)
        return f", at ${price.first:g} a gigabyte each way" if price else ""


_LOG_GROUPS: Final = ("aws:cloudwatch/logGroup:LogGroup",)


def _list_unknown_platforms(part: Part) -> Iterator[str]:
    """Of a container's image, of which no one says for which processor it is built."""
    inputs = part.resource.inputs
    image, kind = as_text(inputs.get("image")), as_text(inputs.get("instance_type"))
    processor = as_text(inputs.get("architecture")) or (find_for_instance_type(kind) if kind else "")
    if (
        part.kind in BACKENDS
        and image
        and processor
        and not as_text(get_declared_input(part.resource, "tags", IMAGE_PLATFORM_TAG))
    ):
        sentence = f"whether {image} is built for {processor} is not known here"
        yield f"{sentence}: `docker image inspect` shows it, and backend.platform names it"


def list_limitations(reach: Reach, model: AwsModel, prices: Prices) -> list[str]:
    """Returns the limitations of a stack."""
    return Limitations(reach, model, prices).list_sentences()


def _list_origins_without_errors(api: Part) -> list[str]:
    """The origins whose pages cannot read the errors that a REST API answers by itself: all but the first.

    The CORS header of a gateway response is a fixed text.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-gatewayResponse-definition.html
    """
    if api.get("kind") == "http" or "preflight" not in api.statement:
        return []
    cors: Any = as_mapping(reveal_all(api.resource.inputs.get("cors")))
    _, *others = [as_text(origin) for origin in as_list(cors.get("origins"))] or [""]
    return sorted(others)


def _describe_streams(seconds: list[float], *, takes_lambda: bool) -> str:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"""
    sentence = (
        f"a streamed response ends after {max(seconds):g} s, or after {limits.STREAM_PAUSE_SECONDS} s without data; "
        f"past {limits.STREAM_UNTHROTTLED_MB} MB it is limited to {limits.STREAM_MB_PER_SECOND} MB/s, and each started "
        f"{limits.STREAM_UNTHROTTLED_MB} MB counts as a call; requests do not stream"
    )
    if takes_lambda:
        sentence += f"; Lambda is paid for while the stream is open, and ends it at {limits.LAMBDA_STREAM_MB} MB"
    return sentence


def _read_zone(subnet: Resource) -> str:
    return as_text(get_output(subnet, "availabilityZone"))
