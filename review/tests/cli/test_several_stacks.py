"""`python -m review` for several stacks: one report, and no stack that costs another its own."""

import json
from typing import Any

import pytest

from review.tests.cli.conftest import Reviewed, command
from review.tests.helpers.fixture_types import HEAD, Write

REGION = "config: {'aws:region': eu-west-1}"


@pytest.mark.slow
def test_all_stacks_come_in_order_from_processes_of_their_own_and_a_bad_one_hides_no_other(
    write_project: Write,
) -> None:
    program = "import pulumi\nif pulumi.get_stack() == 'dev':\n    pulumi.Config().require('x')"
    project = write_project(f"{program}\npulumi.export('stack', pulumi.get_stack())")
    (project.root / "Pulumi.good.yaml").write_text(REGION)
    (project.root / "Pulumi.torn.yaml").write_text("config: [")
    done = command("--format", "json", cwd=project.root)
    assert done.status == 2
    bad, good, torn = done.documents
    assert [one["stack"] for one in (bad, good, torn)] == ["dev", "good", "torn"]
    assert good["exports"][0]["text"] == "good"
    assert bad["error"].startswith("dev: Missing required configuration variable 'small:x'")
    assert bad["error"].splitlines()[0] in done.err
    assert "Pulumi.torn.yaml" in torn["error"]


@pytest.mark.parametrize(("form", "between"), [("text", "═" * 20), ("markdown", "\n---\n"), ("json", "{")])
def test_the_forms_of_several_stacks_are_joined_into_one(reviewed: Reviewed, form: str, between: str) -> None:
    done = reviewed("", "a", "b", "--format", form, stacks=dict.fromkeys("ab", REGION))
    out = done.out
    assert out.index("small") < out.index(between, out.index("small")) < out.rindex("small")
    assert form != "json" or [one["stack"] for one in done.documents] == ["a", "b"]


RECORD = (
    HEAD
    + """
record = pulumi.Config().get_object("record")
usual = {"zone_id": "Z1", "name": "a.example.com", "type": "A", "records": ["192.0.2.1"], "ttl": 60}
aws.route53.Record("r", **{**usual, **record})
"""
)
WEIGHTED = {"weighted_routing_policies": [{"weight": 1}]}
SAID = "both declare the record"


def config(record: Any) -> str:
    return json.dumps({"config": {"aws:region": "eu-west-1", "record": record}})


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({}, {"name": "A.example.com."}, True),
        ({}, {**WEIGHTED, "set_identifier": "b"}, True),
        ({**WEIGHTED, "set_identifier": "a"}, {**WEIGHTED, "set_identifier": "a"}, True),
        ({**WEIGHTED, "set_identifier": "a"}, {**WEIGHTED, "set_identifier": "b"}, False),
        ({}, {"zone_id": "Z2"}, False),
        ({}, {"name": "b.example.com"}, False),
        ({}, {"type": "AAAA", "records": ["2001:db8::1"]}, False),
        ({}, {"allow_overwrite": True}, False),
    ],
)
def test_two_stacks_that_declare_one_record_are_refused(
    reviewed: Reviewed, first: dict[str, Any], second: dict[str, Any], refused: bool
) -> None:
    done = reviewed(RECORD, config=config(first), stacks={"prod": config(second)})
    assert (done.status, SAID in done.err) == (2 if refused else 0, refused)


ZONES = {
    "made": ("aws.route53.Zone('z', name=f'{pulumi.get_stack()}.example.com').zone_id", False),
    "looked up": ("aws.route53.get_zone_output(name='example.com').zone_id", False),
    "of another stack": ("pulumi.StackReference(f'o/net/{pulumi.get_stack()}').get_output('zone')", False),
    "made, and a preview fails": ("aws.route53.Zone('z', name='a.example', comment=words()).zone_id", False),
    "looked up by its ID": ("aws.route53.get_zone(zone_id='Z1').zone_id", True),
    "adopted": ("aws.route53.Zone.get('z', 'Z1').id", True),
}


@pytest.mark.parametrize(("zone", "refused"), ZONES.values(), ids=ZONES)
def test_only_a_zone_whose_id_is_written_is_one_of_two_stacks(reviewed: Reviewed, zone: str, refused: bool) -> None:
    """The evaluation makes up all other IDs, and makes up the same in each stack."""
    fails = "async def words():\n    return 'y' * (1 // await aws.ec2.Vpc('v').id.is_known())\n"
    program = RECORD.replace('"Z1"', zone).replace("record =", f"{fails}record =")
    done = reviewed(program, config=config({}), stacks={"prod": config({})})
    assert (done.status, SAID in done.err) == (2 if refused else 0, refused)


def test_one_stack_that_did_not_evaluate_is_a_document(reviewed: Reviewed) -> None:
    done = reviewed("raise RuntimeError('<b>')", "./Pulumi.dev.yaml", "--format", "json")
    (document,) = done.documents
    assert (done.status, document["stack"], "RuntimeError: <b>" in document["error"]) == (2, "dev", True)
    assert "RuntimeError: <b>" in done.err


@pytest.mark.slow
def test_a_fault_of_the_review_costs_the_report_of_one_stack(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program may declare what nobody thought of, and so may write whatever it likes into the message."""

    def faulty(*_: Any) -> None:
        raise TypeError("\x1b[2J")

    monkeypatch.setattr("review.report.report.report", faulty)
    done = reviewed("", "dev", "--format", "json")
    assert (done.status, "in faulty" in done.err, "\x1b" in done.err) == (2, True, False)
    assert done.documents[0]["error"] == "dev: the review has a fault of its own (TypeError)"
