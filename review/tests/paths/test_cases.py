"""What the YAML files here say of ways in small programs: open, closed, in doubt, or none at all."""

import fnmatch
from pathlib import Path
from typing import Any

import pytest

from review.paths import Path as Way
from review.tests.helpers import yaml_programs
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stack_parts import paths
from review.tests.rules import programs as _parts  # noqa: F401 # gives them their names

DEFAULTS = {"kind": "inbound people", "from": "*internet*", "to": "*", "shows": [], "never": [], "then": []}


def _cases() -> list[Any]:
    params = []
    for file in sorted(Path(__file__).parent.glob("*.yaml")):
        whole = yaml_programs.read(file)
        words = whole.pop("words", {})
        for name, family in whole.items():
            for number, case in enumerate(family.get("cases", [{}])):
                given = {**DEFAULTS, **words, **family, **case}
                params.append(pytest.param(given, True, id=f"{name} {number}"))
                if given.get("known") == "both":
                    params.append(pytest.param(given, False, id=f"{name} {number} unknown"))
    return params


def fits(way: Way, given: dict[str, Any]) -> bool:
    if way.kind.name.lower() not in given["kind"] or (given["to"] == "*" and way.target.startswith("members of ")):
        return False
    return fnmatch.fnmatchcase(way.source, given["from"]) and fnmatch.fnmatchcase(way.target, given["to"])


def truth(ways: list[Way]) -> str:
    """The widest answer of some ways."""
    if any(way.open and not way.uncertainty for way in ways):
        return "open"
    if any(way.open for way in ways):
        return "doubt"
    return "closed" if ways else "none"


@pytest.mark.parametrize(("given", "known"), _cases())
def test_ways(given: dict[str, Any], known: bool) -> None:
    build = Builder(known=known)
    yaml_programs.program(given["with"], given)(build)
    reported = paths(build.graph())
    ways = [way for way in reported if fits(way, given)]
    lines = [str(way) for way in reported]
    said = "\n".join(lines)
    if "truth" in given:
        assert truth(ways) == given.get(given["truth"].removeprefix("$"), given["truth"]), said
    if "exactly" in given:
        assert sorted(map(str, ways)) == sorted(given["exactly"])
    for pattern in given["shows"]:
        assert fnmatch.filter(lines, pattern), f"{pattern} in\n{said}"
    for pattern in given["never"]:
        assert not fnmatch.filter(lines, pattern), f"{pattern} in\n{said}"
