"""`--permissions` from outside: the files of a stack, and the words about them."""

import json
from pathlib import Path

from review.tests.cli.conftest import Reviewed
from review.tests.helpers.fixture_types import HEAD

PROGRAM = f'{HEAD}aws.sns.Topic("jobs")\n'
UNKNOWN_TYPE = 'aws.s3.BucketMetric("visits", bucket="b")\n'


def test_the_policies_of_a_stack_are_files_in_place_of_those_of_an_earlier_run(
    reviewed: Reviewed, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "policies"
    folder.mkdir(parents=True)
    for name in ("dev-up-2.json", "prod-up-2.json", "dev-up-notes.json"):
        (folder / name).write_text("{}")
    done = reviewed(PROGRAM, "dev", "--permissions", str(folder))
    made = {"dev-answers-1.json", "dev-preview-1.json", "dev-refresh-1.json", "dev-up-1.json"}
    assert {path.name for path in folder.iterdir()} == made | {"prod-up-2.json", "dev-up-notes.json"}
    assert "arn:aws:sns:eu-west-1:*:jobs-*" in (folder / "dev-up-1.json").read_text()
    assert json.loads((folder / "dev-preview-1.json").read_text())["Statement"] == [
        {"Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]}
    ]
    assert (done.status, done.out.startswith("small · dev\n")) == (0, True)
    assert f"`pulumi up` and `pulumi destroy`  {folder / 'dev-up-1.json'}\n" in done.out
    assert "not included: the backend of the state" in done.out


def test_a_type_that_is_not_known_is_named_and_an_error_if_strict(reviewed: Reviewed, tmp_path: Path) -> None:
    for strict, status in (((), 0), (("--strict",), 1)):
        done = reviewed(PROGRAM + UNKNOWN_TYPE, "dev", "--permissions", str(tmp_path / "policies"), *strict)
        named = "not known: aws:s3/bucketMetric:BucketMetric (visits)" in done.out
        assert (done.status, named) == (status, True)


def test_a_program_that_fails_has_no_policies(reviewed: Reviewed, tmp_path: Path) -> None:
    done = reviewed("raise ValueError('broken')", "dev", "--permissions", str(tmp_path / "policies"))
    assert (done.status, "broken" in done.err, (tmp_path / "policies").exists()) == (2, True, False)
