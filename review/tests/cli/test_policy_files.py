"""`gatehouse permissions` from outside: the files of a stack, and the words about them."""

import json
from pathlib import Path

import pytest

from review.cli.permissions import main
from review.tests.cli.conftest import Done, Reviewed
from review.tests.helpers.fixture_types import HEAD, Write

PROGRAM = f'{HEAD}aws.sns.Topic("jobs")\n'
UNKNOWN_TYPE = 'aws.s3.BucketMetric("visits", bucket="b")\n'


@pytest.fixture
def permitted(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], in_this_process: None
) -> Reviewed:
    """`permitted(program, "--folder", …)` writes a project and runs the command in its folder, for the stack dev."""

    def run(program: str, *arguments: str) -> Done:
        monkeypatch.chdir(write_project(program).root)
        return Done(main(["dev", *arguments], "gatehouse permissions"), *capsys.readouterr())

    return run


def test_the_policies_of_a_stack_are_files_in_place_of_those_of_an_earlier_run(
    permitted: Reviewed, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "policies"
    folder.mkdir(parents=True)
    for name in ("dev-up-2.json", "prod-up-2.json", "dev-up-notes.json"):
        (folder / name).write_text("{}")
    done = permitted(PROGRAM, "--folder", str(folder))
    made = {"dev-answers-1.json", "dev-preview-1.json", "dev-refresh-1.json", "dev-up-1.json"}
    assert {path.name for path in folder.iterdir()} == made | {"prod-up-2.json", "dev-up-notes.json"}
    assert "arn:aws:sns:eu-west-1:*:jobs-*" in (folder / "dev-up-1.json").read_text()
    assert json.loads((folder / "dev-preview-1.json").read_text())["Statement"] == [
        {"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]}
    ]
    assert (done.status, done.out.startswith("small · dev\n")) == (0, True)
    assert f"`pulumi up` and `pulumi destroy`  {folder / 'dev-up-1.json'}\n" in done.out
    assert "not included: the backend of the state" in done.out


def test_a_type_that_is_not_known_is_named_and_an_error_if_strict(permitted: Reviewed, tmp_path: Path) -> None:
    for strict, status in (((), 0), (("--strict",), 1)):
        done = permitted(PROGRAM + UNKNOWN_TYPE, "--folder", str(tmp_path / "policies"), *strict)
        named = "not known: aws:s3/bucketMetric:BucketMetric (visits)" in done.out
        assert (done.status, named) == (status, True)


def test_a_program_that_fails_has_no_policies(permitted: Reviewed, tmp_path: Path) -> None:
    done = permitted("raise ValueError('broken')", "--folder", str(tmp_path / "policies"))
    assert (done.status, "broken" in done.err, (tmp_path / "policies").exists()) == (2, True, False)
