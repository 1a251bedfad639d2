"""Encryption at rest and on the way."""

from collections.abc import Iterator, Mapping
from typing import Final

from ..aws.catalog import types
from ..aws.identity import public_access
from ..aws.network.load_balancer_kind import Kind, kind_of
from ..aws.network.route import Family
from ..aws.network.tls import oldest_version
from ..graph import Resource
from ..graph.reading import CannotTell, items, naming, peek, read, text, within
from ..reach import Reach
from .registry import Severity, listed, rule

_DISKS_BY_DEFAULT: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"


@rule("ENC-01", Severity.HIGH, on=(*types.BOOTED, "aws:ebs/volume:Volume"))
def disks_are_encrypted(reach: Reach, resource: Resource) -> Iterator[str]:
    """Every disk is encrypted.

    Why: A snapshot that is shared or copied by mistake is readable; encryption costs nothing.
    Remedy: Set encrypted on root_block_device and every other disk, or declare aws.ebs.EncryptionByDefault.
    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
    """
    settings = [one for one in reach.model.graph.of_type(_DISKS_BY_DEFAULT) if read(one, "enabled") is not False]
    here = [setting for setting in settings if setting.region == resource.region]
    if any(setting.provider == resource.provider for setting in here):
        return
    if here:
        raise CannotTell(f"whether the provider of {here[0].name} is of the account of {resource.name}")
    if resource.type in types.INSTANCE:
        template = reach.model.machines.template(resource)
        if not _is_true(read(resource, "rootBlockDevice", "encrypted")) and not (template and _disks(template)):
            yield f"the root disk of {resource.name} is not encrypted"
        yield from _others(resource, "ebsBlockDevices", ("encrypted",))
    elif resource.type.startswith("aws:ebs/"):
        if not _is_true(read(resource, "encrypted")):
            yield f"{resource.name} is not encrypted"
    elif resource.type.endswith(":LaunchConfiguration"):
        if not _is_true(read(resource, "rootBlockDevice", "encrypted")):
            yield f"the root disk of machines from {resource.name} is not encrypted"
    else:
        if not _disks(resource):
            yield f"{resource.name} leaves the disks of its machines as the image has them, encrypted or not"
        yield from _others(resource, "blockDeviceMappings", ("ebs", "encrypted"))


@rule("ENC-02", Severity.HIGH, on=types.LISTENER)
def public_listener_is_encrypted(reach: Reach, resource: Resource) -> Iterator[str]:
    """A listener that the internet reaches speaks TLS, or only redirects to one that does.

    Why: Plain HTTP on the internet, keys and sessions included, can be read and changed on the way.
    Remedy: Use an HTTPS listener with a certificate, and let port 80 redirect to it.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-https-listener.html
    """
    balancer = reach.model.balancers.balancer(resource)
    if balancer is None or reach.model.nodes.of(balancer).has_public_address(Family.IPV4) is False:
        return
    inputs = (
        read(holder, key) for holder in reach.model.balancers.holders(resource) for key in ("defaultActions", "actions")
    )
    forwards = any(text(within(action, "type")) == "forward" for value in inputs for action in items(value))
    # A listener of an application load balancer that names no protocol speaks HTTP.
    implied = "HTTP" if kind_of(balancer) is Kind.APPLICATION else "TCP"
    if (read(resource, "protocol") or implied) == "HTTP" and forwards:
        yield f"{resource.name} answers the internet over plain HTTP"


@rule("ENC-03", Severity.MEDIUM, on=types.LISTENER)
def listener_has_modern_tls(resource: Resource) -> Iterator[str]:
    """A TLS listener refuses TLS 1.0 and 1.1.

    Why: Without a policy AWS takes one from 2016, which still speaks TLS 1.0.
    Remedy: Set ssl_policy to ELBSecurityPolicy-TLS13-1-2-2021-06 or a later one.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    """
    if read(resource, "protocol") not in ("HTTPS", "TLS"):
        return
    policy = text(read(resource, "sslPolicy"))
    if not policy or oldest_version(policy) in (0, 1):
        yield f"{resource.name} uses {policy or 'the policy of 2016'}"


@rule("ENC-04", Severity.HIGH, on=types.REST_INTEGRATION)
def backend_certificate_is_checked(resource: Resource) -> Iterator[str]:
    """API Gateway checks the certificate of the backend that it calls over TLS.

    Why: Without the check anything that answers on that address can play the backend.
    Remedy: Take tls_config.insecure_skip_verification out and give the backend a certificate of a public CA.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html
    """
    if read(resource, "tlsConfig", "insecureSkipVerification") is True:
        yield f"{resource.name} takes any certificate"


@rule("ENC-05", Severity.MEDIUM, on=types.METHOD_SETTINGS)
def cache_is_encrypted(resource: Resource) -> Iterator[str]:
    """The cache of API Gateway is encrypted.

    Why: The cache holds whole answers, of whichever caller came first.
    Remedy: Set cache_data_encrypted beside caching_enabled.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
    """
    cached = read(resource, "settings", "cachingEnabled") is True
    if cached and read(resource, "settings", "cacheDataEncrypted") is not True:
        yield f"{resource.name} caches answers in plain"


@rule("ENC-06", Severity.HIGH, on=("aws:s3/bucket:Bucket",))
def bucket_is_closed(reach: Reach, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """A bucket is closed to the public.

    Why: New buckets block public access: what turns that off, or grants it by ACL, publishes what is in them.
    Remedy: Leave all four switches of BucketPublicAccessBlock on, grant nothing by ACL, and serve files through
    CloudFront.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html: the default since April 2023.
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    graph = reach.model.graph
    for block in naming(graph, resource, ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",), "bucket"):
        if off := [switch for switch in switches if read(block, switch) is not True]:
            yield block, f"{block.name} turns {listed(off)} of {resource.name} off"
    for holder in (resource, *naming(graph, resource, (public_access.BUCKET_ACL, *public_access.OBJECTS), "bucket")):
        for granted in public_access.public_grants(holder):
            yield holder, f"{holder.name} grants {granted} on {resource.name}"


@rule("ENC-07", Severity.HIGH, on=("aws:rds/instance:Instance", "aws:rds/cluster:Cluster"))
def database_is_closed(resource: Resource) -> Iterator[str]:
    """A database is encrypted and has no public address.

    Why: A database holds what is worth stealing, and neither switch can be set later without a copy.
    Remedy: Set storage_encrypted, and leave publicly_accessible off.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
    """
    if read(resource, "storageEncrypted") is not True:
        yield f"{resource.name} is not encrypted"
    if read(resource, "publiclyAccessible") is True:
        yield f"{resource.name} has a public address"


def _others(resource: Resource, key: str, path: tuple[str, ...]) -> Iterator[str]:
    for disk in items(read(resource, key)):
        if isinstance(disk, Mapping) and not _is_true(within(disk, *path)) and within(disk, "ebs") != {}:
            name = text(within(disk, "deviceName")) or "a disk"
            yield f"{name} of {resource.name} is not encrypted"


def _disks(template: Resource) -> bool:
    """Whether a template has anything about its machines' disks."""
    return bool(items(peek(template, "blockDeviceMappings")))


def _is_true(value: object) -> bool:
    """Launch templates write booleans as text."""
    return str(value).lower() == "true"
