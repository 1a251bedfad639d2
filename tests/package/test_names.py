"""URNs are state: a resource that is renamed is replaced, and with it somebody's VPC.

`urns.txt` has the names of all stack files, a line for each type with its parents. After a change that is meant:
`UPDATE_SNAPSHOTS=1 make test ARGS=tests/package`, and write into CHANGELOG.md what it does to live resources.
"""

import os
from collections import defaultdict
from pathlib import Path

import pytest

from tests.helpers.stacks import ALL, EXAMPLES, STACKS, graph_of

SNAPSHOT = Path(__file__).with_name("urns.txt")


def urns_of(stack: str) -> set[str]:
    return {urn.split("::", 2)[2] for urn in graph_of(stack).resources}


def known() -> set[str]:
    lines = [line.split() for line in SNAPSHOT.read_text().splitlines()]
    return {f"{kind}::{name}" for kind, *names in lines for name in names}


@pytest.mark.parametrize("stack", ALL)
def test_no_resource_has_another_name(stack: str) -> None:
    if os.environ.get("UPDATE_SNAPSHOTS") and stack == STACKS[0]:
        names = defaultdict(set)
        for urn in set().union(*map(urns_of, (*STACKS, *EXAMPLES))):
            kind, name = urn.split("::")
            names[kind].add(name)
        SNAPSHOT.write_text("".join(f"{kind} {' '.join(sorted(names[kind]))}\n" for kind in sorted(names)))
    assert urns_of(stack) - known() == set(), "see the head of this file"
