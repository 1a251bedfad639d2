"""Arguments of programs in a network, and of every backend with a container."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..arguments.addresses import VpcRangeInput
from ..arguments.connections import RegistrationArgs
from ..arguments.faults import Fault, find_repeated_variables, find_rule_faults
from ..arguments.names import (
    Command,
    EnvironmentName,
    Image,
    KeyArn,
    Name,
    PolicyArns,
    PrefixListId,
    SecretReference,
    SecurityGroupId,
    ServiceName,
    SubnetIds,
    VpcId,
)
from ..arguments.numbers import Copies, Port, RequestsPerMinute, RetentionDays, StartSeconds, Utilization
from ..arguments.secrets import SecretText
from ..arguments.tags import TaggedArgs
from ..arguments.words import EgressModes
from ..facts import defaults, egress_modes, limits
from ..iam.managed_policies import divide_permissions, find_policy_faults
from ..iam.permission_args import PermissionArgs
from ..iam.permission_args import find_permission_faults as permission_faults
from .called_servers import CalledServerArgs, call_faults


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    """Bounds of the number of copies, and targets that every backend can keep."""

    maximum: Copies
    minimum: Copies = 1
    cpu_percent: Utilization | None = None
    """Target for mean CPU utilization, in percent."""
    requests_per_target: RequestsPerMinute | None = None

    @property
    def has_target(self) -> bool:
        """Whether it scales by anything."""
        return self.cpu_percent is not None or self.requests_per_target is not None


@dataclass(frozen=True, kw_only=True)
class Ec2ScalingArgs(ScalingArgs):
    """Bounds of the number of instances, and the targets that scale it."""

    maximum: Copies
    """Maximum number of instances."""
    minimum: Copies = 1
    """Minimum number of instances. Defaults to 1."""
    requests_per_target: RequestsPerMinute | None = None
    """Target for requests per minute and instance. Needs `request_count_label`."""


@dataclass(frozen=True, kw_only=True)
class FargateScalingArgs(ScalingArgs):
    """Bounds of the number of copies, and the targets that scale it."""

    maximum: Copies
    """Maximum number of copies."""
    minimum: Copies = 1
    """Minimum number of copies. It cannot be 0 (docs/choosing.md). Defaults to 1."""
    memory_percent: Utilization | None = None
    """Target for mean memory utilization, in percent (Fargate)."""
    requests_per_target: RequestsPerMinute | None = None
    """Target for requests per minute and copy (behind an ALB).

    Needs `request_count_label`.
    """

    @property
    def has_target(self) -> bool:
        """Whether it scales by anything."""
        return self.memory_percent is not None or super().has_target


@dataclass(frozen=True, kw_only=True)
class EgressArgs:
    """Arguments of a client in a network: what it can reach there. `PrivateNetwork` has outputs of the same names."""

    egress: EgressModes = ()
    """Egress modes of the network (see `PrivateNetwork`). The client can reach only the destinations that these
    allow."""
    s3_prefix_list_id: PrefixListId | None = None
    """Prefix list of S3, if the network has a gateway endpoint for it."""
    s3_buckets: Sequence[pulumi.Input[str]] | None = None
    """Buckets that the endpoint for S3 allows to be read: `client` of the network has them. An image in another bucket
    is refused. Defaults to any."""
    dynamodb_prefix_list_id: PrefixListId | None = None
    """Prefix list of DynamoDB, if the network has a gateway endpoint for it."""
    endpoint_security_group_id: SecurityGroupId | None = None
    """Security group of the interface endpoints that the network declares, if it has any."""
    endpoint_services: Sequence[ServiceName] = ()
    """Services of these endpoints, as in the network's `endpoints`. The client may call their ports. Defaults to HTTPS
    only."""
    endpoint_cidr: VpcRangeInput | None = None
    """IPv4 range of the interface endpoints that an existing network has already, if the client calls any."""
    existing_endpoint_services: Sequence[ServiceName] = ()
    """Services of these endpoints, as in the network's `existing_endpoints`. Defaults to HTTPS only."""

    def reaches(self, need: egress_modes.Need) -> bool:
        """Whether the network's egress or its endpoints serve the need."""
        return egress_modes.can_reach(self.egress, [*self.endpoint_services, *self.existing_endpoint_services], need)


@dataclass(frozen=True, kw_only=True)
class ProgramArgs(EgressArgs):
    """Arguments of a program of your own that calls AWS."""

    permissions: Mapping[Name, PermissionArgs] = field(default_factory=dict)
    """AWS resources that your program may call. Its role gets only the actions that belong to the words in `allow`, on
    these resources.

    No policy and no resource contains these names: renaming an entry changes nothing, unless its `name` is an output.
    """
    policy_arns: PolicyArns = field(default_factory=dict)
    """Managed policies for AWS calls that `permissions` does not cover.

    The key of each becomes part of the name of its attachment. If you rename a key, the old attachment's deletion
    detaches the policy; `pulumi up --refresh` attaches it again.
    """

    calls: Mapping[Name, CalledServerArgs] = field(default_factory=dict)
    """Servers that the backend calls besides those of the network's egress, such as a database in the VPC. The
    backend's group gets a rule for each, and so does a group that you name."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields permissions and policies that no role can have, and servers that no rule can name."""
        yield from find_rule_faults("calls", (server.cidr or "" for server in self.calls.values()))
        yield from [*permission_faults(self.permissions)] or find_policy_faults(self.permissions, self.policy_arns)
        yield from call_faults(self.calls)

    @property
    def own_permissions(self) -> Mapping[str, PermissionArgs]:
        """Those that the role's own policy holds: all, or none."""
        return {} if divide_permissions(self.permissions, self.policy_arns) else self.permissions


@dataclass(frozen=True, kw_only=True)
class BackendLogsArgs:
    """Logs of a backend in CloudWatch."""

    retention_days: RetentionDays = defaults.LOG_RETENTION_DAYS
    """How long they are kept. Defaults to 30."""


@dataclass(frozen=True, kw_only=True)
class BackendArgs(RegistrationArgs, ProgramArgs, TaggedArgs):
    """VPC and secrets of a backend, what it may call, and where it registers."""

    # Of these, each backend has a text of its own.
    subnet_ids: SubnetIds
    image: Image | None = None
    environment: Mapping[EnvironmentName, SecretText] = field(default_factory=dict)
    command: Command = ()
    count: Copies | None = None
    scaling: ScalingArgs | None = None
    vpc_id: VpcId
    """VPC of the backend."""
    secrets: Mapping[EnvironmentName, SecretReference] = field(default_factory=dict)
    """Secrets Manager secrets or SSM parameters by ARN, as environment of the container; read at each start."""
    start_seconds: StartSeconds = defaults.START_SECONDS
    """Seconds that a new copy may take from the start of its container until it answers. It is replaced only if its
    health checks fail after that. Updates wait as much longer. Defaults to 300."""
    internet_ports: Sequence[Port] = ()
    """TCP ports that the backend may call on the internet besides 80 and 443, as far as `egress` leads there."""
    kms_key_arns: Sequence[KeyArn] = ()
    """Customer-managed KMS keys that encrypt these secrets, or the image's bucket (EC2). The role may decrypt with
    them."""

    @property
    def calls_aws(self) -> bool:
        """Whether the program has permissions of its own."""
        return bool(self.permissions or self.policy_arns)

    @property
    def minimum(self) -> int:
        """Copies that there are at least."""
        return self.scaling.minimum if self.scaling else self.count or 1

    @property
    def maximum(self) -> int:
        """Copies that there are at most."""
        return self.scaling.maximum if self.scaling else self.count or 1

    @property
    def answer_seconds(self) -> int:
        """Seconds that an update waits until a new copy answers."""
        return limits.ANSWER_SECONDS + self.start_seconds

    def time_limit(self, seconds: int) -> str:
        """A time limit of an update: these seconds, the draining of old copies, and the boot of a new NAT instance."""
        nat = limits.NAT_BOOT_SECONDS if egress_modes.NAT_INSTANCE in self.egress else 0
        return f"{seconds + nat + self.deregistration_delay_seconds}s"

    def find_faults(self) -> Iterator[Fault]:
        """Yields mistakes in the number of copies, and in the variables of the container."""
        yield from find_repeated_variables(self.environment, self.secrets)
        yield from find_rule_faults("callers", ("" for _ in self.callers))
        yield from super().find_faults()
        scaling = self.scaling
        if scaling is None:
            return
        if scaling.minimum > scaling.maximum:
            yield Fault("scaling.minimum", scaling.minimum, f"at most the maximum, {scaling.maximum}", "lower it")
        if self.count is not None:
            remedy = "take count out: scaling.minimum is the number to begin with"
            yield Fault("count", self.count, "count or scaling, not both", remedy)
        if not scaling.has_target:
            allowed = "at least one of cpu_percent, memory_percent (Fargate) and requests_per_target"
            yield Fault("scaling", f"maximum: {scaling.maximum}", allowed, "name a target, for example cpu_percent: 60")
        if scaling.requests_per_target is not None and self.request_count_label is None:
            yield Fault("request_count_label", None, "the ALB's label, to scale by its requests")
