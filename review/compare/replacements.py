"""Which inputs cannot be changed in place, so that the resource is replaced.

The provider's own plans say so (`aws/provider_facts.py`), but for the inputs below, which replace it under a condition.
Types and inputs of which they say nothing are reported as not known.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..aws.architecture import of_instance_type
from ..aws.provider_facts import provider_facts
from ..graph import Resource
from ..graph.reading import items, number

_Inputs = Mapping[str, Any]
_ELEMENT: Final = re.compile(r"\[\d+\]")


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


_SOMETIMES: Final[Mapping[str, Mapping[str, Callable[[_Inputs, _Inputs], bool]]]] = {
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
    "aws:elasticache/replicationGroup:ReplicationGroup": {
        # Only before Redis 7: internal/service/elasticache/replication_group.go.
        "transitEncryptionEnabled": lambda old, _: str(old.get("engineVersion", "7"))[:2] in ("3.", "4.", "5.", "6.")
    },
    "aws:lb/loadBalancer:LoadBalancer": {
        "subnets": _network_balancer(_drops("subnets")),
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
"""Inputs whose change replaces the resource under a condition on the inputs before and after; the docstrings say so."""


def replaced_by(old: Resource, resource: Resource, changed: Iterable[str]) -> list[str] | None:
    """Those of the changed inputs (dotted, as deep as they differ) that replace the resource.

    None if it is not known of its type or of a changed input. Those of the option `replace_on_changes` count as well.
    """
    changed = list(changed)
    asked = [key for key in changed if _covered(key, resource.options.replace_on_changes)]
    facts = provider_facts(resource.type)
    if facts is None:
        return asked or (None if resource.type.startswith("aws:") else [])
    sometimes = _SOMETIMES.get(resource.type, {})
    replacing = facts.replaces - sometimes.keys()
    found = [key for key in changed if _covered(key, replacing) or _holds(key, replacing, old, resource)]
    now = [key for key, holds in sometimes.items() if holds(old.inputs, resource.inputs)]
    found += [key for key in changed if _covered(key, now)]
    unknown = facts.unknown - sometimes.keys()
    if not found and not asked and any(_covered(key, unknown) for key in changed):
        return None
    return list(dict.fromkeys(found + asked))


def _covered(key: str, replacing: Iterable[str]) -> bool:
    # Elements of lists have no names of their own in the table: `dnsConfig.dnsRecords.type`.
    key = _ELEMENT.sub("", key)
    return any(f"{key}.".startswith(f"{_ELEMENT.sub('', one)}.") or one == "*" for one in replacing)


def _holds(key: str, replacing: Iterable[str], old: Resource, new: Resource) -> bool:
    """Whether a block that comes as a whole, or a list of another length, brings another value of such an input."""
    key = _ELEMENT.sub("", key)
    inner = [one.split(".") for one in replacing if one.startswith(f"{key}.")]
    return any((found := _at(new.inputs, path)) and found != _at(old.inputs, path) for path in inner)


def _at(value: Any, path: list[str]) -> list[Any]:
    """Values at a path, in every element of the lists on the way."""
    if isinstance(value, list):
        return [found for item in value for found in _at(item, path)]
    if not path:
        return [] if value is None else [value]
    return _at(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else []
