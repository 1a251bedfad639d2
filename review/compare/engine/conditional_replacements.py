"""Inputs whose change replaces a resource under a condition on the inputs before and after.

The provider's docstrings say so. Those that replace it always are in `provider_facts`.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ...aws.compute.architecture import of_instance_type
from ...graph.reading import items, number

_Inputs = Mapping[str, Any]


def _drops(key: str) -> Callable[[_Inputs, _Inputs], bool]:
    """Whether a list loses an element."""
    return lambda old, new: bool({*map(str, items(old.get(key)))} - {*map(str, items(new.get(key)))})


def _ends(key: str, value: Any) -> Callable[[_Inputs, _Inputs], bool]:
    """Whether an input had a value and has another."""
    return lambda old, new: old.get(key) == value and new.get(key) != value


def _appears(key: str) -> Callable[[_Inputs, _Inputs], bool]:
    """Whether a list gets its first element, or loses its last."""
    return lambda old, new: bool(items(old.get(key))) != bool(items(new.get(key)))


def _network_balancer(holds: Callable[[_Inputs, _Inputs], bool]) -> Callable[[_Inputs, _Inputs], bool]:
    return lambda old, new: old.get("loadBalancerType") == "network" and holds(old, new)


def _processor(inputs: _Inputs) -> str:
    return of_instance_type(str(inputs.get("instanceType")))


def _other_engine(old: _Inputs, new: _Inputs) -> bool:
    """Redis becomes Valkey in place, and nothing else becomes another engine."""
    return (old.get("engine", "redis"), new.get("engine")) != ("redis", "valkey")


_CONDITIONS: Final[Mapping[str, Mapping[str, Callable[[_Inputs, _Inputs], bool]]]] = {
    "aws:ec2/instance:Instance": {
        "enablePrimaryIpv6": _ends("enablePrimaryIpv6", True),
        "instanceType": lambda old, new: _processor(old) != _processor(new),
        "ipv6Addresses": lambda old, new: old.get("ipv6AddressCount") == new.get("ipv6AddressCount"),
        "userData": lambda _, new: new.get("userDataReplaceOnChange") is True,
        "userDataBase64": lambda _, new: new.get("userDataReplaceOnChange") is True,
    },
    "aws:ec2/natGateway:NatGateway": {
        # With addresses of one's own in the zones or without is another mode: internal/service/ec2/vpc_nat_gateway.go.
        "availabilityZoneAddresses": _appears("availabilityZoneAddresses")
    },
    "aws:ec2/networkInterface:NetworkInterface": {
        "enablePrimaryIpv6": _ends("enablePrimaryIpv6", True),
        # With its primary address, which is one of them, it stays: internal/service/ec2/vpc_network_interface.go.
        "privateIps": lambda old, new: (
            not {*map(str, items(old.get("privateIps")))} & {*map(str, items(new.get("privateIps")))}
        ),
    },
    "aws:ec2/vpc:Vpc": {
        "instanceTenancy": lambda old, new: (
            (old.get("instanceTenancy"), new.get("instanceTenancy", "default")) != ("dedicated", "default")
        )
    },
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlock": lambda old, _: old.get("assignIpv6AddressOnCreation") is True},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "privateDnsEnabled": lambda old, _: old.get("vpcEndpointType", "Gateway") != "Interface"
    },
    "aws:elasticache/cluster:Cluster": {"engine": _other_engine},
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        "engine": _other_engine,
        # Only before Redis 7: internal/service/elasticache/replication_group.go.
        "transitEncryptionEnabled": lambda old, _: str(old.get("engineVersion", "7"))[:2] in ("3.", "4.", "5.", "6."),
    },
    "aws:lb/loadBalancer:LoadBalancer": {
        "subnets": _network_balancer(_drops("subnets")),
        # A mapping that changes counts as one that is removed: internal/service/elbv2/load_balancer.go.
        "subnetMappings": _network_balancer(
            lambda old, new: not items(old.get("subnetMappings")) or _drops("subnetMappings")(old, new)
        ),
        "securityGroups": _network_balancer(_appears("securityGroups")),
        "secondaryIpsAutoAssignedPerSubnet": _network_balancer(
            lambda old, new: (
                (number(old.get("secondaryIpsAutoAssignedPerSubnet")) or 0)
                > (number(new.get("secondaryIpsAutoAssignedPerSubnet")) or 0)
            )
        ),
    },
    "aws:ssm/parameter:Parameter": {"tier": _ends("tier", "Advanced")},
}
_FILE: Final = Path(__file__).with_name("documented_replacements.json")
_ALWAYS: Final[Mapping[str, list[str]]] = json.loads(_FILE.read_text(encoding="utf-8"))
"""Inputs that the provider does not plan without AWS, or computes as well: by its documentation they replace."""
SOMETIMES: Final[Mapping[str, Mapping[str, Callable[[_Inputs, _Inputs], bool]]]] = {
    kind: {**dict.fromkeys(_ALWAYS.get(kind, ()), lambda *_: True), **_CONDITIONS.get(kind, {})}
    for kind in {**_CONDITIONS, **_ALWAYS}
}
"""By type and input."""
