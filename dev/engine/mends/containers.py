"""What moto's ECS services and their scaling lack."""

from __future__ import annotations

import datetime
import json
from typing import Any


def services_that_run() -> None:
    """Every task that an ECS service wants runs at once, by a deployment that ended before anybody asked.

    The provider waits for a deployment that began after its own call by ListServiceDeployments, which moto lacks.
    """
    from moto.ecs.models import EC2ContainerServiceBackend, Service

    original = Service.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _settle(self)

    Service.__init__ = made
    Service.__setattr__ = _with_settled_count
    update = EC2ContainerServiceBackend.update_service

    def updated(self: Any, *args: Any, **kwargs: Any) -> Any:
        # A new deployment, where one is forced, ends at once too.
        service = update(self, *args, **kwargs)
        _settle(service)
        return service

    EC2ContainerServiceBackend.update_service = updated


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


def deployments_of_services() -> None:
    """An ECS service shows how it is deployed."""
    from moto.ecs.responses import EC2ContainerServiceResponse

    names = {
        "deploymentConfiguration": "deployment_configuration",
        "enableECSManagedTags": "enable_ecs_managed_tags",
        "enableExecuteCommand": "enable_execute_command",
        "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    }

    def keeping(original: Any) -> Any:
        def answer(self: Any) -> Any:
            result = original(self)
            for asked, name in names.items():
                if (value := self._get_params().get(asked)) is not None:
                    setattr(result.result["service"], name, value)
            return result

        return answer

    EC2ContainerServiceResponse.create_service = keeping(EC2ContainerServiceResponse.create_service)
    EC2ContainerServiceResponse.update_service = keeping(EC2ContainerServiceResponse.update_service)


def tags_of_scalable_targets() -> None:
    """Application Auto Scaling lists the tags of a target; moto keeps none."""
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    original = ApplicationAutoScalingResponse.register_scalable_target
    kept: dict[str, dict[str, str]] = {}

    def register(self: Any) -> str:
        answer = original(self)
        kept.setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return str(answer)

    def tags(self: Any) -> str:
        return json.dumps({"Tags": kept.get(self._get_param("ResourceARN"), {})})

    ApplicationAutoScalingResponse.register_scalable_target = register
    ApplicationAutoScalingResponse.list_tags_for_resource = tags
