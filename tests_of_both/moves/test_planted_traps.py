"""Each of the provider's traps, planted in a copy of the component that avoids it, is found with its resource.

`review/tests/compare/test_traps.py` has the inputs that keep their value.
"""

import pytest

from review.aws.catalog.traps import TRAPS
from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import trace
from review.rules import check
from review.tests.updates import updated
from tests.helpers.stacks import ROOT, graph_with

from .planted_traps import PLANTED, Planted
from .planting import plant


def found(before: Graph | None, after: Graph) -> list[str]:
    """What rules TRAP-… report of a graph, or what a comparison refuses or finds undone."""
    if before is None:
        findings = check(after, trace(AwsModel(after)))
        return [
            f"{one.rule.id} {one.resource and one.resource.name}" for one in findings if one.rule.id.startswith("TRAP")
        ]
    changes = updated(before, after, ROOT, rules=False)
    return [*changes.refused, *changes.undone]


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


def test_every_trap_is_planted() -> None:
    planted = {(one.type, one.key) for one in PLANTED}
    # Of fixed identities under other logical names: `tests/package/test_names.py` holds the program's.
    others = (trap for trap in TRAPS if "logical name, or give it" not in trap.remedy)
    missing = {trap.type for trap in others if not any((trap.type, key) in planted for key in trap.inputs)}
    # The second type of domain names, and what no stack of the project declares.
    of_others = {
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:dynamodb/table:Table",
        "aws:ebs/volume:Volume",
        "aws:eks/cluster:Cluster",
        "aws:ec2/volumeAttachment:VolumeAttachment",
        "aws:rds/instance:Instance",
        "aws:rds/cluster:Cluster",
        "aws:rds/globalCluster:GlobalCluster",
        "aws:docdb/cluster:Cluster",
        "aws:neptune/cluster:Cluster",
        "aws:memorydb/cluster:Cluster",
        "aws:msk/cluster:Cluster",
        "aws:kinesis/stream:Stream",
        "aws:redshift/cluster:Cluster",
        "aws:servicediscovery/service:Service",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:lb/targetGroup:TargetGroup",
        "aws:lb/listenerRule:ListenerRule",
    }
    assert missing == {"aws:apigateway/domainName:DomainName", *of_others}
