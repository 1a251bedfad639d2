"""The engine's own answers, read by hand against the program that they are of."""

from pathlib import Path

import pytest

from review.cli.command import main
from review.compare.comparison import Comparison, compare
from review.cost import Usage
from review.graph import UNKNOWN, Graph, Origin, Resource, Secret
from review.graph.deployed_inputs import get_deployed_input
from review.plan_files.plan import Plan, read_plan
from review.plan_files.states import build_graph
from review.plan_files.update import find_planned_changes
from review.report.described import describe
from review.tests.plan_files import recorded, writer


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return read_plan(writer.saved(recorded.plan(), tmp_path / "plan.json"))


@pytest.fixture
def changes(plan: Plan) -> Comparison:
    resources = find_planned_changes(plan, plan.before, plan.after)
    return compare(plan.before, plan.after, Usage(), "what is deployed", resources, describe=describe)


STATE = build_graph(recorded.state()["deployment"]["resources"], Origin.STATE, {})


def named(graph: Graph, name: str) -> Resource:
    (resource,) = [one for one in graph if one.name == name]
    return resource


def test_the_place_and_the_config(plan: Plan) -> None:
    for graph in (plan.before, plan.after, STATE):
        place = (graph.project, graph.stack, graph.region, graph.account)
        assert place == ("small", "test", "eu-west-1", "123456789012")
    assert plan.after.config["small:second"] is True
    assert isinstance(plan.after.config["small:token"], Secret)


def test_resources_have_their_inputs_options_and_lines() -> None:
    # Neither the stack nor its default provider is a resource.
    assert sorted(one.name for one in STATE) == ["existing", "fixed", "kept", "log", "password", "queue", "web"]
    queue = named(STATE, "queue")
    # What the provider filled in is no input, and stays known.
    assert ("name" in queue.inputs, queue.state["name"], queue.provider) == (False, "queue-f9ffaae", "")
    assert queue.source.startswith("index.ts:")
    assert not [key for one in STATE for bag in (one.inputs, one.state) for key in bag if key.startswith("__")]
    assert queue.options.protect
    assert named(STATE, "kept").options.retain_on_delete
    # An ignored input has the value of AWS.
    assert named(STATE, "log").options.ignore_changes == ("retentionInDays",)
    assert get_deployed_input(named(STATE, "log"), "retentionInDays") == 7


def test_secrets_are_marked_and_unknown_and_what_is_read_has_the_values_of_aws(plan: Plan) -> None:
    for graph in (plan.after, STATE):
        value = named(graph, "password").inputs["value"]
        assert isinstance(value, Secret)
        assert value.value is UNKNOWN
        topic = named(graph, "existing")
        assert (topic.existing, get_deployed_input(topic, "name")) == (True, "existing")
        assert get_deployed_input(topic, "kmsMasterKeyId") is not UNKNOWN
    assert isinstance(STATE.exports["secretValue"], Secret)


def test_outputs_of_what_is_created_are_unknown(tmp_path: Path) -> None:
    new = read_plan(writer.saved(recorded.new(), tmp_path / "new.json"))
    queue = named(new.after, "queue")
    assert (queue.id, "arn" in queue.state, list(new.before)) == (UNKNOWN, False, [])


def test_an_update_in_place_keeps_identifiers(plan: Plan) -> None:
    queue = named(plan.after, "queue")
    assert plan.after.find(named(STATE, "queue").state["arn"]) is queue
    assert queue.id == named(plan.before, "queue").id
    # Other outputs may change in the update.
    assert {*queue.state} == {"arn", "id", "name", *queue.inputs}


def test_the_change_is_the_engines(changes: Comparison) -> None:
    resources = changes.resources
    replaced = {one.new.name: one.replacing for one in resources.changes if one.replacing}
    assert replaced == {"fixed": ("name",), "web": ("description",)}
    assert sorted(one.new.name for one in resources.changes if not one.replacing) == ["password", "queue"]
    assert ([resource.name for resource in resources.removed], resources.added) == (["kept"], [])
    found = {change.new.name: change.inputs for change in resources.changes}
    assert {(name, one.name): (str(one.before), str(one.after)) for name, held in found.items() for one in held} == {
        ("fixed", "name"): ("fixed-one", "fixed-two"),
        ("web", "description"): ("Web", "Web, second"),
        ("web", "ingress.cidrBlocks"): ("10.0.0.0/8", "0.0.0.0/0"),
        ("password", "value"): ("[secret]", "[secret]"),
        ("queue", "tags.a.b"): ("1", "2"),
        ("queue", "visibilityTimeoutSeconds"): ("30", "60"),
    }
    assert [line.place for line in changes.failures] == ["fixed"]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_each_form_says_what_was_reviewed(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = writer.saved(recorded.plan(), tmp_path / "plan.json")
    assert main(["--plan", file, "--format", form]) == 0
    shown = capsys.readouterr().out
    assert "plan" in shown
    assert "AWS was not called\n" not in shown
    assert "evaluation of the program" not in shown
