"""Packages, layers and images, against the function, task or machine that is to run them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..aws import architecture, images, types
from ..aws.packages import missing_handler
from ..facts import instance_types
from ..graph import UNKNOWN, Resource
from ..graph.reading import CannotTell, peek, pointed, spread, text
from ..reach import Reach
from .registry import Severity, listed, rule

_LAYER: Final = ("aws:lambda/layerVersion:LayerVersion",)


@rule("FIT-18", Severity.HIGH, on=types.FUNCTION, program_only=True)
def package_holds_handler(_reach: Reach, resource: Resource) -> Iterator[str]:
    """A function's package holds its handler.

    Why: Every call fails with Runtime.ImportModuleError.
    Remedy: Name the file's path inside the package, without its ending, a dot, and the function.
    https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
    """
    if missing := missing_handler(resource):
        yield f"{resource.name} has the handler {text(peek(resource, 'handler'))}, and no {missing} in its package"


@rule("FIT-19", Severity.HIGH, on=(*types.FUNCTION, *types.TASK_DEFINITION, *types.INSTANCE, *types.LAUNCH_TEMPLATE))
def built_for_the_processor(reach: Reach, resource: Resource) -> Iterator[str]:
    """Layers and images are for the processor that runs them.

    Why: The machine does not boot, the container ends with an exec format error, the layer's libraries do not load.
    Remedy: Build for the architecture that the function, task or instance type has, or choose one that fits. The tag
    `image-platform` of a task definition or machine (`backend.platform`) names the platform of its image.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html
    """
    runs_on = images.processor(resource)
    if not runs_on:
        return
    for name, built_for in _brought(reach, resource):
        if built_for and runs_on not in built_for:
            yield f"{resource.name} runs on {runs_on}, and {name} is for {built_for}"
    pulled = images.from_registries(reach.model, resource) if resource.type in images.RUNNERS else []
    said = architecture.named(text(peek(resource, "tags", instance_types.IMAGE_PLATFORM_TAG)))
    if pulled and said and said != runs_on:
        yield f"{resource.name} runs on {runs_on}, and its tag {instance_types.IMAGE_PLATFORM_TAG} names {said}"
    elif pulled and not said:
        asks = "`gatehouse doctor --images` asks its registry"
        raise CannotTell(
            f"{resource.name} needs {listed(pulled)} to be built for {runs_on}, which is not known; {asks}"
        )


def _brought(reach: Reach, resource: Resource) -> Iterator[tuple[str, str]]:
    """Images and layers by name, with the architectures that they are for."""
    graph = reach.model.graph
    for layer in pointed(graph, resource, "layers", types=_LAYER):
        allowed = spread(layer.inputs, "compatibleArchitectures")
        yield layer.name, "" if UNKNOWN in allowed else " and ".join(sorted(map(text, allowed)))
    for key in ("imageUri", "containerDefinitions"):
        for urn in resource.property_dependencies.get(key, ()):
            image = graph.resources.get(urn)
            if image is not None and image.type in images.BUILDS:
                yield image.name, architecture.of_container_image(image)
    for key in ("ami", "imageId"):
        machine_image = text(peek(resource, key))
        yield machine_image, architecture.of_machine_image(graph, machine_image)
