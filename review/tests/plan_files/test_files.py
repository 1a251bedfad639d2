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
from review.tests.plan_files import recorded

PLAN = json.dumps(recorded.plan(), indent=4)
DAMAGED = "damaged or of another format"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert ("Traceback" in said.err, said.out) == (False, "")
    return said.err


def changed(change: Callable[[Any], object]) -> str:
    document = recorded.plan()
    change(document)
    return json.dumps(document)


def without(*operations: str) -> str:
    return changed(
        lambda plan: plan.update(steps=[step for step in plan["steps"] if step["op"] not in operations]),
    )


def saying(*messages: str, **more: str) -> str:
    errors = [{"message": message, "severity": "error", **more} for message in messages]
    return changed(lambda plan: plan.update(diagnostics=errors))


def on_each(**fields: Any) -> str:
    """A plan in which each new state has these fields."""
    return changed(lambda plan: [step["newState"].update(fields) for step in plan["steps"] if "newState" in step])


QUEUE = "urn:pulumi:test::small::aws:sqs/queue:Queue::queue"
SECRET = {rpc._special_sig_key: rpc._special_secret_sig, "ciphertext": "x"}
PLANS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "it is empty, or no whole JSON document"),
    "truncated": (PLAN[:9000], "no whole JSON document"),
    "binary": (b"\x80\x81\xfe", "no whole JSON document"),
    "a list": ("[]", "not a plan"),
    "deep": ("[" * 200_000, "no whole JSON document"),
    "events": ('{"sequence": 1}\n{"sequence": 2}\n', "no whole JSON document"),
    "one event": ('{"sequence": 1}', "it is not a plan"),
    "a state": ('{"version": 3, "deployment": {"resources": []}}', "not part of a plan: the file is a state"),
    "a key that is there twice": (PLAN.replace('"inputs": {', '"inputs": {"a": 1, "a": 2, '), "no whole JSON"),
    "a number that no report can hold": (
        PLAN.replace('"inputs": {', '"inputs": {"odd": ' + "9" * 5000 + ","),
        "no whole",
    ),
    "without anything": ('{"steps": null, "changeSummary": null}', "it is not a plan"),
    "only errors": ('{"diagnostics": [{"severity": "error", "message": "no such thing"}]}', "no such thing"),
    "only warnings": ('{"diagnostics": [{"severity": "warning", "message": "odd"}, null]}', "it is not a plan"),
    "without sames": (without("same"), "--show-sames was not given"),
    "without single steps": (
        without("create-replacement", "delete-replaced"),
        "--show-replacement-steps was not given",
    ),
    "a failed preview": (saying("error: no such thing\n  at x", urn=QUEUE), "queue: error: no such thing"),
    "nine errors": (
        saying(*(f"\nerror {n}\n  at x" for n in range(9))),
        "not whole: error 0, error 1, error 2 and 6 more\n",
    ),
    "a step without a URN": (
        changed(lambda plan: plan["steps"][1]["newState"].pop("urn")),
        "steps[1].newState is not a resource with a URN",
    ),
    "a number for a list": (on_each(ignoreChanges=1), DAMAGED),
    "no text in a list": (on_each(additionalSecretOutputs=[["a"]]), DAMAGED),
    "a list for a text": (on_each(parent=["a"]), DAMAGED),
    "frames of texts": (on_each(stackTrace=["a"]), DAMAGED),
    "a provider that is no reference": (on_each(provider="aws"), DAMAGED),
    "inputs that are a secret": (on_each(inputs=SECRET), DAMAGED),
    "outputs with a mark of a later version": (on_each(outputs={rpc._special_sig_key: "x"}), DAMAGED),
    "steps of another format": (changed(lambda plan: plan.update(steps=[{"type": 1}])), "another format"),
    **{
        f"another form of {change}": (json.dumps(recorded.plan() | change), DAMAGED)
        for change in ({"diagnostics": ["x"]}, {"changeSummary": {"same": "x"}}, {"config": {"a:b": 1}})
    },
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_cannot_be_read_is_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, words = PLANS[name]
    file = tmp_path / "plan.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    message = refused(capsys, "--plan", str(file))
    assert words in message
    assert str(file) in message


@pytest.mark.parametrize("more", [("dev",), ("--against", "main")])
def test_options_that_need_a_program_are_refused(more: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert "runs no program" in refused(capsys, "--plan", "any.json", *more)
    assert "No such file" in refused(capsys, "--plan", "none.json")


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(PLAN.encode())))
    assert main(["--plan", "-"]) == 0
    assert "review of the engine's plan" in capsys.readouterr().out


def test_the_text_of_powershell(tmp_path: Path) -> None:
    (file := tmp_path / "plan.json").write_bytes(PLAN.encode("utf-16"))
    assert main(["--plan", str(file)]) == 0
