"""Functions that a stack names only by ARN: named at the start, and served from a folder."""

from pathlib import Path

import httpx
import pytest

from review.serve.backends import BackendError
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.helpers.stacks import graph_with

ARN = "arn:aws:lambda:eu-west-1:111122223333:function:orders-live:stable"
OPEN = {
    "topology": "public-proxy",
    "api": {
        "kind": "http",
        "functions": {"app": {"arn": ARN}},
        "routes": [{"path": "/", "methods": ["GET"], "target": "app"}],
    },
    "protection": {"acknowledgePublic": ["GET /", "GET /{proxy+}"]},
}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("handler.py", "def handler(event, context):\n    return {'statusCode': 200, 'body': 'from a folder'}\n"),
        ("index.mjs", "export const handler = async () => ({statusCode: 200, body: 'from a folder'});\n"),
    ],
)
def test_its_folder_answers(file: str, code: str, tmp_path: Path) -> None:
    (tmp_path / file).write_text(code)
    with serving(graph_with(OPEN), Options(functions=(f"orders-live={tmp_path}",))) as served:
        answer = httpx.get(served.url() + "/")
        told = " ".join(served.stack.not_served())
    assert (answer.status_code, answer.text) == (200, "from a folder")
    assert "orders-live runs without its variables" in told


def test_the_start_names_it_and_the_remedy() -> None:
    with serving(graph_with(OPEN), Options()) as served:
        (told,) = [line for line in served.stack.not_served() if "orders-live" in line]
        answer = httpx.get(served.url() + "/")
        note = served.traces[-1].note
    assert answer.status_code == 500
    assert "GET /" in told
    assert "--function orders-live=./folder" in told
    assert "--function orders-live=./folder" in note


@pytest.mark.parametrize(
    ("option", "words"),
    [("app=.", "by ARN: orders-live"), ("orders-live", "NAME=FOLDER"), ("orders-live=/nowhere", "none of handler.py")],
)
def test_a_wrong_option_names_what_there_is(option: str, words: str) -> None:
    with pytest.raises(BackendError, match=words), serving(graph_with(OPEN), Options(functions=(option,))):
        pass
