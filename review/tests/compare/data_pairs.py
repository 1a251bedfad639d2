"""Pairs of `pairs.yaml`: resources, a change of them, and what the first screen must say of it.

A resource is its type, its inputs and perhaps options, a `parent` and a `name` that another one has as well. In inputs,
`${name.output}` is an output of another one, and `json` a document. A change has the inputs that differ, by resource;
null takes one out.
"""

import functools
import operator
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from review.graph import UNKNOWN, Options
from review.tests.graph_builder import Builder, Declare, Json, Made, part

_REFERENCE = re.compile(r"\$\{(?!stageVariables)(\w+)\.(\w+)\}")


@part
def declared(build: Builder, resources: Mapping[str, Any]) -> None:
    made: dict[str, Made] = {}
    left = dict(resources)
    while left:
        # What a change adds comes last, and others may name it.
        name = next(one for one, row in left.items() if not _named(row) & (left.keys() - {one}))
        kind, inputs, *options = left.pop(name)
        given = _with(inputs, made)
        more: dict[str, Any] = dict(*options)
        more |= {key: tuple(value) for key, value in more.items() if isinstance(value, list)}
        parent = made.get(more.pop("parent", ""))
        made[name] = build(kind, more.pop("name", name), options=Options(**more), parent=parent, **given)


def _named(row: Any) -> set[str]:
    return {name for name, _ in _REFERENCE.findall(str(row))} | {dict(*row[2:]).get("parent", "")}


def _with(value: Any, made: Mapping[str, Made]) -> Any:
    if isinstance(value, list):
        return [_with(one, made) for one in value]
    if isinstance(value, dict):
        inner = {key: _with(one, made) for key, one in value.items()}
        return Json(inner["json"]) if inner.keys() == {"json"} else inner
    if value == "${unknown.value}":
        return UNKNOWN
    parts = _REFERENCE.split(value) if isinstance(value, str) else ()
    if len(parts) < 2:
        return value
    texts = [getattr(made[name], key) for name, key in zip(parts[1::3], parts[2::3], strict=True)]
    plain = [one for pair in zip(parts[::3], [*texts, ""], strict=True) for one in pair if one != ""]
    return functools.reduce(operator.add, plain)


def _changed(resources: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: resource for name, resource in resources.items() if change.get(name, resource) is not None}
    for name, one in change.items():
        if isinstance(one, dict):
            kind, inputs, *options = found[name]
            found[name] = [kind, {key: v for key, v in {**inputs, **one}.items() if v is not None}, *options]
        elif one is not None:
            found[name] = one
    return found


_FILE: dict[str, Any] = yaml.load(Path(__file__).with_name("pairs.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
PAIRS: dict[str, tuple[Declare, Declare, Mapping[str, str | list[str]]]] = {
    name: (
        declared(before := {**_FILE["programs"].get(row.get("of"), {}), **row.get("before", {})}),
        declared(_changed(before, row["change"])),
        row["says"],
    )
    for name, row in _FILE["pairs"].items()
}
