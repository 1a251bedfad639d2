"""A backend on Fargate: a container in private subnets, without instances to maintain."""

from typing import Final

import pulumi
import pulumi_aws as aws

from .arguments.inputs import ArgsOrMapping
from .arguments.local_files import find_local_path
from .arguments.reader import resolve
from .compute import fargate_scaling
from .compute.answering_copies import declare_service_gate
from .compute.backend_access import allow_callers, declare_backend_group
from .compute.fargate_args import FargateBackendArgs
from .compute.fargate_task import CONTAINER, declare_task_definition
from .compute.image_build import build_image
from .compute.needed_egress import list_fargate_needs, refuse_unreachable
from .facts import limits
from .iam.role_policies import add_attachment_hooks
from .operations.alarms import WatchedMetric, declare_alarm
from .reach.of_client import state_fargate
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.scope import Scope

# With weight 0, AWS does not document whether `base` still counts. So on-demand capacity has weight 1, and Spot 99.
_SPOT_WEIGHT: Final = 99
# ECS replaces a stopped task in less than ten minutes, and a deployment starts a new task before it stops the old one.
# The alarm looks at more minutes, because a task that stops again and again still runs in some of them.
_MINUTES_BELOW_MINIMUM: Final = 10
_OBSERVED_MINUTES: Final = 15


class FargateBackend(pulumi.ComponentResource):
    """An ECS service on Fargate in private subnets, without public addresses. Only its callers can reach it.

    0.25 vCPU and 0.5 GiB on arm64 cost about $7.20 a month (us-east-1) for each copy. If the tasks of
    a deployment fail their health checks, ECS rolls it back, and `pulumi up` fails.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate.html
    """

    security_group_id: pulumi.Output[str]
    """Security group of the tasks."""
    port: pulumi.Output[int]
    """TCP port that the tasks listen on."""
    cluster_name: pulumi.Output[str]
    """ECS cluster."""
    service_name: pulumi.Output[str]
    """ECS service."""
    log_group_name: pulumi.Output[str]
    """Log group of the container."""
    image: pulumi.Output[str]
    """The image that runs."""

    def __init__(
        self, name: str, args: ArgsOrMapping[FargateBackendArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        spec = resolve(FargateBackendArgs, args)
        check_declaration("FargateBackend", name, spec, opts)
        refuse_unreachable("FargateBackend", spec, list_fargate_needs(spec))
        opts = add_attachment_hooks(self, name, spec.permissions, spec.policy_arns, opts)
        super().__init__("gatehouse:index:FargateBackend", name, add_reach(args, state_fargate(spec)), opts)
        scope = Scope(name, self, spec.tags)
        group, rules = _group(scope, spec)
        image = _choose_image(scope, spec)
        task = declare_task_definition(scope, spec, image)
        cluster = aws.ecs.Cluster(f"{name}-cluster", tags=scope.build_tags("cluster"), opts=scope.child_options())
        service = _declare_service(scope, spec, cluster, task.definition, group)
        self.ready = [*rules, _declare_deployment_gate(scope, spec, service, task.definition)]
        if spec.scaling is not None:
            label = spec.request_count_label
            waits = spec.answer_seconds
            self.ready.append(fargate_scaling.declare(scope, cluster.name, service, spec.scaling, label, waits))
        if spec.alarm_topic_arn is not None:
            _declare_alarms(scope, service, cluster.name, spec.minimum, spec.alarm_topic_arn)
        self.security_group_id = group.id
        self.port = pulumi.Output.from_input(spec.port)
        self.cluster_name = cluster.name
        self.service_name = service.name
        self.log_group_name = task.log_group_name
        self.image = pulumi.Output.from_input(image)
        self.register_outputs({key: getattr(self, key) for key in FargateBackend.__annotations__})


def _group(scope: Scope, spec: FargateBackendArgs) -> "tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]":
    """The group, and the rules that allow its callers."""
    group = declare_backend_group(scope, spec.vpc_id, spec, None, internet_ports=spec.internet_ports, calls=spec.calls)
    return group, allow_callers(scope, group.id, spec.port, spec.callers)


def _choose_image(scope: Scope, spec: FargateBackendArgs) -> pulumi.Input[str]:
    if spec.build is not None:
        return build_image(scope, str(find_local_path(spec.build)), spec.architecture)
    assert spec.image is not None
    return spec.image


def _declare_service(
    scope: Scope,
    spec: FargateBackendArgs,
    cluster: "aws.ecs.Cluster",
    definition: "aws.ecs.TaskDefinition",
    group: "aws.ec2.SecurityGroup",
) -> "aws.ecs.Service":
    balanced = spec.target_group_arn is not None
    strategies = _build_strategies(spec)
    # ECS cannot update a service from Cloud Map to a load balancer, because it refuses the grace period that a load
    # balancer needs. The names differ, so that a second service is created instead.
    # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1313
    name = "registered-service" if spec.registry_arn is not None else "service"
    if spec.spot is not None:
        # The provider can change the strategy only with force_new_deployment, which would start all copies again at
        # each update. So a second service is created instead.
        # internal/service/ecs/service.go, capacityProviderStrategyCustomizeDiff
        name = f"spot-{spec.spot.on_demand}-{name}"
    return aws.ecs.Service(
        f"{scope.name}-{name}",
        cluster=cluster.arn,
        task_definition=definition.arn,
        desired_count=spec.minimum,
        launch_type=None if strategies else "FARGATE",
        capacity_provider_strategies=strategies,
        network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
            subnets=spec.subnet_ids, security_groups=[group.id], assign_public_ip=False
        ),
        load_balancers=[
            aws.ecs.ServiceLoadBalancerArgs(
                target_group_arn=spec.target_group_arn, container_name=CONTAINER, container_port=spec.port
            )
        ]
        if balanced
        else None,
        service_registries=aws.ecs.ServiceServiceRegistriesArgs(
            registry_arn=spec.registry_arn, container_name=CONTAINER, container_port=spec.port
        )
        if spec.registry_arn is not None
        else None,
        health_check_grace_period_seconds=spec.start_seconds if balanced else None,
        deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
        enable_execute_command=spec.execute_command,
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        wait_for_steady_state=True,
        tags=scope.build_tags("service"),
        opts=scope.child_options(
            depends_on=[_declare_providers(scope, cluster)] if strategies else None,
            # After the creation, only the scaling changes the number of copies.
            ignore_changes=["desired_count"] if spec.scaling else None,
            # If the target group changed in place, ECS would move the copies there before the listener forwards there.
            # So a second service is created beside this one. The same holds if the service's creation failed: the next
            # update would otherwise treat this service as complete, send calls to it and delete the one that serves.
            # pulumi/pulumi, step_generator.go, initErrorSpecialKey
            replace_on_changes=["loadBalancers", "#initerror"],
            # The provider waits until old copies have drained, or ECS has rolled back.
            custom_timeouts=pulumi.CustomTimeouts(*[spec.time_limit(_compute_longest_deployment(spec))] * 3),
        ),
    )


def _declare_deployment_gate(
    scope: Scope, spec: FargateBackendArgs, service: "aws.ecs.Service", definition: "aws.ecs.TaskDefinition"
) -> pulumi.Resource:
    count = None if spec.scaling else spec.minimum
    return declare_service_gate(scope, service, definition, count, seconds=spec.answer_seconds)


def _declare_alarms(
    scope: Scope,
    service: "aws.ecs.Service",
    cluster_name: pulumi.Input[str],
    minimum: int,
    topic_arn: pulumi.Input[str],
) -> None:
    # AWS reports the metric only while a task runs.
    place = {"ClusterName": cluster_name, "ServiceName": service.name}
    running = WatchedMetric("AWS/ECS", "CPUUtilization", place, "SampleCount", is_missing=True)
    declare_alarm(scope, "no-task", "no task runs", running, topic_arn, [service])
    if minimum > 1:
        fewer = running._replace(threshold=minimum, faulty_minutes=_MINUTES_BELOW_MINIMUM, minutes=_OBSERVED_MINUTES)
        declare_alarm(scope, "missing-tasks", f"fewer than {minimum} tasks run", fewer, topic_arn, [service])


def _compute_longest_deployment(spec: FargateBackendArgs) -> int:
    """Seconds of the longest deployment: ECS waits `start_seconds` for each failed copy, and rolls back after several.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    return limits.SERVICE_SECONDS + limits.FAILED_TASKS * spec.start_seconds


def _build_strategies(spec: FargateBackendArgs) -> "list[aws.ecs.ServiceCapacityProviderStrategyArgs] | None":
    """On-demand capacity up to a base, and Spot for further copies. None if all copies are on demand.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    """
    if spec.spot is None:
        return None
    spot = aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE_SPOT", weight=_SPOT_WEIGHT)
    if spec.spot.on_demand == 0:
        return [spot]
    kept = aws.ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE", base=spec.spot.on_demand, weight=1)
    return [kept, spot]


def _declare_providers(scope: Scope, cluster: "aws.ecs.Cluster") -> "aws.ecs.ClusterCapacityProviders":
    """A strategy may name only capacity providers that its cluster is associated with."""
    return aws.ecs.ClusterCapacityProviders(
        f"{scope.name}-capacity",
        cluster_name=cluster.name,
        capacity_providers=["FARGATE", "FARGATE_SPOT"],
        opts=scope.child_options(),
    )
