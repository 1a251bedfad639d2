"""Functions that a stack names only by ARN: named at the start, and served from a folder."""

from pathlib import Path

import pytest

from review.local_gateway.backends import BackendError
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import asked, stack

OPEN = {
    "topology": "public-proxy",
    "api": {
        "kind": "http",
        "functions": {"app": {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:orders-live:stable"}},
        "routes": [{"path": "/", "methods": ["GET"], "target": "app"}],
    },
    "protection": {"acknowledgePublic": ["GET /", "GET /{proxy+}"]},
}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("handler.py", "def handler(event, context):\n    return {'statusCode': 201}\n"),
        ("index.mjs", "export const handler = async () => ({statusCode: 201});\n"),
    ],
)
def test_its_folder_answers(file: str, code: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(code)
    with stack(graph_with(OPEN), functions=(f"orders-live={tmp_path}",)) as served:
        assert asked(served, "/")[0] == 201
        assert "orders-live runs without its variables" in " ".join(served.stack.describe_unserved())


def test_the_start_and_the_answer_name_it_and_the_remedy() -> None:
    with stack(graph_with(OPEN)) as served:
        (told,) = [line for line in served.stack.describe_unserved() if "orders-live" in line]
        status, note = asked(served, "/")
    assert (status, "GET /" in told) == (500, True)
    for text in (told, note):
        assert "--function orders-live=./folder" in text


@pytest.mark.parametrize(
    ("option", "words"),
    [("app=.", "by ARN: orders-live"), ("orders-live", "NAME=FOLDER"), ("orders-live=/nowhere", "none of handler.py")],
)
def test_a_wrong_option_names_what_there_is(option: str, words: str) -> None:
    with pytest.raises(BackendError, match=words), stack(graph_with(OPEN), functions=(option,)):
        pass
