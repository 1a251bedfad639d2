"""Destinations that a client needs at its start, and whether the network that it is in leads there."""

from collections.abc import Iterator
from typing import NamedTuple

from ..arguments.errors import as_errors, refuse
from ..arguments.faults import Fault
from ..facts import container_image, egress_modes
from ..facts.egress_modes import OVER_IPV4, Need, suggest_egress
from .backend_args import BackendArgs, BackendLogsArgs, EgressArgs
from .ec2_args import Ec2BackendArgs
from .fargate_args import FargateBackendArgs


class Needed(NamedTuple):
    """A destination, and the argument that needs it."""

    key: str
    got: object
    what: str
    need: Need
    bucket: str = ""
    """Bucket that has it, to which a gateway endpoint for S3 may lead."""


def refuse_unreachable(component: str, args: EgressArgs, needed: Iterator[Needed]) -> None:
    """Raises ArgumentError for a destination to which neither `egress` nor an endpoint leads."""
    refuse(as_errors(component, _find_faults(args, needed)))


def list_ec2_needs(args: Ec2BackendArgs) -> Iterator[Needed]:
    """What an instance needs. Only the boot script for a container makes AWS's clients use names with IPv6 addresses.

    A script of your own is not read.
    """
    yield from _list_backend_needs(args)
    if args.image is not None:
        yield Needed("image", args.image, "an instance that can install Docker", Need.PACKAGES, "of Amazon Linux")
    if args.access == "session-manager":
        yield need_sessions(args.access, over_ipv6=args.image is not None)
    # Logs that nobody named are off if the network does not lead to CloudWatch.
    if isinstance(args.logs, BackendLogsArgs):
        yield Needed("logs", "set", "logs only in a network that reaches CloudWatch Logs", Need.LOGS)


def list_fargate_needs(args: FargateBackendArgs) -> Iterator[Needed]:
    """What a task needs before its container starts. Fargate calls AWS and registries by IPv4 names."""
    needed = [*_list_backend_needs(args), Needed("logs", "set", "a task that can send its log", Need.LOGS)]
    if args.build is not None:
        needed.append(Needed("build", args.build, "an image that the backend can fetch", Need.ECR_IMAGE))
    for one in needed:
        yield one._replace(need=OVER_IPV4.get(one.need, one.need))


def need_sessions(access: str, *, over_ipv6: bool = True) -> Needed:
    """What login by Session Manager needs."""
    need = Need.SESSION_MANAGER if over_ipv6 else Need.SESSION_MANAGER_OVER_IPV4
    return Needed("access", access, "Session Manager only in a network that reaches it", need)


def _list_backend_needs(args: BackendArgs) -> Iterator[Needed]:
    what = "an image that the backend can fetch"
    if isinstance(args.image, str):
        image = container_image.parse(args.image)
        if image.place is container_image.Place.S3:
            yield Needed("image", args.image, what, Need.GATEWAY_ENDPOINT, image.bucket)
        for need in sorted(image.needs):
            yield Needed("image", args.image, what, need)
    elif args.image is not None:
        yield Needed("image", "an output", what, Need.ECR_IMAGE)
    for name, arn in args.secrets.items():
        if isinstance(arn, str):
            need = Need.PARAMETERS if ":ssm:" in arn else Need.SECRETS
            yield Needed(f"secrets.{name}", arn, "a secret that the backend can read", need)


def _find_faults(args: EgressArgs, needed: Iterator[Needed]) -> Iterator[Fault]:
    endpoints = [*args.endpoint_services, *args.existing_endpoint_services]
    for one in needed:
        if _leads_to(args, one):
            continue
        ways = suggest_egress(args.egress, endpoints, one.need).replace("network.", "")
        remedy = f"in the network, {ways or f'name {one.bucket} in readable_buckets'}"
        if not args.egress:
            # Without egress, it may be that of the network, or not passed.
            remedy += "; pass the network's egress and endpoints on: in Python, **network.client() does"
        yield Fault(one.key, one.got, f"{one.what}; egress is {[*args.egress]}", remedy)


def _leads_to(args: EgressArgs, needed: Needed) -> bool:
    """Whether the network leads there. A gateway endpoint whose policy is not known may."""
    own = egress_modes.INTERNET & {*args.egress} if needed.need is Need.GATEWAY_ENDPOINT else args.reaches(needed.need)
    if own or not needed.bucket or args.s3_prefix_list_id is None:
        return bool(own)
    return args.s3_buckets is None or any(not isinstance(one, str) or one == needed.bucket for one in args.s3_buckets)
