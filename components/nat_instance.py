"""A NAT instance: gives private subnets outbound IPv4 access through one small EC2 instance."""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .arguments.addresses import VpcRangeInput
from .arguments.faults import Fault
from .arguments.inputs import ArgsOrMapping
from .arguments.names import ImageId, InstanceType, SubnetId, TopicArn, VpcId
from .arguments.numbers import NatDisk
from .arguments.reader import resolve
from .arguments.tags import TaggedArgs
from .aws_lookups.account import find_dns_suffix, find_partition, find_region
from .compute.hardware import Hardware
from .compute.instance_role import declare_instance_profile
from .compute.machine_image import find_machine_image
from .facts import defaults, hook_names, instance_types
from .iam.statements import allow_forwarding, allow_metrics, allow_session_manager, allow_start
from .nat.alarms import declare_nat_alarms
from .nat.host import build_boot_script, list_service_addresses, name_metric_namespace
from .nat.machine_faults import find_machine_faults
from .operations.schedules import declare_schedule
from .reach.of_network import state_nat
from .reach.statement import add_reach
from .refused_changes.disk import list_disk_changes
from .resource_hooks.refused_updates import build_update_hooks
from .resource_options.declaration import check_declaration
from .resource_options.ordering import add_dependencies
from .resource_options.scope import Scope
from .security_groups.peers import ANYWHERE_IPV4, Cidr, Group
from .security_groups.rules import allow, declare_security_group


@dataclass(frozen=True, kw_only=True)
class NatInstanceArgs(TaggedArgs):
    """Arguments of NatInstance."""

    vpc_id: VpcId
    """VPC that it serves."""
    vpc_cidr: VpcRangeInput
    """IPv4 CIDR block of the VPC. Only this range can use the instance."""
    subnet_id: SubnetId
    """Its public subnet, whose route table has a route to an internet gateway."""
    instance_type: InstanceType = defaults.NAT_INSTANCE_TYPE
    """Instance type. Defaults to `t4g.nano` (32 Mbit/s sustained, bursts to 5 Gbit/s, about $3.10 per month)."""
    disk_gib: NatDisk | None = None
    """Size of its encrypted gp3 disk in GiB. Defaults to 2, which is as small as the image allows."""
    image_id: ImageId | None = None
    """Machine image. Defaults to the newest Amazon Linux 2023 (minimal) at the time the instance is created. If you
    name an image, give `disk_gib` too, since the disk must hold the image's snapshot."""
    alarm_topic_arn: TopicArn | None = None
    """ARN of the SNS topic for alarms. If omitted, alarms are visible only in the console."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that need each other."""
        yield from find_machine_faults(self.instance_type, self.image_id, self.disk_gib)


class NatInstance(pulumi.ComponentResource):
    """Provides outbound internet access at about a fifth of the cost of a NAT gateway.

    About $6.90 a month (t4g.nano, 2 GiB disk, public IPv4 address; us-east-1), $7.50 where its metric and its three
    alarms are not among the account's ten free ones of each, and nothing by the gigabyte. CPU credits
    are `standard`, so that the bill has this ceiling; the price is a first boot of up to ten minutes, since a T4g has
    no credits to begin with.

    It heals itself as one instance, not as an Auto Scaling group of one. Its interface, its public address and so the
    routes outlive the machine behind them. Each minute it sends a request out as the VPC's machines do. It loads its
    rules again and turns its source/destination check off if that is what keeps it from passing, and puts a metric,
    which an alarm watches. If nothing helps in five minutes it switches itself off, and a schedule starts it again
    within five more, on other hardware; a stopped one is started too. EC2 moves it when its hardware
    fails, and an alarm reboots it when it hangs. It cannot recover from a terminated instance or a released
    address. In those cases the alarm fires; run `pulumi up --refresh`. Where the account encrypts disks with a
    key of its own by default, the role that starts it needs `kms:CreateGrant` on that key, which is yours to give.

    Only the VPC's own range can use it. Login is possible only through Session Manager.
    Another named machine image or processor replaces it, and traffic stops until the new one has booted; list
    `nat-gateway` in the network's egress as well for the time of the change, if that matters.

    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html
    """

    network_interface_id: pulumi.Output[str]
    """Where routes point; known once the instance runs behind it."""
    public_ip: pulumi.Output[str]
    """Public address of outbound traffic. It stays when the instance is replaced."""
    security_group_id: pulumi.Output[str]
    """Its security group."""
    instance_id: pulumi.Output[str]
    """The instance."""

    def __init__(
        self, name: str, args: ArgsOrMapping[NatInstanceArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = resolve(NatInstanceArgs, args)
        check_declaration("NatInstance", name, settings, opts)
        super().__init__("gatehouse:index:NatInstance", name, add_reach(args, state_nat(settings)), opts)
        scope = Scope(name, self, settings.tags)
        group = _declare_group(scope, settings)
        interface = aws.ec2.NetworkInterface(
            f"{name}-interface",
            subnet_id=settings.subnet_id,
            security_groups=[group.id],
            # A NAT forwards packets that are neither from it nor to it.
            source_dest_check=False,
            description=f"{name}: where the private routes point",
            tags=scope.build_tags("interface"),
            opts=scope.child_options(),
        )
        address = aws.ec2.Eip(
            f"{name}-address", domain="vpc", tags=scope.build_tags("address"), opts=scope.child_options()
        )
        # Before the instance boots, so that its first boot reaches the package repositories.
        association = aws.ec2.EipAssociation(
            f"{name}-association",
            allocation_id=address.allocation_id,
            network_interface_id=interface.id,
            opts=scope.child_options(),
        )
        instance = _declare_instance(scope, settings, interface, association)
        # It does nothing to an instance that runs.
        declare_schedule(
            scope,
            "starter",
            why="Starts the NAT instance when it is stopped",
            rate="rate(5 minutes)",
            target=pulumi.Output.concat("arn:", find_partition(self), ":scheduler:::aws-sdk:ec2:startInstances"),
            request={"InstanceIds": [instance.id]},
            permission=instance.arn.apply(allow_start),
        )
        burstable = instance_types.is_burstable(settings.instance_type)
        declare_nat_alarms(
            scope, instance, interface.id.apply(name_metric_namespace), settings.alarm_topic_arn, burstable=burstable
        )
        self.network_interface_id = add_dependencies(interface.id, instance)
        self.public_ip = address.public_ip
        self.security_group_id = group.id
        self.instance_id = instance.id
        self.register_outputs({key: getattr(self, key) for key in NatInstance.__annotations__})


def _declare_group(scope: Scope, settings: NatInstanceArgs) -> "aws.ec2.SecurityGroup":
    group = declare_security_group(
        scope, "group", settings.vpc_id, "NAT instance: anything from inside the VPC, on its way to the internet"
    )
    allow(
        scope,
        "from-vpc",
        Cidr(settings.vpc_cidr),
        Group(group.id),
        None,
        "outbound traffic of the private subnets",
        protocol="-1",
    )
    allow(
        scope,
        "to-internet",
        Group(group.id),
        ANYWHERE_IPV4,
        None,
        "traffic that the security groups of the senders allow",
        protocol="-1",
    )
    return group


def _declare_instance(
    scope: Scope,
    settings: NatInstanceArgs,
    interface: "aws.ec2.NetworkInterface",
    association: "aws.ec2.EipAssociation",
) -> "aws.ec2.Instance":
    hardware = Hardware(
        instance_type=settings.instance_type,
        image_id=settings.image_id,
        disk_gib=settings.disk_gib or defaults.NAT_INSTANCE_DISK_GIB,
    )
    user_data = pulumi.Output.all(settings.vpc_cidr, find_region(scope.parent), find_dns_suffix(scope.parent)).apply(
        lambda known: build_boot_script(known[0], known[1], list_service_addresses(known[1], known[2]))
    )
    statements = pulumi.Output.all(interface.arn, interface.id).apply(
        lambda known: [
            allow_session_manager(),
            *allow_forwarding(known[0]),
            allow_metrics(name_metric_namespace(known[1])),
        ]
    )
    return aws.ec2.Instance(
        f"{scope.name}-instance",
        ami=find_machine_image(hardware, scope.parent, minimal=True).apply(lambda found: found.id),
        instance_type=settings.instance_type,
        primary_network_interface={"network_interface_id": interface.id},
        iam_instance_profile=declare_instance_profile(scope, statements).name,
        user_data=user_data,
        user_data_replace_on_change=True,
        metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        root_block_device={
            "volume_type": "gp3",
            "volume_size": hardware.disk_gib,
            "encrypted": True,
            "delete_on_termination": True,
            "tags": scope.build_tags("disk"),
        },
        credit_specification={"cpu_credits": "standard"}
        if instance_types.is_burstable(settings.instance_type)
        else None,
        maintenance_options={"auto_recovery": "default"},
        instance_initiated_shutdown_behavior="stop",
        tags=scope.build_tags("instance"),
        opts=scope.child_options(
            depends_on=[association],
            # One interface cannot be on two instances.
            delete_before_replace=True,
            ignore_changes=_list_ignored_changes(settings),
            hooks=build_update_hooks(scope.parent, scope.name, hook_names.ONLY_GROWS, list_disk_changes),
        ),
    )


def _list_ignored_changes(settings: NatInstanceArgs) -> list[str]:
    """Returns inputs of the instance that no update may touch."""
    # The provider reads the interface's check as the instance's own and plans to turn it on again at the next update:
    # the NAT would stop forwarding. https://github.com/hashicorp/terraform-provider-aws/issues/44768
    always = ["sourceDestCheck"]
    # A new image every few weeks is no reason to interrupt everybody's traffic; an image that is named is.
    return [*always, "ami"] if settings.image_id is None else always
