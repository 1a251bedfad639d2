"""Wildcards of policies fit what they fit in `re`, in time that their lengths bound."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.aws.identity import wildcards
from review.aws.identity.iam import Decision, match_glob
from review.tests.aws.test_iam import API, ask, invoke, policy

LETTERS = "a" * 7_000


@pytest.mark.parametrize(
    ("expression", "value", "fits"),
    [
        ("[^:]*a" * 9_000, LETTERS, False),
        ("[^:]*a" * 6_000 + ".*b", LETTERS + "b", True),
        (".*a.*b", LETTERS * 9, False),
        (".*" + "a" * 15_000 + "b", LETTERS * 9, False),
        (".*", LETTERS * 10, None),
        (".*a" * 90_000, LETTERS, None),
    ],
)
def test_wildcards_take_no_longer_than_a_policy_is_long(expression: str, value: str, fits: bool | None) -> None:
    """An authorizer's answer and a resource policy are the author's, and a request waits for them."""
    assert wildcards.match_expression(expression, value, re.DOTALL) is fits


def test_a_long_policy_is_read_at_once() -> None:
    stars = "arn:aws:iam::1:role/" + "*a" * 20_000
    assert ask(policy(invoke(condition={"ArnLike": {"x:y": stars}})), **{"x:y": API}) is Decision.SILENT
    assert ask(policy(invoke(condition={"StringLike": {"x:y": "*"}})), **{"x:y": LETTERS * 10}) is Decision.UNKNOWN
    values = policy(invoke(condition={"StringEquals": {"x:y": "${x:y}" * 500}}))
    assert ask(values, **{"x:y": LETTERS}) is Decision.UNKNOWN
    assert match_glob("*" + "a" * 15_000 + "b", LETTERS * 9) is False


PIECES = st.sampled_from(["a", "b", ":", ".*", "[^:]*", ".", "[^:]", r"\*", r"\.", "ſ", "\\\n"])


@given(st.lists(PIECES, max_size=9), st.text("ab:*.AsS\n", max_size=9), st.sampled_from([re.DOTALL, re.DOTALL | re.I]))
def test_many_wildcards_fit_as_few_do(pieces: list[str], value: str, flags: re.RegexFlag) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wildcards, "_FEW", (-1, 0, 0))
        fits = wildcards.match_expression("".join(pieces), value, flags)
    assert fits is (re.fullmatch("".join(pieces), value, flags) is not None)
