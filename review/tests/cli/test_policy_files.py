"""`--permissions` from outside: the files of a stack, and the words about them."""

import json
from pathlib import Path

import pytest

from review.cli.command import main
from review.tests.fixtures import Write

pytestmark = pytest.mark.usefixtures("in_this_process")
PROGRAM = """\
import pulumi
import pulumi_aws as aws
aws.sns.Topic("jobs")
"""
UNKNOWN_TYPE = 'aws.s3.BucketMetric("visits", bucket="b")\n'


def test_the_policies_of_each_stack_are_files_of_their_own(
    write_project: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(PROGRAM, config="config: {'aws:region': eu-west-1}")
    folder = tmp_path / "new" / "policies"
    assert main(["dev", "--project", str(project.root), "--permissions", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "dev-preview-1.json",
        "dev-refresh-1.json",
        "dev-up-1.json",
    ]
    assert "arn:aws:sns:eu-west-1:*:jobs-*" in (folder / "dev-up-1.json").read_text()
    assert json.loads((folder / "dev-preview-1.json").read_text())["Statement"] == [
        {"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]}
    ]
    shown = capsys.readouterr().out
    assert shown.startswith("small · dev\n")
    assert f"`pulumi up` and `pulumi destroy`  {folder / 'dev-up-1.json'}\n" in shown
    assert "not included: the backend of the state" in shown


def test_files_of_an_earlier_run_go_and_all_others_stay(write_project: Write, tmp_path: Path) -> None:
    project = write_project(PROGRAM)
    for name in ("dev-up-2.json", "prod-up-2.json", "dev-up-notes.json"):
        (tmp_path / name).write_text("{}")
    assert main(["dev", "--project", str(project.root), "--permissions", str(tmp_path)]) == 0
    left = {path.name for path in tmp_path.glob("*.json")}
    assert left == {"dev-preview-1.json", "dev-refresh-1.json", "dev-up-1.json", "prod-up-2.json", "dev-up-notes.json"}


def test_a_type_that_is_not_known_is_named_and_an_error_if_strict(
    write_project: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(PROGRAM + UNKNOWN_TYPE)
    arguments = ["dev", "--project", str(project.root), "--permissions", str(tmp_path / "policies")]
    assert main(arguments) == 0
    named = "not known: aws:s3/bucketMetric:BucketMetric (visits)"
    assert named in capsys.readouterr().out
    assert main([*arguments, "--strict"]) == 1


def test_a_program_that_fails_has_no_policies(
    write_project: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project("raise ValueError('broken')")
    assert main(["dev", "--project", str(project.root), "--permissions", str(tmp_path / "policies")]) == 2
    assert "broken" in capsys.readouterr().err
    assert not (tmp_path / "policies").exists()
