"""What runs compare: outputs, warnings, steps, documents of APIs. Each check can fail; no binary is needed."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from tests.engine import moves
from tests.engine.cli import Outcome, Step, _read_events
from tests.engine.cycle import without_secrets
from tests.engine.printed import addresses
from tests.engine.printed import differences as of_outputs
from tests.engine.read_back import differences as of_apis
from tests.engine.read_back import unstated
from tests.engine.repeated import Repeated

ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc"
BODY: dict[str, Any] = {"paths": {}, "x-amazon-apigateway-policy": {"Statement": [{"Resource": "execute-api:/*"}]}}


def test_outputs_with_another_address_are_found() -> None:
    stage = {"invokeUrl": "https://abc.execute-api.eu-west-1.amazonaws.com/live", "restApi": "abc"}
    endpoints = {"id": "abc", "endpointConfiguration": {"types": "PRIVATE", "vpcEndpointIds": ["vpce-1"]}}
    resources: list[dict[str, Any]] = [
        {"type": "aws:apigateway/stage:Stage", "outputs": stage},
        {"type": "aws:apigateway/restApi:RestApi", "outputs": endpoints},
    ]
    assert addresses(resources) == [stage["invokeUrl"], stage["invokeUrl"].replace("abc.", "abc-vpce-1.")]
    mapped = {"domainName": "api.example.com", "basePath": "v1"}
    resources.append({"type": "aws:apigateway/basePathMapping:BasePathMapping", "outputs": mapped})
    assert addresses(resources) == ["https://api.example.com/v1"]
    right = {"apiUrl": "https://a/live", "curl": "curl 'https://a/live/orders'"}
    wrong: tuple[dict[str, Any], ...] = ({**right, "apiUrl": "https://b"}, {**right, "curl": "curl 'https://b'"}, {})
    assert [len(list(of_outputs(each, ["https://a/live"]))) for each in (right, *wrong)] == [0, 1, 1, 2]


def test_a_warning_is_a_fault_and_the_plugins_of_the_tests_are_expected(tmp_path: Path) -> None:
    log = tmp_path / "events"
    said = ["backend: the update did not wait", "using pulumi-resource-aws from $PATH at /tmp"]
    events = [{"diagnosticEvent": {"severity": "warning", "message": each}} for each in said]
    log.write_text("\n".join(map(json.dumps, events)))
    assert _read_events(log).warnings == [": backend: the update did not wait"]


def test_another_policy_or_an_older_document_of_a_stage_is_found() -> None:
    def found(policy: Any, *stages: Any) -> list[str]:
        # GetRestApi gives the policy as a JSON text that is escaped once more.
        text = json.dumps(json.dumps(policy))[1:-1] if policy else None
        return list(of_apis("front", ARN, BODY, text, dict(zip("abc", stages, strict=False))))

    whole = {"Statement": [{"Resource": f"{ARN}/*"}]}
    assert (found(whole), bool(found({"Statement": []})), bool(found(None))) == ([], True, True)
    (fault,) = found(whole, BODY, {**BODY, "paths": {"/": {}}})
    assert fault.startswith("stage b of front serves another document")


def test_chains_have_every_move_once_and_make_no_disk_smaller() -> None:
    made = moves.chains(list(moves.MOVES))
    assert sorted(name for chain in made for name in chain) == sorted(moves.MOVES)
    large, small = {"backend": {"diskGib": 20}}, {"backend": {"diskGib": 8}}
    tried: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        (large, small),
        (large, {}),
        (small, large),
        ({}, large),
    )
    assert [moves._shrinks(*each) for each in tried] == [True, True, False, False]
    pairs = [pair for chain in made for pair in itertools.pairwise(chain)]
    assert not [pair for pair in pairs if moves._shrinks(moves.MOVES[pair[0]].after, moves.MOVES[pair[1]].before)]


def test_the_steps_of_the_engine_are_distinguished() -> None:
    steps = [
        ("create", "new"),
        ("create-replacement", "kept"),
        ("replace", "kept"),
        ("update", "same"),
        ("delete", "old"),
    ]
    made = [Step(verb, f"urn:pulumi:test::gatehouse::aws:ec2/vpc:Vpc::{name}") for verb, name in steps]
    outcome = Outcome(command=(), status=0, seconds=0, steps=made, errors=[], violations=frozenset(), text="")
    assert moves.of_engine(outcome) == moves.Steps(frozenset({"new"}), frozenset({"old"}), frozenset({"kept"}))
    others = moves.Steps(frozenset({"new"}), frozenset(), frozenset({"kept", "other"}))
    assert list(moves.of_engine(outcome).against(others, "the review")) == [
        "old is deleted by the engine, and not by the review",
        "other is replaced by the review, and not by the engine",
    ]


def test_what_is_encrypted_is_taken_out_of_a_stack_file() -> None:
    values: dict[str, Any] = {"proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:x:y"}}}, "a": 1}
    assert list(without_secrets(values, "")) == ["proxy.webhook.secret"]
    assert values == {"proxy": {"webhook": {"scheme": "github"}}, "a": 1}


def test_a_call_that_the_sdk_repeats_is_run_once_unless_it_failed() -> None:
    statuses, calls = ["200 OK", "400 Bad Request", "200 OK", "200 OK"], list[str]()

    def inner(environ: dict[str, Any], start_response: Any) -> Any:
        calls.append(environ.get("HTTP_AMZ_SDK_INVOCATION_ID", ""))
        start_response(statuses[len(calls) - 1], [])
        yield b""

    application = Repeated(inner)
    for call in ("a", "a", "b", "b", "a"):
        list(application({"HTTP_AMZ_SDK_INVOCATION_ID": call}, lambda *_: None))
    list(application({}, lambda *_: None))
    assert calls == ["a", "b", "b", ""]


def test_a_component_that_lost_its_statement_or_has_a_secret_in_it_is_named() -> None:
    def component(kind: str, **inputs: Any) -> dict[str, Any]:
        return {"type": f"gatehouse:index:{kind}", "urn": f"urn:pulumi:test::shop::{kind}::a", "inputs": inputs}

    secret = {"version": 1, "url": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}}
    good = component("ApiFront", reach={"version": 1})
    assert list(unstated([good, component("Alerts"), {"type": "aws:sqs/queue:Queue", "urn": "a"}])) == []
    assert list(unstated([component("Greeter"), component("UrlBackend", reach=secret)])) == [
        "Greeter a has no input reach in the state",
        "UrlBackend a has a secret in its input reach",
    ]
