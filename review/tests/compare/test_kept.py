"""Values that AWS keeps although the program wants others: what is said of them, and what is not shown."""

from pathlib import Path
from typing import Any

import pytest

from review.compare.engine.after_update import after_update
from review.compare.engine.side import Evaluated
from review.compare.engine.update import simulated
from review.graph import Graph, Options, Secret
from review.tests.graph_builder import Builder
from review.tests.updates import updated

HIDDEN = "a-value-that-nobody-may-read"


def key(options: Options | None = None, **inputs: Any) -> Graph:
    build = Builder()
    build("apigateway/apiKey:ApiKey", "key", options=options, **inputs)
    return build.graph()


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (key(), "key: value is left out and keeps its value, [secret]; write the value that is wanted"),
        (
            key(Options(ignore_changes=("value",)), value=Secret("another")),
            "key: value is ignored now and keeps its value, [secret]; use `pulumi up --replace`",
        ),
    ],
)
def test_a_secret_that_keeps_its_value_is_not_shown(after: Graph, said: str) -> None:
    assert updated(key(value=Secret(HIDDEN)), after).kept == (said,)


def test_a_part_of_a_secret_that_keeps_its_value_is_not_shown() -> None:
    def function(variable: str, options: Options | None = None) -> Graph:
        build = Builder()
        environment = Secret({"variables": {"KEY": variable}})
        build("lambda/function:Function", "function", options=options, environment=environment)
        return build.graph()

    ignoring = Options(ignore_changes=("environment.variables.KEY",))
    changes = updated(function(HIDDEN), function("another", ignoring))
    assert changes.kept
    assert HIDDEN not in str(changes.kept)


def test_nothing_changes_in_a_resource_of_which_everything_is_ignored() -> None:
    changes = updated(key(description="a"), key(Options(ignore_changes=("*",)), description="b"))
    assert changes.changed == ()
    assert "keeps its value" in changes.kept[0]


def topic(options: Options | None = None, **inputs: Any) -> Graph:
    build = Builder()
    build("sns/topic:Topic", "topic", options=options, **inputs)
    return build.graph()


def test_a_retained_resource_that_is_replaced_stays_beside_the_new_one() -> None:
    before, wanted = topic(Options(retain_on_delete=True), fifoTopic=False), topic(fifoTopic=True)
    update = simulated(Evaluated(before, Path()), Evaluated(wanted, Path()))
    assert update.renewed
    names = [urn.partition("#")[2] for urn in after_update(before, wanted, update).graph.resources]
    assert (sorted(names), str(update.order[-1])) == (["", "retained"], "leave in AWS topic")


@pytest.mark.parametrize(("retains", "stays"), [(True, True), (False, False)])
def test_a_protected_resource_stops_the_update_if_it_would_be_deleted(retains: bool, stays: bool) -> None:
    before = topic(Options(protect=True, retain_on_delete=retains))
    wanted = key()
    update = simulated(Evaluated(before, Path()), Evaluated(wanted, Path()))
    assert ("key" in [resource.name for resource in after_update(before, wanted, update).graph]) == stays


def test_what_stays_has_the_outputs_and_the_dependencies_of_the_old_value() -> None:
    def subnet(name: str, options: Options | None = None) -> Graph:
        build = Builder()
        groups = {each: build("ec2/securityGroup:SecurityGroup", each) for each in ("one", "other")}
        ids = [groups[name].id]
        build("ec2/instance:Instance", "machine", options=options, vpcSecurityGroupIds=ids)
        return build.graph()

    before, wanted = subnet("one"), subnet("other", Options(ignore_changes=("vpcSecurityGroupIds",)))
    update = simulated(Evaluated(before, Path()), Evaluated(wanted, Path()))
    (machine,) = after_update(before, wanted, update).graph.of_type("aws:ec2/instance:Instance")
    (old,) = before.of_type("aws:ec2/instance:Instance")
    assert machine.state["vpcSecurityGroupIds"] == old.state["vpcSecurityGroupIds"]
    assert machine.property_dependencies["vpcSecurityGroupIds"] == old.property_dependencies["vpcSecurityGroupIds"]
