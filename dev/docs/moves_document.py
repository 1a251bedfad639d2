"""Writes dev/moves.md: the effect of each change that the review finds.

`python -m dev.docs.moves_document` writes dev/moves.md from it; with `--check` it writes nothing and fails if
the document is out of date.
"""

from __future__ import annotations

import argparse
import functools
import json
import sys
from pathlib import Path
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
from review.tests.moves.moves import MOVES
from tests.stacks import ROOT, graph_with

DOCUMENT: Final = ROOT / "dev" / "moves.md"


@functools.cache
def _graph(config: str) -> Graph:
    return graph_with(json.loads(config))


@functools.cache
def changes(move: str) -> Changes:
    """What the review finds of a move."""
    before, after = (_graph(json.dumps(one, sort_keys=True)) for one in (MOVES[move].before, MOVES[move].after))
    sides = Evaluated(before, ROOT), Evaluated(after, ROOT)
    return compare_update(*sides, Usage(), lambda *_: Judged(), "the config before")[0]


def verdict(move: str) -> str:
    """`refused`, `the path ends`, `cut` or `not cut`."""
    found = changes(move)
    if found.refused:
        return "refused"
    if any(one.cut and one.opens is None for one in found.moved):
        return "the path ends"
    before = trace(AwsModel(_graph(json.dumps(MOVES[move].before, sort_keys=True))))
    called = {way.backend.name for way in before.paths if way.open and way.kind is Kind.INBOUND and way.backend}
    stopped = any(effect.startswith(f"{name} is stopped and started") for name in called for effect in found.effects)
    stopped = stopped or any(" from “" in effect for effect in found.effects)
    return "cut" if stopped or any(one.cut for one in found.moved) else "not cut"


def steps(found: Changes) -> dict[str, int]:
    """The number of each step, by what it does."""
    return {f"{step.verb} {step.resource.name}": step.number for step in found.order}


def row(move: str) -> str:
    """A line of the document's table."""
    found = changes(move)
    replaced = ", ".join(one.resource.name for one in found.replaced) or "nothing"
    said = [*found.refused, *(str(one).partition(": ")[2] for one in found.moved), *found.effects]
    details = "; ".join(dict.fromkeys(said)) or "nothing on the way"
    return f"| {move} | {verdict(move)} | {sentence(found, Line.CALLERS)[1]} | {replaced} | {details} |"


def document() -> str:
    """The whole of dev/moves.md."""
    head = """# Moves

This table lists changes of a stack's config, and the effect of one `pulumi up` after each, as
`make preview ARGS="--against HEAD"` reports it. `make docs` writes the table from the resources before and after the
change. Nothing was measured in an account.

| calls | meaning |
|---|---|
| not cut | new calls succeed during the update |
| cut | calls can fail between two steps of the engine; the details name the steps |
| the path ends | callers need another address |
| refused | the update fails; the details describe the first step |

"callers" lists who can now call and who may no longer, by address, method and path. "Not judged" names inputs
that differ and whose effect on callers the review does not know.

- With a domain, REST ↔ HTTP moves the domain to the other API. Calls by the domain fail while `front-mapping` is
  deleted and created again. Only the API's own address ends.
- "Not cut" does not include calls that an instance has not answered when it is deleted: the provider deregisters it and
  does not wait (terraform-provider-aws#5603). An NLB can send new connections to a deregistered target for minutes
  (aws/containers-roadmap#470).

| change | calls | callers | replaced | details |
|---|---|---|---|---|
"""
    return head + "".join(f"{row(move)}\n" for move in MOVES)


def main() -> int:
    """Write the document, or compare it."""
    parser = argparse.ArgumentParser(description="Write dev/moves.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the document is out of date")
    text, path = document(), Path(DOCUMENT)
    if not parser.parse_args().check:
        path.write_text(text)
        return 0
    if path.read_text() == text:
        return 0
    sys.stderr.write("dev/moves.md is out of date: run python -m dev.docs.moves_document\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
