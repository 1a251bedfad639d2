"""A backend on EC2: instances in private subnets that run one container or your own boot script."""

import pulumi

from .arguments.connections import Endpoint
from .arguments.inputs import ArgsOrMapping, pick_first_subnet
from .arguments.reader import resolve
from .compute.backend_access import allow_callers, connect_command, declare_backend_group
from .compute.backend_machine import declare_machine, register_instance
from .compute.ec2_args import Ec2BackendArgs
from .compute.instance_group import declare_instance_group
from .compute.needed_egress import list_ec2_needs, refuse_unreachable
from .compute.single_instance import declare_instance
from .iam.role_policies import add_attachment_hooks
from .operations.log_groups import declare_log_group
from .reach.of_client import state_ec2
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.ordering import add_dependencies
from .resource_options.scope import Scope


class Ec2Backend(pulumi.ComponentResource):
    """An instance in a private subnet that runs a container and restarts it when it fails.

    About $6.80 a month (t4g.micro, 8 GiB; us-east-1). Amazon Linux 2023 installs Docker from its own repositories,
    pulls the image and runs it as a service. Errors are on the instance's console, which EC2 shows without any network,
    and in CloudWatch if there are `logs`.
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
    log_group_name: pulumi.Output[str]
    """Log group of the container and of its boot script; empty without `logs`."""

    def __init__(
        self, name: str, args: ArgsOrMapping[Ec2BackendArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        spec = resolve(Ec2BackendArgs, args)
        check_declaration("Ec2Backend", name, spec, opts)
        refuse_unreachable("Ec2Backend", spec, list_ec2_needs(spec))
        opts = add_attachment_hooks(self, name, spec.permissions, spec.policy_arns, opts)
        super().__init__("gatehouse:index:Ec2Backend", name, add_reach(args, state_ec2(spec)), opts)
        scope = Scope(name, self, spec.tags)
        group = declare_backend_group(
            scope, spec.vpc_id, spec, spec.ssh_from, internet_ports=spec.internet_ports, calls=spec.calls
        )
        # An API leads requests here after these: the rules, and the registration or the instance.
        self.ready = allow_callers(scope, group.id, spec.port, spec.callers)
        days = spec.log_retention_days
        logs = declare_log_group(f"{name}-log", days, spec.tags, self) if days is not None else None
        machine = declare_machine(scope, spec, group.id, logs)
        instances = []
        if spec.several:
            self.ready += declare_instance_group(scope, spec, machine)
        else:
            instances.append(declare_instance(scope, machine, pick_first_subnet("Ec2Backend", spec.subnet_ids)))
            self.ready += register_instance(scope, spec, instances[0], [*self.ready])

        nothing = pulumi.Output.from_input("")
        self.security_group_id = group.id
        self._spec = spec
        self.port = pulumi.Output.from_input(spec.port)
        # Resources that call the instance by its address wait until it answers.
        self.private_ip = add_dependencies(instances[0].private_ip, *self.ready) if instances else nothing
        self.url = pulumi.Output.format("http://{0}:{1}", self.private_ip, spec.port) if instances else nothing
        self.instance_ids = pulumi.Output.all(*(instance.id for instance in instances))
        self.connect = connect_command(spec.access, instances[0].id) if instances else nothing
        self.health_check_path = pulumi.Output.from_input(spec.health_check_path)
        self.target_type = pulumi.Output.from_input("instance")
        self.log_group_name = logs.name if logs is not None else nothing
        self.register_outputs({key: getattr(self, key) for key in Ec2Backend.__annotations__})

    @property
    def endpoint(self) -> Endpoint:
        """Arguments of a forwarder that calls a single instance, in Python: `**backend.endpoint`.

        Raises AttributeError if there are several, which a forwarder calls at the endpoint of their `PrivateIngress`.
        """
        if self._spec.several:
            raise AttributeError("Ec2Backend: endpoint exists only with a single instance; use PrivateIngress.endpoint")
        return {"url": self.url, "port": self._spec.port, "backend_security_group_id": self.security_group_id}
