"""Secrets that callers show are compared, and the first screen never shows them."""

import pytest

from review.graph import Secret
from review.report.render.verdict import banner
from review.tests.compare.pairs import balanced
from review.tests.compare.test_pairs import SAME, report_of
from review.tests.graph_builder import Declare
from review.tests.updates import said


def with_header(value: str) -> Declare:
    return balanced(conditions=[{"httpHeader": {"httpHeaderName": "X-Key", "values": [Secret(value)]}}])


def signed_in(secret: object) -> Declare:
    asked = {"issuer": "https://i.example", "clientId": "c", "clientSecret": secret}
    return balanced(defaultActions=[{"type": "authenticate-oidc", "authenticateOidc": asked}])


PAIRS = {
    "a header of a listener's rule": (with_header("hunter1"), with_header("hunter2")),
    "the client of a sign-in": (signed_in(Secret("hunter1")), signed_in(Secret("hunter2"))),
    "the client of a sign-in that the program does not mark": (signed_in("hunter1"), signed_in("hunter2")),
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_secret_that_callers_show(name: str) -> None:
    report = report_of(*PAIRS[name])
    sentence = said(report)["callers"]
    assert "hunter" not in f"{sentence} {banner(report)}"
    assert sentence != SAME
