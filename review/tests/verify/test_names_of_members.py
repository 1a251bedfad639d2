"""Records, domains and addresses that AWS has: whose they are, and where they lead callers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from review.tests.graph_builder import Builder
from review.tests.verify.fake_aws import FakeAws, deployed, refreshed
from review.tests.verify.strangers import JSON, strangers
from review.verify.calls import Caller
from review.verify.cloud import Cloud
from review.verify.found import Found
from review.verify.members import undeclared
from review.verify.verification import verify


def test_records_of_one_name_in_two_zones() -> None:
    build = Builder()
    for name, kind in (("public", "A"), ("private", "AAAA")):
        build(
            "route53/record:Record", name, zoneId=f"Z-{name}", name="api.example.com", type=kind, fqdn="api.example.com"
        )
    listed = [{"Name": "api.example.com.", "Type": kind} for kind in ("A", "AAAA")]
    answer = {"route53.ListResourceRecordSets": {"ResourceRecordSets": listed}}
    assert strangers(build.graph(), answer) == {"api.example.com AAAA of public", "api.example.com A of private"}


@pytest.mark.parametrize(("apex", "count"), [(True, 0), (False, 1)])
def test_name_servers_lead_callers_of_a_name_elsewhere(*, apex: bool, count: int) -> None:
    build = Builder()
    build("route53/record:Record", "it", zoneId="Z", name="example.com", type="A", fqdn="example.com")
    listed = [{"Name": "example.com.", "Type": kind} for kind in ("A", "NS", *(["SOA"] if apex else []))]
    answer = {"route53.ListResourceRecordSets": {"ResourceRecordSets": listed}}
    assert len(strangers(build.graph(), answer)) == count


def test_a_list_of_records_that_is_cut_is_not_read() -> None:
    build = Builder()
    build("route53/record:Record", "it", zoneId="Z", name="api.example.com", type="A", fqdn="api.example.com")
    aws = FakeAws(graph := deployed(build.graph()))
    for name, unread in (("api.example.com.", 1), ("b.example.com.", 0)):
        listed = [{"Name": "api.example.com.", "Type": "A"}, {"Name": name, "Type": "TXT"}]
        aws.more["route53.ListResourceRecordSets"] = {"ResourceRecordSets": listed, "IsTruncated": True}
        verification = verify(refreshed(graph), Cloud(aws), Caller(), offline=True)
        assert len([line for line in verification.unread if "ListResourceRecordSets" in line]) == unread


@pytest.mark.parametrize("private", [False, True])
def test_mappings_of_a_private_domain_are_asked_for_by_its_number(*, private: bool) -> None:
    """By its name alone AWS has no such domain. https://docs.aws.amazon.com/apigateway/latest/api/API_GetBasePathMappings.html"""
    build = Builder()
    build("apigateway/domainName:DomainName", "it", domainName="a.example.com")
    graph = build.graph()
    (urn, domain), *_ = graph.resources.items()
    state = {**domain.state, "domainNameId": "abc123" if private else ""}
    asked: list[JSON] = []

    class Noting(Cloud):
        def ask(self, call: str, arguments: Mapping[str, Any], region: str) -> Any:
            asked.extend([{**arguments}] if call.endswith("GetBasePathMappings") else [])
            return {}

    stated = replace(graph, resources={urn: replace(domain, state=state)})
    assert [*undeclared(stated, Noting(), Found(), {})] == []
    assert asked == [{"domainName": "a.example.com", **({"domainNameId": "abc123"} if private else {})}]


def test_private_domains_of_one_name_have_their_own_mappings() -> None:
    """The provider's ID of such a domain has its number behind the name: internal/service/apigateway/domain_name.go"""
    build = Builder()
    for name in ("first", "second"):
        build("apigateway/domainName:DomainName", name, domainName="a.example.com", domainNameId=name)
    its: JSON = {"domainName": "a.example.com", "domainNameId": "first", "basePath": "v1"}
    build("apigateway/basePathMapping:BasePathMapping", "mapping", **its)
    graph = build.graph()
    stated = {
        resource.urn: replace(resource, state={**resource.state, "id": f"a.example.com/{resource.name}"})
        if resource.kind == "DomainName"
        else resource
        for resource in graph
    }
    answer = {"apigateway.GetBasePathMappings": {"items": [{"basePath": "v1"}]}}
    assert strangers(replace(graph, resources=stated), answer) == {"v1 of second"}


@pytest.mark.parametrize(("joined", "count"), [(False, 1), (True, 0)])
def test_a_spare_address_of_the_stack_is_by_hand_at_a_machine(*, joined: bool, count: int) -> None:
    build = Builder()
    machine = build("ec2/instance:Instance", "machine")
    its: JSON = {"instance": machine.id} if joined else {}
    spare = build("ec2/eip:Eip", "spare", **its)
    graph = build.graph()
    address = graph.resources[spare.urn]
    stated = replace(address, state={**address.state, **address.inputs, "id": "eipalloc-1"})
    graph = replace(graph, resources={**graph.resources, spare.urn: stated})
    listed = {"Addresses": [{"AllocationId": "eipalloc-1", "PublicIp": "192.0.2.9"}]}
    assert len(strangers(graph, {"ec2.DescribeAddresses": listed})) == count
