"""The machine of an EC2 backend: what it runs, what its role allows, and when it is in service."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..facts import egress_modes
from ..iam.permission_statements import build_permission_statements
from ..iam.statements import allow_session_manager
from ..resource_options.scope import Scope
from . import backend_software
from .ec2_args import Ec2BackendArgs
from .instance_role import declare_instance_profile
from .readiness import declare_instance_gate, declare_target_gate
from .single_instance import Machine


def declare_machine(
    scope: Scope, spec: Ec2BackendArgs, security_group_id: pulumi.Output[str], logs: aws.cloudwatch.LogGroup | None
) -> Machine:
    """The machine, with its profile declared. It writes to `logs`, if it has any."""
    return Machine(
        hardware=spec.hardware,
        security_group_id=security_group_id,
        profile_name=_declare_profile(scope, spec, logs),
        user_data=backend_software.build_user_data(spec, scope.parent, logs),
        metadata_hops=2 if spec.calls_aws else 1,
        ipv6=egress_modes.IPV6 in spec.egress,
        lasting=spec.image is None,
    )


def register_instance(
    scope: Scope, spec: Ec2BackendArgs, instance: aws.ec2.Instance, rules: list[pulumi.Resource]
) -> list[pulumi.Resource]:
    """Resources that exist only once the single instance can receive requests: its registrations and their gate."""
    if spec.target_group_arn is not None:
        registration = aws.lb.TargetGroupAttachment(
            f"{scope.name}-registration",
            target_group_arn=spec.target_group_arn,
            target_id=instance.id,
            port=spec.port,
            opts=scope.child_options(),
        )
        # Health checks know better than the console.
        return [declare_target_gate(scope, registration, seconds=spec.answer_seconds)]
    # Only a boot script of ours reports to the console.
    if spec.image is None:
        answers: list[pulumi.Resource] = [instance]
    else:
        answers = [declare_instance_gate(scope, instance, seconds=spec.answer_seconds)]
    if spec.registry_arn is None:
        return answers
    return [
        aws.servicediscovery.Instance(
            f"{scope.name}-registration",
            # arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1
            service_id=pulumi.Output.from_input(spec.registry_arn).apply(lambda arn: arn.rpartition("/")[2]),
            instance_id=instance.id,
            attributes={"AWS_INSTANCE_IPV4": instance.private_ip, "AWS_INSTANCE_PORT": str(spec.port)},
            # Callers that find the address may call it, so the rules come first.
            opts=scope.child_options(depends_on=[*rules, *answers]),
        )
    ]


def _declare_profile(scope: Scope, spec: Ec2BackendArgs, logs: aws.cloudwatch.LogGroup | None) -> pulumi.Output[str]:
    """The instance's profile, also if its role allows nothing: no update can take a profile away from an instance."""
    sessions, reads = spec.access == "session-manager", backend_software.needs_permission(spec)
    own = [allow_session_manager()] if sessions else []
    needed = pulumi.Output.all(
        backend_software.list_statements(spec, scope.parent, logs),
        build_permission_statements("Ec2Backend", spec.own_permissions, scope.parent),
    ).apply(lambda both: own + both[0] + both[1])
    return declare_instance_profile(scope, needed if sessions or reads or spec.own_permissions else None, spec).name
