"""Moving from one topology to another keeps network and backend: only what stands before them changes."""

import itertools
from typing import Any

import pytest

from review.compare.resources import compare_resources
from review.graph import Graph
from review.tests.helpers.stacks import remembered
from tests.integration.moves.moves import MOVES

pytestmark = pytest.mark.xdist_group("moves")
BACKEND = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
ROUTES = [{"path": "/orders", "methods": ["GET"], "authorization": "iam"}]
API = {"kind": "rest", "routes": ROUTES}
INGRESS = {"vpc-link": {"ingress": {"kind": "alb"}}}
CONFIGS: dict[str, dict[str, Any]] = {
    topology: {"topology": topology, "backend": BACKEND, "api": API, **INGRESS.get(topology, {})}
    for topology in ("public-proxy", "vpc-link", "private-api")
}


def urns(graph: Graph, *components: str) -> set[str]:
    """What stands in these components, without the rules by which callers come in, and what waits for them."""
    return {
        resource.urn
        for resource in graph
        if resource.custom
        and resource.name.split("-")[0] in components
        and not resource.kind.startswith(("SecurityGroupIngressRule", "Stash"))
    }


@pytest.mark.parametrize(("before", "after"), [*itertools.permutations(CONFIGS, 2)])
def test_network_and_backend_stay(before: str, after: str) -> None:
    old, new = remembered(CONFIGS[before]), remembered(CONFIGS[after])
    assert urns(old, "network") == urns(new, "network")
    kept = urns(old, "backend") & urns(new, "backend")
    assert {urn.rpartition("::")[2] for urn in kept} >= {"backend-instance", "backend-group", "backend-role"}
    for urn in [*urns(old, "network"), *kept]:
        assert old.resources[urn].inputs == new.resources[urn].inputs, urn
    assert "private-api" in (before, after) or old.exports["apiUrl"] == new.exports["apiUrl"]


@pytest.mark.parametrize("name", MOVES)
def test_what_a_move_adds_replaces_and_deletes(name: str) -> None:
    move = MOVES[name]
    found = compare_resources(remembered({**move.before}), remembered({**move.after}))
    assert {resource.name for resource in found.added} == move.added
    assert {resource.name for resource in found.removed} == move.deleted
    assert {change.new.name for change in found.changes if change.replacing} == move.replaced
    assert [change.new.name for change in found.changes if change.replacing is None] == []
