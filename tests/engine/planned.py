"""The review by the engine's own plan and state, beside the offline review of the same stack and of the same move."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from review.aws.model.model import AwsModel
from review.compare.comparison import Comparison, compare
from review.compare.lines import Group
from review.cost import Usage, estimate
from review.engine_files.plan import read_plan
from review.engine_files.states import graph_of as graph_of_states
from review.engine_files.update import planned_resources
from review.graph import Graph, Origin
from review.reach import trace
from review.rules import check

from .cli import Engine

PLAN: Final = ("preview", "--json", "--show-sames", "--show-replacement-steps")
_DOUBT: Final = " (cannot tell: "
"""A plan has no address, ARN or URL of what it creates. Paths and prices that rest on one are in doubt by the plan."""


def of_move(engine: Engine, stack: str, offline: Comparison) -> Iterator[str]:
    """Where the comparison by the plan differs from the offline one."""
    yield from unlike(offline, by_plan(written(engine, stack, "plan", *PLAN)))


def of_stack(engine: Engine, stack: str, graph: Graph) -> Iterator[str]:
    """Where a review by the state, or by the plan of the unchanged stack, differs from the offline one."""
    exported = json.loads(Path(written(engine, stack, "state", "stack", "export")).read_text())
    state = graph_of_states(exported["deployment"]["resources"], Origin.STATE, graph.config)
    plan = read_plan(written(engine, stack, "plan", *PLAN))
    for name, changes in (("state", state), ("plan", plan.after)):
        for part, wanted in answers(graph).items():
            yield from _apart(f"{part}, by the {name}", wanted, answers(changes)[part])


def by_plan(file: str) -> Comparison:
    """The comparison of what stands with what will stand, by a plan."""
    plan = read_plan(file)
    resources = planned_resources(plan, plan.before, plan.after)
    return compare(plan.before, plan.after, Usage(), "what is deployed", resources)


def unlike(offline: Comparison, planned: Comparison) -> Iterator[str]:
    """Where two comparisons of the same move differ in resources, open calls, paths and rules.

    Calls and money are left out: a plan does not know the addresses and the IDs on which some of them rest.
    """
    mine, others = sentences(offline), sentences(planned)
    for part, wanted in mine.items():
        yield from _apart(part, *_without_doubts(wanted, others[part]))


def sentences(found: Comparison) -> dict[str, list[str]]:
    """The facts that both comparisons must state."""
    changes = found.resources.changes
    return {
        "created": _names(found.resources.added),
        "deleted": _names(found.resources.removed),
        "replaced": _names(change.new for change in changes if change.replacing),
        "open": [line.text for line in found.of_group(Group.OPEN)],
        "paths": [line.text for line in found.of_group(Group.PATHS)],
        "rules": [line.text for line in found.of_group(Group.RULES)],
    }


def answers(graph: Graph) -> dict[str, list[str]]:
    """What a review says of a stack."""
    reach = trace(AwsModel(graph))
    findings = check(graph, reach)
    bill = estimate(reach.model)
    return {
        "resources": sorted(f"{resource.name} ({resource.type})" for resource in graph if resource.custom),
        "findings": sorted(f"{finding.rule.id} {finding.status.value}: {finding.message}" for finding in findings),
        "paths": sorted(map(str, reach.paths)),
        "bill": [f"{line.label}: {line.amount}" for line in bill.lines],
    }


def _apart(part: str, offline: Iterable[str], others: Iterable[str]) -> Iterator[str]:
    mine, theirs = [*offline], [*others]
    yield from (f"{part}: only offline: {text}" for text in mine if text not in theirs)
    yield from (f"{part}: not offline: {text}" for text in theirs if text not in mine)


def _without_doubts(offline: Sequence[str], planned: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both without the paths of which the plan cannot tell and the offline comparison can: the same from end to end."""
    doubted = {_ends(text) for text in planned if _DOUBT in text}
    certain = {_ends(text) for text in offline if _DOUBT not in text}
    return (
        [text for text in offline if _DOUBT in text or _ends(text) not in doubted],
        [text for text in planned if _DOUBT not in text or _ends(text) not in certain],
    )


def _ends(path: str) -> tuple[str, str]:
    places = path.partition(_DOUBT)[0].split(" → ")
    return places[0], places[-1]


def _names(resources: Iterable[Any]) -> list[str]:
    return sorted(resource.name for resource in resources if resource.type.startswith("aws:"))


def written(engine: Engine, stack: str, name: str, *command: str, cwd: Path | None = None) -> str:
    """What a command prints, in a file. A plan hides secrets, and an export has them encrypted."""
    printed = engine.run(*command, stack=stack, cwd=cwd).text
    file = engine.folder / f"{name}.json"
    # Warnings of plugins follow the document.
    document, _ = json.JSONDecoder().raw_decode(printed[printed.index("{") :])
    file.write_text(json.dumps(document))
    return str(file)
