"""What the provider's source declares of each resource type of the SDK: inputs that replace, inputs that keep a value.

`make provider-facts` writes review/aws/catalog/provider_facts.json from a folder with the source of
terraform-provider-aws. What the case "inputs that replace" of `make engine` plans with a provider is held against it.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pulumi_aws
from pulumi._types import input_type_py_to_pulumi_names

from review.aws.catalog.catalog import ROWS
from review.tests.sdk import sdk_class
from tests.helpers.stacks import ROOT

from .aws_plugin import names
from .go_schemas import ANY, Declared, declared

FILE: Final = ROOT / "review" / "aws" / "catalog" / "provider_facts.json"
_EVERYWHERE: Final = frozenset({"region", "tagsAll", "timeouts"})
"""Inputs that no type has of its own: none moves to another region, and time-outs are an option of Pulumi."""
_OPTIONS: Final = frozenset({"timeouts", "tags_all", "region"})
"""Attributes that are Pulumi's own options, or computed."""
_KNOWN: Final = 0.6
"""Share of the inputs of the SDK that a type must declare: another type with its name declares fewer."""


@dataclass(frozen=True)
class Facts:
    """Of one resource type, by the SDK's names; an input of a block is dotted."""

    replaces: list[str]
    kept: list[str]
    unknown: list[str]
    """Inputs that replace it or not with other inputs, or that its source declares in a way that is not read."""
    bounds: dict[str, list[tuple[float | None, float | None]]]
    """Ranges of the numbers that inputs take, each with the least and the most."""


def write(source: Path) -> list[str]:
    """Write the file; returns what could not be found out, one line each."""
    types = {kind.name: kind for kind in declared(source)}
    found: dict[str, Facts] = {}
    doubts: dict[str, str] = {}
    for token in sorted({*_tokens(), *(row for row in ROWS if row.startswith("aws:"))}):
        try:
            facts = of_type(token, types[names.type_name(token, types)])
        except (KeyError, AttributeError, ImportError):
            facts = None
        if facts is not None:
            found[token] = facts
        elif token in ROWS:
            doubts[token] = "the provider's source has no such type"
    version = (source / "version" / "VERSION").read_text().strip()
    # One line for each type, of which the SDK has many.
    rows = ",\n".join(f"  {json.dumps(token)}: {json.dumps(_row(facts))}" for token, facts in found.items())
    unknown = json.dumps(doubts, indent=2)
    FILE.write_text(f'{{\n "provider": "{version}",\n "types": {{\n{rows}\n }},\n "not known": {unknown}\n}}\n')
    return [f"{token}: {why}" for token, why in doubts.items()]


def _row(facts: Facts) -> dict[str, Any]:
    """Of a type without bounds, which most are, the row is short."""
    return {key: value for key, value in asdict(facts).items() if value or key != "bounds"}


def _tokens() -> set[str]:
    """Every resource type of the installed SDK."""
    return {*re.findall(r'"(aws:[\w/]+:\w+)":', Path(pulumi_aws.__file__).read_text(encoding="utf-8"))}


def _inputs(token: str) -> Iterator[str]:
    """What a program may give; a block of another type may have the shorter name of the class."""
    with suppress(ImportError, AttributeError):
        return iter(input_type_py_to_pulumi_names(sdk_class(token, "InitArgs")).values())
    return iter(input_type_py_to_pulumi_names(sdk_class(token, "Args")).values())


def of_type(token: str, source: Declared) -> Facts | None:
    """The facts of one type; None if its source is that of another one, or is not read."""
    inputs = {*_inputs(token)} - _EVERYWHERE
    named = {attribute: name for attribute in source.attributes if (name := _property(token, source, attribute.path))}
    there = {name for name in named.values() if "." not in name}
    if len(there & inputs) < _KNOWN * len(inputs):
        return None
    replaces, kept, unknown = [], [], [*(inputs - there)]
    for one, name in named.items():
        conditional = ANY in source.conditional or not source.conditional.isdisjoint((one.path[0], one.path[-1]))
        if one.replaces:
            replaces.append(name)
        elif one.replaces is None or conditional:
            unknown.append(name)
        if one.kept and name not in ("name", "namePrefix"):
            kept.append(name)
    bounds = {name: [*map(_whole, one.bounds)] for one, name in named.items() if one.bounds}
    return Facts(sorted(replaces), sorted(kept), sorted(unknown), dict(sorted(bounds.items())))


def _whole(bounds: tuple[float | None, float | None]) -> tuple[float | None, float | None]:
    """Bounds that JSON has without a fraction where they have none."""
    least, most = (int(each) if each is not None and each.is_integer() else each for each in bounds)
    return least, most


def _property(token: str, source: Declared, path: Sequence[str]) -> str:
    """The SDK's name of an attribute; empty if it has none."""
    kinds: Mapping[str, Any] = names.types_of_resource(token)
    found = list[str]()
    many = defaultdict(bool, {attribute.path: attribute.many for attribute in source.attributes})
    for depth, step in enumerate(path, start=1):
        here = names.properties(source.name, [(step, many[tuple(path[:depth])])], kinds)
        if step not in here or path[0] in _OPTIONS:
            return ""
        found.append(here[step].name)
        kinds = here[step].inner
    return ".".join(found)
