"""Permissions of a stack come and go by updates in place: no instance and no service is replaced."""

from itertools import permutations
from typing import Any, Final

import pytest

from review.aws.model.model import AwsModel
from review.compare.resources import compare_resources
from review.graph import Graph
from review.reach import trace
from review.tests.helpers.stacks import graph_with
from tests.helpers.draws import sampled
from tests.integration.topologies.engine_model import faults

_EC2: Final[dict[str, Any]] = {"kind": "ec2", "image": "s3://images-of-mine/app.tar.gz", "access": "none"}
_FARGATE: Final[dict[str, Any]] = {"kind": "fargate", "image": "nginx:1.29"}
# By the kind: the egress with which each backend starts.
BACKENDS: Final = {"ec2": (_EC2, "s3-packages"), "fargate": (_FARGATE, "nat-instance")}
_TABLE: Final[dict[str, Any]] = {"kind": "table", "name": "orders", "allow": ["read"]}
_QUEUE: Final[dict[str, Any]] = {"kind": "queue", "name": "jobs", "allow": ["send"]}
_BUCKET: Final[dict[str, Any]] = {"kind": "bucket", "name": "reports", "allow": ["write"]}
STATES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"orders": _TABLE},
    {"renamed": _TABLE},
    {"orders": _TABLE, "jobs": _QUEUE, "reports": _BUCKET},
)


def stack(kind: str, permissions: dict[str, Any]) -> Graph:
    backend, egress = BACKENDS[kind]
    return graph_with(
        {
            "topology": "vpc-link",
            "ingress": {"kind": "alb"},
            "network": {"egress": egress},
            "backend": {**backend, "permissions": permissions},
            "api": {"routes": [{"path": "/", "authorization": "iam"}]},
        }
    )


@pytest.mark.parametrize("kind", sorted(BACKENDS))
def test_permissions_come_and_go_in_place(kind: str) -> None:
    graphs = [stack(kind, state) for state in STATES]
    for before, after in sampled([*permutations(range(len(graphs)), 2)], 5):
        assert [*faults(graphs[before], graphs[after])] == []
        changes = compare_resources(graphs[before], graphs[after]).changes
        assert [change.new.name for change in changes if change.replacing != ()] == []


def test_another_name_of_an_entry_changes_nothing() -> None:
    found = compare_resources(stack("fargate", STATES[1]), stack("fargate", STATES[2]))
    assert [*found.added, *found.removed, *found.changes] == []


def test_a_network_without_internet_lets_every_permission_pass() -> None:
    paths = trace(AwsModel(stack("ec2", STATES[-1]))).paths
    found = {path.target: path for path in paths if path.target in ("table orders", "queue jobs", "bucket reports")}
    assert len(found) == 3
    assert all(path.open for path in found.values()), [str(path) for path in found.values()]
