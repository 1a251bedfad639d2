"""By which name a private API is called through each endpoint."""

from typing import Any

import pytest

from review.tests.front_parts import private_stack
from review.tests.graph_builder import Builder
from review.tests.parts import paths

REGION = "execute-api.eu-west-1.amazonaws.com"


def hop(build: Builder) -> tuple[str, str]:
    """Label and words of the endpoint on the open way in from the VPC."""
    inside = next(path for path in paths(build.graph()) if path.source == "anything in the VPC" and path.open)
    found = next(hop for hop in inside.hops if hop.name == "execute-api endpoint")
    return found.label, found.rule


@pytest.mark.parametrize(
    ("private_dns", "associated", "label", "names"),
    [
        (True, True, "private DNS, Route 53 alias", f"{{apiId}}.{REGION} and {{apiId}}-{{endpointId}}.{REGION}"),
        (True, False, "private DNS", f"{{apiId}}.{REGION}"),
        (False, True, "Route 53 alias", f"{{apiId}}-{{endpointId}}.{REGION}"),
        (False, False, "header x-apigw-api-id", "the endpoint's own DNS name"),
    ],
)
def test_a_private_api_is_called_by_the_names_that_resolve(
    private_dns: bool, associated: bool, label: str, names: str
) -> None:
    build = Builder()
    inputs: dict[str, Any] = {} if associated else {"endpointConfiguration": {"types": "PRIVATE"}}
    private_stack(build, private_dns=private_dns, **inputs)
    assert hop(build) == (label, f"execute-api-endpoint, by {names}")


@pytest.mark.parametrize("ours", [True, False], ids=["associated", "of another endpoint"])
def test_a_private_domain_is_a_name_where_the_endpoint_has_access(ours: bool) -> None:
    build, stack = Builder.of(private_stack, private_dns=False)
    domain = build("apigateway/domainName:DomainName", "domain", domainName="api.example.com")
    build(
        "apigateway/basePathMapping:BasePathMapping",
        "mapping",
        domainName=domain.domainName,
        domainNameId=domain.domainNameId,
        restApi=stack.gate.api.id,
    )
    build(
        "apigateway/domainNameAccessAssociation:DomainNameAccessAssociation",
        "access",
        domainNameArn=domain.arn,
        accessAssociationSource=stack.door.endpoint.id if ours else "vpce-0f1e2d3c4b5a69788",
        accessAssociationSourceType="VPCE",
    )
    assert hop(build)[1].startswith("execute-api-endpoint, by api.example.com and") is ours


def test_an_endpoint_of_others_has_the_alias_of_its_association(build: Builder) -> None:
    other = "vpce-0f1e2d3c4b5a69788"
    condition = {"StringEquals": {"aws:SourceVpce": other}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    private_stack(
        build,
        policy={"Version": "2012-10-17", "Statement": [statement | {"Condition": condition}]},
        endpointConfiguration={"types": "PRIVATE", "vpcEndpointIds": [other]},
    )
    assert f"{other} (outside this stack) → Route 53 alias → api (100/s, named endpoints only) → greeter" in map(
        str, paths(build.graph())
    )
