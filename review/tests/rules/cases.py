"""How the tests of rules are written: a graph with a fault planted, and one beside it that is sound."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

from review.graph import Graph
from review.rules import Finding, check
from review.tests.graph_builder import Builder, Declare


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

    def fault(self, rule: str, at: str, message: str = "") -> Callable[[Declare], Declare]:
        """`at` is the name of the resource that the finding names; `-` for the stack itself."""

        def register(declare: Declare) -> Declare:
            self.planted.append(Planted(rule, declare, at, message))
            return declare

        return register

    def doubt(self, rule: str, at: str = "", message: str = "") -> Callable[[Declare], Declare]:
        """Of what is not known the rule cannot tell."""

        def register(declare: Declare) -> Declare:
            self.doubted.append(Planted(rule, declare, at, message))
            return declare

        return register

    def quiet(self, *rules: str) -> Callable[[Declare], Declare]:
        def register(declare: Declare) -> Declare:
            self.sound.extend((rule, declare) for rule in rules)
            return declare

        return register


CASES = Cases()
fault = CASES.fault
doubt = CASES.doubt
quiet = CASES.quiet
