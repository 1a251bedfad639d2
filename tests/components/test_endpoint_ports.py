"""Ports and zones of interface endpoints are facts of their services."""

from typing import Any

import pytest

from components.api_function import ApiFunction
from components.facts import endpoint_ports, endpoint_services
from components.private_api_endpoint import PrivateApiEndpoint
from components.private_network import PrivateNetwork
from components.testing.recorder import Graph
from tests.helpers import mocks as answers
from tests.helpers.declare import ProgramError, declare
from tests.helpers.stacks import ROOT

SMTP = [(25, 25), (465, 465), (587, 587), (2465, 2465), (2587, 2587)]
SERVICE = "aws:ec2/getVpcEndpointService:getVpcEndpointService"


def network(services: list[str], **more: Any) -> Graph:
    """A network with these endpoints, and a client of them."""

    def program() -> None:
        made = PrivateNetwork("network", {"zones": ["eu-west-1a", "eu-west-1b"], "endpoints": services, **more})
        place: Any = {"folder": str(ROOT / "handlers/greeter"), "vpc_id": made.vpc_id}
        place |= {"subnet_ids": made.private_subnet_ids, "endpoint_services": made.endpoint_services}
        place["endpoint_security_group_id"] = made.endpoint_security_group_id
        place["permissions"] = {"jobs": {"kind": "queue", "name": "jobs", "allow": ["send"]}}
        ApiFunction("client", place)

    return declare(program)


def ports(graph: Graph, kind: str, name: str) -> list[tuple[int, int]]:
    rules = [rule.inputs for rule in graph if rule.kind == kind and rule.name.startswith(name)]
    return sorted((rule["fromPort"], rule["toPort"]) for rule in rules)


# AWS's page for each is in components/facts/endpoint_ports.py.
@pytest.mark.parametrize(
    ("services", "expected"),
    [
        (["email-smtp"], SMTP),
        (["cassandra"], [(443, 443), (9142, 9142)]),
        (["iot.data"], [(443, 443), (8443, 8443), (8883, 8883)]),
        (["datasync"], [(443, 443), (1024, 1064)]),
        (["logs", "ssm"], [(443, 443)]),
        (["email-smtp", "logs"], sorted([*SMTP, (443, 443)])),
    ],
)
def test_both_ends_open_the_ports_of_the_services(services: list[str], expected: list[tuple[int, int]]) -> None:
    graph = network(services)
    assert ports(graph, "SecurityGroupIngressRule", "network-endpoints-from-vpc") == expected
    assert ports(graph, "SecurityGroupEgressRule", "client-to-endpoints") == expected


def test_a_zone_without_the_service_is_refused_with_those_that_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS refuses it after the plan: terraform-aws-modules/terraform-aws-vpc#462, aws/aws-cdk#4912."""
    zones = {"id": "x", "availabilityZones": ["eu-west-1b", "eu-west-1c"]}
    monkeypatch.setitem(answers.ANSWERS, SERVICE, lambda _context, _arguments: zones)
    want = "in eu-west-1a'; zones in which AWS offers it: eu-west-1b, eu-west-1c; use subnets there"
    for more in ({}, {"endpoint_zones": "all"}):
        with pytest.raises(ProgramError, match=f"endpoints: got 'logs {want}"):
            network(["logs"], **more)
    door: Any = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"], "vpc_cidr": "10.0.0.0/16"}
    with pytest.raises(ProgramError, match=r"subnet_ids: got 'execute-api in eu-west-1.'; zones .*: eu-west-1b"):
        declare(lambda: PrivateApiEndpoint("door", door))


@pytest.mark.parametrize(
    "words",
    [
        "no matching EC2 VPC Endpoint Service found",
        "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.eu-west-1.budgets' does not exist",
    ],
)
def test_a_service_that_the_region_lacks_is_refused_in_our_words(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_context: Any, _asked: Any) -> dict[str, Any]:
        raise answers.LookupRefusedError(words)

    monkeypatch.setitem(answers.ANSWERS, SERVICE, answer)
    with pytest.raises(ProgramError, match="endpoints: got 'budgets'; a service that AWS offers in this region"):
        network(["budgets"])


def test_each_service_with_other_ports_can_be_named_and_has_its_page() -> None:
    for service, (ranges, page) in endpoint_ports.PORTS.items():
        assert endpoint_services.is_service(service)
        assert page.startswith("https://docs.aws.amazon.com/")
        assert all(first <= last for first, last in ranges)
    known = {"email-smtp": False, "ssm": False, "kms-fips": False, "storagegateway": True, "newest-service": True}
    assert {service: endpoint_ports.is_assumed(service) for service in known} == known


@pytest.mark.parametrize(
    ("service", "region", "only"),
    [
        ("organizations", "eu-west-1", "us-east-1"),
        ("organizations", "us-east-1", None),
        ("organizations-fips", "eu-west-1", "us-east-1"),
        ("organizations", "us-gov-east-1", "us-gov-west-1"),
        ("organizations", "cn-north-1", "cn-northwest-1"),
        ("organizations", "eusc-de-east-1", None),  # the SDK names no region of its own
        # Global, and AWS does not say in which regions they have an endpoint.
        ("budgets", "eu-west-1", None),
        ("networkmanager", "eu-west-1", None),
        ("logs", "eu-west-1", None),
        ("newest-service", "eu-west-1", None),
        ("organizations", "newest-region", None),
    ],
)
def test_a_service_with_its_endpoint_in_one_region_is_known_only_from_aws_pages(
    service: str, region: str, only: str | None
) -> None:
    assert endpoint_services.find_only_region(service, region) == only
