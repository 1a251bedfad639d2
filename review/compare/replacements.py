"""Inputs whose change replaces a resource, and inputs that AWS keeps if a program leaves them out.

The AWS provider's source declares both (`provider_facts.py`). Conditions that it has in code are listed here, for types
that Gatehouse's components declare: https://github.com/hashicorp/terraform-provider-aws, `CustomizeDiff` of each type.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ..aws.catalog.provider_facts import ProviderFacts, find_provider_facts
from ..aws.catalog.tables import load_table
from ..aws.compute.architecture import find_for_instance_type
from ..graph import UNKNOWN, Resource
from ..graph.reading import find_values

Inputs = Mapping[str, Any]
_TARGETS: Final = frozenset(
    (
        *("carrierGatewayId", "coreNetworkArn", "egressOnlyGatewayId", "gatewayId", "localGatewayId"),
        *("natGatewayId", "networkInterfaceId", "transitGatewayId", "vpcEndpointId"),
        "vpcPeeringConnectionId",
    )
)
"""Inputs of a route that say where it leads."""
_MEMBER: Final = re.compile(r"\[[^\]]*\]")
_OF_LAST_COPY: Final = frozenset(("finalSnapshotIdentifier", "finalSnapshotName"))
_ZONES: Final = "availabilityZoneAddresses"
_SOMETIMES: Final[Mapping[str, Mapping[str, Callable[[Inputs, Inputs], bool]]]] = {
    "aws:ec2/instance:Instance": {
        "instanceType": lambda old, new: _find_processor(old) != _find_processor(new),
        "userData": lambda _, new: new.get("userDataReplaceOnChange") is True,
        "userDataBase64": lambda _, new: new.get("userDataReplaceOnChange") is True,
    },
    "aws:ec2/natGateway:NatGateway": {
        "availabilityZoneAddresses": lambda old, new: _appears("availabilityZoneAddresses", old, new)
    },
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlock": lambda old, _: old.get("assignIpv6AddressOnCreation") is True},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"privateDnsEnabled": lambda old, _: old.get("vpcEndpointType") != "Interface"},
    "aws:lb/loadBalancer:LoadBalancer": {
        "subnets": lambda old, new: (
            _is_nlb(old) and not {*list_values(old, "subnets")} <= {*list_values(new, "subnets")}
        ),
        "securityGroups": lambda old, new: _is_nlb(old) and _appears("securityGroups", old, new),
    },
    "aws:wafv2/webAcl:WebAcl": {f"rules.statement.{kind}Statement": lambda *_: False for kind in ("and", "not", "or")},
}
"""By type, inputs that replace the resource only if a condition on all inputs before and after holds."""


def _find_processor(inputs: Inputs) -> str:
    return find_for_instance_type(str(inputs.get("instanceType")))


def _appears(key: str, old: Inputs, new: Inputs) -> bool:
    return bool(old.get(key)) != bool(new.get(key))


def _is_nlb(inputs: Inputs) -> bool:
    return inputs.get("loadBalancerType") == "network"


def list_values(inputs: Any, path: str) -> list[Any]:
    """Every value at a dotted path, also in members of lists."""
    return [value for value in find_values(inputs, *path.split(".")) if value is not None]


def find_replacing_inputs(old: Resource, new: Resource, changed: Iterable[str]) -> tuple[str, ...] | None:
    """The changed inputs, by dotted names, that replace the resource; None if it is not known.

    Inputs of the option `replace_on_changes` count as well.
    """
    by_option = new.options.replace_on_changes
    changed = [*changed]
    names = [name for name in changed if not _replaces_never(name, old, new)]
    conditions, facts = _SOMETIMES.get(new.type, {}), find_provider_facts(new.type)
    always = {*by_option, *(key for key, holds in conditions.items() if holds(old.inputs, new.inputs))}
    undecided: set[str] = set()
    if facts is not None:
        counts = {
            path for path in facts.counted if len(list_values(old.inputs, path)) != len(list_values(new.inputs, path))
        }
        always |= (facts.replaces | counts) - conditions.keys()
        undecided = {path for path in facts.unknown if not _is_within(path, conditions)}
    elif new.type.startswith("aws:"):
        undecided = {"*"}
    # What AWS has chosen for an input that was not written may be the value that is written now.
    chosen = {name for name in names if strip_members(name) in _list_kept(facts) and _is_chosen(name, old, new)}
    names = [name for name in names if name not in chosen]
    may_replace = bool(chosen) and any(_is_within(name, always) for name in chosen)
    certain = tuple(
        name
        for name in (changed if by_option else names)
        if _is_within(name, always) or _brings(name, always, old, new)
    )
    may_replace = may_replace or any(
        _is_within(name, undecided) or _brings(name, undecided, old, new) for name in names
    )
    return certain or (None if may_replace else ())


def _list_kept(facts: ProviderFacts | None) -> tuple[str, ...]:
    return () if facts is None else facts.kept


def _is_chosen(name: str, old: Resource, new: Resource) -> bool:
    """Whether an input is written for the first time, with a value that AWS may have chosen: no other resource."""
    plain = strip_members(name)
    given = list_values(new.inputs, plain)
    is_other = bool(new.property_dependencies.get(plain.partition(".")[0])) or any(
        str(each).startswith("arn:") for each in given
    )
    return not list_values(old.inputs, plain) and True not in given and not is_other


def list_protective_inputs(token: str) -> frozenset[str]:
    """Inputs of a type that protect its data, or decide how long copies are kept. None of them replaces it."""
    table = load_table("holds_data")
    row: Mapping[str, Any] = table["types"].get(token, {})
    rows = [*row.get("softens", ()), *(period for period in table["retention"].get(token, ()) if "rules" not in period)]
    names = {found["input"] for found in rows} | {row.get("refused", {}).get("unless", "")}
    names |= {*table["protected"].get(token, ("",))[:1]}
    return frozenset(names - {""}) | (_OF_LAST_COPY if row else frozenset())


def _replaces_never(name: str, old: Resource, new: Resource) -> bool:
    inert, plain = {"tags", "tagsAll", *list_protective_inputs(new.type)}, strip_members(name)
    if not inert.isdisjoint((plain, name.partition(".")[0])):
        return True
    blocks = [block for side in (old, new) for block in list_values(side.inputs, plain) if isinstance(block, Mapping)]
    return bool(blocks) and all(f"{plain}.{key}" in inert for block in blocks for key in block)


def strip_members(name: str) -> str:
    """The name of an input as the provider's schema has it: `routes[a].cidrBlock` is `routes.cidrBlock`."""
    return _MEMBER.sub("", name)


def _is_within(name: str, paths: Iterable[str]) -> bool:
    """Whether a changed input is one of these, or a part of one. A star stands for all."""
    plain = f"{strip_members(name)}."
    return any(path == "*" or plain.startswith(f"{path}.") for path in map(strip_members, paths))


def _brings(name: str, paths: Iterable[str], old: Resource, new: Resource) -> bool:
    """Whether a block that comes as a whole brings another value of such an input."""
    inner = [path for path in paths if path.startswith(f"{strip_members(name)}.")]
    values = [(list_values(old.inputs, path), list_values(new.inputs, path)) for path in inner]
    return any(now not in ([], [UNKNOWN]) and now != was for was, now in values)


def list_omitted(old: Resource, new: Resource) -> list[str]:
    """Inputs that only the old version gives, and that AWS keeps if a program leaves them out."""
    facts = find_provider_facts(new.type)
    names = facts.kept if facts is not None else ()
    if _TARGETS & new.inputs.keys():
        # A route has one target: another one takes the place of the one that is left out.
        names = tuple(name for name in names if name not in _TARGETS)
    return [name for name in names if list_values(old.inputs, name) and not list_values(new.inputs, name)]
