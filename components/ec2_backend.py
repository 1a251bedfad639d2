"""A backend on EC2: instances in private subnets that run one container or your own boot script."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from . import iam
from .argument_types import (
    Access,
    Amount,
    Count,
    CpuCredits,
    EgressModes,
    Ids,
    Image,
    InstanceType,
    NamedIds,
    Port,
    SecretText,
    UrlPath,
    Words,
)
from .arguments import ArgumentError, first, resolve
from .compute.backend_access import Egress, admit, backend_group, connect_command
from .compute.backend_software import Software
from .compute.container_host import check_environment_name
from .compute.instance_group import Members, instance_group
from .compute.instance_role import instance_profile
from .compute.readiness import answering_instance, healthy_target
from .compute.single_instance import Machine, single_instance
from .facts import defaults, egress_modes, instance_types, limits
from .ordering import after
from .scope import Scope
from .user_data import check_kind, check_size

_COMPONENT: Final = "Ec2Backend"
_SECRET_SERVICES: Final = ("ssm", "secretsmanager")


class Ec2ScalingArgs(TypedDict):
    """Bounds of the number of instances, and the targets that scale it."""

    maximum: Count
    """Maximum number of instances."""
    minimum: NotRequired[Count]
    """Minimum number of instances. Defaults to 1."""
    cpu_percent: NotRequired[Amount]
    """Target for mean CPU utilization, in percent."""
    requests_per_target: NotRequired[Amount]
    """Target for requests per minute and instance. Needs `request_count_label`."""


class Ec2BackendArgs(TypedDict):
    """Arguments of Ec2Backend. One of `image`, `user_data` and `image_id` is required."""

    vpc_id: pulumi.Input[str]
    """VPC of the instances."""
    subnet_ids: Ids
    """Private subnets. A single instance is in the first."""
    image: NotRequired[Image]
    """Container image from a registry (`nginx:1.29`, an ECR URI), or a tarball `s3://bucket/key.tar.gz` written by
    `docker save`. An image that is an output must be in ECR. It must be built for the instance type's processor."""
    user_data: NotRequired[SecretText]
    """Script to run at first boot instead of a container. It must start a server on `port`."""
    port: NotRequired[Port]
    """TCP port that the instance answers on. Defaults to 8080."""
    container_port: NotRequired[Port]
    """Port that the container listens on. Defaults to `port`."""
    health_check_path: NotRequired[UrlPath]
    """Health check path. Must return 200. Defaults to `/`."""
    environment: NotRequired[Mapping[str, SecretText]]
    """Environment of the container. It is readable on the instance, so Pulumi secrets are refused: see `secrets`."""
    secrets: NotRequired[Mapping[str, SecretText]]
    """Environment of the container by ARN: of an SSM parameter, or of a Secrets Manager secret. Read at each start."""
    kms_key_arns: NotRequired[Sequence[pulumi.Input[str]]]
    """Customer-managed KMS keys that encrypt these secrets or the image's bucket. The role may decrypt with them."""
    command: NotRequired[Words]
    """Arguments for the entry point of the image, in place of its own command. They are readable on the instance, so
    Pulumi secrets are refused: see `secrets`."""
    files: NotRequired[Mapping[str, SecretText]]
    """Text files by their absolute paths in the container, readable and executable. The boot script with these files is
    at most 16 KB. They are readable on the instance, so Pulumi secrets are refused."""
    instance_type: NotRequired[InstanceType]
    """Instance type. Defaults to `t4g.micro` (about $6.10 per month in us-east-1). The machine image follows its
    processor."""
    disk_gib: NotRequired[Count]
    """Size of the encrypted gp3 disk in GiB. Defaults to 8, about $0.64 a month."""
    cpu_credits: NotRequired[CpuCredits]
    """CPU credit mode of burstable instance types: `standard` is slow at first boot and when the credits are
    used up; `unlimited` is never slow and costs $0.04 for each vCPU-hour above the baseline. Defaults to `standard`."""
    image_id: NotRequired[pulumi.Input[str]]
    """Machine image. Defaults to the newest Amazon Linux 2023 at the time the instance is created."""
    egress: NotRequired[EgressModes]
    """Egress modes of the network (see `PrivateNetwork`). The instance can reach only the destinations that these
    allow."""
    s3_prefix_list_id: NotRequired[pulumi.Input[str]]
    """Prefix list of S3, if the network has a gateway endpoint for it."""
    dynamodb_prefix_list_id: NotRequired[pulumi.Input[str]]
    """Prefix list of DynamoDB, if the network has a gateway endpoint for it."""
    endpoint_security_group_id: NotRequired[pulumi.Input[str]]
    """Security group of the network's interface endpoints, if it has any."""
    access: NotRequired[Access]
    """How operators log in: `session-manager`, `instance-connect`, `bastion` or `none`. Defaults to
    `session-manager`."""
    instance_connect_security_group_id: NotRequired[pulumi.Input[str]]
    """Security group of the EC2 Instance Connect Endpoint. Required with access `instance-connect`, for which port 22
    is opened to it."""
    bastion_security_group_id: NotRequired[pulumi.Input[str]]
    """Security group of an existing bastion. Required with access `bastion`, for which port 22 is opened to it."""
    policy_arns: NotRequired[NamedIds]
    """Managed policies for AWS calls of your program. With any of them, the container can use the instance's role. The
    key of each becomes part of the name of its attachment. If you rename a key, the old attachment's deletion detaches
    the policy; `pulumi up --refresh` attaches it again."""
    count: NotRequired[Count]
    """Number of instances. Defaults to 1. Several instances are an Auto Scaling group and need `target_group_arn`."""
    scaling: NotRequired[Ec2ScalingArgs]
    """Scale between bounds, instead of `count`. Needs `target_group_arn`."""
    request_count_label: NotRequired[pulumi.Input[str]]
    """Label of the ALB and target group, for scaling by requests."""
    target_group_arn: NotRequired[pulumi.Input[str]]
    """Target group that the instances register in."""
    registry_id: NotRequired[pulumi.Input[str]]
    """Cloud Map service that a single instance registers in."""
    callers: NotRequired[NamedIds]
    """Security groups that may call `port`. The key of each becomes part of the name of its rule."""
    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of every resource."""


@dataclasses.dataclass(frozen=True)
class _Settings:
    vpc_id: pulumi.Input[str]
    subnet_ids: Ids
    image: pulumi.Input[str] | None = None
    user_data: pulumi.Input[str] | None = None
    port: int = defaults.BACKEND_PORT
    container_port: int | None = None
    health_check_path: str = defaults.HEALTH_CHECK_PATH
    environment: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    kms_key_arns: Sequence[pulumi.Input[str]] = dataclasses.field(default_factory=list)
    command: Sequence[pulumi.Input[str]] = ()
    files: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    instance_type: str = defaults.BACKEND_INSTANCE_TYPE
    disk_gib: int = defaults.BACKEND_DISK_GIB
    cpu_credits: CpuCredits = "standard"
    image_id: pulumi.Input[str] | None = None
    egress: Sequence[str] = dataclasses.field(default_factory=list)
    s3_prefix_list_id: pulumi.Input[str] | None = None
    dynamodb_prefix_list_id: pulumi.Input[str] | None = None
    endpoint_security_group_id: pulumi.Input[str] | None = None
    access: Access = "session-manager"
    instance_connect_security_group_id: pulumi.Input[str] | None = None
    bastion_security_group_id: pulumi.Input[str] | None = None
    policy_arns: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    count: int = 1
    scaling: Ec2ScalingArgs | None = None
    request_count_label: pulumi.Input[str] | None = None
    target_group_arn: pulumi.Input[str] | None = None
    registry_id: pulumi.Input[str] | None = None
    callers: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)
    tags: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)

    def mistakes(self) -> Iterator[ArgumentError]:
        """Arguments that exclude each other."""
        yield from self._check_number()
        yield from self._check_software()
        yield from self._check_environment()
        yield from self._check_access()
        if self.disk_gib < limits.MACHINE_IMAGE_GIB and self.image_id is None:
            yield _refused("disk_gib", self.disk_gib, f"Amazon Linux 2023 needs {limits.MACHINE_IMAGE_GIB} GiB")

    @property
    def several(self) -> bool:
        """True if the backend runs as an Auto Scaling group."""
        return self.count > 1 or self.scaling is not None

    @property
    def ssh_from(self) -> pulumi.Input[str] | None:
        """Group that port 22 is opened for."""
        groups = {
            "instance-connect": self.instance_connect_security_group_id,
            "bastion": self.bastion_security_group_id,
        }
        return groups.get(self.access)

    @property
    def software(self) -> Software:
        """The container or the user data that it runs."""
        return Software(
            component=_COMPONENT,
            image=self.image,
            script=self.user_data,
            port=self.port,
            container_port=self.container_port or self.port,
            health_check_path=self.health_check_path,
            standard_image=self.image_id is None,
            dual_stack=egress_modes.leads_out_over_ipv6_alone(self.egress),
            environment=self.environment,
            secrets=self.secrets,
            kms_key_arns=self.kms_key_arns,
            command=self.command,
            files=self.files,
        )

    def _check_number(self) -> Iterator[ArgumentError]:
        if self.count > 1 and self.scaling is not None:
            yield _refused("count", self.count, "count or scaling, not both")
        if self.several and self.target_group_arn is None:
            yield _refused("target_group_arn", None, "more than one instance needs a load balancer's target group")
        by_requests = self.scaling is not None and "requests_per_target" in self.scaling
        if self.scaling is not None and not {"cpu_percent", "requests_per_target"} & self.scaling.keys():
            yield _refused("scaling", self.scaling, "cpu_percent or requests_per_target, which moves the number")
        if by_requests and self.request_count_label is None:
            yield _refused("request_count_label", None, "the ALB's label, to scale by its requests")

    def _check_software(self) -> Iterator[ArgumentError]:
        if self.image_id is None and self.port in limits.INSTANCE_PORTS:
            holder = limits.INSTANCE_PORTS[self.port]
            yield _refused("port", self.port, f"another port: {holder} has this one on the instance")
        if self.image is not None and self.user_data is not None:
            yield _refused("user_data", "…", "give image or user_data, not both")
        if self.image is None and self.user_data is None and self.image_id is None:
            yield _refused("image", None, "say what it runs: image, user_data or image_id")
        try:
            if isinstance(self.user_data, str):
                check_size(self.user_data)
                if self.image_id is None:
                    check_kind(self.user_data)
        except ValueError as error:
            yield _refused("user_data", "…", str(error))

        driver = self.image_id is not None and self.image is None
        if instance_types.accelerated(self.instance_type) and not driver:
            yield _refused("instance_type", self.instance_type, instance_types.WITHOUT_ACCELERATOR)

    def _check_environment(self) -> Iterator[ArgumentError]:
        for key in ("environment", "secrets", "command", "files"):
            if (given := getattr(self, key)) and self.image is None:
                shown = sorted(given) if isinstance(given, Mapping) else "…"
                yield _refused(key, shown, "only a container gets these: give image")
        for key, variables in (("environment", self.environment), ("secrets", self.secrets)):
            for name in variables:
                try:
                    check_environment_name(name, secret=key == "secrets")
                except ValueError as error:
                    yield _refused(f"{key}.{name}", "…", str(error))
        if twice := sorted(self.environment.keys() & self.secrets.keys()):
            yield _refused("secrets", twice, "a variable is in environment or in secrets, not in both")
        for name, arn in self.secrets.items():
            if isinstance(arn, str) and [*arn.split(":"), "", "", ""][2] not in _SECRET_SERVICES:
                # Not the value: somebody may have put the secret itself here.
                yield _refused(f"secrets.{name}", "…", "the ARN of an SSM parameter or a Secrets Manager secret")

    def _check_access(self) -> Iterator[ArgumentError]:
        if self.access == "instance-connect" and self.ssh_from is None:
            yield _refused(
                "instance_connect_security_group_id", None, "access instance-connect needs its endpoint's group"
            )
        if self.access == "bastion" and self.ssh_from is None:
            yield _refused("bastion_security_group_id", None, "access bastion needs the bastion's group")


class Ec2Backend(pulumi.ComponentResource):
    """An instance in a private subnet that runs a container and restarts it when it fails.

    About $6.80 a month (t4g.micro, 8 GiB; us-east-1). Amazon Linux 2023 installs Docker from its own repositories,
    pulls the image and runs it as a service. Errors are on the instance's console, which EC2 shows without any network.
    The instance has no public address. Inbound rules exist only for `callers`, for login if `access` uses SSH, and for
    components that take `security_group_id`. It can reach only the network's egress. Its role allows only its own image
    and secrets, and Session Manager if that is its `access`. The container cannot use the role unless you set
    `policy_arns`.

    Another image, setting or instance type replaces the instance. The update deletes the old one once the new one
    answers. A single instance is unavailable while its zone fails. If you set `count` or `scaling` and a target group,
    an Auto Scaling group spreads instances over the zones and replaces those that fail the health check.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Instances.html
    """

    security_group_id: pulumi.Output[str]
    """Security group of the instances, for the rules of callers."""
    port: pulumi.Output[int]
    """TCP port that the backend listens on."""
    private_ip: pulumi.Output[str]
    """Address of a single instance; empty if there are several."""
    url: pulumi.Output[str]
    """URL of a single instance; empty if there are several behind a load balancer."""
    instance_ids: pulumi.Output[list[str]]
    """ID of a single instance; empty if an Auto Scaling group creates them."""
    connect: pulumi.Output[str]
    """Command that opens a shell on a single instance; empty if login is impossible or there are several."""
    health_check_path: pulumi.Output[str]
    """Health check path."""
    target_type: pulumi.Output[str]
    """Target type of the target group: `instance`."""

    def __init__(self, name: str, args: Ec2BackendArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Creates the component."""
        settings = resolve(_Settings, Ec2BackendArgs, args)
        super().__init__("gatehouse:index:Ec2Backend", name, dict(args), opts)
        scope = Scope(name, self, settings.tags)
        egress = Egress(
            settings.egress,
            settings.s3_prefix_list_id,
            settings.dynamodb_prefix_list_id,
            settings.endpoint_security_group_id,
        )
        group = backend_group(scope, settings.vpc_id, egress, settings.ssh_from)
        # An API leads requests here after these: the rules, and the registration or the instance.
        self.ready = admit(scope, group.id, settings.port, settings.callers)
        machine = _machine(scope, settings, group.id)
        instances = []
        if settings.several:
            self.ready += instance_group(scope, machine, _members(settings))
        else:
            instances.append(single_instance(scope, machine, first(settings.subnet_ids)))
            self.ready += _in_service(scope, settings, instances[0], [*self.ready])

        self.security_group_id = group.id
        self.port = pulumi.Output.from_input(settings.port)
        # Resources that call the instance by its address wait until it answers.
        self.private_ip = after(instances[0].private_ip, *self.ready) if instances else pulumi.Output.from_input("")
        self.url = (
            pulumi.Output.format("http://{0}:{1}", self.private_ip, settings.port)
            if instances
            else pulumi.Output.from_input("")
        )
        self.instance_ids = pulumi.Output.all(*(instance.id for instance in instances))
        self.connect = connect_command(settings.access, instances[0].id) if instances else pulumi.Output.from_input("")
        self.health_check_path = pulumi.Output.from_input(settings.health_check_path)
        self.target_type = pulumi.Output.from_input("instance")
        self.register_outputs({key: getattr(self, key) for key in Ec2Backend.__annotations__})


def _in_service(
    scope: Scope, settings: _Settings, instance: "aws.ec2.Instance", rules: list[pulumi.Resource]
) -> list[pulumi.Resource]:
    """Resources that exist only once the single instance can receive requests: its registrations and their gate."""
    if settings.target_group_arn is not None:
        registration = aws.lb.TargetGroupAttachment(
            f"{scope.name}-registration",
            target_group_arn=settings.target_group_arn,
            target_id=instance.id,
            port=settings.port,
            opts=scope.child(),
        )
        # Health checks know better than the console.
        return [healthy_target(scope, registration)]
    # Only a boot script of ours reports to the console.
    answers: list[pulumi.Resource] = [instance if settings.image is None else answering_instance(scope, instance)]
    if settings.registry_id is None:
        return answers
    return [
        aws.servicediscovery.Instance(
            f"{scope.name}-registration",
            service_id=settings.registry_id,
            instance_id=instance.id,
            attributes={"AWS_INSTANCE_IPV4": instance.private_ip, "AWS_INSTANCE_PORT": str(settings.port)},
            # Callers that find the address may call it, so the rules come first.
            opts=scope.child(depends_on=[*rules, *answers]),
        )
    ]


def _members(settings: _Settings) -> Members:
    scaling = settings.scaling
    assert settings.target_group_arn is not None
    return Members(
        subnet_ids=settings.subnet_ids,
        target_group_arn=settings.target_group_arn,
        minimum=scaling.get("minimum", 1) if scaling else settings.count,
        maximum=scaling["maximum"] if scaling else settings.count,
        scaling=scaling or {},
        request_count_label=settings.request_count_label,
    )


def _machine(scope: Scope, settings: _Settings, security_group_id: pulumi.Output[str]) -> Machine:
    return Machine(
        instance_type=settings.instance_type,
        image_id=settings.image_id,
        disk_gib=settings.disk_gib,
        security_group_id=security_group_id,
        profile_name=_profile_name(scope, settings),
        user_data=settings.software.user_data(scope.parent),
        cpu_credits=settings.cpu_credits,
        metadata_hops=2 if settings.policy_arns else 1,
        ipv6=egress_modes.IPV6 in settings.egress,
        lasting=settings.image is None,
    )


def _profile_name(scope: Scope, settings: _Settings) -> pulumi.Output[str] | None:
    """The instance's profile; none if it has nothing to be allowed."""
    software, sessions = settings.software, settings.access == "session-manager"
    if not (sessions or software.needs_permission() or settings.policy_arns):
        return None
    own = [iam.session_manager()] if sessions else []
    needed = software.statements(scope.parent).apply(lambda statements: own + statements)
    statements = needed if sessions or software.needs_permission() else None
    return instance_profile(scope, statements, settings.policy_arns).name


def _refused(key: str, got: object, want: str) -> ArgumentError:
    return ArgumentError(_COMPONENT, key, got, want)
