"""A custom domain in front of a private API. It resolves only inside the VPC.

The domain and its association take some 15 minutes each to make. A private zone costs $0.50 a month.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-custom-domains.html
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import build_tags
from .api_spec import ApiSpec
from .args.domains import PrivateDomainArgs
from .declared_api import DeclaredApi
from .resource_policy import EVERYTHING, build_endpoint_policy


def declare(
    spec: ApiSpec, declared: DeclaredApi, domain: PrivateDomainArgs, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Declare domain, policy, mapping, association, zone and record; gives the URL without a slash at the end."""
    child = pulumi.ResourceOptions(parent=parent)
    name = aws.apigateway.DomainName(
        f"{spec.name}-private-domain",
        domain_name=domain.name,
        certificate_arn=domain.certificate_arn,
        endpoint_configuration=aws.apigateway.DomainNameEndpointConfigurationArgs(types="PRIVATE"),
        # The same endpoints may use the name and the API; the API's own policy decides everything else.
        policy=pulumi.Output.json_dumps(_build_policy(spec), sort_keys=True),
        tags=build_tags(f"{spec.name}-domain", spec.tags),
        opts=child,
    )
    aws.apigateway.BasePathMapping(
        f"{spec.name}-private-mapping",
        domain_name=name.domain_name,
        domain_name_id=name.domain_name_id,
        rest_api=declared.api_id,
        stage_name=declared.stage_name,
        base_path=domain.base_path or None,
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
    association = aws.apigateway.DomainNameAccessAssociation(
        f"{spec.name}-domain-access",
        access_association_source=domain.endpoint_id,
        access_association_source_type="VPCE",
        domain_name_arn=name.arn,
        tags=build_tags(f"{spec.name}-domain-access", spec.tags),
        opts=child,
    )
    record = _declare_record(spec, domain, parent)
    path = f"/{domain.base_path}" if domain.base_path else ""
    return pulumi.Output.all(record.fqdn, association.id).apply(lambda _: f"https://{domain.name}{path}")


def _build_policy(spec: ApiSpec) -> dict[str, Any]:
    return build_endpoint_policy(spec.allow_endpoint_ids, spec.allow_vpc_ids, (EVERYTHING,), everything=EVERYTHING)


def _declare_record(spec: ApiSpec, domain: PrivateDomainArgs, parent: pulumi.Resource) -> aws.route53.Record:
    """A private zone for this name only, so that other names of the domain resolve as before, and an alias to the
    endpoint."""
    child = pulumi.ResourceOptions(parent=parent)
    zone = aws.route53.Zone(
        f"{spec.name}-zone",
        name=domain.name,
        comment="Where the private API is, inside the VPC",
        vpcs=[aws.route53.ZoneVpcArgs(vpc_id=domain.vpc_id)],
        tags=build_tags(f"{spec.name}-zone", spec.tags),
        opts=child,
    )
    return aws.route53.Record(
        f"{spec.name}-record",
        zone_id=zone.zone_id,
        name=domain.name,
        type="A",
        aliases=[
            aws.route53.RecordAliasArgs(
                name=domain.endpoint_dns_name, zone_id=domain.endpoint_zone_id, evaluate_target_health=False
            )
        ],
        opts=child,
    )
