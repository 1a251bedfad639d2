"""`python -m review` from outside: what it prints, where, and with which exit status."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema  # type: ignore[import-untyped] # it ships no types
import pytest

from review.command import main
from review.project_file import Project

Write = Callable[..., Project]
ROOT = Path(__file__).resolve().parents[2]
HEAD = "import pulumi\nimport pulumi_aws as aws\n"
OPEN = "aws.ec2.Instance('open', ami='a', instance_type='t4g.nano', metadata_options={'http_tokens': 'optional'})"


def command(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "review", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def test_one_stack_by_name_in_the_project_around_the_working_directory(write_project: Write) -> None:
    project = write_project(HEAD + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')")
    (project.root / "deeper").mkdir()
    done = command("dev", cwd=project.root / "deeper")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("small · dev · eu-west-1")
    assert "\x1b[" not in done.stdout


def test_colour_where_it_is_asked_for(write_project: Write) -> None:
    done = command("dev", "--color", "always", cwd=write_project(HEAD).root)
    assert "\x1b[" in done.stdout


def test_all_stacks_come_in_order_from_processes_of_their_own(write_project: Write) -> None:
    project = write_project(HEAD + "pulumi.export('stack', pulumi.get_stack())", config="config: {}")
    for name in ("a", "b"):
        (project.root / f"Pulumi.{name}.yaml").write_text("config: {'aws:region': eu-west-1}")
    done = command("--format", "json", cwd=project.root)
    assert done.returncode == 0, done.stderr
    documents = json.loads(done.stdout)
    assert [document["stack"] for document in documents] == ["a", "b", "dev"]
    schema = json.loads((ROOT / "docs" / "review.schema.json").read_text())
    for document in documents:
        jsonschema.validate(document, schema)
    text = command("a", "b", cwd=project.root).stdout
    assert text.index("small · a") < text.index("═══") < text.index("small · b")
    page = command("a", "b", "--format", "html", cwd=project.root).stdout
    assert page.count("<!doctype html>") == 1
    assert page.count('class="stack"') == 2
    assert command("a", "b", "--format", "markdown", cwd=project.root).stdout.count("## small") == 2


def test_a_failing_rule_matters_only_when_strict(write_project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_project(HEAD + OPEN).root)
    assert main(["dev"]) == 0
    assert main(["dev", "--strict"]) == 1


@pytest.mark.parametrize(
    ("program", "arguments", "said"),
    [
        ("raise pulumi.RunError('not like this')", ["dev"], "dev: not like this\n"),
        ("1 / 0", ["dev"], "dev: ZeroDivisionError: division by zero\n  at __main__.py:3, in <module>: 1 / 0\n"),
        ("", ["prod"], "no stack of that name; known: dev"),
        ("", ["dev", "--usage", "request=1"], "did you mean 'requests'"),
        ("", ["dev", "--against", "nothing"], "no stack, folder or git revision of that name"),
        ("", ["--project", "nowhere"], "there is no Pulumi.yaml here"),
    ],
)
def test_faults_end_with_2_and_their_own_message(
    write_project: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: str,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(write_project(HEAD + program).root)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "Traceback" not in printed.err


def test_one_bad_stack_of_several_does_not_hide_the_others(write_project: Write) -> None:
    project = write_project(HEAD + "pulumi.Config().require('x')")
    (project.root / "Pulumi.good.yaml").write_text("config: {x: y, 'aws:region': eu-west-1}")
    done = command(cwd=project.root)
    assert done.returncode == 2
    assert "dev: Missing required configuration variable 'small:x'" in done.stderr
    assert "small · good" in done.stdout


def test_what_the_program_prints_goes_to_standard_error(write_project: Write) -> None:
    done = command("dev", "--format", "json", cwd=write_project(HEAD + "print('noise')").root)
    assert "noise" in done.stderr
    assert json.loads(done.stdout)["stack"] == "dev"


def test_against_a_stack(write_project: Write) -> None:
    project = write_project(HEAD + "if pulumi.get_stack() == 'b':\n    aws.sns.Topic('t')")
    (project.root / "Pulumi.b.yaml").write_text("config: {'aws:region': eu-west-1}")
    found = json.loads(command("b", "--against", "dev", "--format", "json", cwd=project.root).stdout)
    jsonschema.validate(found, json.loads((ROOT / "docs" / "review.schema.json").read_text()))
    assert [urn.split("::")[-1] for urn in found["changes"]["added"]] == ["t"]
    text = command("b", "--against", "dev", cwd=project.root).stdout
    assert "WHAT CHANGES   1 added" in text


def test_help_says_what_it_is_and_is_not() -> None:
    said = " ".join(command("--help").stdout.split())
    assert "nothing is asked of AWS" in said
    assert "exit status: 0, 1 if --strict finds a rule that fails, 2" in said
