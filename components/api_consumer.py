"""An EC2 instance for testing a private API from inside the VPC, reachable only through AWS's login services."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pulumi

from .arguments.faults import Fault
from .arguments.inputs import ArgsOrMapping, pick_first_subnet
from .arguments.names import ImageId, InstanceType, SecurityGroupId, SecurityGroupIds, SubnetIds, VpcId
from .arguments.numbers import DiskGib
from .arguments.reader import resolve
from .arguments.tags import TaggedArgs
from .arguments.words import ConsumerAccess
from .compute.backend_access import connect_command, declare_backend_group
from .compute.backend_args import EgressArgs
from .compute.hardware import Hardware
from .compute.instance_role import declare_instance_profile
from .compute.needed_egress import need_sessions, refuse_unreachable
from .compute.single_instance import Machine, declare_instance
from .facts import defaults, egress_modes, instance_types, limits
from .iam.statements import allow_session_manager
from .reach.of_client import state_consumer
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.scope import Scope
from .security_groups.peers import Group
from .security_groups.rules import allow
from .user_data import render


@dataclass(frozen=True, kw_only=True)
class ApiConsumerArgs(EgressArgs, TaggedArgs):
    """Arguments of ApiConsumer."""

    vpc_id: VpcId
    """VPC."""
    subnet_ids: SubnetIds
    """Private subnets; the instance is in the first."""
    calls_security_group_ids: SecurityGroupIds = field(default_factory=dict)
    """Security groups that it may call on port 443, such as the execute-api endpoint's, by a name for the rule.
    Each gets a rule, which a group with inline rules would lose at its next update."""
    access: ConsumerAccess = "session-manager"
    """How operators log in; `instance-connect` is free. Defaults to `session-manager`."""
    instance_connect_security_group_id: SecurityGroupId | None = None
    """Security group of the EC2 Instance Connect Endpoint. Required with `instance-connect`. It gets a rule, which a
    group with inline rules would lose at its next update."""
    instance_type: InstanceType = defaults.NAT_INSTANCE_TYPE
    """Instance type; a t4g.nano is about $3.10 per month (us-east-1). Defaults to `t4g.nano`."""
    image_id: ImageId | None = None
    """Machine image. Defaults to the newest Amazon Linux 2023 at the time the instance is created."""
    disk_gib: DiskGib | None = None
    """Size of its encrypted gp3 disk in GiB. Defaults to 8. Required with `image_id`."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that need each other."""
        if self.image_id is None and (other := instance_types.describe_boot_obstacle(self.instance_type)):
            yield Fault("instance_type", self.instance_type, other, "use a type such as t4g.nano")
        if self.image_id is not None and self.disk_gib is None:
            remedy = "`aws ec2 describe-images --image-ids …` prints its VolumeSize"
            yield Fault("disk_gib", None, "the size of the disk for the image of image_id", remedy)
        if self.access == "instance-connect" and self.instance_connect_security_group_id is None:
            allowed = "access instance-connect needs its endpoint's group"
            yield Fault("instance_connect_security_group_id", None, allowed)

    @property
    def ssh_from(self) -> pulumi.Input[str] | None:
        """Group that port 22 is opened for."""
        return self.instance_connect_security_group_id if self.access == "instance-connect" else None


class ApiConsumer(pulumi.ComponentResource):
    """A small EC2 instance for testing a private API from inside the VPC. Only IAM decides who can log in.

    Costs about $3.70 a month (t4g.nano, 8 GiB; us-east-1). Amazon Linux 2023 includes `curl` and the SSM Agent.
    """

    instance_id: pulumi.Output[str]
    """ID of the instance."""
    security_group_id: pulumi.Output[str]
    """Security group of the instance."""
    connect: pulumi.Output[str]
    """Command that opens a shell on it."""

    def __init__(
        self, name: str, args: ArgsOrMapping[ApiConsumerArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = resolve(ApiConsumerArgs, args)
        check_declaration("ApiConsumer", name, settings, opts)
        if settings.access == "session-manager":
            refuse_unreachable("ApiConsumer", settings, iter([need_sessions(settings.access)]))
        super().__init__("gatehouse:index:ApiConsumer", name, add_reach(args, state_consumer(settings)), opts)
        scope = Scope(name, self, settings.tags)
        group = declare_backend_group(scope, settings.vpc_id, settings, settings.ssh_from)
        for called, called_group in settings.calls_security_group_ids.items():
            allow(
                scope, f"to-{called}", Group(group.id), Group(called_group), limits.HTTPS_PORT, f"{name} calls {called}"
            )
        instance = declare_instance(
            scope, _declare_machine(scope, settings, group.id), pick_first_subnet("ApiConsumer", settings.subnet_ids)
        )
        self.instance_id = instance.id
        self.security_group_id = group.id
        self.connect = connect_command(settings.access, instance.id)
        self.register_outputs({key: getattr(self, key) for key in ApiConsumer.__annotations__})


def _declare_machine(scope: Scope, settings: ApiConsumerArgs, security_group_id: pulumi.Output[str]) -> Machine:
    sessions = settings.access == "session-manager"
    return Machine(
        hardware=Hardware(
            instance_type=settings.instance_type,
            image_id=settings.image_id,
            disk_gib=settings.disk_gib or limits.MACHINE_IMAGE_GIB,
        ),
        security_group_id=security_group_id,
        profile_name=declare_instance_profile(scope, [allow_session_manager()] if sessions else None).name,
        user_data=render("dual_stack.sh", {}) if egress_modes.has_only_ipv6_egress(settings.egress) else None,
        metadata_hops=1,
        ipv6="ipv6" in settings.egress,
        lasting=True,
    )
