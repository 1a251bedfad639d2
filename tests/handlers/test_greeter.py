"""The greeter: what it answers to events of every kind of API."""

import json
from typing import Any

import pytest

from handlers.greeter import handler as greeter


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({}, "there"),
        ({"queryStringParameters": None}, "there"),
        ({"queryStringParameters": {"name": ""}}, "there"),
        ({"queryStringParameters": {"name": "Ada"}}, "Ada"),
        ({"version": "2.0", "queryStringParameters": {"name": 'Zoë "Z"'}}, 'Zoë "Z"'),
    ],
)
def test_it_greets_and_says_where_it_is(event: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeter, "own_address", lambda: "169.254.100.5")
    answer = greeter.handler(event, None)
    assert answer["statusCode"] == 200
    assert answer["isBase64Encoded"] is False
    assert json.loads(answer["body"]) == {"message": f"Hi {name}, Hello from Lambda running at 169.254.100.5"}


def test_it_answers_without_a_name_for_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> str:
        raise OSError("no such name")

    monkeypatch.setattr("socket.gethostbyname", fail)
    assert "Hello from Lambda" in greeter.handler({}, None)["body"]
