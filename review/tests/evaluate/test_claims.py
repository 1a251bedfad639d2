"""What a program's process claims: it may add doubt, and takes none away."""

from pathlib import Path
from typing import Any

import pytest

from review.evaluate.claims import Claims
from review.evaluate.failure import LINES, explained
from review.evaluate.project_file import load
from review.evaluate.stack_file import Stack
from review.graph import Unseen

URL, TABLE = "aws:lambda/functionUrl:FunctionUrl", "aws:dynamodb/table:Table"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ([[], None], {Unseen("code", None)}),
        ([None, []], {Unseen("code", None)}),
        ([[TABLE], [URL]], {Unseen("code", frozenset({TABLE, URL}))}),
        ([[URL], []], {Unseen("code", frozenset({URL}))}),
        ([[], []], set()),
    ],
)
def test_no_claim_takes_the_doubt_of_another(claims: list[Any], expected: set[Unseen]) -> None:
    kept = Claims(lambda *_: None)
    for types in claims:
        kept.take({"unrun": {"code": types}})
    assert set(kept.unseen()[0]) == expected


@pytest.mark.parametrize(("text", "frames"), [([1], 5), ("broke", {}), (None, "at"), ("broke", None)])
def test_a_failure_of_the_wrong_types_is_a_message(text: Any, frames: Any, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: a\nruntime: python")
    (tmp_path / "__main__.py").touch()
    kept = Claims(lambda *_: None)
    kept.take({"failed": {"text": text, "own": {}, "frames": frames}})
    for claim, said in (
        (kept.failure or {}, str(text)),
        ({"refused": "x\n" * 99}, "\n".join("x" * LINES)),
        ({"refused": "x" * 3000}, "x" * 1997 + "…"),
    ):
        assert said == explained(claim, load(tmp_path), Stack(name="dev"), [], strict=False, refused="")


def test_of_more_code_than_is_kept_none_is_without_doubt() -> None:
    claims = Claims(lambda *_: None)
    for start in range(3):
        claims.take({"unrun": {f"{start} {number}": [] for number in range(600)}})
    assert claims.unrun is not None
    assert len(claims.unrun) == 1001
    assert claims.unseen()[0] == (Unseen("more code than is listed", None),)


def test_a_later_claim_takes_back_nothing_that_was_tried() -> None:
    claims = Claims(lambda *_: None)
    claims.take({"attempts": ["to a"], "started": ["b"]})
    claims.take({"attempts": ["to c", "to a"], "started": []})
    assert (claims.attempts, claims.started) == (["to a", "to c"], ["b"])
