"""Rules of the network."""

from collections.abc import Iterator

from components.network import subnets

from ..mistakes import Mistake
from ..network import AdoptedNetwork, Egress, NewNetwork
from .rule import given, mistake, rule, written

Network = NewNetwork | AdoptedNetwork


@rule
def range_holds_its_zones(network: Network) -> Iterator[Mistake]:
    if isinstance(network, NewNetwork):
        zones = network.zone_count
        try:
            subnets.plan(network.cidr, zones)
        except ValueError as error:
            yield mistake("network.cidr", network.cidr, f"a range with room for {zones} zones", str(error))


@rule
def size_belongs_to_a_nat(network: Network) -> Iterator[Mistake]:
    if not isinstance(network, NewNetwork):
        return
    for field, egress in (("nat_gateways", Egress.NAT_GATEWAY), ("nat_instance", Egress.NAT_INSTANCE)):
        if given(network, field) and egress not in network.egress:
            key = given(network, field)[0]
            yield mistake(
                f"network.{key}",
                written(network, field),
                f"only with egress {egress.value}",
                f"take out {key}, or set network.egress",
            )


@rule
def adopted_subnets_differ(network: Network) -> Iterator[Mistake]:
    if isinstance(network, AdoptedNetwork) and len(set(network.subnet_ids)) != len(network.subnet_ids):
        yield mistake("network.subnetIds", ", ".join(network.subnet_ids), "subnets that differ", "name each once")


@rule
def endpoints_are_named_once(network: Network) -> Iterator[Mistake]:
    for name in sorted({name for name in network.endpoints if network.endpoints.count(name) > 1}):
        yield mistake("network.endpoints", name, "each endpoint once", "take one out")
    if "execute-api" in network.endpoints:
        yield mistake(
            "network.endpoints",
            "execute-api",
            "the endpoints of other services",
            "topology private-api makes this one, with its own security group and policy",
        )
