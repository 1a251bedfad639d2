"""Arguments of every backend that runs a container, as frozen values with the only defaults."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from ..argument_types import Ids
from ..aws_permissions import Permission, managed, policy_faults
from ..aws_permissions import faults as permission_faults
from ..facts import defaults, egress_modes, limits
from ..faults import Fault, given_twice
from ..scope import Tagged


@dataclass(frozen=True)
class Scaling:
    """Bounds of the number of copies, and the targets that scale it."""

    maximum: int
    minimum: int = 1
    cpu_percent: float | None = None
    memory_percent: float | None = None
    requests_per_target: float | None = None


@dataclass(frozen=True, kw_only=True)
class Egress:
    """See EgressArgs."""

    egress: Sequence[str] = ()
    s3_prefix_list_id: pulumi.Input[str] | None = None
    dynamodb_prefix_list_id: pulumi.Input[str] | None = None
    endpoint_security_group_id: pulumi.Input[str] | None = None
    endpoint_services: Sequence[str] = ()
    endpoint_cidr: pulumi.Input[str] | None = None
    existing_endpoint_services: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Program(Egress):
    """See ProgramArgs."""

    permissions: Mapping[str, Permission] = field(default_factory=dict)
    policy_arns: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        """Permissions and policies that no role can have."""
        yield from [*permission_faults(self.permissions)] or policy_faults(self.permissions, self.policy_arns)

    @property
    def own_permissions(self) -> Mapping[str, Permission]:
        """Those that the role's own policy holds: all, or none."""
        return {} if managed(self.permissions, self.policy_arns) else self.permissions


@dataclass(frozen=True, kw_only=True)
class BackendSpec(Program, Tagged):
    """What a container backend runs, how many copies of it, and what it may reach."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Ids
    image: pulumi.Input[str] | None = None
    port: int = defaults.BACKEND_PORT
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    kms_key_arns: Sequence[pulumi.Input[str]] = ()
    command: Sequence[pulumi.Input[str]] = ()
    count: int | None = None
    scaling: Scaling | None = None
    request_count_label: pulumi.Input[str] | None = None
    target_group_arn: pulumi.Input[str] | None = None
    deregistration_delay_seconds: int = defaults.DEREGISTRATION_DELAY_SECONDS
    registry_arn: pulumi.Input[str] | None = None
    start_seconds: int = defaults.START_SECONDS
    callers: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)

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

    def faults(self) -> Iterator[Fault]:
        """Mistakes in the number of copies, and in the variables of the container."""
        yield from given_twice(self.environment, self.secrets)
        yield from super().faults()
        scaling = self.scaling
        if scaling is None:
            return
        if scaling.minimum > scaling.maximum:
            yield Fault("scaling.minimum", scaling.minimum, f"at most the maximum, {scaling.maximum}", "lower it")
        if self.count is not None:
            remedy = "take count out: scaling.minimum is the number to begin with"
            yield Fault("count", self.count, "count or scaling, not both", remedy)
        if scaling.cpu_percent is scaling.memory_percent is scaling.requests_per_target is None:
            allowed = "at least one of cpu_percent, memory_percent (Fargate) and requests_per_target"
            yield Fault("scaling", f"maximum: {scaling.maximum}", allowed, "name a target, for example cpu_percent: 60")
        if scaling.requests_per_target is not None and self.request_count_label is None:
            yield Fault("request_count_label", None, "the ALB's label, to scale by its requests")
