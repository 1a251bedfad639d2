"""Documents of AWS's own policies: known by their whole ARN, and made again from what IAM lists."""

import json

from review.aws.identity.managed_policies import is_known_to_call_no_function, resolve_document
from review.aws.identity.refresh import FILE, format_names, format_table

_LISTED = {
    "Small": {
        "Path": "/service-role/",
        "UpdateDate": "2026-09-30T01:02:03+00:00",
        "Document": {"Statement": {"Sid": "One", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
    },
    "Long": {
        "Path": "/",
        "UpdateDate": "2026-09-29T01:02:03+00:00",
        "Document": {"Statement": [{"Effect": "Allow", "Action": ["s3:*"] * 1_000, "Resource": "*"}]},
    },
    "Own": {"Path": "/aws-service-role/", "UpdateDate": "2026-09-29T01:02:03+00:00", "Document": {"Statement": []}},
}


def test_the_table_holds_what_a_program_may_attach_and_no_long_document() -> None:
    made = json.loads(format_table(_LISTED, "1"))
    assert made["newest"] == "2026-09-30"
    assert made["policies"] == {"service-role/Small": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def test_the_list_of_policies_without_calls_has_those_that_refuse_them() -> None:
    every = {"Statement": {"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}}
    caller = {"Path": "/", "UpdateDate": "2026-09-29T01:02:03+00:00", "Document": every}
    made = json.loads(format_names({**_LISTED, "Caller": caller}, "1"))
    assert made["policies"] == ["Long service-role/Small"]


def test_only_aws_own_policies_are_known_to_call_no_function() -> None:
    assert is_known_to_call_no_function("arn:aws:iam::aws:policy/ReadOnlyAccess")
    for other in ("arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::111122223333:policy/ReadOnlyAccess"):
        assert not is_known_to_call_no_function(other)


def test_a_policy_is_known_by_its_whole_arn() -> None:
    known = resolve_document("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    assert {"logs:CreateLogStream", "logs:PutLogEvents"} <= {*known["Statement"][0]["Action"]}
    for other in (
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
        "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::111122223333:policy/service-role/AWSLambdaBasicExecutionRole",
    ):
        assert resolve_document(other) == other


def test_each_line_of_the_file_is_one_policy() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert text.count("\n  ") == len(json.loads(text)["policies"])
