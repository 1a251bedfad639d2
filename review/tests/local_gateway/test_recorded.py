"""Answers that AWS itself gave, beside those that are given here (recorded.yaml)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
import yaml

from review.graph import Asset
from review.local_gateway.testing import Served
from review.tests.helpers import plain_http, stack_parts
from review.tests.helpers.graph_builder import Builder
from review.tests.local_gateway.calling import stack
from review.tests.local_gateway.conftest import Backend, listening
from review.tests.local_gateway.programs import changed, lambda_function, without

APIS, FACTS = yaml.load_all(Path(__file__).with_name("recorded.yaml").read_text("utf-8"), yaml.CSafeLoader)
CODE: Final = """
import json
def handler(event, context):
    if event["resource"] == "/result":
        return json.loads(event["body"])
    return {"statusCode": 200, "body": json.dumps(event)}
"""


class Answering(Backend):
    """Echoes a request in its body, with headers that the test chooses."""

    answers: Final[dict[str, str]] = {}

    def handle_one(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        told = {"method": self.command, "path": path, "query": parse_qs(query), "body": body}
        text = json.dumps({**told, "headers": dict(self.headers.items())}).encode()
        self.send_response_only(int(self.answers.get(":status", 200)))
        for name, value in {"Content-Length": f"{len(text)}", **self.answers}.items():
            if name != ":status":
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = handle_one  # noqa: N815 # the library's names


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    build, function = Builder.of(lambda_function, "echo", code=Asset(members={"main.py": Asset(text=CODE)}), timeout=20)
    proxy = {"type": "AWS_PROXY", "httpMethod": "POST", "uri": function.invokeArn}
    for name, document in APIS.items():
        build.prefix = f"{name}-"
        paths: dict[str, Any] = {**document.get("paths", {})}
        for fact in (fact for fact in FACTS if fact.get("api", "main") == name):
            to = proxy | fact.get("integration", {})
            declared = {**fact.get("method", {}), "x-amazon-apigateway-integration": to}
            if fact.get("path") not in document.get("paths", ()):
                paths.setdefault(fact.get("path", "/result"), {"x-amazon-apigateway-any-method": declared})
        for operation in (operation for entry in paths.values() for operation in entry.values()):
            operation.setdefault("x-amazon-apigateway-integration", proxy)
        stack_parts.permission(build, stack_parts.rest(build, paths, body={**document, "paths": paths}).api, function)
    graph = build.graph()
    for name in APIS:
        graph = changed(without(graph, f"{name}-throttle"), f"{name}-stage", stageName="stage")
    with listening(Answering) as port, stack(graph, backends=[f"http://127.0.0.1:{port}"]) as found:
        yield found


def value(holder: Any, path: str) -> Any:
    """The value at a dotted path; names of headers have no case."""
    for key in [path] if path in holder else path.split("."):
        holder = next((one for name, one in (holder or {}).items() if name.lower() == key.lower()), None)
    return holder


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["fact"])
def test_an_answer_is_the_one_that_aws_gave(served: Served, fact: dict[str, Any]) -> None:
    Answering.answers.clear()
    Answering.answers.update(fact.get("answers", {}))
    asked: list[Any] = fact.get("request") or ["POST", "/stage/result", fact.get("with"), json.dumps(fact["result"])]
    method, path, headers, body = [*asked, None, None][:4]
    url = served.url(f"{fact.get('api', 'main')}-api")
    answer = plain_http.request(method, url + path, headers=headers, content=body)
    told = answer.json() if isinstance(fact.get("body"), dict) else answer.text
    got: dict[str, Any] = {"status": answer.status_code, "body": told}
    wanted: dict[str, Any] = {"status": fact.get("status", 200), "body": fact.get("body", told)}
    seen = answer.json() if {"event", "sent", "spelled"} & fact.keys() else {}
    for place, holder in (("headers", answer.headers), ("event", seen), ("sent", {**seen.get("headers", {}), **seen})):
        for name, want in fact.get(place, {}).items():
            found = value(holder, name)
            # A pattern begins as one.
            as_pattern = str(want).startswith("^") and re.match(want, str(found)) is not None
            got[f"{place} {name}"], wanted[f"{place} {name}"] = (want if as_pattern else found), want
    assert got == wanted
    # Names of headers as the function reads them, with their case.
    assert {*fact.get("spelled", [])} <= {*seen.get("headers", {})}
