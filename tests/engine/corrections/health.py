"""An image that never becomes healthy, and its effects in AWS. moto runs nothing, so everything is healthy there."""

from __future__ import annotations

from typing import Any, Final

BROKEN: Final = "never-healthy"
"""In the name of an image that starts and never answers."""


def targets_that_never_answer() -> None:
    """An instance whose boot script starts a broken image is an unhealthy target."""
    from moto.ec2.models import ec2_backends
    from moto.elbv2.models import ELBv2Backend

    health = ELBv2Backend.describe_target_health

    def describe_target_health(self: Any, target_group_arn: str, targets: Any) -> Any:
        states = health(self, target_group_arn, targets)
        instances = ec2_backends[self.account_id][self.region_name]
        for target in states:
            if target.status == "healthy" and is_broken(instances.get_instance_by_id(target.instance_id)):
                target.status, target.reason = "unhealthy", "Target.FailedHealthChecks"
        return states

    ELBv2Backend.describe_target_health = describe_target_health


def consoles_of_instances() -> None:
    """A boot script writes its outcome on the console; no machine runs here that could."""
    from moto.core.responses import ActionResult
    from moto.core.types import Base64EncodedString
    from moto.core.utils import utcnow
    from moto.ec2.responses import EC2Response

    from components.compute.readiness import ANSWERS, FAILED

    def get_console_output(self: Any) -> Any:
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        line = f"{FAILED}: {BROKEN}" if is_broken(instance) else f"{ANSWERS} on its port"
        output = Base64EncodedString.from_raw_string(f"{line}\n")
        return ActionResult({"InstanceId": instance.id, "Timestamp": utcnow(), "Output": output})

    EC2Response.get_console_output = get_console_output


def is_broken(instance: Any) -> bool:
    """Whether an instance starts a broken image."""
    script = getattr(instance, "user_data", None)
    return script is not None and BROKEN in script.decode()
