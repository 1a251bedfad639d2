"""Charges of what no route names: runs of authorizers, and services that code calls by itself."""

from typing import Any

import pytest

from review.cost import Usage
from review.tests.compare.statements import make_graph
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.stated_apis import front, function, refer
from review.tests.local_gateway.programs import changed, guarded


@pytest.mark.parametrize("rest", [True, False])
def test_an_authorizer_runs_for_each_call(rest: bool) -> None:
    own: dict[str, Any] = {"memorySize": 1024, "architectures": ["arm64"], "timeout": 2}
    graph = changed(guarded("", rest=rest), "authorizer-gate-function", **own)
    bill = estimate(graph, Usage(requests=1e6, ms=100))
    runs = {line.label: line for line in bill.list_calls() if line.label.startswith("authorizer")}
    assert runs["authorizer calls"].quantity == pytest.approx(1)
    # 100 ms at 1 GB.
    assert runs["authorizer time"].quantity == pytest.approx(1e5)
    assert "nothing is cached" in runs["authorizer calls"].note
    # In the worst month too, where it runs no longer than its own timeout.
    worst = bill.worst
    assert worst is not None
    assert worst.usd is not None
    per_call = 0.2e-6 + 0.1 * runs["authorizer time"].price  # type: ignore[operator] # it is known
    assert worst.usd >= worst.requests * per_call


@pytest.mark.parametrize(("way", "notes"), [("/guarded", ["as if no result came from its cache of 300 s"]), ("/", [])])
def test_the_cache_of_an_authorizer_is_named_and_not_counted(way: str, notes: list[str]) -> None:
    build, gate = Builder.of(function, "gate")
    decides = {"caller": {"lambda": {**refer(gate), "cacheSeconds": 300}}} if way == "/guarded" else {}
    front(build, {f"GET {way}": {"needs": decides}})
    lines = [line for line in estimate(build.graph()).list_calls() if line.label == "authorizer calls"]
    assert [line.note for line in lines] == notes
    assert all(line.quantity == pytest.approx(1) for line in lines)


TABLE = {"kind": "table", "name": "orders", "allow": {"read": True}}
ARN = "arn:aws:{}:eu-west-1:123456789012:x"


@pytest.mark.parametrize(
    ("rights", "named"),
    [
        ({"permissions": {"orders": {**TABLE, "key": ARN.format("kms")}}}, ["DynamoDB", "KMS"]),
        ({"permissions": {"orders": TABLE}, "image": "images/a.tar"}, ["DynamoDB", "S3"]),
        ({"secrets": {"A": ARN.format("secretsmanager")}}, ["Secrets Manager"]),
        ({"secrets": {"A": ARN.format("ssm")}}, ["Parameter Store"]),
        ({"secrets": {"A": {"of": ["urn:pulumi:dev::small::aws:ssm/parameter:Parameter::p"]}}}, ["Parameter Store"]),
        ({"secrets": {"A": {"unknown": True}}, "keys": {"k": ARN.format("kms")}}, ["KMS"]),
        ({"logs": True, "sessions": True}, []),
    ],
)  # fmt: skip
def test_services_that_code_calls_are_named(rights: dict[str, Any], named: list[str]) -> None:
    graph = make_graph(ApiFunction={"rights": rights})
    assert [service for service, _ in estimate(graph).by_use] == named
