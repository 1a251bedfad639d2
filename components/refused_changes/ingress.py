"""Changes of a load balancer that AWS would refuse, or that would fail calls."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..facts import limits

_BALANCERS: Final = ("alb", "nlb")


def list_ingress_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yields why an update of PrivateIngress is refused."""
    if before.get("kind") not in _BALANCERS:
        return
    if _ends_balancer(before, after):
        yield from _check_protection(before)
    else:
        yield from _check_protocol(before, after)
        yield from _check_zones(before, after)


def _ends_balancer(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the balancer is deleted, or another one takes its place.

    The provider replaces an NLB that leaves a subnet.
    https://www.pulumi.com/registry/packages/aws/api-docs/lb/loadbalancer/
    """
    if before.get("kind") != after.get("kind") or before.get("vpc_id") != after.get("vpc_id"):
        return True
    was, wanted = before.get("subnet_ids"), after.get("subnet_ids")
    if before["kind"] != "nlb" or not isinstance(was, list) or not isinstance(wanted, list):
        return False
    return any(subnet not in wanted for subnet in was)


def _check_protection(before: Mapping[str, Any]) -> Iterator[str]:
    """The engine deletes the balancer as it is, without an update before."""
    if before.get("deletion_protection") is True:
        yield (
            "AWS refuses to delete its load balancer, which has deletion protection and would be replaced. First set "
            "deletion_protection to false (in a stack file, ingress.deletionProtection) and run `pulumi up`. Then make "
            "this change, with the protection again"
        )


def _check_protocol(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """The provider sends the policy of TLS that it knows with every change, which AWS refuses for a plain listener.

    https://github.com/hashicorp/terraform-provider-aws/issues/1851
    """
    port = int(after.get("port") or limits.HTTP_PORT)
    was, wanted = (inputs.get("certificate_arn") is not None for inputs in (before, after))
    if was != wanted and int(before.get("port") or limits.HTTP_PORT) == port:
        yield (
            f"the listener of port {port} cannot switch TLS {'on' if wanted else 'off'}, which AWS refuses. Change the "
            "port in the same update, for example to 443 with TLS and to 80 without"
        )


def _check_zones(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Copies of the state before that are in more zones than the balancer keeps.

    The engine updates the balancer before the backend, and a balancer sends nothing to targets in a zone that it left.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
    """
    was, wanted = before.get("subnet_ids"), after.get("subnet_ids")
    if before["kind"] != "alb" or not isinstance(was, list) or not isinstance(wanted, list):
        return
    copies = int(before.get("target_zones") or len(was))
    if len(wanted) < min(copies, len(was)):
        yield (
            f"copies of the backend are in {copies} zones, and the balancer would leave all but {len(wanted)} of them "
            f"first: calls to the others would fail. First set backend.zones to {len(wanted)} (in a program: fewer "
            "subnet_ids of the backend, and target_zones) and run `pulumi up`. When the copies have moved, take the "
            "zones out of the network"
        )
