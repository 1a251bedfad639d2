"""Calls that anybody may make are one line, and a fault unless the stack acknowledges them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from review.aws.gateway.api import Call, Integration
from review.aws.model.model import AwsModel
from review.cli.command import main
from review.evaluate.runner import Evaluation
from review.paths.anyone import OpenEndpoint, group_by_path, list_open_endpoints
from review.report.render.json_report import as_json
from review.report.render.markdown import format_markdown
from review.report.render.text import format_plain
from review.report.report import Report, report
from review.tests.helpers.api_programs import ONE_RANGE, open_api
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stacks import PROGRAM, REVIEW, evaluation_with, graph_of

pytestmark = pytest.mark.usefixtures("in_this_process")
SCHEMA: Any = json.loads((REVIEW / "docs" / "review.schema.json").read_text(encoding="utf-8"))


def called(stack: str) -> list[str]:
    return [str(endpoint) for endpoint in list_open_endpoints(AwsModel(graph_of(stack)))]


CALLED = {
    "greeter-in-the-open": ["open to the internet: GET /secure/greeter of front"],
    "open-proxy": ["open to the internet: GET HEAD POST PUT /forward (and below) of front"],
}
CLOSED = (
    "webhook",
    "fortress",
    "partner-api",
    "jwt-http",
    "web-app",
    "jenkins-webhook",
    "private-greeter",
    "nothing-out",
)
FILES = [f"examples/{name}.yaml" for name in (*CALLED, *CLOSED)]


@pytest.mark.parametrize("file", [pytest.param(file, marks=pytest.mark.xdist_group(file)) for file in FILES])
def test_calls_that_anybody_may_make(file: str) -> None:
    assert called(file) == CALLED.get(Path(file).stem, [])


def test_a_range_of_addresses_alone_is_a_question(build: Builder) -> None:
    open_api(policy=ONE_RANGE)(build)
    assert list(list_open_endpoints(AwsModel(build.graph()))) == []


def test_many_paths_are_counted(build: Builder) -> None:
    url = build("lambda/functionUrl:FunctionUrl", "url", functionName="f", authorizationType="NONE")
    resource = build.graph().resources[url.urn]
    integration = Integration(resource=resource, kind="HTTP_PROXY", uri="http://a.invalid")
    calls = [Call(method, f"/{path}", frozenset(), integration) for path in "abcde" for method in ("POST", "GET")]
    listed = tuple(group_by_path(calls))
    assert listed == ("GET POST /a", "GET POST /b", "GET POST /c", "GET POST /d", "GET POST /e")
    assert str(OpenEndpoint(resource, "front", listed)).endswith(
        "internet: GET POST /a, GET POST /b and 3 more paths of front"
    )
    assert str(OpenEndpoint(resource, "front", listed[:3])).endswith(
        "internet: GET POST /a, GET POST /b and GET POST /c of front"
    )


def opened(*, acknowledged: bool) -> Report:
    build = Builder()
    if acknowledged:
        build.config["small:protection"] = {"acknowledgePublic": ["GET /greeting"]}
    open_api()(build)
    graph = build.graph()
    return report(Evaluation(known=graph, unknown=graph))


@pytest.mark.parametrize(
    ("acknowledged", "said"),
    [
        (True, "(acknowledged in protection.acknowledgePublic)"),
        (False, "(not acknowledged: list it in protection.acknowledgePublic, or close it)"),
    ],
)
def test_every_form_says_it_and_whether_it_is_meant(acknowledged: bool, said: str) -> None:
    found = opened(acknowledged=acknowledged)
    line = f"open to the internet: GET /greeting of api {said}"
    text = format_plain(found)
    # The verdict comes before everything else.
    assert text.index(line) < text.index("WHO CAN REACH") < text.index("internet → api")
    assert line in format_markdown(found)
    document = json.loads(as_json(found))
    jsonschema.validate(document, SCHEMA)
    assert [(one["calls"], one["acknowledged"]) for one in document["openToAnyone"]] == [
        (["GET /greeting"], acknowledged)
    ]
    assert any(finding.rule.id == "API-01" for finding in found.list_findings("failed")) is not acknowledged


def test_strict_fails_for_the_open_greeter_without_its_acknowledgement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = yaml.safe_load((PROGRAM / "examples" / "greeter-in-the-open.yaml").read_text(encoding="utf-8"))
    assert document["config"]["protection"].pop("acknowledgePublic") == ["GET /secure/greeter"]
    stack = tmp_path / "silent.yaml"
    stack.write_text(yaml.safe_dump(document), encoding="utf-8")
    evaluated = evaluation_with(document["config"])
    monkeypatch.setattr("review.evaluate.runner.evaluate", lambda *_, **__: evaluated)
    monkeypatch.chdir(PROGRAM)
    assert main([str(stack), "--strict"]) == 1
    printed = capsys.readouterr().out
    assert [words for words in ("1 fail", "API-01", "protection.acknowledgePublic") if words not in printed] == []
    assert main([str(stack)]) == 0


@pytest.mark.slow
def test_a_route_that_is_opened_beside_an_acknowledged_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(PROGRAM)
    health = {"path": "/health", "methods": ["GET"], "includeSubpaths": False}
    admin = {"path": "/admin", "methods": ["ANY"], "includeSubpaths": False}

    def written(name: str, routes: list[Any], acknowledged: list[str]) -> str:
        config = {"aws:region": "eu-west-1", "topology": "public-proxy", "backend": {"kind": "greeter"}}
        config |= {"api": {"routes": routes}, "protection": {"acknowledgePublic": acknowledged}}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
        return str(tmp_path / f"{name}.yaml")

    meant = written("meant", [health, {**admin, "authorization": "iam"}], ["GET /health"])
    opened = written("opened", [health, admin], ["GET /health"])
    assert main([meant, "--strict"]) == 0
    assert "API-01" not in capsys.readouterr().out
    assert main([opened, "--strict", "--against", meant]) == 1
    printed = capsys.readouterr().out
    assert "open to the internet: GET /health of front (acknowledged in protection" in printed
    assert "open to the internet: ANY /admin of front (not acknowledged" in printed
    # Another route of an API that failed already is another finding.
    silent = written("silent", [health, {**admin, "authorization": "iam"}], [])
    moved = written("moved", [{**health, "authorization": "iam"}, admin], [])
    assert main([moved, "--strict", "--against", silent]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "+ API-01 (high) fails: front-api: anyone can call ANY /admin" in printed
    assert "- API-01 (high) no longer fails: front-api: anyone can call GET /health" in printed
