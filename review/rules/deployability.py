"""Deployability: what AWS refuses while a stack is created, or what never works once it is."""

import difflib
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute import architecture
from ..aws.compute.functions import missing_handler
from ..aws.identity.callers import Caller
from ..aws.identity.iam import Decision, allows
from ..aws.model import images
from ..aws.network.endpoints import is_gateway, service_of
from ..aws.network.route import Family
from ..facts import endpoint_services, instance_types
from ..graph import Resource
from ..graph.reading import CannotTell, all_values_at, as_list, as_text, input_at, require_input
from ..reach import Reach
from .machines import may
from .registry import Severity, listed, rule

_ENDED: Final = (
    *("python3.7", "python3.8", "nodejs14.x", "nodejs16.x", "nodejs18.x", "java8", "go1.x", "ruby2.7"),
    *("dotnet5.0", "dotnet6", "dotnet7", "provided"),
)
"""Runtimes whose support has ended. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""
_LAMBDA: Final = Caller(service="lambda.amazonaws.com", is_whole=False)
_ASK: Final = "which the review does not know; check the image, and set backend.platform (the tag image-platform)"


@rule("FIT-01", Severity.HIGH, on=types.COMPUTE)
def every_subnet_leads_out(reach: Reach, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """Every subnet of a machine leads out if one of them does.

    Why: A machine in the subnet without the route hangs, while one in the other zone works.
    Remedy: Give the route table of each subnet the same default route.
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
    """
    node = reach.model.nodes.of(resource)
    for family in Family:
        routes = {subnet.urn: reach.model.network.default_route(subnet, family) for subnet in node.subnets}
        if not any(routes.values()):
            continue
        for subnet in node.subnets:
            if routes[subnet.urn] is None and reach.model.network.knows_routes(subnet):
                yield subnet, f"{resource.name} is in {subnet.name}, which has no {family.value} route out; others have"


@rule("FIT-10", Severity.HIGH, on=(*types.LISTENER, *types.REST_DOMAIN))
def certificate_is_of_the_region(reach: Reach, resource: Resource) -> Iterator[str]:
    """A certificate is of the region that it serves in.

    Why: AWS refuses a certificate of another region.
    Remedy: Issue or import the certificate in the region of the listener or domain; CloudFront takes only us-east-1.
    https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html
    """
    kinds = as_list(input_at(resource, "endpointConfiguration", "types"))
    # Private domains have a certificate of their region under the same key.
    edge = "EDGE" in kinds or (not kinds and input_at(resource, "certificateArn"))
    own = resource.region or reach.model.graph.region
    region = "us-east-1" if resource.type in types.REST_DOMAIN and edge else own
    keys = (("certificateArn",), ("regionalCertificateArn",))
    for path in keys:
        for arn in map(as_text, all_values_at(resource.inputs, *path)):
            if arn.count(":") > 4 and arn.split(":")[3] not in ("", region):
                yield f"{resource.name} serves in {region}, and its certificate is of {arn.split(':')[3]}"


@rule("FIT-13", Severity.MEDIUM, on=types.FUNCTION)
def runtime_is_supported(resource: Resource) -> Iterator[str]:
    """A function's runtime is supported.

    Why: Lambda refuses to create functions of a runtime whose support has ended, and stops patching it.
    Remedy: Move to a runtime that AWS supports.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    """
    if as_text(require_input(resource, "runtime")) in _ENDED:
        yield f"{resource.name} runs {as_text(input_at(resource, 'runtime'))}, whose support has ended"


@rule("FIT-15", Severity.HIGH, on=types.FUNCTION)
def function_has_a_fit_role(reach: Reach, resource: Resource) -> Iterator[str]:
    """A function's role trusts Lambda and, in a VPC, may manage network interfaces.

    Why: Lambda refuses to create a function whose role it cannot assume, or whose role cannot create its interfaces.
    Remedy: Trust lambda.amazonaws.com. In a VPC, attach AWSLambdaVPCAccessExecutionRole, or allow
    ec2:CreateNetworkInterface and its companions.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
    """
    role = reach.model.roles.of(resource)
    if role is None or role.existing:
        return
    if require_input(resource, "vpcConfig") is not None and not may(reach, role, "ec2:CreateNetworkInterface"):
        yield f"{resource.name} is in a VPC, and {role.name} does not allow ec2:CreateNetworkInterface"
    trusts = allows(require_input(role, "assumeRolePolicy"), caller=_LAMBDA, action="sts:AssumeRole")
    if trusts.refused:
        yield f"{role.name} does not trust Lambda, which runs {resource.name}"
    if trusts is Decision.UNKNOWN:
        raise CannotTell(f"whether {role.name} trusts Lambda is not known")


_GATEWAYS: Final = ("s3", "s3express", "dynamodb")
"""Services with gateway endpoints. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-tutorial-endpoints.html"""
_IN_NO_REGION: Final = "com.amazonaws.s3-global.accesspoint"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointsPrivateLink.html"""


@rule("FIT-20", Severity.HIGH, on=types.ENDPOINT)
def endpoint_service_exists(reach: Reach, resource: Resource) -> Iterator[str]:
    """The service of a VPC endpoint exists.

    Why: AWS refuses the endpoint.
    Remedy: Take the name from aws ec2 describe-vpc-endpoint-services.
    https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
    """
    name = as_text(require_input(resource, "serviceName"))
    if not name.startswith(("com.amazonaws.", "cn.com.amazonaws.")) or ".vpce-svc-" in name or name == _IN_NO_REGION:
        return
    region, service = name.partition("amazonaws.")[2].partition(".")[0], service_of(resource)
    own = resource.region or reach.model.graph.region
    if region != own and "-" in region and input_at(resource, "serviceRegion") is None:
        yield f"{resource.name} is in {own}, and {name} is of {region}"
    if is_gateway(resource):
        if service not in _GATEWAYS:
            yield f"{resource.name} is a gateway endpoint for {service}; only S3, S3 Express and DynamoDB have such"
    elif service.removesuffix("-fips") not in endpoint_services.SERVICES:
        near = difflib.get_close_matches(service, endpoint_services.SERVICES, n=1)
        hint = f": {near[0]} is" if near else ""
        raise CannotTell(f"{service}, the service of {resource.name}, is not among those known here{hint}")


@rule("FIT-18", Severity.HIGH, on=types.FUNCTION, program_only=True)
def package_holds_handler(_reach: Reach, resource: Resource) -> Iterator[str]:
    """A function's package holds its handler.

    Why: Every call fails with Runtime.ImportModuleError.
    Remedy: Name the file's path inside the package, without its ending, a dot, and the function.
    https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
    """
    if missing := missing_handler(resource):
        handler = as_text(input_at(resource, "handler"))
        yield f"{resource.name} has the handler {handler}, and no {missing} in its package"


@rule("FIT-19", Severity.HIGH, on=(*types.FUNCTION, *types.TASK_DEFINITION, *types.BOOTED))
def built_for_the_processor(reach: Reach, resource: Resource) -> Iterator[str]:
    """Layers and images are for the processor that runs them.

    Why: EC2 refuses the machine, the container ends with an exec format error, the layer's libraries do not load.
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
    named = architecture.named(as_text(input_at(resource, "tags", instance_types.IMAGE_PLATFORM_TAG)))
    if pulled and named and named != runs_on:
        yield f"{resource.name} runs on {runs_on}, and its tag {instance_types.IMAGE_PLATFORM_TAG} names {named}"
    elif pulled and not named:
        raise CannotTell(f"{resource.name} needs {listed(pulled)} to be built for {runs_on}, {_ASK}")


def _brought(reach: Reach, resource: Resource) -> Iterator[tuple[str, str]]:
    """Images and layers by name, with the architectures that they are for."""
    graph = reach.model.graph
    for key in ("imageUri", "containerDefinitions"):
        for urn in resource.property_dependencies.get(key, ()):
            image = graph.resources.get(urn)
            if image is not None and image.type in images.BUILDS:
                yield image.name, architecture.of_container_image(image)
    for key in ("ami", "imageId"):
        machine_image = as_text(input_at(resource, key))
        yield machine_image, architecture.of_machine_image(graph, machine_image)
