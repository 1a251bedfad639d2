"""Choices in the arguments of components that a reviewer should see."""

from collections.abc import Iterator
from typing import Final

from ..facts import container_image
from ..facts.statements import PACKAGE
from ..graph import Resource
from ..graph.reading import as_text, get_declared_input
from ..reach import Reach
from .registry import Severity, rule

_BACKENDS: Final = (f"{PACKAGE}Ec2Backend", f"{PACKAGE}FargateBackend")


@rule("BOOT-10", Severity.LOW, on=_BACKENDS)
def require_image_version(resource: Resource) -> Iterator[str]:
    """A container image has a digest, or a tag other than latest.
    Why: Otherwise each new instance and each deployment pulls the registry's newest image, which nobody tried.
    Remedy: Write the version into backend.image, such as nginx:1.29, or the digest (@sha256:…).
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
    """
    image = as_text(get_declared_input(resource, "image"))
    if image and not image.startswith("s3://") and not container_image.has_version(image):
        start = "deployment" if resource.kind == "FargateBackend" else "new instance"
        yield f"{resource.name} runs {image}, of which each {start} may fetch another version"


@rule("ECS-03", Severity.LOW, on=(f"{PACKAGE}FargateBackend",))
def forbid_exec(reach: Reach, resource: Resource) -> Iterator[str]:
    """ECS Exec is off.
    Why: ECS Exec gives a root shell in the container to every identity with one IAM permission.
    Remedy: Leave execute_command off and switch it on for the day it is needed.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    for part in reach.statements.list_of("FargateBackend"):
        if part.resource is resource and part.get("people", "by") == "ecs-exec":
            yield f"{resource.name} lets people into its containers"
