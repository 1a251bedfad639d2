"""A recording of the real engine, of a program in Go with a component in a package of its own, read by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from review.engine_files.state import read_state

from review.graph import Graph
from review.rules import check

RECORDED = Path(__file__).parent / "recorded" / "go.json"
ELSEWHERE = "project:///../../../../example.com/acme/shared/queues.go#7"
JSON = dict[str, Any]


def state(file: Path = RECORDED) -> Graph:
    return read_state(str(file), lambda *_: ({}, []))


def changed(folder: Path, change: Callable[[JSON], object]) -> Graph:
    """The recording with a change of each resource."""
    document = json.loads(RECORDED.read_text())
    for resource in document["deployment"]["resources"]:
        change(resource)
    (file := folder / "state.json").write_text(json.dumps(document))
    return state(file)


def sources(graph: Graph) -> dict[str, str]:
    return {f"{resource.name} ({resource.kind})": resource.source for resource in graph}


def test_frames_by_module_are_files_of_the_program() -> None:
    """The compiler writes `example.com/acme/shop/main.go`, which the engine takes for a file outside of the project."""
    assert sources(state()) == {
        "net (Network)": "main.go:24",
        "net (Vpc)": "network/network.go:33",
        "net-public-0 (Subnet)": "network/network.go:63",
        "net-public-0 (RouteTableAssociation)": "network/network.go:70",
        "execution (Role)": "main.go:73",
        "app (LogGroup)": "main.go:83",
        "app (TaskDefinition)": "main.go:108",
    }


def test_code_of_another_folder_is_named_by_its_caller(tmp_path: Path) -> None:
    def by_shared_code(one: JSON) -> None:
        if one.get("stackTrace"):
            one["sourcePosition"] = ELSEWHERE
            one["stackTrace"].insert(0, {"sourcePosition": ELSEWHERE})

    assert sources(changed(tmp_path, by_shared_code)) == sources(state())


@pytest.mark.parametrize("kept", ["sourcePosition", "nothing"])
def test_without_traces_no_file_is_named(kept: str, tmp_path: Path) -> None:
    """Without the frame that starts `main`, its folder is not known, and a library's file would be taken for it."""

    def without(one: JSON) -> None:
        for key in {"stackTrace", "sourcePosition"} - {kept}:
            one.pop(key, None)

    assert {*sources(changed(tmp_path, without)).values()} == {""}


def test_a_program_that_was_built_with_whole_paths(tmp_path: Path) -> None:
    def untrimmed(one: JSON) -> None:
        text = (
            json.dumps(one)
            .replace("../../../../example.com/acme/shop/", "")
            .replace("../runtime/", "../go/src/runtime/")
        )
        one.update(json.loads(text))

    assert sources(changed(tmp_path, untrimmed)) == sources(state())


def test_owners() -> None:
    graph = state()
    owners = {f"{one.name} ({one.kind})": graph.resources[one.parent].kind for one in graph if one.parent}
    assert owners == {
        "net (Vpc)": "Network",
        "net-public-0 (Subnet)": "Network",
        "net-public-0 (RouteTableAssociation)": "Subnet",
    }


def test_what_a_deployed_stack_hides_is_no_matter_of_deployment() -> None:
    """A secret in one variable makes the whole text of the containers secret."""
    messages = {finding.message for finding in check(state()) if finding.resource and finding.resource.name == "app"}
    assert "the containers of app is secret, or not in the state" in messages
    assert not [message for message in messages if "after deployment" in message]
