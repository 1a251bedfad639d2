"""Recordings of the real engine, of a program in TypeScript, read by hand against the program.

Its change replaces two resources, one of them deleted first, updates two, and leaves one in AWS.
"""

import json
from pathlib import Path

import pytest

from review.cli.command import main
from review.compare.comparison import Comparison, compare
from review.cost import Usage
from review.engine_files.plan import Plan, read_plan
from review.engine_files.states import graph_of
from review.engine_files.update import planned_resources
from review.graph import UNKNOWN, Graph, Origin, Resource, Secret
from review.graph.given import given

RECORDED = Path(__file__).parent / "recorded"


def plan(name: str = "plan") -> Plan:
    return read_plan(str(RECORDED / f"{name}.json"))


def state() -> Graph:
    document = json.loads((RECORDED / "state.json").read_text())
    return graph_of(document["deployment"]["resources"], Origin.STATE, {})


def named(graph: Graph, name: str) -> Resource:
    (resource,) = [one for one in graph if one.name == name]
    return resource


def changes(found: Plan) -> Comparison:
    resources = planned_resources(found, found.before, found.after)
    return compare(found.before, found.after, Usage(), "what is deployed", resources)


def test_the_place_and_the_config() -> None:
    found = plan()
    for graph in (found.before, found.after, state()):
        assert (graph.project, graph.stack, graph.region, graph.account) == (
            "small",
            "test",
            "eu-west-1",
            "123456789012",
        )
    assert found.after.config["small:second"] is True
    assert isinstance(found.after.config["small:token"], Secret)
    assert (found.after.origin, state().origin) == (Origin.PLAN, Origin.STATE)


def test_what_the_provider_filled_in_is_no_input_and_stays_known() -> None:
    queue = named(state(), "queue")
    assert "name" not in queue.inputs
    assert queue.state["name"].startswith("queue-")
    assert queue.id.endswith(queue.state["name"])
    assert not [key for one in state() for bag in (one.inputs, one.state) for key in bag if key.startswith("__")]


def test_neither_the_stack_nor_its_default_provider_is_a_resource() -> None:
    assert sorted(one.name for one in state()) == ["existing", "fixed", "kept", "log", "password", "queue", "web"]
    assert named(state(), "queue").provider == ""


def test_file_and_line_of_another_language() -> None:
    assert named(state(), "queue").source.startswith("index.ts:")


def test_options_of_a_resource() -> None:
    graph = state()
    assert named(graph, "queue").options.protect
    assert named(graph, "kept").options.retain_on_delete
    assert named(graph, "log").options.ignore_changes == ("retentionInDays",)


def test_secrets_are_marked_and_unknown() -> None:
    for graph in (plan().after, state()):
        value = named(graph, "password").inputs["value"]
        assert isinstance(value, Secret)
        assert value.value is UNKNOWN
    assert isinstance(state().exports["secretValue"], Secret)


def test_what_is_read_has_the_values_of_aws() -> None:
    for graph in (plan().after, state()):
        topic = named(graph, "existing")
        assert topic.existing
        assert given(topic, "name").value(absent="", unknown="unknown") == "existing"
        assert given(topic, "kmsMasterKeyId").value(absent="", unknown="unknown") != "unknown"


def test_an_ignored_input_has_the_value_of_aws() -> None:
    assert given(named(state(), "log"), "retentionInDays").value(absent=0, unknown=-1) == 7


def test_outputs_of_what_is_created_are_unknown() -> None:
    new = plan("new").after
    assert named(new, "queue").id is UNKNOWN
    assert "arn" not in named(new, "queue").state
    assert list(plan("new").before) == []


def test_an_update_in_place_keeps_identifiers() -> None:
    after = plan().after
    queue = named(after, "queue")
    assert after.find(named(state(), "queue").state["arn"]) is queue
    assert queue.id == named(plan().before, "queue").id
    assert queue.inputs["visibilityTimeoutSeconds"] == 60
    # Other outputs may change in the update.
    assert {*queue.state} == {"arn", "id", "name", *queue.inputs}


def test_the_change_is_the_engines() -> None:
    found = changes(plan())
    resources = found.resources
    assert {one.new.name: one.replacing for one in resources.changes if one.replacing} == {
        "fixed": ("name",),
        "web": ("description",),
    }
    assert sorted(one.new.name for one in resources.changes if not one.replacing) == ["password", "queue"]
    assert [resource.name for resource in resources.removed] == ["kept"]
    assert resources.added == []


def test_values_before_and_after() -> None:
    found = {change.new.name: change.inputs for change in changes(plan()).resources.changes}
    shown = {(name, one.name): (str(one.before), str(one.after)) for name, held in found.items() for one in held}
    assert shown == {
        ("fixed", "name"): ("fixed-one", "fixed-two"),
        ("web", "description"): ("Web", "Web, second"),
        ("web", "ingress.cidrBlocks"): ("10.0.0.0/8", "0.0.0.0/0"),
        ("password", "value"): ("[secret]", "[secret]"),
        ("queue", "tags.a.b"): ("1", "2"),
        ("queue", "visibilityTimeoutSeconds"): ("30", "60"),
    }


def test_findings_of_the_change() -> None:
    assert [text for text in changes(plan()).failures if text.startswith("NET-02")]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_each_form_says_what_was_reviewed(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--plan", str(RECORDED / "plan.json"), "--format", form]) == 0
    shown = capsys.readouterr().out
    assert "plan" in shown
    assert "AWS was not called\n" not in shown
    assert "evaluation of the program" not in shown
