"""Deployability: what AWS refuses while a stack is created, or what never works once it is."""

import difflib
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute import architecture
from ..aws.compute.functions import missing_handler
from ..aws.compute.user_data import boot_script
from ..aws.identity.callers import Caller
from ..aws.identity.iam import Decision, allows
from ..aws.identity.public_access import BUCKET_POLICY, WITH_LIST
from ..aws.model import images, open_to_all
from ..aws.network.endpoints import is_gateway, service_of
from ..aws.network.load_balancer_kind import Kind, kind_of
from ..aws.network.route import Family
from ..facts import endpoint_services, instance_types, limits
from ..graph import UNKNOWN, Resource
from ..graph.addresses import network
from ..graph.reading import CannotTell, awaited, items, naming, number, peek, pointed, read, spread, text, within
from ..reach import Reach
from .machines import may
from .registry import ALWAYS, Severity, listed, rule

_PROTOCOLS: Final = {
    Kind.APPLICATION: ("HTTP", "HTTPS"),
    Kind.NETWORK: ("TCP", "UDP", "TCP_UDP", "TLS", "QUIC", "TCP_QUIC"),
    Kind.GATEWAY: ("GENEVE",),
}
_FORMS: Final = ("#!", "#cloud-config", "#cloud-boothook", "#include", "#part-handler", "#upstart-job", "## template:")
_OTHER_FORMS: Final = ("Content-Type:", "MIME-Version:", "<powershell", "<script", "<persist", "version: 1", "{")
_ENDED: Final = (
    *("python3.7", "python3.8", "nodejs14.x", "nodejs16.x", "nodejs18.x", "java8", "go1.x", "ruby2.7"),
    *("dotnet5.0", "dotnet6", "dotnet7", "provided"),
)
"""Runtimes whose support has ended. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""
_BLOCKED: Final = (
    "python2.7 python3.6 nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 nodejs8.10 nodejs10.x nodejs12.x ruby2.5 "
    "dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1"
)
"""Those of them that AWS has taken for no function since 2023 at the latest; it has moved the dates of later ones."""
_LAMBDA: Final = Caller(service="lambda.amazonaws.com", is_whole=False)
_LAYER: Final = ("aws:lambda/layerVersion:LayerVersion",)
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
        routes = {subnet.urn: reach.model.network.way_out(subnet, family) for subnet in node.subnets}
        if not any(routes.values()):
            continue
        for subnet in node.subnets:
            if routes[subnet.urn] is None and reach.model.network.knows_routes(subnet):
                yield subnet, f"{resource.name} is in {subnet.name}, which has no {family.value} route out; others have"


@rule("FIT-02", Severity.HIGH, on=("aws:cloudwatch/logGroup:LogGroup",), refused=ALWAYS)
def retention_exists(resource: Resource) -> Iterator[str]:
    """A log group's retention is one that CloudWatch has.

    Why: CloudWatch refuses any other number of days.
    Remedy: Choose one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400 or more days of its list.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    """
    days = read(resource, "retentionInDays")
    # 0 keeps a log without end. The engine hands every number over as a fraction.
    if days is not None and (kept := number(days)) not in (0, *limits.LOG_RETENTION_DAYS):
        shown = days if kept is None else f"{kept:g}"
        yield f"{resource.name} keeps logs for {shown} days, which CloudWatch does not offer"


@rule("FIT-03", Severity.HIGH, on=types.TARGET_GROUP, refused=ALWAYS)
def protocol_fits_balancer(reach: Reach, resource: Resource) -> Iterator[str]:
    """A target group has a protocol that its load balancer forwards by.

    Why: AWS refuses the listener.
    Remedy: HTTP or HTTPS behind an application load balancer; TCP, UDP or TLS behind a network load balancer.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html
    """
    protocol = text(peek(resource, "protocol"))
    for listener in reach.model.balancers.listeners_of(resource):
        balancer = reach.model.balancers.balancer(listener)
        allowed = _PROTOCOLS.get(kind_of(balancer)) if balancer is not None else None
        if balancer is not None and protocol and allowed and protocol not in allowed:
            yield f"{resource.name} speaks {protocol}, which the {kind_of(balancer).value} {balancer.name} cannot"


@rule("FIT-04", Severity.HIGH, on=types.LISTENER, refused=ALWAYS)
def tls_has_certificate(resource: Resource) -> Iterator[str]:
    """An HTTPS or TLS listener has a certificate.

    Why: AWS refuses the listener.
    Remedy: Set certificate_arn to a certificate of the listener's region.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html
    """
    if read(resource, "protocol") in ("HTTPS", "TLS") and peek(resource, "certificateArn") is None:
        yield f"{resource.name} has no certificate"


@rule("FIT-06", Severity.HIGH, on=types.BOOTED)
def user_data_is_read(reach: Reach, resource: Resource) -> Iterator[str]:
    """User data begins in a way that cloud-init reads.

    Why: cloud-init ignores what it does not recognize: the machine boots, and nothing of the script runs.
    Remedy: Begin the script with #!/bin/bash, or cloud-init's configuration with #cloud-config.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
    """
    script = boot_script(reach.model.machines, resource)
    if script.strip() and script.isprintable() is False and not script.startswith((*_FORMS, *_OTHER_FORMS)):
        blank = "blank space before " if script != script.lstrip() else ""
        begin = f"begins with {blank}{script.split()[0][:20]!r}"
        yield f"the user data of {resource.name} {begin}, not with #! or #cloud-config"


@rule("FIT-07", Severity.HIGH, on=types.USAGE_PLAN, refused=ALWAYS)
def quota_period_exists(resource: Resource) -> Iterator[str]:
    """A usage plan's quota has a period that exists.

    Why: API Gateway refuses the plan.
    Remedy: Set period to DAY, WEEK or MONTH.
    https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html
    """
    period = read(resource, "quotaSettings", "period")
    if period is not None and period not in ("DAY", "WEEK", "MONTH"):
        yield f"{resource.name} has a quota for each {period}, which is no period"


@rule("FIT-08", Severity.HIGH, on=types.HTTP_ROUTE, refused=ALWAYS)
def route_names_integration(resource: Resource) -> Iterator[str]:
    """An HTTP API's route names its integration.

    Why: API Gateway refuses a target that is not integrations/ and an id.
    Remedy: Set target to integrations/ followed by the integration's id.
    https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
    """
    target = read(resource, "target")
    if target is not None and not text(target).startswith("integrations/"):
        yield f"{resource.name} has the target {target!r}"


@rule("FIT-09", Severity.HIGH, on=types.REST_INTEGRATION)
def lambda_is_called_with_post(resource: Resource) -> Iterator[str]:
    """A Lambda integration of a REST API calls with POST.

    Why: Lambda is invoked only with POST: every call gets a 500.
    Remedy: Set integration_http_method to POST for every method of the route.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    method = read(resource, "integrationHttpMethod")
    if ":lambda:path/" in text(peek(resource, "uri")) and method is not None and text(method).upper() != "POST":
        yield f"{resource.name} calls its function with {method}"


@rule("FIT-10", Severity.HIGH, on=(*types.LISTENER, *types.HTTP_DOMAIN, *types.REST_DOMAIN), refused=ALWAYS)
def certificate_is_of_the_region(reach: Reach, resource: Resource) -> Iterator[str]:
    """A certificate is of the region that it serves in.

    Why: AWS refuses a certificate of another region.
    Remedy: Issue or import the certificate in the region of the listener or domain; CloudFront takes only us-east-1.
    https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html
    """
    kinds = items(peek(resource, "endpointConfiguration", "types"))
    # Private domains have a certificate of their region under the same key.
    edge = "EDGE" in kinds or (not kinds and peek(resource, "certificateArn"))
    own = resource.region or reach.model.graph.region
    region = "us-east-1" if resource.type in types.REST_DOMAIN and edge else own
    keys = (("certificateArn",), ("regionalCertificateArn",), ("domainNameConfiguration", "certificateArn"))
    for path in keys:
        for arn in map(text, spread(resource.inputs, *path)):
            if arn.count(":") > 4 and arn.split(":")[3] not in ("", region):
                yield f"{resource.name} serves in {region}, and its certificate is of {arn.split(':')[3]}"


@rule("FIT-11", Severity.HIGH, on=types.HTTP_STAGE)
def stage_is_deployed(resource: Resource) -> Iterator[str]:
    """An HTTP API's stage is deployed.

    Why: Without a deployment the stage answers 404 to everything.
    Remedy: Set auto_deploy, or deployment_id.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
    """
    if read(resource, "autoDeploy") is not True and peek(resource, "deploymentId") is None:
        yield f"{resource.name} is neither deployed automatically nor given a deployment"


@rule("FIT-12", Severity.MEDIUM, on=types.WEB_ACL)
def web_acl_is_used(reach: Reach, resource: Resource) -> Iterator[str]:
    """A web ACL protects something.

    Why: It is paid for, and nothing passes through it.
    Remedy: Declare a WebAclAssociation with the stage or load balancer; CloudFront names its ACL itself.
    https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
    """
    associations = naming(reach.model.graph, resource, types.ACL_ASSOCIATION, "webAclArn")
    if not associations and text(peek(resource, "scope")) != "CLOUDFRONT":
        yield f"{resource.name} is in front of nothing"


@rule("FIT-13", Severity.MEDIUM, on=types.FUNCTION)
def runtime_is_supported(resource: Resource) -> Iterator[str]:
    """A function's runtime is supported.

    Why: Lambda refuses to create functions of a runtime whose support has ended, and stops patching it.
    Remedy: Move to a runtime that AWS supports.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    """
    if text(read(resource, "runtime")) in _ENDED:
        yield f"{resource.name} runs {text(peek(resource, 'runtime'))}, whose support has ended"


@rule("FIT-53", Severity.HIGH, on=types.FUNCTION, refused=ALWAYS)
def runtime_is_taken(resource: Resource) -> Iterator[str]:
    """A function's runtime is none that AWS blocks.

    Why: Lambda refuses to create a function of such a runtime, and to update one to it.
    Remedy: Move to a runtime that AWS supports.
    https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
    """
    if text(read(resource, "runtime")) in _BLOCKED.split():
        yield f"{resource.name} runs {text(peek(resource, 'runtime'))}, which AWS takes for no function any more"


@rule("FIT-14", Severity.HIGH, on=types.SERVICE)
def service_waits_for_listener(reach: Reach, resource: Resource) -> Iterator[str]:
    """A service waits for the listener in front of its targets.

    Why: ECS refuses a service whose target group has no load balancer yet: the first deployment fails.
    Remedy: Name the listener in the service's depends_on.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html
    """
    groups = pointed(reach.model.graph, resource, "loadBalancers", "targetGroupArn", types=types.TARGET_GROUP)
    for group in groups:
        listeners = reach.model.balancers.listeners_of(group)
        if listeners and not any(_comes_after(reach, resource, listener) for listener in listeners):
            yield f"{resource.name} does not wait for {listed(listener.name for listener in listeners)}"


def _comes_after(reach: Reach, resource: Resource, listener: Resource) -> bool:
    rules = reach.model.balancers.rules(listener)
    return not awaited(reach.model.graph, resource).isdisjoint(part.urn for part in (listener, *rules))


@rule("FIT-15", Severity.HIGH, on=types.FUNCTION, refused=("role", "vpcConfig"))
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
    if read(resource, "vpcConfig") is not None and not may(reach, role, "ec2:CreateNetworkInterface"):
        yield f"{resource.name} is in a VPC, and {role.name} does not allow ec2:CreateNetworkInterface"
    trusts = allows(read(role, "assumeRolePolicy"), caller=_LAMBDA, action="sts:AssumeRole")
    if trusts.refused:
        yield f"{role.name} does not trust Lambda, which runs {resource.name}"
    if trusts is Decision.UNKNOWN:
        raise CannotTell(f"whether {role.name} trusts Lambda is not known")


_GATEWAYS: Final = ("s3", "s3express", "dynamodb")
"""Services with gateway endpoints. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
and https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-tutorial-endpoints.html"""
_IN_NO_REGION: Final = "com.amazonaws.s3-global.accesspoint"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointsPrivateLink.html"""


@rule("FIT-20", Severity.HIGH, on=types.ENDPOINT, refused=ALWAYS)
def endpoint_service_exists(reach: Reach, resource: Resource) -> Iterator[str]:
    """The service of a VPC endpoint exists.

    Why: AWS refuses the endpoint.
    Remedy: Take the name from aws ec2 describe-vpc-endpoint-services.
    https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
    """
    name = text(read(resource, "serviceName"))
    if not name.startswith(("com.amazonaws.", "cn.com.amazonaws.")) or ".vpce-svc-" in name or name == _IN_NO_REGION:
        return
    region, service = name.partition("amazonaws.")[2].partition(".")[0], service_of(resource)
    own = resource.region or reach.model.graph.region
    if region != own and "-" in region and peek(resource, "serviceRegion") is None:
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
        yield f"{resource.name} has the handler {text(peek(resource, 'handler'))}, and no {missing} in its package"


@rule("FIT-19", Severity.HIGH, on=(*types.FUNCTION, *types.TASK_DEFINITION, *types.BOOTED), refused=("ami",))
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
    said = architecture.named(text(peek(resource, "tags", instance_types.IMAGE_PLATFORM_TAG)))
    if pulled and said and said != runs_on:
        yield f"{resource.name} runs on {runs_on}, and its tag {instance_types.IMAGE_PLATFORM_TAG} names {said}"
    elif pulled and not said:
        raise CannotTell(f"{resource.name} needs {listed(pulled)} to be built for {runs_on}, {_ASK}")


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


_OPENING: Final = ("accessControlPolicy", "acl", "grants", "policy")


@rule("FIT-23", Severity.HIGH, on=(*WITH_LIST, BUCKET_POLICY), program_only=True, refused=_OPENING)
def bucket_takes_what_is_public(reach: Reach, resource: Resource) -> Iterator[str]:
    """A new bucket takes its public policy or access control list.

    Why: Of buckets that are made since April 2023, AWS blocks public access and disables the lists, so it refuses both.
    Remedy: Serve files by CloudFront. If they must be public, set the switches of a BucketPublicAccessBlock to false,
    and for a list the ownership of BucketOwnershipControls to ObjectWriter.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
    """
    if what := open_to_all.refused(reach.model.graph, resource):
        yield f"AWS refuses to set {resource.name} for {what}"


_RANGES: Final = ("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks", "cidrBlock", "ipv6CidrBlock")


@rule("FIT-22", Severity.HIGH, on=(*types.GROUP_RULES, *types.NETWORK_ACL, *types.NETWORK_ACL_RULE))
def ranges_are_ranges(resource: Resource) -> Iterator[str]:
    """Address ranges of security groups and network ACLs are in CIDR notation.

    Why: The provider refuses the plan.
    Remedy: Write an address and the length of its prefix, such as 203.0.113.0/24 or 203.0.113.7/32.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
    """
    holders = [resource.inputs, *(block for key in ("ingress", "egress") for block in items(peek(resource, key)))]
    written = [value for holder in holders for key in _RANGES for value in items(within(holder, key))]
    if wrong := [value for value in map(text, written) if value and ("/" not in value or network(value) is None)]:
        yield f"{resource.name}: the provider refuses {listed(map(repr, wrong))}, which is no address range"
