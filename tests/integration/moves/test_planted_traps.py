"""Each of the provider's traps, planted in a copy of the component that avoids it, is found with its resource."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph, Resource
from review.reach import trace
from review.rules import check
from review.tests.helpers.stacks import graph_with
from tests.integration.topologies.engine_model import faults

from .planted_traps import CLOUD_MAP, PLANTED, PUBLIC, SERVICE, WALLED, Planted
from .planting import plant


def found(before: Graph | None, after: Graph) -> list[str]:
    """What rules TRAP-… report of a graph, or what AWS refuses in an update to it."""
    if before is None:
        findings = check(after, trace(AwsModel(after)))
        return [
            f"{one.rule.id} {one.resource and one.resource.name}" for one in findings if one.rule.id.startswith("TRAP")
        ]
    return [*faults(before, after)]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda one: f"{one.type}.{one.key}")
def test_a_planted_trap_is_found(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound components are silent: every example passes these rules, and no documented move is refused so."""
    if planted.deployed_with_it:
        plant(monkeypatch, planted)
    before = graph_with(planted.before) if planted.before else None
    if not planted.deployed_with_it:
        plant(monkeypatch, planted)
    lines = found(before, graph_with(planted.config))
    assert any(planted.at in line and planted.says in line for line in lines), lines


def only(config: dict[str, Any], kind: str) -> Resource:
    (resource,) = graph_with(config).of_type(kind)
    return resource


def test_an_object_that_aws_has_once_is_deleted_before_it_is_replaced() -> None:
    """The engine creates a replacement first: AWS refuses a second one, or takes the new one away with the old."""
    assert only(PUBLIC, "aws:apigatewayv2/apiMapping:ApiMapping").options.delete_before_replace
    assert only(WALLED, "aws:wafv2/webAclAssociation:WebAclAssociation").options.delete_before_replace


def test_a_service_of_cloud_map_sets_what_would_replace_it_at_each_update() -> None:
    service = only(CLOUD_MAP, SERVICE)
    assert service.inputs["healthCheckCustomConfig"] == {"failureThreshold": 1}
    assert "healthCheckConfig" not in service.inputs
    assert service.inputs["dnsConfig"]["dnsRecords"]
