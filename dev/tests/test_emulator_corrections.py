"""Answers of the local gateway that a comparison with an emulator has corrected."""

from collections.abc import Iterator

import pytest

from review.serve.testing import Served, served
from tests.helpers import plain_http
from tests.helpers.stacks import ROOT

PROGRAM = ROOT / "dev" / "tests" / "emulator_program"
pytestmark = pytest.mark.xdist_group("serve")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Served]:
    with served("dev", project=PROGRAM) as found:
        yield found


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        ('{"a": 1}', 200, None),
        ('{"a": "1"}', 400, "Invalid request body"),
        ("no json", 400, "Invalid request body"),
    ],
)
def test_a_body_is_validated(stack: Served, content: str, status: int, message: str | None) -> None:
    answer = plain_http.post(f"{stack.url('rest')}/live/checked", content=content, headers=JSON)
    assert (answer.status_code, answer.json().get("message")) == (status, message)


@pytest.mark.parametrize(
    ("answer", "rest", "web"),
    [
        ("created", 201, 201),
        ("status-as-text", 202, 202),
        # A REST API takes no field that it does not know.
        ("mapping", 502, 200),
        ("cookies", 502, 200),
        ("text", 502, 200),
        ("bad-status", 502, 500),
        ("body-is-no-text", 502, 200),
        ("raise", 502, 500),
    ],
)
def test_results_of_functions(stack: Served, answer: str, rest: int, web: int) -> None:
    paths = (stack.url("rest") + "/live/echo", stack.url("web") + "/echo")
    assert [plain_http.get(path, params={"answer": answer}).status_code for path in paths] == [rest, web]
