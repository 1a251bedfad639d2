"""Container images from registries, and the processors that run them."""

from typing import Final

from ...graph import UNKNOWN, Resource
from ...graph.reading import as_list, as_text, get_declared_input, get_value
from ..catalog import types
from ..compute import architecture, functions
from ..compute.containers import read_containers
from ..compute.user_data import list_image_names, read_boot_script
from .model import AwsModel

BUILDS: Final = ("docker:index/image:Image", "docker-build:index:Image", "awsx:ecr:Image")
"""Resources that build an image, and name its processor."""
RUNNERS: Final = (*types.TASK_DEFINITION, *types.BOOTED)


def find_processor(resource: Resource) -> str:
    """The processor of a function, a task or a machine; empty if that is not known."""
    if resource.type in types.FUNCTION:
        return (
            functions.find_architecture(resource)
            if get_declared_input(resource, "architectures") is not UNKNOWN
            else ""
        )
    if resource.type in types.TASK_DEFINITION:
        chosen = get_declared_input(resource, "runtimePlatform", "cpuArchitecture")
        # On machines of one's own, the machine decides.
        on_fargate = "FARGATE" in as_list(get_declared_input(resource, "requiresCompatibilities"))
        return as_text(chosen).lower() or ("x86_64" if on_fargate and chosen is None else "")
    kind = as_text(get_declared_input(resource, "instanceType"))
    return architecture.find_for_instance_type(kind) if kind else ""


def list_registry_images(model: AwsModel, resource: Resource) -> list[str]:
    """Images that a task or a machine takes from registries, and that the program does not build."""
    if resource.type not in types.TASK_DEFINITION:
        return list_image_names(read_boot_script(model.machines, resource))
    urns = resource.property_dependencies.get("containerDefinitions", ())
    if any(urn in model.graph.resources and model.graph.resources[urn].type in BUILDS for urn in urns):
        return []
    named = (as_text(get_value(container, "image")) for container in read_containers(resource))
    return [image for image in dict.fromkeys(named) if image]
