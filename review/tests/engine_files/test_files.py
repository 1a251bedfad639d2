"""A file that is another one, damaged or not whole is refused with one message, without a traceback or its content."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi.runtime import rpc

from review.cli.command import main

RECORDED = Path(__file__).parent / "recorded"
"""What the engine printed for a small program in TypeScript: a new stack, what stands, and a change of it."""
PLAN = (RECORDED / "plan.json").read_text()

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
    "empty": ("", "it is empty, or no whole JSON document"),
    "words": ("error: no stack selected", "no whole JSON document"),
    "truncated": (PLAN[:9000], "no whole JSON document"),
    "binary": (b"\x80\x81\xfe", "no whole JSON document"),
    "a list": ("[]", "not a plan"),
    "deep": ("[" * 200_000, "no whole JSON document"),
    "events": ('{"sequence": 1}\n{"sequence": 2}\n', "no whole JSON document"),
    "one event": ('{"sequence": 1}', "it is not a plan"),
    "a state": ('{"version": 3, "deployment": {"resources": []}}', "not part of a plan: the file is a state"),
    "a key that is there twice": (
        PLAN.replace('"inputs": {', '"inputs": {"policy": 1, "policy": 2, '),
        "no whole JSON",
    ),
    "a number that no report can hold": (
        PLAN.replace('"inputs": {', '"inputs": {"odd": ' + "9" * 5000 + ","),
        "no whole",
    ),
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


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_cannot_be_read_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, words = PLANS[name]
    file = tmp_path / "plan.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(capsys, "--plan", str(file))
    assert words in message
    assert str(file) in message


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such file" in refused(capsys, "--plan", str(tmp_path / "none.json"))


@pytest.mark.parametrize("more", [("dev",), ("--against", "main"), ("--permissions", "folder")])
def test_options_that_need_a_program_are_refused(more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert "runs no program" in refused(capsys, "--plan", str(RECORDED / "plan.json"), *more)


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(PLAN.encode())))
    assert main(["--plan", "-"]) == 0
    assert "review of the engine's plan" in capsys.readouterr().out


def test_the_text_of_powershell(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(PLAN.encode("utf-16"))
    assert main(["--plan", str(file)]) == 0


def on_each(document: Any, change: Change) -> None:
    """Change each resource of a plan."""
    for state in (step["newState"] for step in document["steps"] if "newState" in step):
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
def test_a_field_of_another_form_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.json"
    file.write_text(changed(PLAN, lambda document: on_each(document, lambda one: one.update(ODD[name]))))
    assert "damaged or of another format" in refused(capsys, "--plan", str(file))


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


def test_a_fault_of_the_review_is_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback would end with the status of a rule that failed."""

    def faulty(*_: Any) -> None:
        raise TypeError

    monkeypatch.setattr("review.report.report.report", faulty)
    file = tmp_path / "state.json"
    file.write_text(PLAN)
    assert main(["--plan", str(file), "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"] == "the review has a fault of its own (TypeError)"
