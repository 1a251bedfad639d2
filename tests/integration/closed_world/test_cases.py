"""What a report vouches for beside resources that no component declares.

A file of `cases/` has cases by name. `beside` is a program of the folder of this name, or `program` a whole one;
`before` is put in front of it and `adds` behind it. In `neighbours.yaml` each vouches for all, unless it says
otherwise. Then, each only if it is given:

- `withheld`: what the report does not vouch for: `only way in`, a protection's word, the ID of a rule
- `vouched`: what it does vouch for
- `because`: words of the section "This does not rest on", or `nothing`
- `exit`: the exit status of `--strict=unknown`
- `failed`: IDs of rules that fail
- `says`, `never`: words that the report has, or has not
"""

import functools
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.cli.output import find_exit_status
from review.evaluate.runner import Evaluation
from review.graph import Graph
from review.ledger.ledger import Vouched
from review.report.render.text import format_plain
from review.report.report import Report, report
from tests.integration.closed_world.evaluation import NEIGHBOURS, evaluate, evaluate_pieces, is_piece

HERE = Path(__file__).parent
_PARTS = {"before": NEIGHBOURS}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "neighbours": {**_PARTS, "vouched": ["only way in", "IAM"], "exit": 0, "never": ["cannot tell"]},
    "what_opens_like_neighbours": _PARTS,
}
CASES: dict[str, dict[str, Any]] = {
    f"{file.stem}: {name}": {**_DEFAULTS.get(file.stem, {}), **case}
    for file in sorted((HERE / "cases").glob("*.yaml"))
    for name, case in yaml.safe_load(file.read_text(encoding="utf-8")).items()
}
KEYS = {"beside", "program", "before", "adds", "withheld", "vouched", "because", "exit", "failed", "says", "never"}
ONLY = "only way in"


def review(name: str, folder: Path) -> Report:
    case = CASES[name]
    graph = _evaluate_pieces(case["beside"])[name] if is_piece(case) else evaluate(case, folder)
    return report(Evaluation(graph, graph))


@functools.cache
def _evaluate_pieces(beside: str) -> dict[str, Graph]:
    cases = {name: case for name, case in CASES.items() if is_piece(case) and case["beside"] == beside}
    return evaluate_pieces(beside, cases)


@functools.cache
def find_words() -> frozenset[str]:
    return frozenset({"signature", "token", "IAM", "JWT", "Cognito", "authorizer", "key", "WAF"})


def list_withheld(made: Report) -> set[str]:
    """What the report does not vouch for, as cases name it."""
    withheld = {finding.rule.id for finding in made.list_findings("inconclusive")}
    withheld |= set() if isinstance(made.others, Vouched) else {ONLY}
    labels = [hop.label.partition("cannot tell whether ")[2] for path in made.paths for hop in path.hops]
    return withheld | {word for word in find_words() if any(word in label for label in labels)}


@pytest.mark.parametrize("name", CASES)
def test_a_report_vouches_only_for_what_nothing_unread_can_falsify(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    assert case.keys() <= KEYS
    made = review(name, tmp_path)
    text = format_plain(made)
    withheld, entries = list_withheld(made), "\n".join(made.ledger.lines)
    assert set(case.get("withheld", ())) <= withheld, (text, entries)
    assert withheld.isdisjoint(case.get("vouched", ())), (text, entries)
    if case.get("because") == "nothing":
        assert not made.ledger.entries, entries
    for words in [case["because"]] if isinstance(case.get("because"), str) else case.get("because", ()):
        assert words == "nothing" or words in entries, (text, entries)
    if "exit" in case:
        assert find_exit_status(made, "unknown") == case["exit"], text
    assert set(case.get("failed", ())) <= {finding.rule.id for finding in made.list_findings("failed")}, text
    flat = " ".join(text.split())
    for words in case.get("says", ()):
        assert words in flat, text
    for words in case.get("never", ()):
        assert words not in flat, text
