"""Traps of the AWS provider in anybody's program, from the table `review.aws.catalog.traps`."""

from collections.abc import Iterator
from typing import Any, Final

from ..aws.catalog.naming import is_freed_first
from ..aws.catalog.provider_facts import provider_facts
from ..aws.catalog.traps import TRAPS, Kind, Trap, of_kind
from ..graph import UNKNOWN, Resource, revealed
from ..graph.given import is_ignored
from ..graph.reading import goes_first, peek
from ..reach import Reach
from .registry import Severity, rule

_FREED: Final = [
    trap
    for trap in TRAPS
    if trap.kind is Kind.FIXED_NAME or (trap.kind is Kind.ONE_OBJECT and "delete_before_replace" in trap.remedy)
]
"""What has to go before its replacement comes."""


def _types(kind: Kind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(trap.type for trap in TRAPS if trap.kind is kind))


@rule("TRAP-01", Severity.HIGH, on=_types(Kind.DROPPED_EMPTY))
def blocks_are_not_empty(resource: Resource) -> Iterator[str]:
    """No block is empty that the provider drops when it is empty.

    Why: The provider does not send the block, and plans it again on every update: at worst as a replacement.
    Remedy: Write a value into the block, or take the block out.
    https://github.com/hashicorp/terraform-provider-aws/issues/44285
    """
    for trap in of_kind(Kind.DROPPED_EMPTY, resource.type):
        for key in trap.inputs:
            value = peek(resource, key)
            if value == {} or (isinstance(value, dict) and all(inner is None for inner in value.values())):
                yield f"{key} of {resource.name} is empty, so that the provider does not send it: {trap.remedy}"


@rule("TRAP-02", Severity.HIGH, on=_types(Kind.PLANS_FOREVER), program_only=True)
def check_of_the_interface_is_left_alone(reach: Reach, resource: Resource) -> Iterator[str]:
    """A machine that takes its network interface by primary_network_interface leaves the interface's check alone.

    Why: The provider's next update turns the source and destination check on again: a NAT instance then forwards
    nothing, and no health check shows it.
    Remedy: Add sourceDestCheck to ignore_changes of the instance.
    https://github.com/hashicorp/terraform-provider-aws/issues/44768
    """
    if resource.inputs.get("primaryNetworkInterface") is None or is_ignored(resource, "sourceDestCheck"):
        return
    for interface in reach.model.graph.of_type("aws:ec2/networkInterface:NetworkInterface"):
        named = interface.urn in resource.property_dependencies.get("primaryNetworkInterface", ())
        if named and interface.inputs.get("sourceDestCheck") is False:
            yield f"the second update turns the source and destination check of {interface.name} on again"


@rule("TRAP-03", Severity.MEDIUM, on=tuple(dict.fromkeys(trap.type for trap in _FREED)), program_only=True)
def fixed_names_are_freed_first(_reach: Reach, resource: Resource) -> Iterator[str]:
    """A resource whose name AWS admits once is deleted before it is replaced.

    Why: The engine creates the replacement first. AWS refuses it, or takes it away with the old one.
    Remedy: Set delete_before_replace, or let the provider make the name up.
    https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/
    """
    if is_freed_first(resource):
        return
    for trap in (trap for trap in _FREED if trap.type == resource.type):
        others = _replacing(resource) - {*trap.inputs}
        if resource.inputs.get(trap.inputs[0]) not in (None, UNKNOWN) and others and goes_first(resource) is None:
            kept, other = " and ".join(trap.inputs), " or ".join(sorted(others))
            yield f"{resource.name} keeps its {kept} if another {other} replaces it: {trap.remedy}"


@rule("TRAP-04", Severity.HIGH, on=_types(Kind.ONE_OBJECT), displaces=True)
def objects_are_declared_once(reach: Reach, resource: Resource) -> Iterator[str]:
    """Nothing that AWS has once is declared twice, such as the policy of a bucket, or its notifications.

    Why: The second takes the place of the first without an error, and each later update may turn it round.
    Remedy: Declare both as one resource.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
    """
    for trap in of_kind(Kind.ONE_OBJECT, resource.type):
        own = _values(trap, resource)
        near = (other for other in reach.model.graph.of_type(resource.type) if other.urn < resource.urn)
        others = (other for other in near if (other.region, other.provider) == (resource.region, resource.provider))
        for other in others if UNKNOWN not in own and own[0] is not None else ():
            if _values(trap, other) == own and not other.existing:
                same = " and ".join(key for key, value in zip(trap.inputs, own, strict=True) if value is not None)
                yield f"{resource.name} and {other.name} are one in AWS, which has one of the same {same}"


def _values(trap: Trap, resource: Resource) -> list[Any]:
    return [revealed(resource.inputs.get(key)) for key in trap.inputs]


def _replacing(resource: Resource) -> set[str]:
    """Inputs of the resource that replace it."""
    facts = provider_facts(resource.type)
    return {key for key in facts.replaces if key in resource.inputs} - {"region"} if facts else set()
