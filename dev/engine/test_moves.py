"""How moves are put together and compared, without a binary."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from dev.engine import moves
from dev.engine.cli import Outcome, Step
from dev.engine.cycle import without_secrets
from review.compare.changes import Changes
from tests_of_both.moves import moves as reviewed_moves


def outcome(*steps: tuple[str, str]) -> Outcome:
    made = [Step(verb, f"urn:pulumi:test::gatehouse::aws:ec2/vpc:Vpc::{name}") for verb, name in steps]
    return Outcome(command=(), status=0, seconds=0, steps=made, errors=[], violations=frozenset(), text="")


def changes(*removed: tuple[str, tuple[str, ...]]) -> Changes:
    gone = [SimpleNamespace(name=name, urn=name, type="aws:ec2/vpc:Vpc", dependencies=of) for name, of in removed]
    return cast(Changes, SimpleNamespace(removed=gone, added=(), replaced=(), updated=(), order=()))


def test_chains_have_every_move_once_and_follow_on() -> None:
    made = moves.chains(list(moves.MOVES))
    assert sorted(name for chain in made for name in chain) == sorted(moves.MOVES)
    assert set(reviewed_moves.MOVES) <= set(moves.MOVES)
    pairs = [pair for chain in made for pair in itertools.pairwise(chain)]
    following = [pair for pair in pairs if moves.MOVES[pair[0]][1] == moves.MOVES[pair[1]][0]]
    assert len(following) > len(pairs) / 3


def test_no_chain_makes_a_disk_smaller() -> None:
    large, small = {"backend": {"diskGib": 20}}, {"backend": {"diskGib": 8}}
    assert [moves._shrinks(*each) for each in ((large, small), (large, {}), (small, large), ({}, large))] == [
        True, True, False, False,
    ]  # fmt: skip
    assert moves._shrinks({"network": {"natInstance": {"diskGib": 8}}}, {"network": {}})
    for chain in moves.chains(list(moves.MOVES)):
        for earlier, later in itertools.pairwise(chain):
            assert not moves._shrinks(moves.MOVES[earlier][1], moves.MOVES[later][0])


def test_the_steps_of_the_engine_are_told_apart() -> None:
    steps = moves.of_engine(
        outcome(
            ("create", "new"),
            ("create-replacement", "kept"),
            ("replace", "kept"),
            ("delete-replaced", "first"),
            ("replace", "first"),
            ("update", "same"),
            ("delete-replaced", "kept"),
            ("delete", "old"),
        )
    )
    none: frozenset[str] = frozenset()
    assert steps.deleted_first == {"first"}
    assert [set(names) for names in (steps.created, steps.deleted, steps.updated)] == [{"new"}, {"old"}, {"same"}]
    missed = list(steps.against(moves.Steps(frozenset({"new"}), none, steps.replaced, steps.updated, none)))
    assert missed == [
        "old is deleted by the engine; the review does not say so",
        "first is deleted first by the engine; the review does not say so",
    ]


def test_a_deletion_before_its_time_is_found() -> None:
    said = changes(("user", ("used",)), ("used", ()))
    assert list(moves.out_of_order(outcome(("create", "new"), ("delete", "user"), ("delete", "used")), said)) == []
    assert list(moves.out_of_order(outcome(("delete", "used"), ("create", "new"), ("delete", "user")), said)) == [
        "new is created after used was deleted",
        "used is deleted before user, which depends on it",
    ]


def test_what_is_encrypted_is_taken_out_of_a_stack_file() -> None:
    values: dict[str, Any] = {"proxy": {"webhook": {"scheme": "github", "secret": {"secure": "v1:x:y"}}}, "a": 1}
    assert list(without_secrets(values, "")) == ["proxy.webhook.secret"]
    assert values == {"proxy": {"webhook": {"scheme": "github"}}, "a": 1}


def test_a_move_that_fails_for_another_reason_than_its_refusal_is_a_fault() -> None:
    def failed(*errors: str) -> Outcome:
        return replace(outcome(), status=1, errors=[*errors])

    words = "it is protected"
    assert moves.refusal(failed(f"deleting the balancer: {words}"), ("said",), words).faults == []
    assert moves.refusal(failed("no credentials"), ("said",), words).faults
    assert moves.refusal(failed("no credentials"), ("said",), "").faults
    assert moves.refusal(outcome(), ("said",), words).faults


def test_every_move_that_the_review_refuses_names_its_refusal() -> None:
    refused = {name for name, each in reviewed_moves.MOVES.items() if each.calls == "refused"}
    assert refused == moves._REFUSALS.keys()


def test_moves_that_begin_from_one_config_are_compared_from_one_deployment() -> None:
    groups = moves.beginnings([*moves.MOVES])
    assert sorted(name for names in groups for name in names) == sorted(moves.MOVES)
    firsts = [moves.MOVES[names[0]][0] for names in groups]
    assert all(moves.MOVES[name][0] == first for names, first in zip(groups, firsts, strict=True) for name in names)
    assert all(firsts.count(each) == 1 for each in firsts)
