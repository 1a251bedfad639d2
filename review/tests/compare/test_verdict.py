"""The verdict on a change in five sentences, and equal differences written once."""

import functools
import json
from typing import Any

import pytest

from review.evaluate.runner import Evaluation
from review.report.render.differences import folded
from review.report.render.markdown import markdown
from review.report.report import Report
from review.tests.updates import reported
from review.tests.updates import said as sentences
from tests.helpers.stacks import ROOT, evaluation_with

PROXY: dict[str, Any] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80},
    "api": {"kind": "rest", "routes": [{"path": "/orders", "methods": ["GET"], "authorization": "iam"}]},
}
LINK = {**PROXY, "topology": "vpc-link", "ingress": {"kind": "nlb"}}
OPEN = {**PROXY, "api": {"kind": "rest", "routes": [{"path": "/orders", "methods": ["GET"]}]}}
STRIPPED = {**PROXY, "api": {**PROXY["api"], "stripPrefix": "/orders"}}
MANY: dict[str, Any] = {
    "kind": "rest",
    "routes": [{"path": f"/route{n}", "methods": ["GET", "POST", "PUT", "DELETE"]} for n in range(25)],
}


@functools.cache
def evaluated(config: str) -> Evaluation:
    return evaluation_with(json.loads(config))


def compared(before: dict[str, Any], after: dict[str, Any]) -> Report:
    evaluations = [evaluated(json.dumps(config)) for config in (before, after)]
    return reported(evaluations[0].known, evaluations[1], ROOT)


def said(before: dict[str, Any], after: dict[str, Any]) -> dict[str, str]:
    return sentences(compared(before, after))


def test_another_way_to_the_same_backend_is_no_new_caller() -> None:
    found = said(PROXY, LINK)
    assert list(found) == ["data", "backend", "callers", "calls", "rules", "money"]
    assert "+$18.40" in found["money"]
    assert found["callers"] == "the same as before, and no others"
    assert found["data"] == "proxy-log (LogGroup) is deleted; every log is deleted for good"
    assert found["calls"] == "not cut: 1 path is led another way first"
    assert found["backend"].startswith("it sees calls to backend from ingress nlb, before from proxy")
    assert found["rules"].startswith("none is newly broken")


def test_an_identity_that_is_no_longer_asked_for_lets_others_in() -> None:
    calls = "GET /orders, GET /orders/{proxy+}"
    found = said(PROXY, OPEN)
    assert found["callers"] == f"anyone on the internet can now call {calls} (before: IAM)"
    assert found["rules"].startswith("newly broken: API-01")
    back = said(OPEN, PROXY)
    assert back["callers"] == f"may no longer call: {calls} without IAM"
    assert back["rules"].startswith("mended: API-01")


def test_another_path_at_the_backend_is_told() -> None:
    found = said(PROXY, STRIPPED)["backend"]
    first = "it sees the path of GET /orders as /, before as /orders"
    assert found.startswith(f"{first}, and 1 more call other than before")
    assert "the path" not in said(STRIPPED, {**LINK, "api": STRIPPED["api"]})["backend"]


@pytest.mark.slow
def test_a_hundred_routes_that_change_alike_fit_in_one_comment() -> None:
    """25 paths with 4 methods each, and as many below them, moved from a function to a VPC link."""
    entries = [
        f"{' '.join(route['methods'])} {route['path']}{below}"
        for route in MANY["routes"]
        for below in ("", "/{proxy+}")
    ]
    open_to_all = {"protection": {"acknowledgePublic": entries}}
    text = markdown(compared({**PROXY, "api": MANY, **open_to_all}, {**LINK, "api": MANY, **open_to_all}))
    assert len(text) < 12_000
    assert text.index("**callers**") < text.index("**money**") < text.index("<details>")
    assert "each of 200 methods: x-amazon-apigateway-integration.type: aws\\_proxy → http\\_proxy" in text


def test_only_what_is_equal_is_folded() -> None:
    method = "body.paths./a.b/{{c+}}.{}.x.y"
    lines = folded([(method.format("get"), "1 → 2"), (method.format("put"), "1 → 2"), (method.format("post"), "1 → 3")])
    assert lines == ["each of 2 methods: x.y: 1 → 2", f"{method.format('post')}: 1 → 3"]
    assert folded([("body.info.title", "a → b"), ("name", "a → b")]) == ["body.info.title: a → b", "name: a → b"]
