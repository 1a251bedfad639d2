"""The cases of a run come from the files that exist."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from review.rules import RULES
from tests.engine import checks
from tests.engine.__main__ import PROVE_STACKS, RARE, cases
from tests.engine.checks import CHECKS
from tests.helpers.stacks import EXAMPLES, ROOT, STACKS, graph_of
from tests.integration.moves.moves import MOVES


def test_every_stack_check_and_move_is_a_case() -> None:
    parts = [name for case in cases("") for name, _ in case.parts]
    prove_stacks = [path for path in ROOT.rglob("prove/stacks/*.yaml") if ".venv" not in path.parts]
    examples = [path for path in ROOT.glob("examples/*.yaml") if path.read_text().find("\nconfig:") >= 0]
    for kind, names in {
        "prove": [f"prove: {path.stem}" for path in prove_stacks],
        "example": [path.name.removesuffix(".yaml") for path in [*ROOT.glob("Pulumi.*.yaml"), *examples]],
        "type": [f"type: {path.stem}" for path in (ROOT / "tests" / "engine" / "stacks").glob("*.yaml")],
        "check": [f"check: {name}" for name in CHECKS],
        "move": [f"move: {name}" for name in MOVES],
    }.items():
        assert names, f"there is no {kind}"
        assert {name.removeprefix("Pulumi.") for name in names} <= set(parts), kind


# Built by awsx, which needs Docker; and the versions of a function, in the check "version pruning".
WITHOUT_A_STACK: Final = {"Repository", "LifecyclePolicy", "Alias"}


def declared_types(program: Path) -> Iterator[str]:
    """The last word of each type of AWS that a file of the components creates."""
    for node in ast.walk(ast.parse(program.read_text())):
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=ast.Attribute(value=ast.Name(id="aws")))):
                if name[0].isupper() and not name.endswith("Args"):
                    yield name


@pytest.mark.slow
def test_every_type_that_a_component_creates_is_in_a_case() -> None:
    types = {name for path in (ROOT / "components").rglob("*.py") for name in declared_types(path)}
    created = set()
    for stack in (*STACKS, *EXAMPLES, *map(str, [*PROVE_STACKS, *RARE])):
        created |= {resource.type.rpartition(":")[2] for resource in graph_of(stack).resources.values()}
    assert types > WITHOUT_A_STACK
    assert types - created == WITHOUT_A_STACK


def test_the_checks_await_policies_of_the_pack() -> None:
    awaited = set(re.findall(r'"policy ([A-Z]+-\d+): "', inspect.getsource(checks)))
    assert awaited
    assert awaited <= {rule.id for rule in RULES.values() if rule.in_pack}
