"""A file that is another one, damaged or not whole is refused with one message, without a traceback or its content."""

import io
import json
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.runtime import rpc
from review.engine_files.state import read_state

from review.cli.command import main

RECORDED = Path(__file__).parent / "recorded"
"""What the engine printed for a small program in TypeScript: a new stack, what stands, and a change of it."""
PLAN, STATE = ((RECORDED / f"{name}.json").read_text() for name in ("plan", "state"))

ROOT = "urn:pulumi:test::small::"
Change = Callable[[dict[str, Any]], object]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert said.out == ""
    return said.err


def changed(text: str, change: Change) -> str:
    document = json.loads(text)
    change(document)
    return json.dumps(document)


def add(state: dict[str, Any], *chain: str, **more: Any) -> None:
    """Add resources with `more` keys, each below the next one, and none for the last one."""
    for name, parent in pairwise(chain):
        made = {"urn": ROOT + name, "type": name.partition("::")[0], "parent": ROOT + parent, **more}
        state["deployment"]["resources"].append(made)


def without_sames(plan: dict[str, Any]) -> None:
    plan["steps"] = [step for step in plan["steps"] if step["op"] != "same"]


def without_single_steps(plan: dict[str, Any]) -> None:
    plan["steps"] = [step for step in plan["steps"] if step["op"] not in ("create-replacement", "delete-replaced")]


def failing(plan: dict[str, Any]) -> None:
    error = {"urn": "urn:pulumi:test::small::aws:sqs/queue:Queue::queue", "message": "error: no such thing\n  at x"}
    plan["diagnostics"].append({**error, "severity": "error"})


def many_failing(plan: dict[str, Any]) -> None:
    for number in range(9):
        plan["diagnostics"].append({"message": f"\nerror {number}\n  at x", "severity": "error"})


PLANS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "it is empty"),
    "words": ("error: no stack selected", "no JSON text"),
    "truncated": (PLAN[:9000], "truncated or damaged"),
    "binary": (b"\x80\x81\xfe", "no JSON text"),
    "a list": ("[]", "not a plan"),
    "deep": ("[" * 200_000, "no JSON text"),
    "events": ('{"sequence": 1}\n{"sequence": 2}\n', "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"),
    "one event": ('{"sequence": 1}', "it is not a plan"),
    "a state": (STATE, "review it with --state"),
    "another object": ('{"a": 1}', "it is not a plan"),
    "without anything": ('{"steps": null, "changeSummary": null}', "it is not a plan"),
    "only errors": ('{"diagnostics": [{"severity": "error", "message": "no such thing"}]}', "no such thing"),
    "only warnings": ('{"diagnostics": [{"severity": "warning", "message": "odd"}, null]}', "it is not a plan"),
    "without sames": (changed(PLAN, without_sames), "--show-sames was not given"),
    "without single steps": (changed(PLAN, without_single_steps), "--show-replacement-steps was not given"),
    "a failed preview": (changed(PLAN, failing), "queue: error: no such thing"),
    "nine errors": (changed(PLAN, many_failing), "not whole: error 0, error 1, error 2 and 6 more\n"),
    "steps of another format": (changed(PLAN, lambda plan: plan.update(steps=[{"type": 1}])), "another format"),
    "a step without a URN": (
        changed(PLAN, lambda plan: plan["steps"][1]["newState"].pop("urn")),
        "steps[1].newState is not a resource with a URN",
    ),
}
STATES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "it is empty"),
    "truncated": (STATE[:4000], "truncated or damaged"),
    "a plan": (PLAN, "review it with --plan"),
    "a plan of steps": ('{"steps": []}', "review it with --plan"),
    "a plan of an empty stack": ('{"changeSummary": {}}', "review it with --plan"),
    "a checkpoint": ('{"version": 3, "checkpoint": {"latest": {}}}', "pulumi stack export"),
    "another version": (changed(STATE, lambda state: state.update(version=5)), "version is not 3 or 4"),
    "an old version": (changed(STATE, lambda state: state.update(version=1)), "version is not 3 or 4"),
    "encrypted": (changed(STATE, lambda state: state.update(deployment="AAAA")), "encrypted"),
    "a URN that is none": (
        changed(STATE, lambda state: state["deployment"]["resources"][0].update(urn="queue")),
        "deployment.resources[0].urn is not the URN of a resource",
    ),
    "a URN that is there twice": (
        changed(STATE, lambda state: state["deployment"]["resources"].append(state["deployment"]["resources"][-1])),
        "the URN is there twice",
    ),
    "a circle of parents": (
        changed(STATE, lambda state: add(state, "my:A::a", "my:B::b", "my:A::a")),
        "a, b: their parents form a circle",
    ),
    "a resource that is its own parent": (changed(STATE, lambda state: add(state, "my:A::a", "my:A::a")), "a: their"),
    "a resource of AWS that is no custom resource": (
        changed(STATE, lambda state: state["deployment"]["resources"][-1].update(custom=False)),
        "`custom` is not true, and a component has neither an ID nor a type of AWS",
    ),
    "a resource of another provider that is no custom resource": (
        changed(STATE, lambda state: add(state, "my:A::a", "my:B::b", id="1")),
        "a: `custom` is not true, and a component has neither an ID",
    ),
    "the same without an ID": (
        changed(STATE, lambda state: state["deployment"]["resources"][-1].update(custom=False, id="")),
        "`custom` is not true, and a component has neither an ID nor a type of AWS",
    ),
    "a resource with the type of a stack": (
        changed(STATE, lambda state: state["deployment"]["resources"][-1].update(type="pulumi:pulumi:Stack")),
        "the type is not that of the URN",
    ),
    "a stack that is named like a file": (STATE.replace(ROOT, "urn:pulumi:/etc/a::small::"), "named like a file"),
    "a stack that is named like a stack file": (STATE.replace(ROOT, "urn:pulumi:a.yaml::small::"), "named like a file"),
    "a resource without a type": (
        changed(STATE, lambda state: state["deployment"]["resources"][0].pop("type")),
        "deployment.resources[0] is not a resource with a URN and a type",
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_cannot_be_read_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, words = PLANS[name]
    file = tmp_path / "plan.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(capsys, "--plan", str(file))
    assert words in message
    assert str(file) in message


@pytest.mark.parametrize("name", STATES)
def test_a_state_that_cannot_be_read_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, words = STATES[name]
    file = tmp_path / "state.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert words in refused(capsys, "--state", str(file))


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such file" in refused(capsys, "--plan", str(tmp_path / "none.json"))


@pytest.mark.parametrize("more", [("dev",), ("--against", "main"), ("--permissions", "folder")])
def test_options_that_need_a_program_are_refused(more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert "runs no program" in refused(capsys, "--plan", str(RECORDED / "plan.json"), *more)


def test_a_plan_and_a_state_of_two_stacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "state.json"
    file.write_text(STATE.replace("urn:pulumi:test::", "urn:pulumi:prod::"))
    message = refused(capsys, "--plan", str(RECORDED / "plan.json"), "--state", str(file))
    assert "the plan is of small/test and the state of small/prod" in message


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(PLAN.encode())))
    assert main(["--plan", "-"]) == 0
    assert "review of the engine's plan" in capsys.readouterr().out
    assert "only one of them" in refused(capsys, "--plan", "-", "--state", "-")


def test_a_refusal_is_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--plan", str(tmp_path / "none.json"), "--format", "json"]) == 2
    assert "No such file" in json.loads(capsys.readouterr().out)["error"]
    assert main(["--plan", str(tmp_path / "none.json"), "--format", "html"]) == 2
    assert "No such file" in capsys.readouterr().out


def test_the_text_of_powershell(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(PLAN.encode("utf-16"))
    assert main(["--plan", str(file)]) == 0


def on_each(document: Any, change: Change) -> None:
    """Change each resource of a plan or a state."""
    states = (
        document["deployment"]["resources"]
        if "deployment" in document
        else [s["newState"] for s in document["steps"] if "newState" in s]
    )
    for state in states:
        change(state)


ODD: dict[str, dict[str, Any]] = {
    "a number for a list": {"ignoreChanges": 1},
    "no text in a list": {"additionalSecretOutputs": [["a"]]},
    "a text for a map": {"propertyDependencies": "a"},
    "a list for a text": {"parent": ["a"]},
    "frames of texts": {"stackTrace": ["a"]},
    "outputs of a number": {"outputs": 1.5},
    "a provider that is no reference": {"provider": "aws"},
    "inputs that are a secret": {"inputs": {rpc._special_sig_key: rpc._special_secret_sig, "ciphertext": "x"}},
    "outputs with a mark of a later version": {"outputs": {rpc._special_sig_key: "x"}},
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("flag", ["--plan", "--state"])
def test_a_field_of_another_form_is_refused(
    name: str, flag: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.json"
    text = PLAN if flag == "--plan" else STATE
    file.write_text(changed(text, lambda document: on_each(document, lambda one: one.update(ODD[name]))))
    assert "damaged or of another format" in refused(capsys, flag, str(file))


@pytest.mark.parametrize(
    "change",
    [
        {"diagnostics": ["x"]},
        {"diagnostics": "x"},
        {"changeSummary": [1]},
        {"changeSummary": {"same": "x"}},
        {"config": {"a:b": 1}},
        {"config": "x"},
    ],
)
def test_a_part_of_another_form_is_refused(
    change: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.json"
    file.write_text(changed(PLAN, lambda plan: plan.update(change)))
    assert "damaged or of another format" in refused(capsys, "--plan", str(file))


@pytest.mark.parametrize("value", ["9" * 5000, '"\\ud800"', "[" * 900 + "]" * 900])
def test_a_value_that_no_report_can_hold_is_refused(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(json.loads(STATE)).replace('"inputs": {', f'"inputs": {{"odd": {value}, '))
    assert "no JSON text" in refused(capsys, "--state", str(file))


@pytest.mark.parametrize(("flag", "text"), [("--plan", PLAN), ("--state", STATE)])
def test_a_key_that_is_there_twice_is_refused(
    flag: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "twice.json"
    file.write_text(json.dumps(json.loads(text)).replace('"inputs": {', '"inputs": {"policy": "a", "policy": "b", ', 1))
    assert "has a key twice" in refused(capsys, flag, str(file))


@pytest.mark.parametrize("form", ["text", "markdown", "json", "html"])
@pytest.mark.parametrize(
    "value", ["1e999", "NaN", '"' + "[" * 50_000 + '"', '"' + "[" * 700 + "]" * 700 + '"', "[" * 80 + "1" + "]" * 80]
)
def test_an_odd_value_is_no_traceback(
    value: str, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "state.json"
    text = json.dumps(json.loads(STATE)).replace('"inputs": {', f'"inputs": {{"policy": {value}, "body": {value}, ')
    file.write_text(text)
    assert main(["--state", str(file), "--format", form]) == 0
    assert "Infinity" not in capsys.readouterr().out


def test_a_fault_of_the_review_is_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback would end with the status of a rule that failed."""

    def faulty(*_: Any) -> None:
        raise TypeError

    monkeypatch.setattr("review.report.report.report", faulty)
    file = tmp_path / "state.json"
    file.write_text(STATE)
    assert main(["--state", str(file), "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "the review has a fault of its own (TypeError)"


def test_an_asset_as_an_output_of_the_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asset = {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "text": "text-of-an-asset"}

    def change(state: dict[str, Any]) -> None:
        state["deployment"]["resources"][0]["outputs"]["page"] = asset

    file = tmp_path / "state.json"
    file.write_text(changed(STATE, change))
    assert main(["--state", str(file)]) == 0
    said = capsys.readouterr().out
    assert "an asset" in said
    assert "text-of-an-asset" not in said


def test_a_resource_that_is_named_like_a_default_provider_is_read(tmp_path: Path) -> None:
    state = json.loads(STATE)
    add(state, "my:A::pulumi:providers:aws::default", "my:B::b")
    file = tmp_path / "state.json"
    file.write_text(json.dumps(state))
    graph = read_state(str(file), lambda *_: ({}, []))
    assert graph.resources[f"{ROOT}my:A::pulumi:providers:aws::default"].name == "pulumi:providers:aws::default"
