"""Whether machines and tasks can reach the packages, images and services that they need when they start."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute.containers import read_containers
from ..aws.compute.user_data import (
    find_package_manager,
    list_image_names,
    list_source_buckets,
    read_boot_script,
    uses_dual_stack,
    writes_logs,
)
from ..aws.identity.callers import ANYBODY
from ..aws.identity.iam import evaluate_policy
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..facts import container_image, endpoint_policies, hosts_over_ipv6, registries
from ..graph import Resource
from ..graph.answers import No
from ..graph.prose import join_names
from ..graph.reading import (
    Doubt,
    as_text,
    find_referenced,
    find_values,
    get_declared_input,
    get_value,
    require_known,
)
from ..paths import Reachability
from ..paths.people import SESSION_SERVICES
from .registry import Severity, rule
from .roles import may_allow

_MACHINES: Final = (*types.INSTANCE, *types.SCALING_GROUP)
_CHEAPEST: Final = "egress nat-instance is the cheapest way to everything"


@rule("BOOT-01", Severity.HIGH, on=_MACHINES, cheapest=_CHEAPEST)
def require_reachable_packages(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A machine that installs packages at boot can reach them.
    Why: Otherwise the boot script fails.
    Remedy: Add a gateway endpoint for S3, which is free and holds Amazon Linux's packages; {cheapest}.
    https://docs.aws.amazon.com/linux/al2023/ug/managing-repos-os-updates.html
    """
    node = reach.model.nodes.find(resource)
    manager = find_package_manager(read_boot_script(reach.model.machines, resource))
    if not manager or node.forwards or _has_internet(reach, node, dual_stack=True):
        return
    reason = _explain_unreachable_bucket(
        reach, node, endpoint_policies.PACKAGE_BUCKETS[0].format(region=_find_region(reach, resource))
    )
    if manager == "apt" or reason:
        reason = reason or "its mirrors are on the internet"
        yield f"{resource.name} installs packages at boot and cannot reach them: {reason}"


@rule("BOOT-02", Severity.HIGH, on=(*_MACHINES, *types.SERVICE), cheapest=_CHEAPEST)
def require_reachable_image(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A machine or task can fetch its container image.
    Why: Without its image nothing starts, and the deployment waits until it is rolled back.
    Remedy: Give the network a NAT, or endpoints for ecr.api, ecr.dkr and S3; or put the image into S3; {cheapest}.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    node = reach.model.nodes.find(resource)
    if not node.interfaces or node.forwards:
        return
    for image in _list_images(reach, resource):
        if reason := _explain_unreachable_image(reach, node, image):
            yield f"{resource.name} cannot fetch {image}: {reason}"


@rule("BOOT-03", Severity.HIGH, on=_MACHINES)
def require_reachable_bucket(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A machine can reach the bucket of its image.
    Why: The gateway endpoint's policy denies every bucket that it does not name.
    Remedy: Put the bucket into the endpoint's policy (network.buckets), and s3:GetObject into the machine's role.
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    node = reach.model.nodes.find(resource)
    if _has_internet(reach, node, dual_stack=True):
        return
    for bucket in list_source_buckets(read_boot_script(reach.model.machines, resource)):
        if reason := _explain_unreachable_bucket(reach, node, bucket):
            yield f"{resource.name} cannot fetch from s3://{bucket}: {reason}"


@rule("BOOT-04", Severity.MEDIUM, on=_MACHINES)
def require_reachable_session_manager(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A machine with access by Session Manager can reach its service.
    Why: Without egress to the service, the agent cannot connect, and nobody can log in.
    Remedy: Add endpoints for ssm and ssmmessages, or use an EC2 Instance Connect Endpoint, which is free.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-prerequisites.html
    """
    permission = reach.people.find_session_permission(resource)
    if permission is None or permission.uncertainty:
        return
    answer = reach.people.reaches(reach.model.nodes.find(resource), SESSION_SERVICES)
    if isinstance(answer, No):
        yield f"Session Manager cannot reach {resource.name}: {answer.reason}"


@rule("BOOT-05", Severity.HIGH, on=types.SERVICE, cheapest=_CHEAPEST)
def require_reachable_task_services(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A task can send its log and read its secrets.
    Why: Otherwise Fargate stops the task before its container starts.
    Remedy: Add endpoints for logs, and for secretsmanager or ssm where the task reads secrets; {cheapest}.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html
    """
    node = reach.model.nodes.find(resource)
    if not node.interfaces or _has_internet(reach, node, dual_stack=False):
        return
    for definition in _find_definitions(reach, resource):
        yield from _find_missing_endpoints(reach, node, _list_startup_services(definition))


@rule("BOOT-10", Severity.LOW, on=(*_MACHINES, *types.SERVICE))
def require_image_version(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A container image has a digest, or a tag other than latest.
    Why: Otherwise each new instance and each deployment pulls the registry's newest image, which nobody tried.
    Remedy: Write the version into backend.image, such as nginx:1.29, or the digest (@sha256:…).
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
    """
    for image in _list_images(reach, resource):
        if not container_image.has_version(image):
            start = "deployment" if resource.type in types.SERVICE else "new instance"
            yield f"{resource.name} runs {image}, of which each {start} may fetch another version"


@rule("BOOT-11", Severity.MEDIUM, on=_MACHINES, cheapest=_CHEAPEST)
def require_way_of_machine_log(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A machine that logs to CloudWatch can reach it, and its role may write there.
    Why: Otherwise the log is lost, and a log driver that blocks stops the container.
    Remedy: Allow logs:CreateLogStream and logs:PutLogEvents to the machine's role. Add an endpoint for logs, or switch
    the logs off (backend.logs); {cheapest}.
    https://docs.docker.com/engine/logging/drivers/awslogs/
    """
    script = read_boot_script(reach.model.machines, resource)
    if not writes_logs(script):
        return
    node = reach.model.nodes.find(resource)
    if not _has_internet(reach, node, dual_stack=uses_dual_stack(script)):
        yield from _find_missing_endpoints(reach, node, {"logs"})
    role = reach.model.roles.find_role(resource)
    if role is None and reach.model.roles.has_profile(resource):
        return
    if role is None or not may_allow(reach, role, "logs:PutLogEvents"):
        yield f"{resource.name} logs to CloudWatch, and no role lets it"


def _list_images(reach: Reachability, resource: Resource) -> list[str]:
    """Images that a service's tasks or a machine's boot script take from registries."""
    if resource.type not in types.SERVICE:
        return list_image_names(read_boot_script(reach.model.machines, resource))
    images = list[str]()
    for definition in _find_definitions(reach, resource):
        for container in read_containers(definition):
            images.append(as_text(require_known(get_value(container, "image"), f"the image of {resource.name}")))
    return images


def _find_definitions(reach: Reachability, service: Resource) -> list[Resource]:
    return find_referenced(reach.model.graph, service, "taskDefinition", types=types.TASK_DEFINITION)


def _explain_unreachable_image(reach: Reachability, node: Node, image: str) -> str:
    """Why an image cannot be fetched, if it cannot."""
    registry = image.partition("/")[0]
    # AWS does not document whether Fargate can pull over IPv6 from registries other than ECR.
    over_ipv6 = hosts_over_ipv6.answers_over_ipv6(registries.find_registry_host(image)) is True
    machine = over_ipv6 and node.resource.type in _MACHINES
    if _has_internet(reach, node, dual_stack=machine or registry.endswith(("on.aws", "ecr-public.aws.com"))):
        return ""
    closed = _describe_closed_egress(reach, node)
    if ".dkr.ecr." not in registry and ".dkr-ecr." not in registry:
        return f"{closed}, and the registry is on the internet"
    known = reach.outbound.map_endpoints(node)
    if missing := [service for service in ("ecr.api", "ecr.dkr") if service not in known]:
        return f"{closed}, and there is no endpoint for {join_names(missing)}"
    if f".{(region := _find_region(reach, node.resource))}." not in registry:
        return f"{closed}, and the endpoints of {region} do not lead to {registry}"
    return _explain_unreachable_bucket(reach, node, endpoint_policies.ECR_LAYER_BUCKET.format(region=region))


def _explain_unreachable_bucket(reach: Reachability, node: Node, bucket: str) -> str:
    """Why a bucket cannot be read through the gateway endpoint for S3, if it cannot."""
    gateway = reach.outbound.map_gateway_endpoints(node).get("s3")
    if gateway is None:
        if "s3" in reach.outbound.map_endpoints(node):
            return ""
        return f"{_describe_closed_egress(reach, node)}, and no endpoint for S3 is on its routes"
    endpoint, answer = gateway
    policy = get_declared_input(endpoint, "policy")
    if isinstance(answer, No):
        return answer.reason
    if isinstance(answer, Doubt):
        raise Doubt(f"{answer} is not known")
    if policy is None:
        return ""
    require_known(policy, f"the policy of {endpoint.name}")
    arn = f"arn:{reach.model.graph.partition}:s3:::{bucket}/any"
    admitted = evaluate_policy(policy, caller=ANYBODY, action="s3:GetObject", resource=arn).allowed
    return "" if admitted else f"the policy of {endpoint.name} does not admit the bucket {bucket}"


def _has_internet(reach: Reachability, node: Node, *, dual_stack: bool) -> bool:
    """Whether it gets out over IPv4, or over IPv6 to what has an address there."""
    families = (Family.IPV4, Family.IPV6) if dual_stack else (Family.IPV4,)
    return any(reach.outbound.find_internet_egress(node, family).open for family in families)


def _describe_closed_egress(reach: Reachability, node: Node) -> str:
    return reach.outbound.find_internet_egress(node, Family.IPV4).blocked_by


def _find_missing_endpoints(reach: Reachability, node: Node, services: set[str]) -> Iterator[str]:
    """A sentence for each service without an endpoint, for a node that the internet is closed to."""
    closed = _describe_closed_egress(reach, node)
    for service in sorted(services - {*reach.outbound.map_endpoints(node)}):
        yield f"{node.resource.name} cannot reach {service}: {closed}, and there is no endpoint for it"


def _find_region(reach: Reachability, resource: Resource) -> str:
    return resource.region or reach.model.graph.region


def _list_startup_services(definition: Resource) -> set[str]:
    """Services that Fargate calls for a task before its containers start."""
    services = set()
    for container in read_containers(definition):
        if get_value(container, "logConfiguration", "logDriver") == "awslogs":
            services.add("logs")
        for source in map(as_text, find_values(container, "secrets", "valueFrom")):
            services.add("ssm" if ":ssm:" in source or not source.startswith("arn:") else "secretsmanager")
    return services
