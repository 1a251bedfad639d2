"""The cases of a run come from the files that exist."""

from review.tests.helpers.stacks import ROOT
from tests.engine.__main__ import cases
from tests.engine.checks import CHECKS
from tests.integration.moves.moves import MOVES


def test_every_stack_check_and_move_is_a_case() -> None:
    parts = [name for case in cases("") for name, _ in case.parts]
    proofs = [path for path in ROOT.rglob("prove/stacks/*.yaml") if ".venv" not in path.parts]
    examples = [path for path in ROOT.glob("examples/*.yaml") if path.read_text().find("\nconfig:") >= 0]
    for kind, names in {
        "proof": [f"prove: {path.stem}" for path in proofs],
        "example": [path.name.removesuffix(".yaml") for path in [*ROOT.glob("Pulumi.*.yaml"), *examples]],
        "check": [f"check: {name}" for name in CHECKS],
        "move": [f"move: {name}" for name in MOVES],
    }.items():
        assert names, f"there is no {kind}"
        assert {name.removeprefix("Pulumi.") for name in names} <= set(parts), kind
