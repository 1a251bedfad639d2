"""Rules of the network."""

from collections.abc import Iterator
from typing import Final

from ....arguments.addresses import split_host_and_port
from ....facts import endpoint_ports
from ....facts.egress_modes import Need, can_reach, has_only_ipv6_egress
from ....facts.endpoint_services import WITHOUT_REGION, find_only_region
from ....facts.host_names import find_other_protocol, find_usual_port, is_private_name
from ....facts.limits import HTTP_PORT, HTTPS_PORT, SMTP_PORT
from ....nat.machine_faults import find_machine_faults
from ....network import subnets
from ....network.network_args import ECR_IMAGES, check_endpoints, check_private_range, list_unused_nat
from ....network.vpc_endpoints import S3
from ..api import Api
from ..backend import Backend, Container, Ec2
from ..egress import find_own_endpoint, list_modes
from ..mistakes import Mistake
from ..network import AdoptedNetwork, NewNetwork
from ..section import convert_to_camel
from ..unknown import require_known
from .rule import convert_faults, make_mistake, refuse_fields, register

_SES: Final = "email-smtp"
Network = NewNetwork | AdoptedNetwork


@register
def check_range(network: Network) -> Iterator[Mistake]:
    if isinstance(network, NewNetwork):
        yield from convert_faults("network", check_private_range(network.cidr))


@register
def check_range_size(network: Network) -> Iterator[Mistake]:
    if not isinstance(network, NewNetwork):
        return
    zones = network.zone_count
    try:
        subnets.plan_subnets(network.cidr, zones)
    except ValueError as error:
        room = "one zone" if zones == 1 else f"{zones} zones"
        yield make_mistake("network.cidr", network.cidr, f"a range with room for {room}", str(error))


@register
def check_groups_of_another_vpc(network: Network, backend: Backend, api: Api) -> Iterator[Mistake]:
    """A rule names groups of its own VPC, or of one that is peered with it: the VPC is yet to be created."""
    if not isinstance(network, NewNetwork):
        return
    callers = {"backend": backend, **{f"api.{key}": one for key, one in api.functions_in_vpc.items()}}
    named = {
        f"{place}.calls.{name}.securityGroupId": server.security_group_id
        for place, caller in callers.items()
        for name, server in getattr(caller, "calls", {}).items()
    }
    groups = api.private.allow_security_group_ids.values()
    named |= {f"api.private.allowSecurityGroupIds[{index}]": group for index, group in enumerate(groups)}
    for key, group in named.items():
        if group:
            allowed = "a group only with a network that exists: AWS refuses a rule that names a group of another VPC"
            remedy = "name the range of its addresses instead, or the network of the group in network.vpcId"
            yield make_mistake(key, group, allowed, remedy)


@register
def check_nat(network: Network) -> Iterator[Mistake]:
    if not isinstance(network, NewNetwork):
        return
    for field, (allowed, remedy) in list_unused_nat(network.egress).items():
        yield from refuse_fields("network", network, [field], allowed, convert_to_camel(remedy))
    nat = network.nat_instance
    faults = find_machine_faults(require_known(nat.instance_type), nat.image_id, nat.disk_gib)
    yield from convert_faults("network.natInstance", faults)


@register
def check_s3_endpoint(network: Network, backend: Backend, api: Api) -> Iterator[Mistake]:
    if isinstance(network, NewNetwork):
        by_image = isinstance(backend, Container) and (bool(backend.image_bucket) or backend.pulls_from_ecr)
        read = bool(network.readable_buckets) or by_image
    else:
        read = ECR_IMAGES in network.served
    callers = [backend, *api.functions_in_vpc.values()]
    called = any(one.kind == "bucket" for caller in callers for one in getattr(caller, "permissions", {}).values())
    if (
        S3 in network.endpoints
        and not (read or called)
        and not can_reach(list_modes(network), (), Need.GATEWAY_ENDPOINT)
    ):
        allowed = "an endpoint for S3 that admits something; this one would admit no bucket"
        more = "" if isinstance(network, AdoptedNetwork) else " s3-packages, or network.buckets"
        yield make_mistake("network.endpoints", S3, allowed, f"take it out, or name network.egress{more}")


@register
def check_endpoint_services(network: Network, region: str | None) -> Iterator[Mistake]:
    for index, name in enumerate(network.served):
        existing = index - len(network.endpoints)
        key = f"endpoints[{index}]" if existing < 0 else f"existingEndpoints[{existing}]"
        if where := _locate_global_service(name, region):
            allowed = f"a service with an endpoint in the stack's region; {name} is global: {where}"
            yield make_mistake(f"network.{key}", name, allowed, "take it out, and reach the service through a NAT")
    yield from convert_faults("network", check_endpoints(network.endpoints, network.served[len(network.endpoints) :]))


def _locate_global_service(name: str, region: str | None) -> str:
    """Where a global service has its endpoint. Empty if that may be the stack's region."""
    if name in WITHOUT_REGION:
        return f"its endpoint is com.amazonaws.{name}, which Gatehouse does not create"
    only = find_only_region(name, region) if region is not None else None
    return f"only {only} has one" if only else ""


@register
def check_required_hosts(network: Network, backend: Backend, api: Api, region: str | None) -> Iterator[Mistake]:
    """A backend's group lets out tcp 80, 443 and the ports that hosts name. Functions in the VPC have `calls`."""
    calls = [call for function in api.functions_in_vpc.values() for call in function.calls.values()]
    for index, required in enumerate(network.required_hosts):
        host, port = split_host_and_port(required)
        endpoint = find_own_endpoint(host, network, region)
        if is_private_name(host) and not endpoint:
            allowed = "a host on the internet: this name is of a private address"
            remedy = "take it out, and name the server's group or range in calls of the backend, or of a function"
        elif endpoint and port is not None and not endpoint_ports.is_open(endpoint, port):
            ports = endpoint_ports.format_ports(endpoint_ports.list_service_ports(endpoint))
            allowed, remedy = f"a port of the endpoint of {endpoint}: {ports}", "name one of them"
        elif endpoint or port in (HTTP_PORT, HTTPS_PORT):
            continue
        elif port == SMTP_PORT:
            allowed = f"another port: AWS blocks {SMTP_PORT} on its way to the internet"
            remedy = "name 587; if AWS has lifted this for the account, name the server's range in backend.calls"
        elif port is not None and not isinstance(backend, Container) and all(call.port != port for call in calls):
            allowed = "a port that something calls: the stack has no backend in its network"
            remedy = f"take :{port} out, or name it in calls of a function in the VPC"
        elif port is None and isinstance(backend, Container) and not calls and (protocol := find_other_protocol(host)):
            allowed = f"host:port, since this name is of {protocol}: without a port, only tcp 80 and 443 are open"
            ses = f"; for SES, network.endpoints: [{_SES}] does" if protocol == "SMTP" else ""
            remedy = f"write {host}:{find_usual_port(host) or 'PORT'}, or backend.calls for a server in the VPC{ses}"
        else:
            continue
        yield make_mistake(f"network.requiredHosts[{index}]", required, allowed, remedy)


@register
def check_ecr_endpoints(network: Network, backend: Backend) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html"""
    unused = [name for name in network.served if name in ("ecr.api", "ecr.dkr")]
    pulls = isinstance(backend, Ec2) and backend.pulls_from_ecr
    if unused and pulls and has_only_ipv6_egress(list_modes(network)):
        allowed = "no ECR endpoints if an instance pulls its image over IPv6: dual-stack names do not resolve to them"
        yield make_mistake(
            "network.endpoints", ", ".join(unused), allowed, "remove them, or name another network.egress"
        )
