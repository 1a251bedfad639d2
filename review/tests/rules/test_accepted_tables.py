"""Each row of the tables of values that AWS takes is of inputs that exist, finds what it is for, and nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest

from review.aws.catalog.tables import table
from review.rules import Status, check
from review.tests.graph_builder import Builder
from review.tests.sdk import sdk_names

ROWS = [(kind, row) for by_type in table("together").values() for kind, rows in by_type.items() for row in rows]
RANGED = [(kind, key) for by_type in table("accepted").values() for kind, keys in by_type.items() for key in keys]


def messages(kind: str, row: Mapping[str, Any], inputs: Mapping[str, Any]) -> set[str]:
    """What the rule has to say of a resource with these inputs, by path."""
    held: dict[str, Any] = {}
    for path, value in inputs.items():
        *above, last = path.split(".")
        holder = held
        for key in above:
            holder = holder.setdefault(key, {})
        holder[last] = value
    build = Builder()
    build(kind.removeprefix("aws:"), "it", **({row["of"]: [held]} if "of" in row else held))
    findings = check(build.graph())
    return {finding.message for finding in findings if finding.rule.id == "FIT-49" and finding.status is Status.FAILED}


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=[f"{kind} {at}" for at, (kind, _) in enumerate(ROWS)])
def test_a_row_finds_what_it_is_for(kind: str, row: Mapping[str, Any]) -> None:
    case = {key: ["x"] if wanted == "any" else wanted[-1] for key, wanted in row.get("when", {}).items()}
    needed, rise = row.get("needs", []), row.get("rise", [])
    others = {one.split("|")[-1]: "x" for one in needed} | {key: at for at, key in enumerate(rise, 2)}
    quiet = messages(kind, row, case | others)
    lacks = {one: messages(kind, row, case | {key: others[key] for key in others if key != one.split("|")[-1]}) - quiet
             for one in needed}  # fmt: skip
    excluded = {one: messages(kind, row, case | others | {one: 1}) - quiet for one in row.get("excludes", [])}
    turned = [messages(kind, row, case | others | {one: 1}) - quiet for one in rise[1:]]
    assert all(any(f"no {' or '.join(one.split('|'))}" in said for said in found) for one, found in lacks.items())
    assert all(any(f"which excludes {one}" in said for said in found) for one, found in excluded.items())
    assert all(turned)


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in (*ROWS, *RANGED)}))
def test_rows_are_of_inputs_that_exist(kind: str) -> None:
    paths = {key for each, key in RANGED if each == kind}
    for row in (row for each, row in ROWS if each == kind):
        keys = [key for name in ("when", "needs", "excludes", "rise") for key in row.get(name, ())]
        paths |= {row["of"]} if "of" in row else {key for one in keys for key in one.split("|")}
    assert {path.partition(".")[0] for path in paths} <= sdk_names(kind)
