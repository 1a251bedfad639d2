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
    ("query", "content", "status", "message"),
    [
        ("?size=1", '{"a": 1}', 200, None),
        ("?size=1", '{"a": "1"}', 400, "Invalid request body"),
        ("?size=1", "no json", 400, "Invalid request body"),
        ("", '{"a": 1}', 400, "Missing required request parameters: [size]"),
    ],
)
def test_a_method_of_separate_resources_validates(
    stack: Served, query: str, content: str, status: int, message: str | None
) -> None:
    answer = plain_http.post(f"{stack.url('rest')}/live/checked{query}", content=content, headers=JSON)
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


def test_a_result_of_version_2_has_no_lists_of_headers(stack: Served) -> None:
    lists = [
        plain_http.get(stack.url("web") + path, params={"answer": "several"}).headers.get_list("x-many")
        for path in ("/one/7", "/echo")
    ]
    assert lists == [["1", "2"], []]


def test_a_mock_answers_with_a_media_type(stack: Served) -> None:
    assert plain_http.get(stack.url("rest") + "/live/mock").headers["content-type"] == "application/json"
