"""What the provider asks of AWS and moto does not answer, or answers otherwise than AWS does.

Each mend is small and says what AWS does; whatever needs more is pretended by the plugin (aws_plugin/pretended.py).
"""

from __future__ import annotations

import datetime
import json
from typing import Any


def mend() -> None:
    """Apply every mend to the moto of this process."""
    for each in (
        _subnets_with_ipv6,
        _services_that_run,
        _interfaces_left_by_instances,
        _tags_of_scalable_targets,
        _subscribers_of_budgets,
        _stages_of_usage_plans,
        _checks_of_instances,
    ):
        each()


def _subnets_with_ipv6() -> None:
    """A subnet's IPv6 association has a state of one word, and DescribeSubnets can be filtered by it."""
    from moto.ec2.models.subnets import Subnet

    original = Subnet.get_filter_value

    def filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name == "ipv6-cidr-block-association.association-id":
            return list(self.ipv6_cidr_block_associations)
        return original(self, filter_name, method_name)

    def associations(self: Any) -> list[dict[str, Any]]:
        return [
            {**each, "ipv6CidrBlockState": {"state": each["ipv6CidrBlockState"]["State"]}}
            for each in self.ipv6_cidr_block_associations.values()
            if each["ipv6CidrBlockState"]["State"] == "associated"
        ]

    Subnet.get_filter_value = filter_value
    Subnet.ipv6_cidr_block_association_set = property(associations)


def _services_that_run() -> None:
    """Every task that an ECS service wants runs at once, by a deployment that ended before anybody asked.

    The provider waits for a deployment that began after its own call by ListServiceDeployments, which moto lacks.
    """
    from moto.ecs.models import Service

    original = Service.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _settle(self)

    Service.__init__ = made
    Service.__setattr__ = _with_settled_count


def _settle(service: Any) -> None:
    for deployment in service.deployments:
        deployment.update(
            createdAt=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
            desiredCount=service.desired_count,
            runningCount=service.desired_count,
            pendingCount=0,
            rolloutState="COMPLETED",
        )
    object.__setattr__(service, "running_count", service.desired_count)
    object.__setattr__(service, "pending_count", 0)


def _with_settled_count(service: Any, name: str, value: Any) -> None:
    object.__setattr__(service, name, value)
    if name == "desired_count" and "deployments" in vars(service):
        _settle(service)


def _interfaces_left_by_instances() -> None:
    """A terminated instance lets go of the interfaces that are not deleted with it."""
    from moto.ec2.models.instances import Instance

    original = Instance.terminate

    def terminate(self: Any) -> Any:
        left = [each for each in self.nics.values() if not each.delete_on_termination]
        state = original(self)
        for each in left:
            # The instance goes on naming it: moto describes a terminated instance by its interfaces.
            each.instance = each.attachment_id = each.attach_time = each.device_index = None
            each.status = "available"
        return state

    Instance.terminate = terminate


def _tags_of_scalable_targets() -> None:
    """Application Auto Scaling lists the tags of a target; moto keeps none."""
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    ApplicationAutoScalingResponse.list_tags_for_resource = lambda self: json.dumps({"Tags": {}})


def _subscribers_of_budgets() -> None:
    """Budgets tells who is told."""
    from moto.budgets.responses import BudgetsResponse

    def describe(self: Any) -> str:
        wanted = self._get_param("Notification")
        budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
        found = [each.subscribers for each in budget.notifications if _same_notification(each.details, wanted)]
        return json.dumps({"Subscribers": found[0] if found else []})

    BudgetsResponse.describe_subscribers_for_notification = describe
    BudgetsResponse.list_tags_for_resource = lambda self: json.dumps({"ResourceTags": []})


def _same_notification(one: dict[str, Any], other: dict[str, Any]) -> bool:
    keys = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
    return all(str(one.get(key)) == str(other.get(key)) for key in keys)


def _stages_of_usage_plans() -> None:
    """A usage plan lets go of a stage that has throttles of its own."""
    from moto.apigateway.models import UsagePlan

    original = UsagePlan.apply_patch_operations

    def apply(self: Any, operations: Any) -> None:
        leaving = [each["value"] for each in operations if each["op"] == "remove" and each["path"] == "/apiStages"]
        for stage in self.api_stages:
            if f"{stage['apiId']}:{stage['stage']}" in leaving:
                stage.pop("throttle", None)
        original(self, operations)

    UsagePlan.apply_patch_operations = apply


def _checks_of_instances() -> None:
    """An instance shows the source/destination check of its first interface."""
    from moto.ec2.models.instances import Instance

    original = Instance.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if 0 in self.nics:
            self.source_dest_check = self.nics[0].source_dest_check

    Instance.__init__ = made
