"""URNs are state: a resource that is renamed is replaced, and with it somebody's VPC.

Each stack's URNs stand in `urns/`. One may go only when a resource has it for an alias. After a change that is meant:
`UPDATE_SNAPSHOTS=1 make test ARGS=tests/package`, and write into CHANGELOG.md what it does to live resources.
"""

import os
from pathlib import Path

import pytest

from tests.helpers.stacks import ALL, graph_of

FOLDER = Path(__file__).with_name("urns")


def snapshot_of(stack: str) -> Path:
    return FOLDER / f"{Path(stack).stem}.txt"


@pytest.mark.parametrize("stack", ALL)
def test_no_resource_loses_its_name(stack: str) -> None:
    graph = graph_of(stack)
    # Sorted, and without the stack's own name.
    urns = sorted("::".join(urn.split("::")[2:]) for urn in graph.resources)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        snapshot_of(stack).write_text("\n".join(urns) + "\n")
    known = set(snapshot_of(stack).read_text().split())
    assert known - set(urns) == set(), "renamed: see the head of this file"
    assert set(urns) == known, "new resources: see the head of this file"
