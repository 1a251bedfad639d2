"""What the YAML files say of each rule: programs that break it, that it leaves alone, and of which it cannot tell."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from review.graph import Graph
from review.rules import Finding, check
from review.tests.helpers import yaml_programs
from review.tests.helpers.graph_builder import Builder, Declare
from review.tests.rules import programs as _parts  # noqa: F401 # gives them their names


@functools.cache
def built(declare: Declare, *, known: bool = True) -> Graph:
    """The graph that is declared; rules and pack are tested in one process, which builds and checks it once."""
    build = Builder(known=known)
    declare(build)
    return build.graph()


@functools.cache
def findings(declare: Declare, *, known: bool = True) -> list[Finding]:
    """What the rules say of it."""
    return check(built(declare, known=known))


@dataclass(frozen=True)
class Planted:
    """One violation: the rule that finds it, the resource that is named, and words of the message."""

    rule: str
    declare: Declare
    at: str
    message: str


@dataclass
class Cases:
    """All that was planted, all that is sound, and what nobody can tell, by rule."""

    planted: list[Planted] = field(default_factory=list)
    doubted: list[Planted] = field(default_factory=list)
    sound: list[tuple[str, Declare]] = field(default_factory=list)

    def add(self, rule: str, entry: dict[str, Any], declare: Declare) -> None:
        """`fails` and `doubts` are the name of the resource that is named, `-` for the stack itself."""
        at = entry.get("fails", entry.get("doubts"))
        if at is None:
            self.sound += [(quiet, declare) for quiet in (rule, *entry.get("also", ()))]
        else:
            case = Planted(rule, declare, at, entry.get("says", ""))
            (self.planted if "fails" in entry else self.doubted).append(case)


def _programs(entry: dict[str, Any], words: dict[str, Any]) -> Iterator[Declare]:
    """One program, or one for each value that stands for `$it`."""
    for it in entry.get("each", (None,)):
        yield yaml_programs.program(entry["with"], {**words, "it": it})


def _all_cases() -> Cases:
    cases = Cases()
    for file in sorted(Path(__file__).parent.glob("*.yaml")):
        whole = yaml_programs.read(file)
        words = whole.pop("words", {})
        for rule, entries in whole.items():
            for entry in entries:
                for declare in _programs(entry, words):
                    cases.add(rule, entry, declare)
    return cases


CASES = _all_cases()
