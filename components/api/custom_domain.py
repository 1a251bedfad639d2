"""A domain of one's own in front of a public API: certificate, domain name, mapping and records.

Free of charge besides the Route 53 zone ($0.50 a month).
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-regional-api-custom-domain-create.html
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from ..aws_lookups.account import find_region
from ..resource_options.scope import build_tags
from .api_spec import ApiSpec
from .args.domains import DomainArgs, RoutingArgs
from .declared_api import DeclaredApi
from .tls import SECURITY_POLICIES


def declare(spec: ApiSpec, declared: DeclaredApi, domain: DomainArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Declare the domain; returns the URL that callers use, without a slash at the end.

    The URL of a wildcard domain has `www` in place of the `*`; every other name works as well.
    """
    name = None if domain.existing else _declare_name(spec, domain, parent)
    mapping = aws.apigatewayv2.ApiMapping(
        f"{spec.name}-mapping",
        api_id=declared.api_id,
        domain_name=name.domain_name if name else domain.name,
        stage=declared.stage_name,
        api_mapping_key=domain.base_path or None,
        # A second mapping of the same path is refused while the first exists (pulumi/pulumi-aws#1035).
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
    if name and domain.zone_id is not None:
        _declare_records(spec, domain, name, parent)
    path = f"/{domain.base_path}" if domain.base_path else ""
    # Not before the records: who reads the output may call at once.
    host = domain.name.replace("*", "www", 1)
    return (name.regional_domain_name if name else mapping.id).apply(lambda _: f"https://{host}{path}")


def _request_certificate(spec: ApiSpec, domain: DomainArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
    """A certificate of the region, proven by a record in the zone."""
    child = pulumi.ResourceOptions(parent=parent)
    certificate = aws.acm.Certificate(
        f"{spec.name}-certificate",
        domain_name=domain.name,
        validation_method="DNS",
        tags=build_tags(f"{spec.name}-certificate", spec.tags),
        opts=child,
    )
    proof = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        f"{spec.name}-certificate-proof",
        zone_id=domain.zone_id or "",
        name=proof.resource_record_name,
        type=proof.resource_record_type,
        records=[proof.resource_record_value],
        ttl=60,
        # The record is the same for a name in every region of an account.
        allow_overwrite=domain.routing is not None,
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(retain_on_delete=bool(domain.routing) or None)),
    )
    validation = aws.acm.CertificateValidation(
        f"{spec.name}-certificate-validation",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn],
        opts=child,
    )
    return validation.certificate_arn


def _declare_name(spec: ApiSpec, domain: DomainArgs, parent: pulumi.Resource) -> aws.apigateway.DomainName:
    """One type for REST and HTTP APIs: names are one space, so another type's would collide when the kind changes.

    https://github.com/hashicorp/terraform-provider-aws/issues/27358
    """
    policy = SECURITY_POLICIES[spec.minimum_tls]
    return aws.apigateway.DomainName(
        f"{spec.name}-domain",
        domain_name=domain.name,
        regional_certificate_arn=domain.certificate_arn or _request_certificate(spec, domain, parent),
        endpoint_configuration=aws.apigateway.DomainNameEndpointConfigurationArgs(
            types="REGIONAL",
            # A list of IPv4 ranges would deny, or miss, callers over IPv6.
            ip_address_type="dualstack" if spec.admits_ipv6 else "ipv4",
        ),
        security_policy=policy,
        endpoint_access_mode="STRICT" if policy.startswith("SecurityPolicy_") else None,
        mutual_tls_authentication=aws.apigateway.DomainNameMutualTlsAuthenticationArgs(
            truststore_uri=domain.truststore, truststore_version=domain.truststore_version
        )
        if domain.truststore
        else None,
        ownership_verification_certificate_arn=domain.ownership_verification_certificate_arn,
        tags=build_tags(f"{spec.name}-domain", spec.tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _declare_records(
    spec: ApiSpec, domain: DomainArgs, name: aws.apigateway.DomainName, parent: pulumi.Resource
) -> None:
    """Alias records for the versions of the protocol that the domain speaks."""
    for kind, version in (("A", "ipv4"), ("AAAA", "ipv6"))[: 2 if spec.admits_ipv6 else 1]:
        aws.route53.Record(
            f"{spec.name}-{version}",
            zone_id=domain.zone_id or "",
            name=domain.name,
            type=kind,
            aliases=[
                aws.route53.RecordAliasArgs(
                    name=name.regional_domain_name, zone_id=name.regional_zone_id, evaluate_target_health=False
                )
            ],
            **(_routing_inputs(domain.routing, parent) if domain.routing else {}),
            # Route 53 refuses a record with a routing policy beside one without.
            opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
        )


def _routing_inputs(routing: RoutingArgs, parent: pulumi.Resource) -> dict[str, Any]:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-shared.html"""
    region = find_region(parent)
    inputs: dict[str, Any] = {"set_identifier": region, "health_check_id": routing.health_check_id}
    match routing.policy:
        case "latency":
            inputs["latency_routing_policies"] = [{"region": region}]
        case "weighted":
            inputs["weighted_routing_policies"] = [{"weight": routing.weight}]
        case "failover":
            inputs["failover_routing_policies"] = [{"type": str(routing.failover).upper()}]
    return inputs
