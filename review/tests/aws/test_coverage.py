"""How much a policy or a list of ranges covers, however it is written."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.aws.network.coverage import covers_all, covers_verb, restricts_requests
from review.graph.addresses import (
    count_public_addresses,
    covers,
    is_internet_wide,
    parse_network,
    share,
    split_internet,
)

NOTHING = """
* arn:aws:s3:::* arn:aws:s3:::*/* arn:*:s3:::* arn:aws:secretsmanager:*:*:secret:* arn:aws:logs:*:*:* arn:*
arn:aws:dynamodb:eu-west-1:123456789012:table/* arn:aws:iam::*:role/*
"""
SOMETHING = """
arn:aws:s3:::mine/* arn:aws:s3:::mine-* arn:aws:execute-api:eu-west-1:123456789012:abcdef/* arn:aws:iam::1:role/task
arn:aws:logs:*:*:log-group:/aws/lambda/mine:* arn:aws:secretsmanager:*:*:secret:mine-*
"""
VERBS = "* s3:* s3* s3:Get* s3:?* dynamodb:Put* ec2:**"
ACTIONS = "s3:GetObject s3:GetObject* ecr:BatchGetImage lambda:InvokeFunction"


@pytest.mark.parametrize("arn", [*NOTHING.split(), *SOMETHING.split(), ""])
def test_arns_that_name_nothing(arn: str) -> None:
    assert covers_all(arn) is (arn in NOTHING.split())


@pytest.mark.parametrize("action", [*VERBS.split(), *ACTIONS.split()])
def test_actions_that_cover_a_verb(action: str) -> None:
    assert covers_verb(action) is (action in VERBS.split())


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        # Of a service that the action is not of: no request to it carries the key.
        ("NumericLessThan", "s3:max-keys", "10", True),
        ("Bool", "s3:anything", "true", True),
        ("DateLessThan", "s3:anything", "2030-01-01", True),
        ("NumericLessThanIfExists", "s3:max-keys", "10", False),
        ("StringNotEquals", "s3:prefix", "a", False),
        ("ForAnyValue:StringNotEquals", "s3:prefix", "a", True),
        ("ForAllValues:StringEquals", "s3:prefix", "a", False),
        ("Null", "s3:prefix", "true", False),
        ("Null", "s3:prefix", "false", True),
        # Of the service itself, of every request, or of requests with a role's credentials: callers choose.
        ("NumericLessThan", "sqs:anything", "10", False),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "10", False),
        ("ArnLike", "ec2:SourceInstanceArn", "arn:aws:ec2:*", False),
    ],
)
def test_keys_that_are_never_sent(operator: str, key: str, value: str, expected: bool) -> None:
    condition = {operator: {key: value}}
    assert restricts_requests(condition, ["sqs:SendMessage", "SQS:ReceiveMessage"]) is expected
    assert not restricts_requests(condition, ["sqs:SendMessage", "s3express:CreateSession"])
    assert not restricts_requests(condition)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, False),
        ({}, False),
        ({"StringLike": {"aws:SourceArn": "*"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["0.0.0.0/0"]}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceAccount": "1"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringLike": {"aws:SourceArn": "*", "aws:PrincipalOrgID": "o-1"}}, True),
    ],
)
def test_conditions_that_bind(condition: object, expected: bool) -> None:
    assert restricts_requests(condition) is expected


WIDE = [
    ["0.0.0.0/0"],
    ["0.0.0.0/1", "128.0.0.0/1"],
    ["64.0.0.0/2"],
    [f"{first}.0.0.0/8" for first in range(11, 100)],
    [f"54.{second}.0.0/16" for second in range(256)],
    ["::/0"],
    ["2000::/3"],
    ["2600::/12"],
]
NARROW = [[], ["10.0.0.0/8"], ["203.0.113.0/24"], ["192.30.252.0/22"], ["2606:50c0::/32"]]


@pytest.mark.parametrize("ranges", [*WIDE, *NARROW])
def test_ranges_that_are_the_internet(ranges: list[str]) -> None:
    assert is_internet_wide(ranges) is (ranges in WIDE)


networks = st.builds(
    lambda address, size: str(ipaddress.ip_network((address, size), strict=False)),
    st.integers(0, 2**32 - 1),
    st.integers(1, 32),
)


@given(ranges=st.lists(networks, max_size=6), address=st.integers(0, 2**32 - 1))
def test_a_part_of_the_internet_answers_as_its_first_address(ranges: list[str], address: int) -> None:
    parts = list(split_internet(ranges, 4))
    assert sum(size for _, size in parts) == count_public_addresses(["0.0.0.0/0"], 4)
    admitted = sum(size for first, size in parts if any(covers(range_, first) for range_ in ranges))
    assert admitted == count_public_addresses(ranges, 4)


@given(ranges=st.lists(networks, max_size=6), whole=networks)
def test_a_share_is_that_of_the_union(ranges: list[str], whole: str) -> None:
    found = share(ranges, whole)
    assert 0.0 <= found <= 1.0
    if any(covers(range_, whole) for range_ in ranges):
        assert found == 1.0
    of = parse_network(whole)
    assert of is not None
    assert share([str(half) for half in of.subnets()] if of.prefixlen < of.max_prefixlen else [whole], whole) == 1.0
