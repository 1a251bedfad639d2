"""What only a plan knows: what is half done, real identifiers, and secrets, which no report shows."""

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import rpc

from review.aws.compute.functions import missing_handler, unzipped_size
from review.aws.model.model import AwsModel
from review.compare.resources import Resources
from review.engine_files.plan import read_plan
from review.engine_files.states import graph_of as graph_of_states
from review.engine_files.update import planned_resources
from review.graph import UNKNOWN, Asset, Graph, Origin
from review.reach import trace
from review.tests.engine_files import writer
from review.tests.graph_builder import Builder
from review.tests.helpers.stacks import ALL, graph_of

WORD = "a-word-that-stands-nowhere-else"


def queues(*names: str) -> Graph:
    build = Builder()
    for name in names:
        build("sqs/queue:Queue", name)
    return build.graph()


@pytest.fixture
def one() -> dict[str, Any]:
    """A queue, as a plan has it."""
    (queue,) = (graph := queues("one"))
    return writer.resource(graph, queue, plan=True)


def standing(document: dict[str, Any], folder: Path) -> Graph:
    return graph_of_states(document["deployment"]["resources"], Origin.STATE, {})


def steps(folder: Path, *given: dict[str, Any]) -> Resources:
    plan = read_plan(writer.saved({"steps": list(given), "changeSummary": {}}, folder / "plan.json"))
    return planned_resources(plan, plan.before, plan.after)


def test_what_is_still_to_be_deleted_stands_beside_its_replacement(tmp_path: Path) -> None:
    graph = queues("one")
    old = {**writer.resource(graph, next(iter(graph))), "id": "https://old", "delete": True}
    found = standing(writer.state(graph, more=[old]), tmp_path)
    assert sorted(resource.name for resource in found) == ["one", "one (to be deleted, https://old)"]
    assert found.find("https://old") is not None
    assert any("still to be deleted" in note for note in found.notes)


def test_what_is_deleted_to_be_replaced_and_not_made_again_does_not_stand(tmp_path: Path) -> None:
    graph = queues("one", "two")
    document = writer.state(graph)
    document["deployment"]["resources"][-1]["pendingReplacement"] = True
    found = standing(document, tmp_path)
    assert len(list(found)) == 1
    assert any("not created again yet" in note for note in found.notes)


def test_what_is_deleted_to_be_replaced_may_stand_beside_its_replacement(tmp_path: Path) -> None:
    """An update was interrupted between the creation and the removal of the old entry."""
    graph = queues("one")
    old = {**writer.resource(graph, next(iter(graph))), "id": "https://old", "pendingReplacement": True}
    assert [resource.name for resource in standing(writer.state(graph, more=[old]), tmp_path)] == ["one"]


def test_failed_initializations_are_noted_without_their_text(tmp_path: Path) -> None:
    graph = queues("one")
    document = writer.state(graph)
    document["deployment"]["resources"][-1]["initErrors"] = [WORD]
    notes = " ".join(standing(document, tmp_path).notes)
    assert "one: the initialization failed" in notes
    assert WORD not in notes


def test_a_deletion_that_an_earlier_update_left_is_one_of_this_plan(tmp_path: Path, one: dict[str, Any]) -> None:
    old = {**one, "id": "https://old", "delete": True}
    changes = steps(
        tmp_path,
        {"op": "delete-replaced", "urn": one["urn"], "oldState": old},
        {"op": "same", "urn": one["urn"], "oldState": one, "newState": one},
    )
    assert [resource.name for resource in changes.removed] == ["one (to be deleted, https://old)"]


def test_a_replacement_that_was_marked_and_has_no_input_as_reason(tmp_path: Path, one: dict[str, Any]) -> None:
    both = {"urn": one["urn"], "oldState": one, "newState": one}
    changes = steps(
        tmp_path,
        {"op": "create-replacement", **both},
        {"op": "replace", **both},
        {"op": "delete-replaced", "urn": one["urn"], "oldState": {**one, "delete": True}},
    )
    (replaced,) = changes.changes
    assert replaced.replacing == ("its dependencies, or the command line",)
    assert changes.removed == []


def test_a_step_that_changes_nothing_has_its_resource_on_both_sides(tmp_path: Path, one: dict[str, Any]) -> None:
    given = [{"op": "same", "urn": one["urn"], "oldState": one, "newState": one}]
    plan = read_plan(writer.saved({"steps": given, "changeSummary": {}}, tmp_path / "plan.json"))
    found = planned_resources(plan, plan.before, plan.after)
    assert [(old.name, new.name) for old, new in found.pairs] == [("one", "one")]
    assert found.changes == []


def test_an_input_that_the_program_left_out_before_has_the_value_of_aws(tmp_path: Path, one: dict[str, Any]) -> None:
    old = {**one, "outputs": {**one["outputs"], "visibilityTimeoutSeconds": 30}}
    new = {**one, "inputs": {**one.get("inputs", {}), "visibilityTimeoutSeconds": 60}}
    differs = {"visibilityTimeoutSeconds": {"kind": "add"}}
    changes = steps(
        tmp_path, {"op": "update", "urn": one["urn"], "oldState": old, "newState": new, "detailedDiff": differs}
    )
    (changed,) = changes.changes
    assert changed.inputs == (("visibilityTimeoutSeconds", 30, 60),)


def test_an_archive_and_a_file_are_told_apart(tmp_path: Path) -> None:
    build = Builder()
    for name, archive in (("archive", True), ("file", False)):
        build("s3/bucketObject:BucketObject", name, source=Asset(text="a", archive=archive))
    graph = standing(writer.state(build.graph()), tmp_path)
    assert {resource.name: resource.inputs["source"].archive for resource in graph} == {"archive": True, "file": False}


@pytest.mark.parametrize("mark", ["delete", "pendingReplacement"])
def test_a_resource_that_this_plan_replaces_stands_under_its_own_name(
    mark: str, tmp_path: Path, one: dict[str, Any]
) -> None:
    both = {"urn": one["urn"], "oldState": one, "newState": one}
    marked = {"op": "delete-replaced", "urn": one["urn"], "oldState": {**one, mark: True}}
    given = [marked, {"op": "replace", **both}, {"op": "create-replacement", **both}]
    plan = read_plan(writer.saved({"steps": given, "changeSummary": {}}, tmp_path / "plan.json"))
    assert [each.name for each in plan.before] == ["one"]


def test_a_replacement_that_an_earlier_update_began_is_finished(tmp_path: Path, one: dict[str, Any]) -> None:
    left = {"op": "remove-pending-replace", "urn": one["urn"], "oldState": {**one, "pendingReplacement": True}}
    made = {"op": "create-replacement", "urn": one["urn"], "newState": one}
    plan = read_plan(writer.saved({"steps": [left, made], "changeSummary": {}}, tmp_path / "plan.json"))
    assert plan.replaced == frozenset()
    assert [*plan.before] == []


def test_region_and_account_are_those_of_the_stack(tmp_path: Path) -> None:
    build = Builder()
    build("sqs/queue:Queue", "one")
    document = writer.state(build.graph())
    resources = document["deployment"]["resources"]
    head = resources[0]["urn"].partition("pulumi:pulumi:Stack")[0]
    elsewhere = {"urn": f"{head}pulumi:providers:aws::other", "custom": True, "type": "pulumi:providers:aws", "id": "1"}
    resources.insert(1, {**elsewhere, "inputs": {"region": "ap-south-1", "allowedAccountIds": '["222222222222"]'}})
    read = {"urn": f"{head}aws:sns/topic:Topic::read", "custom": True, "type": "aws:sns/topic:Topic", "external": True}
    read["provider"] = resources[-1]["provider"]
    resources.insert(2, {**read, "id": "t", "outputs": {"arn": "arn:aws:sns:eu-west-1:999999999999:t"}})
    resources[-1]["outputs"] = {"arn": "arn:aws:sqs:eu-west-1:111111111111:one"}
    graph = standing(document, tmp_path)
    assert (graph.region, graph.account) == (build.graph().region, "111111111111")


@pytest.mark.parametrize("first", ["create-replacement", "delete-replaced"])
@pytest.mark.parametrize("retained", [False, True])
def test_what_is_replaced_under_another_name_is_not_also_deleted(first: str, retained: bool, tmp_path: Path) -> None:
    """The engine deletes it under the name that it had, which an alias of the new one has."""
    before, after = queues("worker"), queues("jobs")
    old, new = (writer.resource(graph, next(iter(graph)), plan=True) for graph in (before, after))
    old = {**old, "retainOnDelete": retained}
    deleting = {"op": "delete-replaced", "urn": old["urn"], "oldState": {**old, "delete": True}}
    making = {"op": "create-replacement", "urn": new["urn"], "oldState": old, "newState": {**new, "outputs": {}}}
    whole = {**making, "op": "replace", "replaceReasons": ["name"], "diffReasons": ["name"]}
    parts = [making, whole, deleting] if first == making["op"] else [deleting, whole, making]
    changes = steps(tmp_path, *parts)
    assert [change.new.name for change in changes.changes if change.replacing] == ["jobs"]
    assert (changes.removed, changes.added) == ([], [])


def test_an_update_keeps_what_is_ignored(tmp_path: Path) -> None:
    """A group that Auto Scaling moves does not lose its size because the program ignores it."""
    build = Builder()
    build("autoscaling/group:Group", "fleet", minSize=2, maxSize=4)
    (group,) = build.graph()
    old = writer.resource(build.graph(), group, plan=True) | {"ignoreChanges": ["desiredCapacity"]}
    old["outputs"] = {**old["outputs"], "desiredCapacity": 3}
    new = {**old, "inputs": {**old["inputs"], "maxSize": 6}, "outputs": {}}
    changes = steps(
        tmp_path, {"op": "update", "urn": group.urn, "oldState": old, "newState": new, "diffReasons": ["maxSize"]}
    )
    (changed,) = changes.changes
    assert [part.name for part in changed.inputs] == ["maxSize"]


def test_a_state_that_is_null_is_none(tmp_path: Path, one: dict[str, Any]) -> None:
    found = steps(tmp_path, {"op": "create", "urn": one["urn"], "oldState": None, "newState": one, "diffReasons": None})
    assert [each.name for each in found.added] == ["one"]


def test_an_import_adds_a_resource(tmp_path: Path, one: dict[str, Any]) -> None:
    found = steps(tmp_path, {"op": "import", "urn": one["urn"], "newState": one})
    assert [each.name for each in found.added] == ["one"]


def test_an_update_in_place_keeps_the_private_address_of_an_instance(tmp_path: Path) -> None:
    build = Builder()
    build("ec2/instance:Instance", "web", ami="ami-1")
    (old,) = (writer.resource(build.graph(), resource, plan=True) for resource in build.graph())
    old["outputs"] |= {"privateIp": "10.0.0.4", "publicIp": "203.0.113.4"}
    given = {"op": "update", "urn": old["urn"], "oldState": old, "newState": {**old, "outputs": None}}
    plan = read_plan(writer.saved({"steps": [given], "changeSummary": {"update": 1}}, tmp_path / "plan.json"))
    (found,) = plan.after
    assert found.state["privateIp"] == "10.0.0.4"
    assert "publicIp" not in found.state, "AWS gives another one after a stop"


def test_a_step_without_its_inputs_is_named(tmp_path: Path) -> None:
    given = {"op": "create", "urn": "urn:pulumi:dev::small::aws:sqs/queue:Queue::one"}
    plan = read_plan(writer.saved({"steps": [given], "changeSummary": {"create": 1}}, tmp_path / "plan.json"))
    assert any(note.startswith("one: the plan does not contain the inputs") for note in plan.after.notes)


def test_an_id_that_the_program_wrote_out_names_the_resource_of_the_state(tmp_path: Path) -> None:
    build = Builder()
    group = build("ec2/securityGroup:SecurityGroup", "group", vpcId="vpc-1", description="a")
    build("ec2/instance:Instance", "web", ami="ami-1", vpcSecurityGroupIds=["sg-0123456789abcdef0"])
    document = writer.state(build.graph())
    for resource in document["deployment"]["resources"]:
        if resource["urn"] == group.urn:
            resource["id"] = "sg-0123456789abcdef0"
    graph = standing(document, tmp_path)
    hit = graph.find("sg-0123456789abcdef0")
    assert hit is not None
    assert hit.name == "group"


def test_a_secret_is_unknown_whether_or_not_the_state_shows_it(tmp_path: Path) -> None:
    document = writer.state(queues("one"))
    shown = {rpc._special_sig_key: rpc._special_secret_sig, "plaintext": json.dumps(WORD)}
    for given in (shown, {rpc._special_sig_key: rpc._special_secret_sig, "ciphertext": "v1:x"}):
        document["deployment"]["resources"][-1]["inputs"]["policy"] = given
        assert next(iter(standing(document, tmp_path))).inputs["policy"].value is UNKNOWN


@pytest.mark.parametrize("written", ["state", "plan"])
@pytest.mark.parametrize("place", ["absolute", "relative"])
def test_files_of_a_plan_or_a_state_are_not_looked_up_here(
    written: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code = tmp_path / "code"
    code.mkdir()
    (code / "index.js").write_text("x")
    build = Builder()
    archive = Asset(path=str(code) if place == "absolute" else "code", archive=True)
    members = Asset(archive=True, members={"inner": archive})
    build("lambda/function:Function", "f", name="f", runtime="nodejs22.x", handler="other.handler", code=archive)
    build("lambda/function:Function", "g", name="g", runtime="nodejs22.x", handler="inner/other.handler", code=members)
    graph = build.graph()
    file = tmp_path / f"{written}.json"
    found = (
        standing(writer.state(graph), tmp_path)
        if written == "state"
        else read_plan(writer.saved(writer.plan(graph), file)).after
    )
    for resource in found:
        # The folder is here and has no such file, which only a look at it would show.
        assert missing_handler(resource) == ""
        assert unzipped_size(resource.inputs["code"]) == 0


@pytest.mark.parametrize("stack", ALL)
def test_the_plan_of_a_new_stack_is_reviewed(stack: str, tmp_path: Path) -> None:
    graph = graph_of(stack, known=False)
    plan = read_plan(writer.saved(writer.plan(graph, operation="create"), tmp_path / "plan.json"))
    assert {resource.urn for resource in plan.after} == {*graph.resources}
    assert not [resource for resource in plan.before if not resource.existing]
    # The account is not known, which some doubts name: it is in no input of a new stack.
    assert verdicts(plan.after) == verdicts(graph)


def verdicts(graph: Graph) -> list[tuple[str, ...]]:
    ways = trace(AwsModel(graph)).paths
    return sorted((way.kind.value, way.source, way.target, type(way.answer).__name__) for way in ways)
