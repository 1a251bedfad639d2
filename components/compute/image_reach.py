"""Whether a backend can fetch its image, and send its logs, from the network that it is in."""

from collections.abc import Iterator

from ..arguments.errors import as_errors, refuse
from ..arguments.faults import Fault
from ..facts import container_image
from ..facts.egress_modes import EGRESS_MODES, OVER_IPV4, Need, can_reach, suggest_egress
from .backend_args import BackendArgs, BackendLogsArgs
from .ec2_args import Ec2BackendArgs


def refuse_unreachable_image(component: str, args: BackendArgs, *, over_ipv4: bool) -> None:
    """Raises ArgumentError if nothing in `egress` or among the endpoints leads to the image. An output passes.

    `over_ipv4`: whether the backend calls registries by names without IPv6 addresses, as Fargate does.
    """
    refuse(as_errors(component, _find_unreachable(args, over_ipv4=over_ipv4)))


def refuse_unreachable_logs(args: Ec2BackendArgs) -> None:
    """Raises ArgumentError if logs are wanted and nothing leads to CloudWatch Logs: they would be lost in silence."""
    if isinstance(args.logs, BackendLogsArgs) and not args.reaches(Need.LOGS):
        allowed = f"logs only in a network that reaches CloudWatch Logs; egress is {[*args.egress]}"
        ways = suggest_egress(args.egress, args.endpoint_services, Need.LOGS).replace("network.", "")
        refuse(as_errors("Ec2Backend", [Fault("logs", "set", allowed, f"in the network, {ways}")]))


def _find_unreachable(args: BackendArgs, *, over_ipv4: bool) -> Iterator[Fault]:
    if not isinstance(args.image, str):
        return
    image = container_image.parse(args.image)
    in_s3 = image.place is container_image.Place.S3 and args.s3_prefix_list_id is None
    for need in [*sorted(image.needs), *([Need.GATEWAY_ENDPOINT] if in_s3 else [])]:
        wanted = OVER_IPV4.get(need, need) if over_ipv4 else need
        if args.reaches(wanted):
            continue
        modes = [mode for mode in EGRESS_MODES if can_reach((mode,), (), wanted)]
        allowed = f"an image that the backend can fetch: egress {[*args.egress]} does not lead to {wanted.value}"
        remedy = f"give the network egress {modes[0]}"
        if not args.egress:
            # Without egress, it may be that of the network, or not passed.
            remedy += ", and pass the network's egress to the backend: in Python, **network.client() does"
        yield Fault("image", args.image, allowed, remedy)
