"""What only a plan or a state knows: what is half done, real identifiers, and secrets, which no report shows."""

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import rpc

from review.compare.resources import Resources
from review.graph import UNKNOWN, Graph, Origin
from review.plan_files.plan import Plan, read_plan
from review.plan_files.states import build_graph as graph_of_states
from review.plan_files.update import find_planned_changes
from review.reach import trace
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stacks import VARIED, graph_of
from review.tests.plan_files import writer

JSON = dict[str, Any]


def graph(kind: str, name: str, **inputs: Any) -> Graph:
    build = Builder()
    build(kind, name, **inputs)
    return build.graph()


QUEUE = graph("sqs/queue:Queue", "one")


def planned(of: Graph) -> JSON:
    (resource,) = of
    return writer.resource(of, resource, plan=True)


ONE = planned(QUEUE)
URN = ONE["urn"]
BOTH: JSON = {"urn": URN, "oldState": ONE, "newState": ONE}


def read_deployed(document: JSON) -> Graph:
    return graph_of_states(document["deployment"]["resources"], Origin.STATE, {})


def with_last(**fields: Any) -> JSON:
    """A state whose queue has these fields."""
    document = writer.state(QUEUE)
    document["deployment"]["resources"][-1].update(fields)
    return document


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    def read(*steps: JSON) -> Plan:
        return read_plan(writer.saved({"steps": list(steps), "changeSummary": {}}, tmp_path / "plan.json"))

    return read


def resources(plan: Plan) -> Resources:
    return find_planned_changes(plan, plan.before, plan.after)


# What is half done


def test_what_is_still_to_be_deleted_stands_beside_its_replacement() -> None:
    old = {**writer.resource(QUEUE, next(iter(QUEUE))), "id": "https://old", "delete": True}
    found = read_deployed(writer.state(QUEUE, more=[old]))
    assert sorted(resource.name for resource in found) == ["one", "one (to be deleted, https://old)"]
    assert found.find("https://old") is not None
    assert any("still to be deleted" in note for note in found.notes)


def test_what_is_deleted_to_be_replaced_and_not_made_again_does_not_stand() -> None:
    found = read_deployed(with_last(pendingReplacement=True))
    assert list(found) == []
    assert any("not created again yet" in note for note in found.notes)
    # An update was interrupted between the creation and the removal of the old entry.
    old = {**writer.resource(QUEUE, next(iter(QUEUE))), "id": "https://old", "pendingReplacement": True}
    assert [resource.name for resource in read_deployed(writer.state(QUEUE, more=[old]))] == ["one"]


def test_failed_initializations_are_noted_without_their_text() -> None:
    notes = " ".join(read_deployed(with_last(initErrors=["a-word"])).notes)
    assert ("one: the initialization failed" in notes, "a-word" in notes) == (True, False)


def test_a_deletion_that_an_earlier_update_left_is_one_of_this_plan(plan: Any) -> None:
    left = {"op": "delete-replaced", "urn": URN, "oldState": {**ONE, "id": "https://old", "delete": True}}
    found = resources(plan(left, {"op": "same", **BOTH}))
    assert [resource.name for resource in found.removed] == ["one (to be deleted, https://old)"]


@pytest.mark.parametrize("mark", ["delete", "pendingReplacement"])
def test_what_this_plan_replaces_stands_once_and_has_a_reason(mark: str, plan: Any) -> None:
    marked = {"op": "delete-replaced", "urn": URN, "oldState": {**ONE, mark: True}}
    given = plan(marked, {"op": "replace", **BOTH}, {"op": "create-replacement", **BOTH})
    assert [each.name for each in given.before] == ["one"]
    (replaced,) = (found := resources(given)).changes
    assert (replaced.replacing, found.removed) == (("its dependencies, or the command line",), [])


def test_a_replacement_that_an_earlier_update_began_is_finished(plan: Any) -> None:
    left = {"op": "remove-pending-replace", "urn": URN, "oldState": {**ONE, "pendingReplacement": True}}
    given = plan(left, {"op": "create-replacement", "urn": URN, "newState": ONE})
    assert (given.replaced, [*given.before]) == (frozenset(), [])


@pytest.mark.parametrize("first", ["create-replacement", "delete-replaced"])
@pytest.mark.parametrize("retained", [False, True])
def test_what_is_replaced_under_another_name_is_not_also_deleted(first: str, retained: bool, plan: Any) -> None:
    """The engine deletes it under the name that it had, which an alias of the new one has."""
    old = {**planned(graph("sqs/queue:Queue", "worker")), "retainOnDelete": retained}
    new = planned(graph("sqs/queue:Queue", "jobs"))
    deleting = {"op": "delete-replaced", "urn": old["urn"], "oldState": {**old, "delete": True}}
    making = {"op": "create-replacement", "urn": new["urn"], "oldState": old, "newState": {**new, "outputs": {}}}
    whole = {**making, "op": "replace", "replaceReasons": ["name"], "diffReasons": ["name"]}
    found = resources(plan(*((making, whole, deleting) if first == making["op"] else (deleting, whole, making))))
    assert [change.new.name for change in found.changes if change.replacing] == ["jobs"]
    assert (found.removed, found.added) == ([], [])


# Steps


@pytest.mark.parametrize(
    ("step", "added"),
    [
        ({"op": "create", "oldState": None, "newState": ONE, "diffReasons": None}, ["one"]),
        ({"op": "import", "newState": ONE}, ["one"]),
        ({"op": "same", "oldState": ONE, "newState": ONE}, []),
    ],
)
def test_a_step_that_changes_nothing_has_its_resource_on_both_sides(step: JSON, added: list[str], plan: Any) -> None:
    found = resources(plan({"urn": URN, **step}))
    assert ([each.name for each in found.added], found.changes) == (added, [])
    assert [(old.name, new.name) for old, new in found.pairs] == [("one", "one")] * (not added)


def test_an_input_that_the_program_left_out_before_has_the_value_of_aws(plan: Any) -> None:
    old = {**ONE, "outputs": {**ONE["outputs"], "visibilityTimeoutSeconds": 30}}
    new = {**ONE, "inputs": {**ONE.get("inputs", {}), "visibilityTimeoutSeconds": 60}}
    differs = {"visibilityTimeoutSeconds": {"kind": "add"}}
    step = {"op": "update", "urn": URN, "oldState": old, "newState": new, "detailedDiff": differs}
    (changed,) = resources(plan(step)).changes
    assert changed.inputs == (("visibilityTimeoutSeconds", 30, 60),)


def test_an_update_keeps_what_is_ignored(plan: Any) -> None:
    """A group that Auto Scaling moves does not lose its size because the program ignores it."""
    old = planned(graph("autoscaling/group:Group", "fleet", minSize=2, maxSize=4)) | {
        "ignoreChanges": ["desiredCapacity"]
    }
    old["outputs"] = {**old["outputs"], "desiredCapacity": 3}
    new = {**old, "inputs": {**old["inputs"], "maxSize": 6}, "outputs": {}}
    given = plan({"op": "update", "urn": old["urn"], "oldState": old, "newState": new, "diffReasons": ["maxSize"]})
    assert [part.name for change in resources(given).changes for part in change.inputs] == ["maxSize"]
    assert [group.inputs["desiredCapacity"] for group in given.after] == [3]


def test_an_update_in_place_keeps_the_private_address_of_an_instance(plan: Any) -> None:
    old = planned(graph("ec2/instance:Instance", "web", ami="ami-1"))
    old["outputs"] |= {"privateIp": "10.0.0.4", "publicIp": "203.0.113.4"}
    step = {"op": "update", "urn": old["urn"], "oldState": old, "newState": {**old, "outputs": None}}
    (found,) = plan(step).after
    # AWS gives another public address after a stop.
    assert (found.state["privateIp"], "publicIp" in found.state) == ("10.0.0.4", False)


def test_a_step_without_its_inputs_is_named(plan: Any) -> None:
    notes = plan({"op": "create", "urn": URN}).after.notes
    assert any(note.startswith("one: the plan does not contain the inputs") for note in notes)


# Values


def test_region_and_account_are_those_of_the_stack() -> None:
    document = writer.state(QUEUE)
    states = document["deployment"]["resources"]
    head = states[0]["urn"].partition("pulumi:pulumi:Stack")[0]
    other_provider = {
        "urn": f"{head}pulumi:providers:aws::other",
        "custom": True,
        "type": "pulumi:providers:aws",
        "id": "1",
    }
    states.insert(1, {**other_provider, "inputs": {"region": "ap-south-1", "allowedAccountIds": '["222222222222"]'}})
    read = {"urn": f"{head}aws:sns/topic:Topic::read", "custom": True, "type": "aws:sns/topic:Topic", "external": True}
    states.insert(2, {**read, "provider": states[-1]["provider"], "id": "t"})
    states[2]["outputs"] = {"arn": "arn:aws:sns:eu-west-1:999999999999:t"}
    states[-1]["outputs"] = {"arn": "arn:aws:sqs:eu-west-1:111111111111:one"}
    found = read_deployed(document)
    assert (found.region, found.account) == (QUEUE.region, "111111111111")


def test_an_id_that_the_program_wrote_out_names_the_resource_of_the_state() -> None:
    document = writer.state(graph("ec2/securityGroup:SecurityGroup", "group", vpcId="vpc-1"))
    document["deployment"]["resources"][-1]["id"] = "sg-0123456789abcdef0"
    hit = read_deployed(document).find("sg-0123456789abcdef0")
    assert hit is not None
    assert hit.name == "group"


def test_a_secret_is_unknown_whether_or_not_the_state_shows_it() -> None:
    for given in ({"plaintext": json.dumps("a-word")}, {"ciphertext": "v1:x"}):
        document = with_last(inputs={"policy": {rpc._special_sig_key: rpc._special_secret_sig, **given}})
        assert next(iter(read_deployed(document))).inputs["policy"].value is UNKNOWN


@pytest.mark.parametrize("stack", VARIED)
def test_the_plan_of_a_new_stack_is_reviewed(stack: str, tmp_path: Path) -> None:
    of = graph_of(stack, known=False)
    plan = read_plan(writer.saved(writer.plan(of, operation="create"), tmp_path / "plan.json"))
    assert {resource.urn for resource in plan.after} == {*of.resources}
    assert not [resource for resource in plan.before if not resource.existing]
    # The account is not known, which some doubts name: it is in no input of a new stack.
    assert verdicts(plan.after) == verdicts(writer.without_secrets(of))


def verdicts(of: Graph) -> list[tuple[str | bool, ...]]:
    ways = trace(of).paths
    return sorted((way.kind.value, way.source, way.target, way.open, bool(way.doubts)) for way in ways)
