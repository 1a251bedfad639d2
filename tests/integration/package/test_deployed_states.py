"""Deployed stacks: the program updates them in place, and changes nothing but the code of functions.

`states/` has five stacks as `pulumi stack export` would print them; at the tag of a release, those of that release.
After a change that is meant, write them again by `UPDATE_SNAPSHOTS=1 make test ARGS=tests/integration`, and write
into CHANGELOG.md what it does to live resources.
"""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

from review.compare.resources import compare_resources
from review.engine_files.states import graph_of as graph_of_states
from review.graph import Graph, Origin
from review.tests.engine_files import writer
from review.tests.helpers.stacks import ROOT, graph_of

FOLDER = Path(__file__).with_name("states")
STACKS = (
    *("dev", "prod"),
    *("examples/http-cloudmap-fargate.yaml", "examples/private-cross-account.yaml", "examples/rest-nlb-ec2.yaml"),
)
"""Each topology, each front of a VPC link, and both kinds of backend."""


def recorded(stack: str) -> Path:
    return FOLDER / f"{Path(stack).stem}.json"


def written(document: dict[str, Any]) -> str:
    """A state with a line for each resource, so that a difference of two can be read, and with no path of a machine."""
    lines = ",\n".join(json.dumps(resource, sort_keys=True) for resource in document["deployment"]["resources"])
    whole = {**document, "deployment": {**document["deployment"], "resources": []}}
    text = json.dumps(whole).replace('"resources": []', f'"resources": [\n{lines}\n]')
    return re.sub(rf"{ROOT}/|{tempfile.gettempdir()}/[^/]+/", "", text) + "\n"


def graph_of_document(document: dict[str, Any], program: Graph) -> Graph:
    return graph_of_states(document["deployment"]["resources"], Origin.STATE, program.config)


@pytest.mark.parametrize("stack", [pytest.param(stack, marks=pytest.mark.xdist_group(stack)) for stack in STACKS])
def test_a_deployed_stack_is_updated_in_place(stack: str) -> None:
    program = graph_of(stack)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        recorded(stack).write_text(written(writer.state(program)), encoding="utf-8")
    standing = graph_of_document(json.loads(recorded(stack).read_text(encoding="utf-8")), program)
    found = compare_resources(standing, program)
    assert [resource.name for resource in (*found.added, *found.removed)] == [], "see the head of this file"
    # The code of functions is read where the program stands.
    altered = {
        change.new.name: change.inputs for change in found.changes if [part.name for part in change.inputs] != ["code"]
    }
    assert altered == {}, "see the head of this file"


def test_a_resource_that_a_state_has_otherwise_is_seen() -> None:
    """The comparison above can fail: a range that is another one in the state replaces the network."""
    program = graph_of("dev")
    document = json.loads(recorded("dev").read_text(encoding="utf-8"))
    for resource in document["deployment"]["resources"]:
        if resource["type"] == "aws:ec2/vpc:Vpc":
            resource["inputs"]["cidrBlock"] = resource["outputs"]["cidrBlock"] = "10.99.0.0/16"
    found = compare_resources(graph_of_document(document, program), program)
    assert "network-vpc" in {change.new.name for change in found.changes if change.replacing}
