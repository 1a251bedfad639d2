"""`python -m review` for several stacks: one report, and no stack that costs another its own."""

import json
from typing import Any

import jsonschema
import pytest

from review.cli.command import main
from review.tests.cli.test_command import ROOT, command
from review.tests.fixtures import HEAD, Write

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.mark.slow
def test_all_stacks_come_in_order_from_processes_of_their_own(write_project: Write) -> None:
    project = write_project("import pulumi\npulumi.export('stack', pulumi.get_stack())", config="config: {}")
    for name in ("a", "b"):
        (project.root / f"Pulumi.{name}.yaml").write_text("config: {'aws:region': eu-west-1}")
    done = command("--format", "json", cwd=project.root)
    assert done.returncode == 0, done.stderr
    documents = json.loads(done.stdout)
    assert [document["stack"] for document in documents] == ["a", "b", "dev"]
    assert [document["exports"][0]["text"] for document in documents] == ["a", "b", "dev"]
    schema = json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text())
    for document in documents:
        jsonschema.validate(document, schema)


@pytest.mark.parametrize(("form", "between"), [("text", "═" * 20), ("markdown", "\n---\n"), ("json", "{")])
def test_the_forms_of_several_stacks_are_joined_into_one(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str, between: str
) -> None:
    project = write_project()
    monkeypatch.chdir(project.root)
    for name in ("a", "b"):
        (project.root / f"Pulumi.{name}.yaml").write_text("config: {'aws:region': eu-west-1}")
    assert main(["a", "b", "--format", form]) == 0
    out = capsys.readouterr().out
    assert out.index("small") < out.index(between, out.index("small")) < out.rindex("small")
    if form == "json":
        assert [one["stack"] for one in json.loads(out)] == ["a", "b"]


@pytest.mark.slow
def test_one_bad_stack_of_several_does_not_hide_the_others(write_project: Write) -> None:
    project = write_project("import pulumi\npulumi.Config().require('x')")
    (project.root / "Pulumi.good.yaml").write_text("config: {x: y, 'aws:region': eu-west-1}")
    done = command(cwd=project.root)
    assert done.returncode == 2
    assert "dev: Missing required configuration variable 'small:x'" in done.stderr
    assert "small · good" in done.stdout


RECORD = (
    HEAD
    + """
record = pulumi.Config().get_object("record")
usual = {"zone_id": "Z1", "name": "a.example.com", "type": "A", "records": ["192.0.2.1"], "ttl": 60}
aws.route53.Record("r", **{**usual, **record})
"""
)


WEIGHTED = {"weighted_routing_policies": [{"weight": 1}]}


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({}, {}, True),
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
    write_project: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    first: dict[str, Any],
    second: dict[str, Any],
    refused: bool,
) -> None:
    files = {
        name: json.dumps({"config": {"aws:region": "eu-west-1", "record": one}})
        for name, one in (("dev", first), ("prod", second))
    }
    project = write_project(RECORD, config=files["dev"])
    (project.root / "Pulumi.prod.yaml").write_text(files["prod"])
    monkeypatch.chdir(project.root)
    assert main([]) == (2 if refused else 0)
    said = "dev and prod: both declare the record A a.example.com in zone Z1" in capsys.readouterr().err
    assert said == refused


ZONES = {
    "made": ("aws.route53.Zone('z', name=f'{pulumi.get_stack()}.example.com').zone_id", False),
    "looked up": ("aws.route53.get_zone_output(name='example.com').zone_id", False),
    "of another stack": ("pulumi.StackReference(f'o/net/{pulumi.get_stack()}').get_output('zone')", False),
    "made, and a preview fails": ("aws.route53.Zone('z', name='a.example', comment=words()).zone_id", False),
    "looked up by its ID": ("aws.route53.get_zone(zone_id='Z1').zone_id", True),
    "adopted": ("aws.route53.Zone.get('z', 'Z1').id", True),
}


@pytest.mark.parametrize(("zone", "refused"), ZONES.values(), ids=ZONES)
def test_only_a_zone_whose_id_is_written_is_one_of_two_stacks(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], zone: str, refused: bool
) -> None:
    """The evaluation makes up all other IDs, and makes up the same in each stack."""
    fails = "async def words():\n    return 'y' * (1 // await aws.ec2.Vpc('v').id.is_known())\n"
    written = RECORD.replace('"Z1"', zone).replace("record =", f"{fails}record =")
    project = write_project(written, config="config: {'aws:region': eu-west-1, record: {}}")
    (project.root / "Pulumi.prod.yaml").write_text("config: {'aws:region': eu-west-1, record: {}}")
    monkeypatch.chdir(project.root)
    assert main([]) == (2 if refused else 0)
    assert ("both declare the record" in capsys.readouterr().err) == refused


@pytest.mark.slow
def test_json_and_page_have_a_stack_that_did_not_evaluate(
    write_project: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project("import pulumi\nif pulumi.get_stack() == 'dev':\n    pulumi.Config().require('x')")
    (project.root / "Pulumi.good.yaml").write_text("config: {'aws:region': eu-west-1}")
    (project.root / "Pulumi.torn.yaml").write_text("config: [")
    done = command("--format", "json", cwd=project.root)
    assert done.returncode == 2
    documents = json.loads(done.stdout)
    schema = json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text())
    for document in documents:
        jsonschema.validate(document, schema)
    assert [(one["stack"], "error" in one) for one in documents] == [("dev", True), ("good", False), ("torn", True)]
    assert documents[0]["error"].splitlines()[0] in done.stderr
    assert "Pulumi.torn.yaml" in documents[2]["error"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({key: one for key, one in documents[1].items() if key != "cost"}, schema)


def test_one_stack_that_did_not_evaluate_is_a_document(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_project("raise RuntimeError('<b>')").root
    monkeypatch.chdir(root)
    assert main(["./Pulumi.dev.yaml", "--format", "json"]) == 2
    printed = capsys.readouterr()
    assert "RuntimeError: <b>" in printed.err
    assert json.loads(printed.out)["stack"] == "dev"
    assert "RuntimeError: <b>" in json.loads(printed.out)["error"]


@pytest.mark.slow
def test_a_fault_of_the_review_costs_the_report_of_one_stack(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program may declare what nobody thought of, and so may write whatever it likes into the message."""
    monkeypatch.chdir(write_project().root)

    def faulty(*_: Any) -> None:
        raise TypeError("\x1b[2J")

    monkeypatch.setattr("review.report.report.report", faulty)
    assert main(["dev", "--format", "json"]) == 2
    output, errors = capsys.readouterr()
    assert json.loads(output)["error"] == "dev: the review has a fault of its own (TypeError)"
    assert "in faulty" in errors
    assert "\x1b" not in errors


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "end", "reason"),
    [
        ("markdown", "os._exit(0)", "the program ended its process with status 0 before its run was complete"),
        ("json", "os.kill(os.getpid(), signal.SIGKILL)", "the signal SIGKILL ended the program's process"),
    ],
)
def test_one_stack_whose_program_ends_its_process_has_not_passed(
    write_project: Write, form: str, end: str, reason: str
) -> None:
    done = command("dev", "--format", form, cwd=write_project(f"import os, signal\n{end}").root)
    assert (done.returncode, done.stderr) == (2, done.stderr)
    assert done.stderr.startswith(f"dev: {reason}")
    if form == "json":
        assert (json.loads(done.stdout)["stack"], json.loads(done.stdout)["error"]) == ("dev", done.stderr.strip())
    else:
        assert done.stdout == ""
