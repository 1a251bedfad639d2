"""What moto's deployments of ECS services lack: they end, well or badly, and the provider waits for that."""

from __future__ import annotations

import datetime
from typing import Any, Final

from .health import BROKEN

_LONG_AGO: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_FAILED: Final = "ECS deployment circuit breaker: tasks failed container health checks."


def services_that_run() -> None:
    """Every task that an ECS service wants runs at once, by a deployment that ended before anybody asked.

    A deployment of a broken image fails. The circuit breaker gives the service its last task definition back, which a
    new service does not have: it stays without tasks.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    from moto.ecs.models import EC2ContainerServiceBackend, Service

    original, update = Service.__init__, EC2ContainerServiceBackend.update_service

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _settle(self)
        if _is_broken(self, self.task_definition):
            _fail(self, "ROLLBACK_FAILED")

    def updated(self: Any, properties: dict[str, Any]) -> Any:
        last = self._get_service(properties.get("cluster", "default"), properties["service"].split("/")[-1])
        definition = last.task_definition
        service = update(self, properties)
        # A new deployment, where one is forced, ends at once too.
        _settle(service)
        if service.task_definition != definition and _is_broken(service, service.task_definition):
            service.task_definition = definition
            _settle(service)
            _fail(service, "ROLLBACK_SUCCESSFUL")
        return service

    Service.__init__ = made
    Service.__setattr__ = _with_settled_count
    EC2ContainerServiceBackend.update_service = updated


def deployments_that_fail() -> None:
    """ListServiceDeployments and DescribeServiceDeployments, which moto lacks, name the failed deployments.

    The provider asks for those that began after its own call.
    """
    from moto.core.responses import ActionResult
    from moto.ecs.responses import EC2ContainerServiceResponse

    def found(self: Any) -> list[dict[str, Any]]:
        return [each for one in self.ecs_backend.services.values() for each in vars(one).get("failed_deployments", ())]

    def list_service_deployments(self: Any) -> Any:
        name = self._get_param("service").split("/")[-1]
        return ActionResult({"serviceDeployments": [each for each in found(self) if each["serviceName"] == name]})

    def describe_service_deployments(self: Any) -> Any:
        wanted = self._get_param("serviceDeploymentArns")
        named = [each for each in found(self) if each["serviceDeploymentArn"] in wanted]
        return ActionResult({"serviceDeployments": named, "failures": []})

    EC2ContainerServiceResponse.list_service_deployments = list_service_deployments
    EC2ContainerServiceResponse.describe_service_deployments = describe_service_deployments


def sizes_of_tasks() -> None:
    """ECS stores the CPU of a task in units and its memory in MiB, whatever the call says ("0.5 vCPU", "1 GB").

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    """
    from moto.ecs.models import EC2ContainerServiceBackend

    original = EC2ContainerServiceBackend.register_task_definition

    def register(self: Any, *args: Any, **kwargs: Any) -> Any:
        for key, unit in (("cpu", "vcpu"), ("memory", "gb")):
            kwargs[key] = in_units(kwargs.get(key), unit)
        return original(self, *args, **kwargs)

    EC2ContainerServiceBackend.register_task_definition = register


def in_units(size: str | None, unit: str) -> str | None:
    """A size as ECS stores it: of a whole unit there are 1,024."""
    if size is None or not size.lower().endswith(unit):
        return size
    return str(int(float(size[: -len(unit)]) * 1024))


def _fail(service: Any, status: str) -> None:
    """Let the current deployment be one that has just failed."""
    now = datetime.datetime.now(datetime.UTC)
    number = 1 + len(vars(service).setdefault("failed_deployments", []))
    (deployment,) = service.deployments
    deployment.update(id=f"ecs-svc/{service.name}-{number}", createdAt=now, updatedAt=now, rolloutState="FAILED")
    base = service.arn.partition(":service")[0]
    of_service = f"{service.cluster_name}/{service.name}/{service.name}-{number}"
    service.failed_deployments.append(
        {
            "serviceName": service.name,
            "serviceDeploymentArn": f"{base}:service-deployment/{of_service}",
            "targetServiceRevisionArn": f"{base}:service-revision/{of_service}",
            "serviceArn": service.arn,
            "clusterArn": service.cluster_arn,
            "createdAt": now,
            "status": status,
            "statusReason": _FAILED,
        }
    )


def _settle(service: Any) -> None:
    """Let as many tasks run as are wanted; none of a broken image does."""
    running = 0 if _is_broken(service, service.task_definition) else service.desired_count
    for deployment in service.deployments:
        deployment.update(
            createdAt=_LONG_AGO,
            taskDefinition=service.task_definition,
            desiredCount=service.desired_count,
            runningCount=running,
            pendingCount=0,
            rolloutState="COMPLETED",
        )
    object.__setattr__(service, "running_count", running)
    object.__setattr__(service, "pending_count", 0)


def _is_broken(service: Any, definition: str) -> bool:
    found = service._backend.describe_task_definition(definition)
    return any(BROKEN in container["image"] for container in found.container_definitions)


def _with_settled_count(service: Any, name: str, value: Any) -> None:
    object.__setattr__(service, name, value)
    if name == "desired_count" and "deployments" in vars(service):
        _settle(service)
