"""A domain of one's own in front of a public API: certificate, domain name, mapping and records.

Free of charge besides the Route 53 zone ($0.50 a month).
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-create.html
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..arguments import named
from .gate import Gate, Opened
from .tls import SECURITY_POLICIES


@dataclass(frozen=True)
class Domain:
    """The name, and how it is proven."""

    name: str
    certificate_arn: pulumi.Input[str] | None = None
    zone_id: pulumi.Input[str] | None = None
    base_path: str = ""
    truststore: str | None = None
    truststore_version: str | None = None
    ownership_verification_certificate_arn: pulumi.Input[str] | None = None


def declare(gate: Gate, opened: Opened, domain: Domain, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Declare the domain; returns the URL that callers use, without a slash at the end.

    The URL of a wildcard domain has `www` in place of the `*`; every other name works as well.
    """
    certificate_arn = domain.certificate_arn or _certificate(gate, domain, parent)
    name = _name(gate, domain, certificate_arn, parent)
    aws.apigatewayv2.ApiMapping(
        f"{gate.name}-mapping",
        api_id=opened.api_id,
        domain_name=name.domain_name,
        stage=opened.stage_name,
        api_mapping_key=domain.base_path or None,
        # A second mapping of the same path is refused while the first exists (pulumi/pulumi-aws#1035).
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
    if domain.zone_id is not None:
        _records(gate, domain, name, parent)
    path = f"/{domain.base_path}" if domain.base_path else ""
    # Not before the records: who reads the output may call at once.
    host = domain.name.replace("*", "www", 1)
    return name.regional_domain_name.apply(lambda _: f"https://{host}{path}")


def _certificate(gate: Gate, domain: Domain, parent: pulumi.Resource) -> pulumi.Output[str]:
    """A certificate of the region, proven by a record in the zone."""
    child = pulumi.ResourceOptions(parent=parent)
    certificate = aws.acm.Certificate(
        f"{gate.name}-certificate",
        domain_name=domain.name,
        validation_method="DNS",
        tags=named(f"{gate.name}-certificate", gate.tags),
        opts=child,
    )
    proof = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        f"{gate.name}-certificate-proof",
        zone_id=domain.zone_id or "",
        name=proof.resource_record_name,
        type=proof.resource_record_type,
        records=[proof.resource_record_value],
        ttl=60,
        opts=child,
    )
    validation = aws.acm.CertificateValidation(
        f"{gate.name}-certificate-validation",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn],
        opts=child,
    )
    return validation.certificate_arn


def _name(
    gate: Gate, domain: Domain, certificate_arn: pulumi.Input[str], parent: pulumi.Resource
) -> aws.apigateway.DomainName:
    """One type for REST and HTTP APIs: names are one space, so another type's would collide when the kind changes.

    https://github.com/hashicorp/terraform-provider-aws/issues/27358
    """
    policy = SECURITY_POLICIES[gate.minimum_tls]
    return aws.apigateway.DomainName(
        f"{gate.name}-domain",
        domain_name=domain.name,
        regional_certificate_arn=certificate_arn,
        endpoint_configuration=aws.apigateway.DomainNameEndpointConfigurationArgs(
            types="REGIONAL",
            # A list of IPv4 ranges would deny, or miss, whoever comes over IPv6.
            ip_address_type="dualstack" if gate.admits_ipv6 else "ipv4",
        ),
        security_policy=policy,
        endpoint_access_mode="STRICT" if policy.startswith("SecurityPolicy_") else None,
        mutual_tls_authentication=aws.apigateway.DomainNameMutualTlsAuthenticationArgs(
            truststore_uri=domain.truststore, truststore_version=domain.truststore_version
        )
        if domain.truststore
        else None,
        ownership_verification_certificate_arn=domain.ownership_verification_certificate_arn,
        tags=named(f"{gate.name}-domain", gate.tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _records(gate: Gate, domain: Domain, name: aws.apigateway.DomainName, parent: pulumi.Resource) -> None:
    """Alias records for the versions of the protocol that the domain speaks."""
    for kind, version in (("A", "ipv4"), ("AAAA", "ipv6"))[: 2 if gate.admits_ipv6 else 1]:
        aws.route53.Record(
            f"{gate.name}-{version}",
            zone_id=domain.zone_id or "",
            name=domain.name,
            type=kind,
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=name.regional_domain_name, zone_id=name.regional_zone_id, evaluate_target_health=False
                )
            ],
            opts=pulumi.ResourceOptions(parent=parent),
        )
