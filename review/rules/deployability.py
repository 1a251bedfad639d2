"""Settings that AWS refuses while a stack is created, or that never work once it is."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.compute import architecture
from ..aws.compute.functions import find_missing_handler
from ..aws.model import images
from ..aws.network.route import Family
from ..facts import instance_types
from ..graph import Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import as_list, as_text, get_declared_input
from ..paths import Reachability
from .certificates import describe_other_names
from .registry import Message, Severity, rule


@rule("FIT-01", Severity.HIGH, on=types.COMPUTE)
def require_routes_out_of_every_subnet(reach: Reachability, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """All subnets of a machine have egress if one of them does.
    Why: A machine in the subnet without the route has no egress, while one in the other zone works.
    Remedy: Give the route table of each subnet the same default route.
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
    """
    node = reach.model.nodes.find(resource)
    for family in Family:
        routes = {subnet.urn: reach.model.network.find_default_route(subnet, family) for subnet in node.subnets}
        if not any(routes.values()):
            continue
        for subnet in node.subnets:
            if routes[subnet.urn] is None and reach.model.network.has_all_routes(subnet):
                yield subnet, f"{resource.name} is in {subnet.name}, which has no {family.value} route out; others have"


@rule("FIT-10", Severity.HIGH, on=(*types.LISTENER, *types.REST_DOMAIN))
def require_certificate_of_region(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A certificate is in the region that uses it.
    Why: AWS refuses a certificate of another region.
    Remedy: Issue or import the certificate in the region of the listener or domain; CloudFront takes only us-east-1.
    https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html
    """
    endpoint_types = as_list(get_declared_input(resource, "endpointConfiguration", "types"))
    # Private domains have a certificate of their region under the same key.
    is_edge = "EDGE" in endpoint_types or (not endpoint_types and get_declared_input(resource, "certificateArn"))
    on_edge = resource.type in types.REST_DOMAIN and is_edge
    region = "us-east-1" if on_edge else resource.region or reach.model.graph.region
    for key in ("certificateArn", "regionalCertificateArn"):
        arn = as_text(get_declared_input(resource, key))
        if arn.count(":") > 4 and arn.split(":")[3] not in ("", region):
            yield f"{resource.name} serves in {region}, and its certificate is of {arn.split(':')[3]}"


@rule("FIT-18", Severity.HIGH, on=types.FUNCTION, program_only=True)
def require_packaged_handler(_reach: Reachability, resource: Resource) -> Iterator[str]:
    """A function's package contains its handler.
    Why: Every call fails with Runtime.ImportModuleError.
    Remedy: Name the file's path inside the package, without its ending, a dot, and the function.
    https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
    """
    if missing := find_missing_handler(resource):
        handler = as_text(get_declared_input(resource, "handler"))
        yield f"{resource.name} has the handler {handler}, and no {missing} in its package"


@rule("FIT-19", Severity.HIGH, on=(*types.FUNCTION, *types.TASK_DEFINITION, *types.BOOTED))
def require_matching_processor(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """Layers, and images whose platform is known, are built for the processor that runs them.
    Why: Otherwise EC2 refuses the machine, the container ends with an exec format error, or libraries do not load.
    Remedy: Build for the architecture that the function, task or instance type has, or choose one that fits. The tag
    `image-platform` of a task definition or machine (`backend.platform`) names the platform of its image.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html
    """
    runs_on = images.find_processor(resource)
    if not runs_on:
        return
    for name, built_for in _list_architectures(reach, resource):
        if built_for and runs_on not in built_for:
            yield f"{resource.name} runs on {runs_on}, and {name} is for {built_for}"
    pulled = images.list_registry_images(reach.model, resource) if resource.type in images.RUNNERS else []
    platform = architecture.find_in_text(
        as_text(get_declared_input(resource, "tags", instance_types.IMAGE_PLATFORM_TAG))
    )
    if pulled and platform and platform != runs_on:
        yield f"{resource.name} runs on {runs_on}, and its tag {instance_types.IMAGE_PLATFORM_TAG} names {platform}"


def _list_architectures(reach: Reachability, resource: Resource) -> Iterator[tuple[str, str]]:
    """Images and layers by name, with the architectures that they are for."""
    graph = reach.model.graph
    for key in ("imageUri", "containerDefinitions"):
        for urn in resource.property_dependencies.get(key, ()):
            image = graph.resources.get(urn)
            if image is not None and image.type in images.BUILDS:
                yield image.name, architecture.find_for_container_image(image)
    for key in ("ami", "imageId"):
        machine_image = as_text(get_declared_input(resource, key))
        yield machine_image, architecture.find_for_machine_image(graph, machine_image)


@rule("FIT-52", Severity.HIGH, on=types.REST_DOMAIN)
def require_certificate_for_name(reach: Reachability, resource: Resource) -> Iterator[str]:
    """A custom domain's certificate is for its name.
    Why: AWS refuses a name that the certificate does not cover. A star stands for one label.
    Remedy: Add the name to subject_alternative_names of the certificate.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains-prerequisites.html
    """
    # With an ownership certificate, the other one may be for another name.
    name = as_text(get_deployed_input(resource, "domainName")).lower()
    if not name or get_deployed_input(resource, "ownershipVerificationCertificateArn") is not None:
        return
    for key in ("certificateArn", "regionalCertificateArn"):
        if others := describe_other_names(reach.model.graph, get_deployed_input(resource, key), name):
            yield f"{resource.name} has the name {name}, and {others}"


@rule("FIT-51", Severity.HIGH, on=types.ENDPOINT)
def forbid_shared_private_names(reach: Reachability, resource: Resource) -> Iterator[str]:
    """Only one of several endpoints for a service in a VPC has private DNS.
    Why: AWS refuses the second one, because both have the same names.
    Remedy: Give the first one more subnets, or set private_dns_enabled of all others to false.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    vpc = reach.model.network.find_vpc(resource)
    if vpc is None or not _has_names(resource):
        return
    for endpoint in reach.model.graph.list_by_type(*types.ENDPOINT):
        same_service = get_deployed_input(endpoint, "serviceName") == get_deployed_input(resource, "serviceName")
        same_vpc = reach.model.network.find_vpc(endpoint) is vpc
        if same_service and same_vpc and _has_names(endpoint) and endpoint is not resource:
            yield f"{resource.name} has the private names of one service in {vpc.name}, and so has {endpoint.name}"


def _has_names(endpoint: Resource) -> bool:
    return get_deployed_input(endpoint, "privateDnsEnabled") is True and isinstance(
        get_deployed_input(endpoint, "serviceName"), str
    )
