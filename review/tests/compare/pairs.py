"""Pairs of pairs.yaml: two graphs, and the line that their comparison must have."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from review.compare.comparison import Comparison
from review.graph import UNKNOWN, Graph, Options
from review.tests.helpers.graph_builder import Builder, Json, Made
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import remembered

_FILE: Final[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("pairs.yaml").read_text(encoding="utf-8"))
PAIRS: Final[Mapping[str, Mapping[str, Any]]] = _FILE["pairs"]
_REFERENCE: Final = re.compile(r"\$\{(\w+)\.(\w+)\}")


@functools.cache
def graphs(name: str) -> tuple[Graph, Graph]:
    """Both versions of a pair."""
    pair = PAIRS[name]
    if "of" in pair:
        before = dict(_FILE["configs"][pair["of"]])
        return remembered(before), remembered({**before, **pair["change"]})
    return _declared(pair["resources"]), _declared(_changed(pair["resources"], pair["change"]))


@functools.cache
def comparison(name: str) -> Comparison:
    return compare_graphs(*graphs(name))


def _changed(resources: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(resources)
    for name, row in change.items():
        if isinstance(row, dict):
            kind, inputs, *options = found[name]
            merged = {key: value for key, value in {**inputs, **row}.items() if value is not None}
            found[name] = [kind, merged, *options]
        else:
            found[name] = row
    return {name: row for name, row in found.items() if row is not None}


def _declared(resources: Mapping[str, Any]) -> Graph:
    build, made = Builder(), dict[str, Made]()
    for name, (kind, inputs, *options) in resources.items():
        more: dict[str, Any] = dict(*options)
        more |= {key: tuple(value) for key, value in more.items() if isinstance(value, list)}
        made[name] = build(kind, name, options=Options(**more), **_with_references(inputs, made))
    return build.graph()


def _with_references(value: Any, made: Mapping[str, Made]) -> Any:
    if isinstance(value, list):
        return [_with_references(member, made) for member in value]
    if isinstance(value, dict):
        inner = {key: _with_references(part, made) for key, part in value.items()}
        return Json(inner["json"]) if inner.keys() == {"json"} else inner
    reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if reference is None:
        return value
    return UNKNOWN if reference[1] == "unknown" else getattr(made[reference[1]], reference[2])
