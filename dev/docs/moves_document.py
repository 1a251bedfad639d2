"""The effect of each change that the review finds: for readers in docs/changes.md, for `make engine` in dev/moves.json.

`python -m dev.docs.moves_document` writes both.
"""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict
from typing import Final

from review.aws.model.model import AwsModel
from review.compare.changes import Changes, compare_update
from review.compare.effect import Line
from review.compare.engine.side import Evaluated
from review.cost import Usage
from review.graph import Graph
from review.graph.judged import Judged
from review.reach import trace
from review.reach.path import Kind
from review.report.render.verdict import sentence
from tests.helpers.stacks import ROOT, graph_with
from tests_of_both.moves.moves import MOVES

PAGE: Final = ROOT / "docs" / "changes.md"
RECORD: Final = ROOT / "dev" / "moves.json"
_BEGIN: Final = "<!-- changes: written by `make docs` -->\n"
_END: Final = "<!-- end of changes -->\n"
_GOES_ON: Final = re.compile(r"not cut$|(“.+” completes|the new path is complete)|“.+” moves the calls in one step$")
"""Details that say how calls go on."""
_REFUSED: Final = {
    "a zone removed, with copies in it": "in the preview, by the component: see [below](#changes-that-need-two-updates)"
}
"""Changes that a component refuses (components/ingress/left_zones.py). The review describes what they would do."""


@functools.cache
def _graph(config: str) -> Graph:
    return graph_with(json.loads(config))


@functools.cache
def changes(move: str) -> Changes:
    """What the review finds of a move."""
    before, after = (_graph(json.dumps(state, sort_keys=True)) for state in (MOVES[move].before, MOVES[move].after))
    sides = Evaluated(before, ROOT), Evaluated(after, ROOT)
    return compare_update(*sides, Usage(), lambda *_: Judged(), "the config before")[0]


def verdict(move: str) -> str:
    """`refused`, `the path ends`, `cut` or `not cut`."""
    result = changes(move)
    if result.refused:
        return "refused"
    if any(passage.cut and passage.opens is None for passage in result.moved):
        return "the path ends"
    before = trace(AwsModel(_graph(json.dumps(MOVES[move].before, sort_keys=True))))
    called = {way.backend.name for way in before.paths if way.open and way.kind is Kind.INBOUND and way.backend}
    stopped = any(effect.startswith(f"{name} is stopped and started") for name in called for effect in result.effects)
    stopped = stopped or any(" from “" in effect for effect in result.effects)
    return "cut" if stopped or any(passage.cut for passage in result.moved) else "not cut"


def steps(result: Changes) -> dict[str, int]:
    """The number of each step, by what it does."""
    return {f"{step.verb} {step.resource.name}": step.number for step in result.order}


def entry(move: str) -> dict[str, str]:
    """A move's entry in the record."""
    result = changes(move)
    said = [*result.refused, *(str(passage).partition(": ")[2] for passage in result.moved), *result.effects]
    return {
        "calls": verdict(move),
        "callers": sentence(result, Line.CALLERS)[1],
        "replaced": ", ".join(change.resource.name for change in result.replaced) or "nothing",
        "details": "; ".join(dict.fromkeys(said)),
    }


def record() -> str:
    """The whole of dev/moves.json."""
    return json.dumps({move: entry(move) for move in MOVES}, indent=1, ensure_ascii=False) + "\n"


def page() -> str:
    """docs/changes.md with its list of changes: those with an effect in a table, and the number of the others."""
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in MOVES:
        row = entry(move)
        effects = "; ".join(part for part in row["details"].split("; ") if not _GOES_ON.match(part))
        alike[("refused", _REFUSED[move]) if move in _REFUSED else (row["calls"], effects)].append(move)
    more = f"{len(alike.pop(('not cut', '')))} other changes cut no call: [moves.json](../dev/moves.json) lists them."
    rows = [f"| {'; '.join(moves)} | {calls} | {effects} |" for (calls, effects), moves in alike.items()]
    table = "\n".join(["| change | calls | effect |", "|---|---|---|", *rows])
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return f"{before}{_BEGIN}\n{table}\n\n{more}\n\n{_END}{rest.partition(_END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    RECORD.write_text(record(), encoding="utf-8")
