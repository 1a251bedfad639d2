"""What runs compare: outputs and warnings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.engine.cli import Outcome, Step, _read_events
from tests.engine.cycle import stage
from tests.engine.printed import addresses, differences

GROUP = "aws:autoscaling/group:Group"


def outcome(*steps: tuple[str, str]) -> Outcome:
    made = [Step(verb, f"urn:pulumi:test::gatehouse::{GROUP}::{name}") for verb, name in steps]
    return Outcome(command=(), status=0, seconds=0, steps=made, errors=[], violations=frozenset(), text="")


def test_addresses_are_those_of_domains_if_there_are_any() -> None:
    stage_url = {"invokeUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/live/"}
    resources: list[dict[str, Any]] = [{"type": "aws:apigateway/stage:Stage", "outputs": stage_url}]
    assert addresses(resources) == ["https://abc.execute-api.eu-west-1.amazonaws.com/live"]
    mapped = {"domainName": "api.example.com", "basePath": "v1"}
    resources.append({"type": "aws:apigateway/basePathMapping:BasePathMapping", "outputs": mapped})
    assert addresses(resources) == ["https://api.example.com/v1"]


def test_an_api_with_endpoints_has_the_address_of_each() -> None:
    stage = {"invokeUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/live", "restApi": "abc"}
    api = {"id": "abc", "endpointConfiguration": {"types": "PRIVATE", "vpcEndpointIds": ["vpce-1"]}}
    resources: list[dict[str, Any]] = [
        {"type": "aws:apigateway/stage:Stage", "outputs": stage},
        {"type": "aws:apigateway/restApi:RestApi", "outputs": api},
    ]
    assert addresses(resources) == [
        "https://abc.execute-api.eu-west-1.amazonaws.com/live",
        "https://abc-vpce-1.execute-api.eu-west-1.amazonaws.com/live",
    ]


def test_outputs_with_another_address_are_found() -> None:
    right = {"apiUrl": "https://a/live", "curl": "curl 'https://a/live/orders'"}
    assert list(differences(right, ["https://a/live"])) == []
    assert len(list(differences({**right, "apiUrl": "https://b"}, ["https://a/live"]))) == 1
    assert len(list(differences({**right, "curl": "curl 'https://b'"}, ["https://a/live"]))) == 1
    assert len(list(differences({}, ["https://a/live"]))) == 2


def test_a_warning_is_a_fault_and_the_plugins_of_the_tests_are_expected(tmp_path: Path) -> None:
    log = tmp_path / "events"
    said = ["backend: the update did not wait", "using pulumi-resource-aws from $PATH at /tmp"]
    events = [{"diagnosticEvent": {"severity": "warning", "message": each}} for each in said]
    log.write_text("\n".join(map(json.dumps, events)))
    warnings = _read_events(log).warnings
    assert warnings == [": backend: the update did not wait"]
    assert stage("up", replace(outcome(), warnings=warnings)).faults
