"""Inputs whose change replaces a resource, and inputs that AWS keeps if a program leaves them out.

The AWS provider's source declares both (`provider_facts.py`). Conditions that it has in code are listed here, for types
that Gatehouse's components declare: https://github.com/hashicorp/terraform-provider-aws, `CustomizeDiff` of each type.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..aws.catalog.provider_facts import provider_facts
from ..aws.compute.architecture import of_instance_type
from ..aws.network.routes import TARGETS
from ..graph import UNKNOWN, Resource, reveal

Inputs = Mapping[str, Any]
_MEMBER: Final = re.compile(r"\[[^\]]*\]")
_REPLACES_ON_CHANGE: Final = {
    key: lambda _, new: new.get("userDataReplaceOnChange") is True for key in ("userData", "userDataBase64")
}
_SOMETIMES: Final[Mapping[str, Mapping[str, Callable[[Inputs, Inputs], bool]]]] = {
    "aws:ec2/instance:Instance": {
        **_REPLACES_ON_CHANGE,
        "enablePrimaryIpv6": lambda old, new: old.get("enablePrimaryIpv6") is True is not new.get("enablePrimaryIpv6"),
        "instanceType": lambda old, new: (
            of_instance_type(str(old.get("instanceType"))) != of_instance_type(str(new.get("instanceType")))
        ),
        "ipv6Addresses": lambda old, new: old.get("ipv6AddressCount") == new.get("ipv6AddressCount"),
    },
    "aws:ec2/networkInterface:NetworkInterface": {
        "privateIps": lambda old, new: _members(old, "privateIps").isdisjoint(_members(new, "privateIps")),
    },
    "aws:ec2/natGateway:NatGateway": {
        "availabilityZoneAddresses": lambda old, new: (
            bool(old.get("availabilityZoneAddresses")) != bool(new.get("availabilityZoneAddresses"))
        ),
    },
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlock": lambda old, _: old.get("assignIpv6AddressOnCreation") is True},
    "aws:ec2/vpc:Vpc": {"instanceTenancy": lambda old, _: old.get("instanceTenancy") != "dedicated"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "privateDnsEnabled": lambda old, _: old.get("vpcEndpointType") != "Interface",
    },
    "aws:lb/loadBalancer:LoadBalancer": {
        "subnets": lambda old, new: _is_nlb(old) and not _members(old, "subnets") <= _members(new, "subnets"),
        "subnetMappings": lambda old, _: _is_nlb(old),
        "securityGroups": lambda old, new: (
            _is_nlb(old) and bool(old.get("securityGroups")) != bool(new.get("securityGroups"))
        ),
    },
    "aws:wafv2/webAcl:WebAcl": {f"rules.statement.{kind}Statement": lambda *_: False for kind in ("and", "not", "or")},
}
"""By type, inputs that replace the resource only if a condition on all inputs before and after holds."""


def _members(inputs: Inputs, key: str) -> set[str]:
    return set(map(str, values_at(inputs, key)))


def _is_nlb(inputs: Inputs) -> bool:
    return inputs.get("loadBalancerType") == "network"


def values_at(value: Any, path: str) -> list[Any]:
    """Every value at a dotted path, also in members of lists."""
    values = [reveal(value)]
    for key in path.split("."):
        inner = [reveal(held[key]) for held in values if isinstance(held, Mapping) and key in held]
        members = [member for part in inner for member in (part if isinstance(part, list) else [part])]
        values = [reveal(member) for member in members if member is not None]
    return values


def value_at(value: Any, path: str) -> Any:
    """The first value at a dotted path; None if there is none."""
    return next(iter(values_at(value, path)), None)


def replacing(old: Resource, new: Resource, changed: Iterable[str]) -> tuple[str, ...] | None:
    """The changed inputs, by dotted names, that replace the resource; None if it is not known.

    Inputs of the option `replace_on_changes` count as well.
    """
    by_option = new.options.replace_on_changes
    names = [name for name in changed if by_option or name.partition(".")[0] not in ("tags", "tagsAll")]
    conditions, facts = _SOMETIMES.get(new.type, {}), provider_facts(new.type)
    always = {*by_option, *(key for key, holds in conditions.items() if holds(old.inputs, new.inputs))}
    doubted: set[str] = set()
    if facts is not None:
        counts = {
            path for path in facts.counted if len(values_at(old.inputs, path)) != len(values_at(new.inputs, path))
        }
        always |= (facts.replaces | counts) - conditions.keys()
        doubted = {path for path in facts.unknown if not _is_within(path, conditions)}
    elif new.type.startswith("aws:"):
        doubted = {"*"}
    found = tuple(name for name in names if _is_within(name, always) or _brings(name, always, old, new))
    in_doubt = any(_is_within(name, doubted) or _brings(name, doubted, old, new) for name in names)
    return found or (None if in_doubt else ())


def without_members(name: str) -> str:
    """The name of an input as the provider's schema has it: `routes[a].cidrBlock` is `routes.cidrBlock`."""
    return _MEMBER.sub("", name)


def _is_within(name: str, paths: Iterable[str]) -> bool:
    """Whether a changed input is one of these, or a part of one. A star stands for any beginning."""
    plain = without_members(name)
    return any(
        path in (plain, "*") or plain.startswith(f"{path}.") or (path.startswith("*.") and plain.endswith(path[1:]))
        for path in map(without_members, paths)
    )


def _brings(name: str, paths: Iterable[str], old: Resource, new: Resource) -> bool:
    """Whether a block that comes as a whole brings another value of such an input."""
    for path in paths:
        if path.startswith(f"{without_members(name)}."):
            values = values_at(new.inputs, path)
            if values not in ([], [UNKNOWN]) and values != values_at(old.inputs, path):
                return True
    return False


def left_out(old: Resource, new: Resource) -> list[str]:
    """Inputs that only the old version gives, and that AWS keeps if a program leaves them out."""
    facts = provider_facts(new.type)
    names = facts.kept if facts is not None else ()
    if TARGETS.keys() & new.inputs.keys():
        # A route has one target: another one takes the place of the one that is left out.
        names = tuple(name for name in names if name not in TARGETS)
    return [name for name in names if values_at(old.inputs, name) and not values_at(new.inputs, name)]
