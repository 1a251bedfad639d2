"""The statement of a private network."""

from ..facts import egress_modes
from ..reach.references import refer, refer_each
from ..reach.statement import Statement, drop_absent, make_set
from .network_args import PrivateNetworkArgs


def state_network(spec: PrivateNetworkArgs) -> Statement:
    """Returns the statement of a network: its ways out, and its endpoints.

    The owner of an existing VPC decides its routes: a deployment checks those to which `egress` leads, and no others.
    """
    is_existing = spec.uses_existing_vpc
    return drop_absent(
        vpc=refer(spec.vpc_id, "Vpc") if is_existing else "own",
        range=None if is_existing else spec.vpc_range,
        out=make_set(spec.egress),
        routes="unknown" if is_existing else None,
        subnets=refer_each(spec.subnet_ids, "Subnet") if is_existing else None,
        gateways=make_set(spec.gateway_endpoints),
        only=_state_endpoint_policies(spec),
        endpoints=make_set(spec.interface_endpoints),
        existing_endpoints=make_set(spec.existing_endpoints),
        instance_connect=spec.instance_connect or None,
        nat_gateways=spec.nat_gateways if egress_modes.NAT_GATEWAY in spec.egress and not is_existing else None,
        rights={"flowLogs": True} if spec.flow_logs_retention_days is not None else None,
    )


def _state_endpoint_policies(spec: PrivateNetworkArgs) -> Statement | None:
    """What the gateway endpoints admit. They are narrow only in a network that does not lead to the internet."""
    allowed = spec.allowed_calls
    if allowed.everything:
        return None
    return drop_absent(
        packages=allowed.packages or None,
        ecr_layers=allowed.ecr_layers or None,
        buckets=make_set(allowed.buckets),
        permissions={
            name: {"kind": permission.kind, "name": refer(permission.name), "allow": make_set(permission.allow)}
            for name, permission in sorted(spec.permissions.items())
        },
    )
