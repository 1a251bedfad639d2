"""What a deployment brings along, packages, layers and images, against what is to run it; and rights to its log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..aws import architecture, functions, types
from ..aws.packages import missing_handler
from ..graph import UNKNOWN, Resource
from ..graph.reading import CannotTell, items, peek, pointed, spread, text, within
from ..reach import Reach
from .machines import containers
from .registry import Severity, guide, rule

_LAYER: Final = ("aws:lambda/layerVersion:LayerVersion",)
_IMAGES: Final = (
    "docker:index/image:Image",
    "docker-build:index:Image",
    "awsx:ecr:Image",
)
_WITHOUT_LOGS: Final = (
    "AmazonSSMManagedInstanceCore",
    "AWSXRayDaemonWriteAccess",
    "AWSLambdaENIManagementAccess",
    "AmazonEC2ContainerRegistryReadOnly",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonS3ReadOnlyAccess",
    "AmazonS3FullAccess",
)
"""AWS's own policies that allow nothing on CloudWatch Logs; of others that is not known here."""


_OTHER_ATTACHMENTS: Final = (
    "aws:iam/policyAttachment:PolicyAttachment",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
)


@rule(
    "FIT-16",
    "A function may write its log",
    Severity.MEDIUM,
    on=types.FUNCTION,
    why="The function runs and leaves no line behind: nobody sees why it fails.",
    remedy="Attach AWSLambdaBasicExecutionRole, or allow logs:CreateLogStream and logs:PutLogEvents.",
    source=guide("lambda/latest/dg", "monitoring-cloudwatchlogs"),
)
def function_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    role = reach.model.roles.of(resource)
    if role is not None and not role.existing and not _may_log(reach, role):
        yield f"{role.name} does not let {resource.name} write its log"


@rule(
    "FIT-17",
    "The role that starts a task may write the task's log",
    Severity.HIGH,
    on=types.TASK_DEFINITION,
    why="The log driver is set up before the container starts: without the right, no task ever starts.",
    remedy="Attach AmazonECSTaskExecutionRolePolicy to the execution role, or allow logs:CreateLogStream and "
    "logs:PutLogEvents.",
    source=guide("AmazonECS/latest/developerguide", "task_execution_IAM_role"),
)
def task_may_log(reach: Reach, resource: Resource) -> Iterator[str]:
    drivers = [text(within(one, "logConfiguration", "logDriver")) for one in containers(resource)]
    if "awslogs" not in drivers:
        return
    if peek(resource, "executionRoleArn") is None:
        # On machines of one's own, the machine's role may do it.
        if "FARGATE" in items(peek(resource, "requiresCompatibilities")):
            yield f"{resource.name} logs to CloudWatch and has no execution role"
        return
    for role in pointed(reach.model.graph, resource, "executionRoleArn", types=types.ROLE):
        if not role.existing and not _may_log(reach, role):
            yield f"{role.name} does not let {resource.name} write its log"


def _may_log(reach: Reach, role: Resource) -> bool:
    """Whether a role allows it, or has policies that cannot be read. Raises CannotTell if they come later."""
    if apart := next(iter(reach.model.graph.of_type(*_OTHER_ATTACHMENTS)), None):
        raise CannotTell(f"what {apart.name} attaches is not read")
    policies = [policy for _, policy in reach.model.roles.policies(role)]
    unread = [one for one in policies if isinstance(one, str) and one.startswith("arn:")]
    if reach.model.roles.allowing(role, "logs:PutLogEvents") is not None:
        return True
    if UNKNOWN in policies:
        raise CannotTell(f"the policies of {role.name} are known only after deployment")
    return any(not one.endswith(_WITHOUT_LOGS) for one in unread)


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
    """What it runs, by name, with the architectures that it is for."""
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
