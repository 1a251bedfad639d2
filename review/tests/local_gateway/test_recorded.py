"""Answers that AWS itself gave, beside those that are given here (recorded.yaml)."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import pytest
import yaml

from review.graph import Graph
from review.local_gateway.testing import Served
from review.tests.helpers import plain_http
from review.tests.local_gateway.calling import stack
from review.tests.local_gateway.conftest import Backend, listening
from review.tests.local_gateway.programs import functions, linked, with_document

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


def declare(name: str, shared: dict[str, Any]) -> Graph:
    """An API with a method for each of its facts, which leads where that of the component leads."""

    def change(document: dict[str, Any]) -> None:
        (own, *_) = document["paths"].values()
        to = own["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
        to |= {"httpMethod": "POST"} if name == "http" else {}
        paths = shared.get("paths") or {fact.get("path", "/result"): {} for fact in list_facts(name)}
        operation = {"x-amazon-apigateway-integration": {**to, "requestParameters": {}}}
        binary = "x-amazon-apigateway-binary-media-types"
        document |= {binary: shared.get(binary, []), "paths": {}}
        for path in {**paths, "/result": {}}:
            document["paths"][path] = {"x-amazon-apigateway-any-method": operation}

    opened = {"stage": "stage", "kind": "rest"}
    route = {"path": "/", "methods": ["ANY"]}
    linked_to = {"protection": {"acknowledgePublic": ["ANY /", "ANY /{proxy+}"]}}
    graph = linked("nlb", {**opened, "routes": [route]}, **linked_to) if name == "http" else functions(CODE, **opened)
    return with_document(graph, change)


def list_facts(name: str) -> list[dict[str, Any]]:
    return [fact for fact in FACTS if fact.get("api", "main") == name]


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Served]]:
    with ExitStack() as opened:
        port = opened.enter_context(listening(Answering))
        graphs = {name: declare(name, shared) for name, shared in APIS.items()}
        backends = [f"http://127.0.0.1:{port}"]
        yield {name: opened.enter_context(stack(graph, backends=backends)) for name, graph in graphs.items()}


def value(holder: Any, path: str) -> Any:
    """The value at a dotted path; names of headers have no case."""
    for key in [path] if path in holder else path.split("."):
        holder = next((one for name, one in (holder or {}).items() if name.lower() == key.lower()), None)
    return holder


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["fact"])
def test_an_answer_is_the_one_that_aws_gave(served: dict[str, Served], fact: dict[str, Any]) -> None:
    Answering.answers.clear()
    Answering.answers.update(fact.get("answers", {}))
    asked: list[Any] = fact.get("request") or ["POST", "/stage/result", fact.get("with"), json.dumps(fact["result"])]
    method, path, headers, body = [*asked, None, None][:4]
    url = served[fact.get("api", "main")].url()
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
