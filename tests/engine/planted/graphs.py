"""Graphs of the rules' tests, many in one, and what the review finds in them."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from review.graph import Resource, reveal
from review.policy.pack import CANNOT_TELL
from review.rules import RULES, Status, check
from review.tests.graph_builder import Builder, Made
from review.tests.rules.cases import CASES, Planted

Found = tuple[str, str]
Build = TypeVar("Build", bound=Builder)

# An update of more takes longer than the engine's run waits.
_TOGETHER = 25
_CASES_FOLDER = Path(__file__).parents[3] / "review" / "tests" / "rules"


@functools.cache
def groups() -> list[list[Planted]]:
    """Faults for each rule of the pack that shows in such a graph: most in a few graphs, the others in their own."""
    for module in sorted(_CASES_FOLDER.glob("cases_*.py")):
        importlib.import_module(f"review.tests.rules.{module.stem}")
    wanted = rules()
    together = _apart({case.rule: case for case in CASES.planted if case.rule in wanted and _fits(case, "probe-")})
    shared = [together[start : start + _TOGETHER] for start in range(0, len(together), _TOGETHER)]
    covered = {rule for group in shared for rule, _ in expected(group, known=True)[0]}
    alone = {case.rule: case for case in CASES.planted if case.rule in wanted - covered and _fits(case, "")}
    return [*shared, *([case] for case in alone.values())]


def _apart(planted: Mapping[str, Planted]) -> list[Planted]:
    """Those of which no two have a resource with the same ARN: a task's is made of its family alone."""
    chosen: list[Planted] = []
    taken: set[Any] = set()
    for case in planted.values():
        build = Builder()
        build.prefix = f"case-{len(chosen)}-"
        case.declare(build)
        arns = {resource.state["arn"] for resource in build.resources.values() if "arn" in resource.state}
        if not arns & taken:
            chosen.append(case)
            taken |= arns
    return chosen


def rules() -> set[str]:
    """The rules of the pack."""
    return {rule.id for rule in RULES.values() if rule.in_pack}


def _fits(planted: Planted, prefix: str) -> bool:
    """Whether the fault shows without config, and by declarations of AWS alone."""
    build = _Declared()
    build.prefix = prefix
    try:
        planted.declare(build)
    except ValueError:  # it looks for its own resources by names without a prefix
        return False
    foreign = any(resource.custom and not resource.type.startswith("aws:") for resource in build.resources.values())
    return not (foreign or build.config or build.resources != build.declared)


class _Declared(Builder):
    """Remembers what was declared: some tests take it away or write over it afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.declared: dict[str, Resource] = {}

    def __call__(self, kind: str, name: str, /, **more: Any) -> Made:
        resource = super().__call__(kind, name, **more)
        self.declared[resource.urn] = self.resources[resource.urn]
        return resource


def declare(group: Iterable[Planted], make: Callable[[], Build]) -> list[Build]:
    """Declare every graph of a group, each with a builder and with names of its own."""
    group, builds = list(group), []
    for position, planted in enumerate(group):
        build = make()
        build.prefix = f"case-{position}-" if len(group) > 1 else ""
        planted.declare(build)
        builds.append(build)
    return builds


def expected(group: Iterable[Planted], *, known: bool) -> tuple[set[Found], set[Found]]:
    """Findings that the pack must report, and those that it may: rule and resource, or `-` for the whole stack.

    The engine gives resources in its own order. Of two that collide, either may be named.
    """
    resources = [part for build in declare(group, lambda: Builder(known=known)) for part in build.resources.values()]
    first, other = (_found(order, known=known) for order in (resources, resources[::-1]))
    failed = [{(rule, at) for rule, at, status in findings if status is Status.FAILED} for findings in (first, other)]
    inconclusive = {(rule, at) for rule, at, status in first | other if status is Status.INCONCLUSIVE}
    unclear = {(CANNOT_TELL[RULES[rule].severity], at) for rule, at in inconclusive}
    return failed[0] & failed[1], failed[0] | failed[1] | unclear


def _found(resources: Iterable[Resource], *, known: bool) -> set[tuple[str, str, Status]]:
    whole = Builder(known=known)
    # The engine tells no policy which values are secret.
    whole.resources = {one.urn: replace(one, inputs=_opened(one.inputs), state=_opened(one.state)) for one in resources}
    return {
        (finding.rule.id, finding.resource.name if finding.resource else "-", finding.status)
        for finding in check(whole.graph())
        if finding.rule.in_pack
    }


def _opened(value: Any) -> Any:
    """The value without marks of secrecy, at any depth."""
    match reveal(value):
        case Mapping() as inner:
            return {key: _opened(part) for key, part in inner.items()}
        case list() as inner:
            return [_opened(part) for part in inner]
        case inner:
            return inner
