"""URNs are state: a resource that is renamed is replaced, and with it somebody's VPC.

`urns.txt` has the URNs of all stack files, without the stack's own name. After a change that is meant:
`UPDATE_SNAPSHOTS=1 make test ARGS=tests/package`, and write into CHANGELOG.md what it does to live resources.
"""

import os
from pathlib import Path

import pytest

from tests.helpers.stacks import ALL, EXAMPLES, STACKS, graph_of

SNAPSHOT = Path(__file__).with_name("urns.txt")


def urns_of(stack: str) -> set[str]:
    return {urn.split("::", 2)[2] for urn in graph_of(stack).resources}


@pytest.mark.parametrize("stack", ALL)
def test_no_resource_has_another_name(stack: str) -> None:
    if os.environ.get("UPDATE_SNAPSHOTS") and stack == STACKS[0]:
        found = set().union(*(urns_of(name) for name in (*STACKS, *EXAMPLES)))
        SNAPSHOT.write_text("\n".join(sorted(found)) + "\n")
    assert urns_of(stack) - {*SNAPSHOT.read_text().split()} == set(), "see the head of this file"
