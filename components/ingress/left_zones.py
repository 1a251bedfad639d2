"""Refuses to take a zone from an ALB in which copies of the backend still run.

The engine updates the balancer before the backend, and a balancer sends nothing to targets in a zone that it left.
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
"""

import pulumi

from ..resource_hooks.refused_updates import RefusedUpdateError


def refuse_left_zones(args: pulumi.ResourceHookArgs) -> None:
    """Raises RefusedUpdateError if the copies of the state before are in more zones than the balancer keeps."""
    old, new = args.old_inputs or {}, args.new_inputs or {}
    # Another VPC has other subnets, and an NLB is replaced.
    if old.get("kind") != "alb" or new.get("kind") != "alb" or old.get("vpc_id") != new.get("vpc_id"):
        return
    before, after = (inputs.get("subnet_ids") for inputs in (old, new))
    if not isinstance(before, list) or not isinstance(after, list):
        return
    copies = int(old.get("target_zones") or len(before))
    if len(after) < min(copies, len(before)):
        raise RefusedUpdateError(
            f"{args.name}: copies of the backend are in {copies} zones, and the balancer would leave all but "
            f"{len(after)} of them first: calls to the others would fail. First set backend.zones to {len(after)} (in "
            "a program: fewer subnet_ids of the backend, and target_zones) and run `pulumi up`. When the copies have "
            "moved, take the zones out of the network"
        )
