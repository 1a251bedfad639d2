"""How moves are put together and compared, without a binary."""

from __future__ import annotations

import itertools
from typing import Any

from tests.engine import moves
from tests.engine.cli import Outcome, Step
from tests.engine.cycle import without_secrets


def outcome(*steps: tuple[str, str]) -> Outcome:
    made = [Step(verb, f"urn:pulumi:test::gatehouse::aws:ec2/vpc:Vpc::{name}") for verb, name in steps]
    return Outcome(command=(), status=0, seconds=0, steps=made, errors=[], violations=frozenset(), text="")


def test_chains_have_every_move_once_and_follow_on() -> None:
    made = moves.chains(list(moves.MOVES))
    assert sorted(name for chain in made for name in chain) == sorted(moves.MOVES)


def test_no_chain_makes_a_disk_smaller() -> None:
    large, small = {"backend": {"diskGib": 20}}, {"backend": {"diskGib": 8}}
    assert [moves._shrinks(*each) for each in ((large, small), (large, {}), (small, large), ({}, large))] == [
        True, True, False, False,
    ]  # fmt: skip
    assert moves._shrinks({"network": {"natInstance": {"diskGib": 8}}}, {"network": {}})
    for chain in moves.chains(list(moves.MOVES)):
        for earlier, later in itertools.pairwise(chain):
            assert not moves._shrinks(moves.MOVES[earlier].after, moves.MOVES[later].before)


def test_the_steps_of_the_engine_are_distinguished() -> None:
    steps = moves.of_engine(
        outcome(
            ("create", "new"),
            ("create-replacement", "kept"),
            ("replace", "kept"),
            ("update", "same"),
            ("delete", "old"),
        )
    )
    assert steps == moves.Steps(frozenset({"new"}), frozenset({"old"}), frozenset({"kept"}))
    others = moves.Steps(frozenset({"new"}), frozenset(), frozenset({"kept", "other"}))
    assert list(steps.against(others, "the review")) == [
        "old is deleted by the engine, and not by the review",
        "other is replaced by the review, and not by the engine",
    ]


def test_what_is_encrypted_is_taken_out_of_a_stack_file() -> None:
    values: dict[str, Any] = {"proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:x:y"}}}, "a": 1}
    assert list(without_secrets(values, "")) == ["proxy.webhook.secret"]
    assert values == {"proxy": {"webhook": {"scheme": "github"}}, "a": 1}
