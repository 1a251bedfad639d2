"""What moto's tasks of ECS services lack: it keeps none."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterator
from typing import Any, Final

_NETWORK: Final = ipaddress.ip_network("10.254.0.0/16")
"""The addresses of tasks; moto puts no interfaces into their subnets."""


def tasks_of_services() -> None:
    """Each copy that an ECS service runs is a task with an address, which is a healthy target of its target groups."""
    from moto.core.responses import ActionResult
    from moto.ecs.responses import EC2ContainerServiceResponse
    from moto.elbv2.models import ELBv2Backend, FakeHealthStatus

    named, described = EC2ContainerServiceResponse.list_tasks, EC2ContainerServiceResponse.describe_tasks
    health = ELBv2Backend.describe_target_health

    def list_tasks(self: Any) -> Any:
        wanted = self._get_param("serviceName")
        if not wanted:
            return named(self)
        service = next(each for each in self.ecs_backend.services.values() if each.name == wanted.split("/")[-1])
        return ActionResult({"taskArns": [arn for arn, _ in _tasks(service)]})

    def describe_tasks(self: Any) -> Any:
        wanted = self._get_param("tasks", [])
        tasks = [
            {
                "taskArn": arn,
                "attachments": [{"details": [{"name": "privateIPv4Address", "value": address}]}],
                "containers": [{"networkInterfaces": [{"privateIpv4Address": address}]}],
            }
            for service in self.ecs_backend.services.values()
            for arn, address in _tasks(service)
            if arn in wanted
        ]
        return ActionResult({"tasks": tasks, "failures": []}) if tasks else described(self)

    def describe_target_health(self: Any, target_group_arn: str, targets: Any) -> Any:
        answered = health(self, target_group_arn, targets)
        of_tasks = [
            FakeHealthStatus(address, str(balancer["containerPort"]), "traffic-port", "healthy")
            for service in _services(self.account_id, self.region_name)
            for balancer in service.load_balancers
            if balancer.get("targetGroupArn") == target_group_arn
            for _, address in _tasks(service)
        ]
        return answered if targets else [*answered, *of_tasks]

    EC2ContainerServiceResponse.list_tasks = list_tasks
    EC2ContainerServiceResponse.describe_tasks = describe_tasks
    ELBv2Backend.describe_target_health = describe_target_health


def _services(account: str, region: str) -> list[Any]:
    from moto.ecs.models import ecs_backends

    return list(ecs_backends[account][region].services.values())


def _tasks(service: Any) -> Iterator[tuple[str, str]]:
    """ARN and address of each task that runs."""
    if service.status != "ACTIVE":
        return
    for number in range(service.running_count):
        digits = hashlib.sha256(f"{service.arn} {number}".encode()).hexdigest()[:32]
        arn = f"{service.cluster_arn.replace(':cluster/', ':task/')}/{digits}"
        yield arn, str(_NETWORK[1 + int(digits, 16) % (_NETWORK.num_addresses - 2)])
