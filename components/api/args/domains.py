"""Custom domains of an API."""

from dataclasses import dataclass
from typing import Annotated

import pulumi

from ...arguments.addresses import ApiDomainName
from ...arguments.marks import NEVER_OFF
from ...arguments.names import CertificateArn, HealthCheckId, HostedZoneId, S3Object, S3Version, VpcEndpointId, VpcId
from ...arguments.numbers import RoutingWeight
from ...arguments.paths import BasePath
from ...arguments.words import FailoverRole, RoutingPolicy


@dataclass(frozen=True, kw_only=True)
class RoutingArgs:
    """How Route 53 chooses between the stacks of one domain, each in a region of its own."""

    policy: RoutingPolicy
    """Policy, the same in all of the stacks; `latency` is the region that answers the caller fastest.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html"""
    weight: RoutingWeight | None = None
    """weighted: this stack's part of the sum of all weights; 0 sends no calls here."""
    failover: FailoverRole | None = None
    """failover: part of this stack; the secondary is called while the primary's health check fails."""
    health_check_id: HealthCheckId | None = None
    """Route 53 health check of this stack's API. Required for the primary of a failover. Defaults to none."""


@dataclass(frozen=True, kw_only=True)
class DomainArgs:
    """A custom domain in front of a public API."""

    name: ApiDomainName
    """`api.example.com`, or `*.example.com` for all of its subdomains."""
    certificate_arn: CertificateArn | None = None
    """Certificate in the API's region. If omitted, one is requested."""
    zone_id: HostedZoneId | None = None
    """Route 53 hosted zone for the records. Required to request a certificate."""
    routing: Annotated[RoutingArgs | None, NEVER_OFF] = None
    """Choice of Route 53 among stacks in several regions with one name (docs/cookbook.md). The record that validates
    their certificates stays when a stack is destroyed. Defaults to one stack only."""
    base_path: BasePath = ""
    """First part of the path, which leads to this API."""
    existing: bool = False
    """The domain exists already: declare only the mapping of `base_path` to this API. AWS takes each domain name once.
    Defaults to false."""
    disable_default_endpoint: bool = True
    """Disable the execute-api endpoint: calls are possible only through the domain. Defaults to true."""
    truststore: S3Object | None = None
    """Mutual TLS: `s3://bucket/key.pem` with the accepted certificate authorities."""
    truststore_version: S3Version | None = None
    """Version of that S3 object: without it, AWS does not read a replaced object, and authorities that you took out
    stay accepted."""
    ownership_verification_certificate_arn: CertificateArn | None = None
    """Public ACM certificate for the same name, required for mutual TLS with a certificate that was imported or issued
    by a private authority. If you take it out, AWS keeps it."""


@dataclass(frozen=True, kw_only=True)
class PrivateDomainArgs:
    """A custom domain in front of a private API. It resolves only inside the VPC."""

    name: ApiDomainName
    """`api.example.com`."""
    certificate_arn: CertificateArn
    """Certificate for the name, issued by a public authority."""
    vpc_id: VpcId
    """VPC in which the name resolves."""
    endpoint_id: VpcEndpointId
    """execute-api endpoint that the name resolves to."""
    endpoint_dns_name: pulumi.Input[str]
    """DNS name of the endpoint."""
    endpoint_zone_id: pulumi.Input[str]
    """Hosted zone of that name."""
    base_path: BasePath = ""
    """First part of the path, which leads to this API."""
