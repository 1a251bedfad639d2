"""The life of the stacks of `make prove`, on a stack of the Automation API that deploys nothing."""

import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from pulumi.automation import CommandResult
from pulumi.automation.errors import CommandError

from review.prove.automation import Deployment
from review.prove.life import Life, merge_config
from review.prove.probes import DIFFERENT, HELD, NOT_TRIED, Site
from review.prove.run import Run
from review.prove.table import TABLE, Table, read_table
from review.verify.cloud import NotRead


def resource(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:s::p::{kind}::{name}", "type": kind, "custom": True, **more}


ROLE = resource("aws:iam/role:Role", "front-account-logs", retainOnDelete=True)
API = resource("aws:apigateway/restApi:RestApi", "front-api", id="a1")
UPDATE = {"backend": {"image": "new"}}
PHASES = ["preview", "up", "preview", "up", "up", "refresh", "destroy"]
"""The commands of a whole life: the second `up` is the update, the third a row's change."""


class FakeStack:
    """A stack of the Automation API, and its command line."""

    def __init__(self, file: Path, act: Callable[["FakeStack", int, str], None]) -> None:
        self.name, self.workspace, self._act = "prove-x-a", self, act
        self.file, self.removed = file, False
        self.calls: list[str] = []
        self.images: list[str] = []
        self.stopped = threading.Event()
        self.state: list[dict[str, Any]] = []
        for command in {*PHASES}:
            setattr(self, command, partial(self._run, command))

    def _run(self, command: str, **options: Any) -> None:
        if self.stopped.is_set():
            raise error("stopped")
        number = len(self.calls)
        self.calls.append(command if not options.get("clear_pending_creates") else "mend")
        self.images.append(yaml.safe_load(self.file.read_text())["config"]["backend"]["image"])
        self.state = {"up": [API, ROLE], "destroy": self.state}.get(command, self.state)
        self._act(self, number, command)
        self.state = [] if command == "destroy" else self.state

    def export_stack(self) -> Any:
        return SimpleNamespace(deployment={"resources": self.state})

    def remove_stack(self, name: str, **_: Any) -> None:
        self.removed = True

    def interrupt(self) -> None:
        self.stopped.set()

    def allow(self) -> None:
        self.stopped.clear()


def error(text: str) -> CommandError:
    return CommandError(CommandResult("", f"error: {text}", 255))


def fail(number: int, text: str, *, again: bool = False) -> Callable[[FakeStack, int, str], None]:
    """The call with this number fails; with `again`, so do all later ones of its command."""

    def act(stack: FakeStack, now: int, command: str) -> None:
        if now == number or (again and now > number and command == stack.calls[number]):
            raise error(text)

    return act


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(1)


def ctrl_c(number: int, times: int = 1) -> Callable[[FakeStack, int, str], None]:
    """Somebody presses Ctrl-C during the call with this number, which then ends as the CLI does."""

    def act(stack: FakeStack, now: int, command: str) -> None:
        if now != number:
            return
        for turn in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            # A first one does not interrupt a removal.
            stack.stopped.wait(5 if turn or command != "destroy" else 1)
        if stack.stopped.is_set():
            raise error("update canceled")

    return act


def table() -> Table:
    """The phases of the real table, a request to AWS, and a row with a change."""
    real = read_table(TABLE)
    rows = [replace(row, stacks=("a",)) for row in real.rows if row.phase]
    nat = next(row for row in real.rows if row.id == "nat")
    rows += [
        replace(nat, stacks=("a",), arguments={}),
        replace(nat, id="later", stacks=("a",), arguments={}, change=UPDATE),
    ]
    return Table({"a": Path("a.yaml")}, UPDATE, tuple(rows))


@pytest.fixture
def prove(tmp_path: Path) -> Callable[..., tuple[FakeStack, Life, Run]]:
    """Runs a life whose calls do what `act` says."""

    def proved(act: Callable[..., None] = lambda *_: None, asked: Callable[[], object] = bool, **given: Any) -> Any:
        stack = FakeStack(tmp_path / "Pulumi.prove-x-a.yaml", act)

        def answer(*_: Any) -> Any:
            asked()
            return {"Output": "the NAT works"}

        def begin(name: str) -> Life:
            return Life(
                name=name,
                table=table(),
                config={"backend": {"image": "old"}},
                engine=Deployment(stack, stack, stack.file),
                site=lambda _: Site(url="", region="", ask=answer),
                delete_kept=lambda kept: ([f"kept {len(kept)}"] if given.get("fails_to_delete") else [], []),
                say=said.append,
                stopped=run.is_stopped,
                patience=0,
            )

        said: list[str] = []
        run = Run(begin=begin, say=said.append, limit=given.get("limit", 60))
        run.run_all(["a"], 1, first_alone=True)
        assert not run.problems
        return stack, run.lives[0], run

    return proved


def results(life: Life) -> dict[str, str]:
    return {f"{found.row} {found.when}": found.result for found in life.results}


def test_a_whole_life_holds_and_leaves_nothing(prove: Any) -> None:
    stack, life, run = prove()
    assert stack.calls == PHASES
    assert stack.images == ["old", "old", "old", "new", "new", "new", "new"]
    assert set(results(life).values()) == {HELD}
    assert {"nat deployed", "nat updated", "later updated", "empty destroy"} < {*results(life)}
    assert stack.removed
    assert not stack.file.exists()
    assert not life.removal.left
    assert not run.why


@pytest.mark.parametrize("number", range(6))
def test_ctrl_c_in_each_phase_removes_the_stack(prove: Any, number: int) -> None:
    stack, life, run = prove(ctrl_c(number))
    assert run.why == "interrupted"
    assert stack.calls == [*PHASES[: number + 1], "mend", "destroy"]
    assert stack.removed
    assert not life.removal.left
    # What was interrupted was not tried, and says nothing about AWS.
    assert DIFFERENT not in results(life).values()


def test_ctrl_c_while_a_row_is_asked_removes_the_stack(prove: Any) -> None:
    stack, life, _ = prove(asked=press)
    assert (stack.calls, life.removal.left) == (["preview", "up", "preview", "mend", "destroy"], [])


def test_ctrl_c_does_not_end_a_removal_and_a_second_one_does(prove: Any) -> None:
    stack, life, _ = prove(ctrl_c(6))
    assert stack.removed
    assert not life.removal.left
    stack, life, _ = prove(ctrl_c(6, times=2))
    assert not stack.removed
    assert stack.file.exists()
    assert life.removal.left == [
        "a: front-api aws:apigateway/restApi:RestApi a1 (error: stopped)",
        "a: front-account-logs aws:iam/role:Role (error: stopped)",
    ]


@pytest.mark.parametrize(("limit", "why"), [(60, "interrupted"), (1, "the time limit of")])
def test_sigterm_and_the_time_limit_are_as_ctrl_c(prove: Any, limit: int, why: str) -> None:
    def slow(stack: FakeStack, _: int, command: str) -> None:
        if command == "up":
            if limit > 1:
                os.kill(os.getpid(), signal.SIGTERM)
            assert stack.stopped.wait(5)
            raise error("update canceled")

    stack, _, run = prove(slow, limit=limit)
    assert stack.removed
    assert run.why.startswith(why)


FAILURES: list[tuple[int, str, list[str]]] = [
    (0, "preview", ["preview", "destroy"]),
    (1, "up", ["preview", "up", "destroy"]),
    (2, "second-preview", PHASES),
    (3, "update", ["preview", "up", "preview", "up", "destroy"]),
    (4, "later", ["preview", "up", "preview", "up", "up", "destroy"]),
    (5, "no-drift", PHASES),
]


@pytest.mark.parametrize(("number", "row", "calls"), FAILURES)
def test_a_phase_that_fails_is_the_row_that_did_not_hold(prove: Any, number: int, row: str, calls: list[str]) -> None:
    stack, life, _ = prove(fail(number, "refused for arn:aws:iam::111122223333:role/x"))
    assert stack.calls == calls
    assert [found.row for found in life.results if found.result == DIFFERENT] == [row]
    assert "111122223333" not in str([found.answer for found in life.results])
    assert stack.removed


def test_a_destroy_is_tried_again_and_then_names_what_stays(prove: Any) -> None:
    stack, life, _ = prove(fail(6, "in use"))
    assert stack.calls[6:] == ["destroy", "mend", "destroy"]
    assert not life.removal.left
    stack, life, _ = prove(fail(6, "in use", again=True))
    assert stack.calls[6:] == ["destroy", "mend", "destroy", "mend", "destroy"]
    assert "front-api" in life.removal.left[0]
    assert "in use" in life.removal.left[0]
    assert results(life)["empty destroy"] == DIFFERENT


def test_resources_that_a_destroy_keeps_are_deleted_and_what_aws_denies_is_not_tried(prove: Any) -> None:
    assert prove(fails_to_delete=True)[1].removal.left == ["a: kept 1"]

    def denied() -> None:
        raise NotRead("denied")

    assert results(prove(asked=denied)[1])["nat deployed"] == NOT_TRIED


def test_a_change_is_merged_and_null_removes() -> None:
    before = {"a": {"b": 1, "c": [1]}, "d": 2}
    assert merge_config(before, {"a": {"c": [2]}, "d": None}) == {"a": {"b": 1, "c": [2]}}
    assert before == {"a": {"b": 1, "c": [1]}, "d": 2}
