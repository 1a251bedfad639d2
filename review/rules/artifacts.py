"""Packages, layers and images, against the function, task or machine that is to run them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..aws import architecture, functions, types
from ..aws.packages import missing_handler
from ..graph import UNKNOWN, Resource
from ..graph.reading import items, peek, pointed, spread, text
from ..reach import Reach
from .registry import Severity, guide, rule

_LAYER: Final = ("aws:lambda/layerVersion:LayerVersion",)
_IMAGES: Final = (
    "docker:index/image:Image",
    "docker-build:index:Image",
    "awsx:ecr:Image",
)


@rule(
    "FIT-18",
    "A function's package holds its handler",
    Severity.HIGH,
    on=types.FUNCTION,
    why="Every call fails with Runtime.ImportModuleError.",
    remedy="Name the file's path inside the package, without its ending, a dot, and the function.",
    source=guide("lambda/latest/dg", "python-handler"),
    program_only=True,
)
def package_holds_handler(_reach: Reach, resource: Resource) -> Iterator[str]:
    if missing := missing_handler(resource):
        yield f"{resource.name} has the handler {text(peek(resource, 'handler'))}, and no {missing} in its package"


@rule(
    "FIT-19",
    "Layers and images are for the processor that runs them",
    Severity.HIGH,
    on=(*types.FUNCTION, *types.TASK_DEFINITION, *types.INSTANCE, *types.LAUNCH_TEMPLATE),
    why="The machine does not boot, the container ends with an exec format error, the layer's libraries do not load.",
    remedy="Build for the architecture that the function, task or instance type has, or choose one that fits.",
    source=guide("AmazonECS/latest/developerguide", "ecs-arm64"),
)
def built_for_the_processor(reach: Reach, resource: Resource) -> Iterator[str]:
    runs_on = _processor(resource)
    if not runs_on:
        return
    for name, built_for in _brought(reach, resource):
        if built_for and runs_on not in built_for:
            yield f"{resource.name} runs on {runs_on}, and {name} is for {built_for}"


def _processor(resource: Resource) -> str:
    if resource.type in types.FUNCTION:
        return functions.architecture(resource) if peek(resource, "architectures") is not UNKNOWN else ""
    if resource.type in types.TASK_DEFINITION:
        chosen = peek(resource, "runtimePlatform", "cpuArchitecture")
        # On machines of one's own, the machine decides.
        on_fargate = "FARGATE" in items(peek(resource, "requiresCompatibilities"))
        return text(chosen).lower() or ("x86_64" if on_fargate and chosen is None else "")
    kind = text(peek(resource, "instanceType"))
    return architecture.of_instance_type(kind) if kind else ""


def _brought(reach: Reach, resource: Resource) -> Iterator[tuple[str, str]]:
    """Images and layers by name, with the architectures that they are for."""
    graph = reach.model.graph
    for layer in pointed(graph, resource, "layers", types=_LAYER):
        allowed = spread(layer.inputs, "compatibleArchitectures")
        yield layer.name, "" if UNKNOWN in allowed else " and ".join(sorted(map(text, allowed)))
    for key in ("imageUri", "containerDefinitions"):
        for urn in resource.property_dependencies.get(key, ()):
            image = graph.resources.get(urn)
            if image is not None and image.type in _IMAGES:
                yield image.name, architecture.of_container_image(image)
    for key in ("ami", "imageId"):
        machine_image = text(peek(resource, key))
        yield machine_image, architecture.of_machine_image(graph, machine_image)
