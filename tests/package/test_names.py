"""URNs are state: a resource that is renamed is replaced, and with it somebody's VPC.

`urns.txt` has the URNs of all stack files, without the stack's own name. After a change that is meant:
`UPDATE_SNAPSHOTS=1 make test ARGS=tests/package`, and write into CHANGELOG.md what it does to live resources.
"""

import os
from pathlib import Path

from tests.helpers.stacks import EXAMPLES, STACKS, graph_of

SNAPSHOT = Path(__file__).with_name("urns.txt")


def test_no_resource_has_another_name() -> None:
    urns = {urn.split("::", 2)[2] for stack in (*STACKS, *EXAMPLES) for urn in graph_of(stack).resources}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text("\n".join(sorted(urns)) + "\n")
    known = {*SNAPSHOT.read_text().split()}
    assert known - urns == set(), "renamed or removed: see the head of this file"
    assert urns - known == set(), "new: see the head of this file"
