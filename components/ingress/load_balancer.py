"""An internal load balancer with one target group, one listener for requests, and one for health checks.

A target group needs a load balancer that forwards to it: until then ECS refuses the group, and no health check runs. So
a second listener, on a port that no security group allows, forwards to the group from the start, and the listener for
requests follows once the targets are healthy. When another group takes over, that listener forwards to the old one
meanwhile.

Costs $0.0225 an hour (us-east-1), $16.43 a month, and $0.008 (ALB) or $0.006 (NLB) for each capacity unit an hour.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/introduction.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..facts import limits
from ..operations.alarms import WatchedMetric, declare_alarm
from ..resource_options.ordering import add_dependencies
from ..resource_options.scope import Scope
from .ingress_args import PrivateIngressArgs

# TLS 1.3, and 1.2 with forward secrecy.
_TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
MATCHER: Final = "200-399"
"""Statuses of a health check that passes."""


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """The declared targets of a load balancer."""

    load_balancer: aws.lb.LoadBalancer
    targets: aws.lb.TargetGroup
    target_group_arn: pulumi.Output[str]
    """ARN of `targets`. Resources that use it wait until a listener forwards to it."""
    request_count_label: pulumi.Output[str] | None
    """Of an ALB, which counts requests."""


def declare_load_balancer(
    scope: Scope, spec: PrivateIngressArgs, security_group_id: pulumi.Input[str]
) -> aws.lb.LoadBalancer:
    """Declare the load balancer, without listeners."""
    kind: dict[str, Any] = _build_network_settings(spec) if spec.is_network else _build_application_settings(spec)
    return aws.lb.LoadBalancer(
        f"{scope.name}-{'nlb' if spec.is_network else 'alb'}",
        internal=True,
        subnets=spec.checked_subnet_ids,
        security_groups=[security_group_id],
        enable_deletion_protection=spec.deletion_protection,
        tags=scope.build_tags("nlb" if spec.is_network else "alb"),
        # Only in another VPC is its group another one, and no load balancer moves there.
        opts=scope.child_options(replace_on_changes=["securityGroups"]),
        **kind,
    )


def declare_targets(
    scope: Scope, spec: PrivateIngressArgs, balancer: aws.lb.LoadBalancer, standby_port: int | None = None
) -> Balanced:
    """Declare a target group of a load balancer, and the listener for its health checks."""
    # By protocol, since TLS cannot be switched off in place.
    standby_port = standby_port or limits.STANDBY_PORTS[spec.certificate_arn is not None]
    targets = _declare_target_group(scope, spec)
    standby = _declare_listener(scope, spec, "standby", standby_port, balancer.arn, targets)
    return Balanced(
        load_balancer=balancer,
        targets=targets,
        target_group_arn=add_dependencies(targets.arn, standby),
        request_count_label=None
        if spec.is_network
        else pulumi.Output.concat(balancer.arn_suffix, "/", targets.arn_suffix),
    )


def _build_application_settings(spec: PrivateIngressArgs) -> dict[str, Any]:
    return {
        "load_balancer_type": "application",
        "idle_timeout": spec.idle_seconds,
        "drop_invalid_header_fields": True,
        "desync_mitigation_mode": "defensive",
    }


def _build_network_settings(spec: PrivateIngressArgs) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "load_balancer_type": "network",
        # One copy in one zone must be found from every zone.
        "enable_cross_zone_load_balancing": True,
    }
    # PrivateLink brings requests from addresses that AWS does not publish, so no rule could admit them. With rules
    # off only for PrivateLink, the group needs no inbound rule, and other clients in the VPC are blocked. Without the
    # setting AWS would keep its value.
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
    enforced = "off" if spec.link == "v1" else "on"
    settings["enforce_security_group_inbound_rules_on_private_link_traffic"] = enforced
    return settings


def _declare_target_group(scope: Scope, spec: PrivateIngressArgs) -> aws.lb.TargetGroup:
    return aws.lb.TargetGroup(
        f"{scope.name}-targets",
        vpc_id=spec.vpc_id,
        port=spec.backend_port,
        protocol="TCP" if spec.is_network else "HTTP",
        target_type=spec.target_type,
        deregistration_delay=spec.deregistration_delay_seconds,
        # The backend's group admits the balancer's, so its addresses are what the backend must see.
        preserve_client_ip="false" if spec.is_network else None,
        health_check=aws.lb.TargetGroupHealthCheckArgs(
            protocol="HTTP",
            path=spec.health_check_path,
            port="traffic-port",
            matcher=MATCHER,
            interval=10,
            timeout=5,
            healthy_threshold=2,
            unhealthy_threshold=2,
        ),
        tags=scope.build_tags("targets"),
        opts=scope.child_options(),
    )


def declare_listener(
    scope: Scope, spec: PrivateIngressArgs, made: Balanced, backends: Sequence[pulumi.Resource]
) -> aws.lb.Listener:
    """Declare the listener for requests; it forwards to the target group once `backends` exist. Alarms follow it."""
    declared = _declare_listener(scope, spec, "listener", spec.port, made.load_balancer.arn, made.targets, backends)
    if spec.alarm_topic_arn is not None:
        _declare_alarms(scope, spec, made, spec.alarm_topic_arn, declared)
    return declared


def _declare_alarms(
    scope: Scope, spec: PrivateIngressArgs, made: Balanced, topic_arn: pulumi.Input[str], declared: aws.lb.Listener
) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html and
    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
    """
    namespace = "AWS/NetworkELB" if spec.is_network else "AWS/ApplicationELB"
    place = {"LoadBalancer": made.load_balancer.arn_suffix, "TargetGroup": made.targets.arn_suffix}
    unhealthy = WatchedMetric(namespace, "UnHealthyHostCount", place, "Maximum", is_missing=False)
    declare_alarm(scope, "unhealthy-targets", "a target fails its health check", unhealthy, topic_arn, [declared])
    healthy = WatchedMetric(namespace, "HealthyHostCount", place, "Maximum", is_missing=True)
    declare_alarm(scope, "no-healthy-target", "no target is healthy", healthy, topic_arn, [declared])


def _declare_listener(
    scope: Scope,
    spec: PrivateIngressArgs,
    suffix: str,
    port: int,
    load_balancer_arn: pulumi.Output[str],
    targets: aws.lb.TargetGroup,
    backends: Sequence[pulumi.Resource] = (),
) -> aws.lb.Listener:
    plain, secure = ("TCP", "TLS") if spec.is_network else ("HTTP", "HTTPS")
    tls = spec.certificate_arn is not None
    return aws.lb.Listener(
        f"{scope.name}-{suffix}",
        load_balancer_arn=load_balancer_arn,
        port=port,
        protocol=secure if tls else plain,
        certificate_arn=spec.certificate_arn,
        ssl_policy=_TLS_POLICY if tls else None,
        default_actions=[aws.lb.ListenerDefaultActionArgs(type="forward", target_group_arn=targets.arn)],
        tags=scope.build_tags(suffix),
        # Callers move to another port while the old one still answers.
        opts=scope.child_options(depends_on=backends, replace_on_changes=["port"]),
    )
