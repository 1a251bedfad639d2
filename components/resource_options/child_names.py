"""The names that each component gives its resources, checked before the first of them is declared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from ..arguments.errors import ArgumentError
from ..facts.resource_names import RULES, TAG_VALUE, find_autonaming, list_name_faults, make_name


@dataclass(frozen=True)
class Child:
    """A resource of a component whose name AWS limits."""

    kind: str
    """A key of `RULES`, or a component."""
    suffix: str
    """What follows the component's name and a hyphen."""
    argument: str = ""
    """The argument that decides whether it is declared. Empty if it always is."""
    values: tuple[object, ...] = ()
    """Values of the argument with which it is declared. Empty for all but none and false."""

    def exists(self, settings: Any) -> bool:
        """Whether a component with these arguments may declare it."""
        if not self.argument:
            return True
        value = getattr(settings, self.argument, None)
        return value in self.values if self.values else bool(value)


_BALANCERS: Final = ("alb", "nlb")
# The longest name of each kind is enough, as are those of groups and roles if a component always has one.
CHILDREN: Final[Mapping[str, tuple[Child, ...]]] = {
    "Alerts": (
        Child("sns.Topic", "topic"),
        Child("budgets.Budget", "budget", "budget_monthly_usd"),
    ),
    "ApiConsumer": (
        Child("ec2.SecurityGroup", "group"),
        Child("iam.Role", "role"),
        Child("iam.RolePolicy", "permissions"),
        Child("iam.InstanceProfile", "profile"),
    ),
    "ApiFront": (
        Child("apigatewayv2.Api", "api", "kind", ("http",)),
        Child("cloudwatch.LogGroup", "access"),
        Child("cloudwatch.LogGroup", "execution", "kind", ("rest", "private")),
        Child("cloudwatch.LogMetricFilter", "throttled", "alarms"),
        Child("cloudwatch.MetricAlarm", "throttled-requests", "alarms"),
        Child("iam.Role", "account-logs", "account_log_role"),
        Child("wafv2.IpSet", "allow-ipv4", "firewall"),
        Child("wafv2.WebAcl", "web-acl", "firewall"),
    ),
    "ApiFunction": (
        Child("cloudwatch.LogGroup", "log"),
        Child("ec2.SecurityGroup", "group", "vpc_id"),
        Child("iam.Role", "role"),
        Child("iam.RolePolicy", "interfaces"),
        Child("lambda.Function", "function"),
    ),
    "Ec2Backend": (
        Child("autoscaling.Group", "group-of-instances", "scaling"),
        Child("cloudwatch.LogGroup", "log", "logs"),
        Child("ec2.LaunchTemplate", "template"),
        Child("ec2.SecurityGroup", "group"),
        Child("iam.Role", "role"),
        Child("iam.RolePolicy", "permissions"),
        Child("iam.InstanceProfile", "profile"),
    ),
    "ExistingIngress": (
        Child("apigatewayv2.VpcLink", "link"),
        Child("ec2.SecurityGroup", "link-group"),
    ),
    "FargateBackend": (
        Child("appautoscaling.Policy", "scale-by-requests", "scaling"),
        Child("cloudwatch.LogGroup", "log"),
        Child("cloudwatch.MetricAlarm", "missing-tasks", "alarm_topic_arn"),
        Child("ec2.SecurityGroup", "group"),
        Child("ecr.Repository", "repository", "build"),
        Child("ecs.Cluster", "cluster"),
        Child("ecs.Service", "registered-service"),
        Child("iam.Role", "execution-role"),
        Child("iam.RolePolicy", "execution-permissions"),
    ),
    "Greeter": (
        Child("cloudwatch.LogGroup", "log"),
        Child("iam.Role", "role"),
        Child("iam.RolePolicy", "policy"),
        Child("lambda.Function", "function"),
    ),
    "NatInstance": (
        Child("cloudwatch.MetricAlarm", "credits"),
        Child("ec2.SecurityGroup", "group"),
        Child("iam.InstanceProfile", "profile"),
        Child("iam.Role", "starter-role"),
        Child("iam.RolePolicy", "starter-permissions"),
        Child("scheduler.Schedule", "starter"),
    ),
    "PrivateApiEndpoint": (Child("ec2.SecurityGroup", "group", "vpc_id"),),
    "PrivateIngress": (
        Child("apigatewayv2.VpcLink", "link", "link", ("v2",)),
        Child("cloudwatch.MetricAlarm", "unhealthy-targets", "alarm_topic_arn"),
        Child("ec2.SecurityGroup", "link-group"),
        Child("lb.LoadBalancer", "alb", "kind", _BALANCERS),
        Child("lb.TargetGroup", "targets", "kind", _BALANCERS),
        Child("servicediscovery.PrivateDnsNamespace", "namespace", "kind", ("cloud-map",)),
    ),
    "PrivateNetwork": (
        Child("NatInstance", "nat", "egress"),
        Child("cloudwatch.LogGroup", "flows", "flow_logs_retention_days"),
        Child("ec2.SecurityGroup", "endpoints-group"),
        Child("iam.Role", "flows-role", "flow_logs_retention_days"),
        Child("iam.RolePolicy", "flows-permissions", "flow_logs_retention_days"),
    ),
    "ServerlessProxy": (
        Child("cloudwatch.LogGroup", "log"),
        Child("ec2.SecurityGroup", "group"),
        Child("iam.Role", "warm-role"),
        Child("iam.RolePolicy", "warm-permissions"),
        Child("lambda.Function", "function"),
        Child("scheduler.Schedule", "warm", "keep_warm"),
    ),
    "ServiceIngress": (
        Child("cloudwatch.MetricAlarm", "unhealthy-targets", "alarm_topic_arn"),
        Child("lb.TargetGroup", "targets"),
    ),
    "UrlBackend": (),
}
"""By component. A test finds each of them in what the component declares, and no other."""


def check_name(component: str, name: str, settings: Any) -> None:
    """Raises ArgumentError if AWS would refuse a name that the component makes of its own."""
    for kind, logical in [*_list_children(component, name, settings)]:
        rule = RULES[kind]
        made = make_name(logical, _find_autonaming(kind), pulumi.get_project(), pulumi.get_stack())
        for fault in list_name_faults(rule, made) if made is not None else ():
            raise ArgumentError(
                component, "name", name, f"its resource {logical} is {rule.thing}, whose name {made} {fault}; {_REMEDY}"
            )
    for fault in list_name_faults(TAG_VALUE, name):
        raise ArgumentError(component, "name", name, f"its resources have it in the tag Name; it {fault}; {_REMEDY}")


_REMEDY: Final = "give the component another name"


def _list_children(component: str, name: str, settings: Any) -> Iterator[tuple[str, str]]:
    for child in CHILDREN[component]:
        if not child.exists(settings):
            continue
        if child.kind in CHILDREN:
            yield from _list_children(child.kind, f"{name}-{child.suffix}", settings)
        else:
            yield child.kind, f"{name}-{child.suffix}"


def _find_autonaming(kind: str) -> Mapping[str, Any]:
    settings = pulumi.Config("pulumi").get_object("autonaming")
    module, _, last = kind.partition(".")
    return find_autonaming(settings, f"aws:{module}/{last[0].lower()}{last[1:]}:{last}")
