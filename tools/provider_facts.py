"""What the provider's source declares of each resource type of the SDK: inputs that replace, inputs that keep a value.

`make provider-facts` writes files in review/aws/catalog from a folder with the source of terraform-provider-aws:
provider_facts.json for every type of the SDK, which programs may declare beside components, and
computed_in_blocks.json for the types that the catalog has.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pulumi_aws

from review.aws.catalog.catalog import ROWS
from review.tests.helpers.stacks import ROOT
from tools import provider_names as names
from tools.go_schemas import ANY, Declared, declared
from tools.sdk_tables import list_inputs

CATALOG: Final = ROOT / "review" / "aws" / "catalog"
_EVERYWHERE: Final = frozenset({"region", "tagsAll", "timeouts"})
"""Inputs that no type has of its own: none moves to another region, and time-outs are an option of Pulumi."""
_OPTIONS: Final = frozenset({"timeouts", "tags_all", "region"})
"""Attributes that are Pulumi's own options, or computed."""
_KNOWN: Final = 0.5
"""Share of the inputs of the SDK that a type must declare: another type with its name declares fewer."""


@dataclass(frozen=True)
class Facts:
    """Of one resource type, by the SDK's names; an input of a block is dotted."""

    replaces: list[str]
    """A block includes all inputs in it."""
    kept: list[str]
    unknown: list[str]
    """Inputs that replace it or not with other inputs, or that its source declares in a way that is not read."""
    counted: list[str]
    """Blocks that replace it where their number differs, and not by all that is in them."""


def write(source: Path) -> list[str]:
    """Write the files; returns the types that the source does not have, one line each."""
    types = {kind.name: kind for kind in declared(source)}
    by_token: dict[str, Facts] = {}
    computed: dict[str, dict[str, Any]] = {}
    doubts: list[str] = []
    tokens = sorted(token for token in ROWS if token.startswith("aws:"))
    for token in sorted({*list_tokens(), *tokens}):
        try:
            kind = types[names.type_name(token, types)]
            facts = of_type(token, kind)
        except (KeyError, AttributeError, ImportError):
            facts = None
        if facts is not None:
            by_token[token] = facts
            computed[token] = in_blocks(token, kind) if token in ROWS else {}
        else:
            doubts.append(f"{token}: the provider's source has no such type")
    version = json.dumps((source / "version" / "VERSION").read_text().strip())
    for name, rows in (
        ("provider_facts", {token: _row(facts) for token, facts in by_token.items()}),
        ("computed_in_blocks", {token: row for token, row in computed.items() if row}),
    ):
        # One line for each type, of which the SDK has many.
        lines = ",\n".join(f"  {json.dumps(token)}: {json.dumps(row)}" for token, row in rows.items())
        (CATALOG / f"{name}.json").write_text(f'{{\n "provider": {version},\n "types": {{\n{lines}\n }}\n}}\n')
    return doubts


def list_tokens() -> set[str]:
    """Every resource type of the installed SDK."""
    return {*re.findall(r'"(aws:[\w/]+:\w+)":', Path(pulumi_aws.__file__).read_text(encoding="utf-8"))}


def _row(facts: Facts) -> dict[str, Any]:
    return {key: value for key, value in asdict(facts).items() if value}


def in_blocks(token: str, source: Declared) -> dict[str, Any]:
    """What the provider computes in blocks that a program gives, as a tree: "" is a text, null anything else."""
    tree: dict[str, Any] = {}
    for attribute in source.attributes:
        *above, last = _property(token, source, attribute.path).split(".") if attribute.computed else [""]
        here = tree
        for block in above:
            here = here.setdefault(block, {})
        here |= {last: "" if "String" in attribute.computed else None} if above else {}
    return tree


def of_type(token: str, source: Declared) -> Facts | None:
    """The facts of one type; None if its source is that of another one, or is not read."""
    inputs = list_inputs(token) - _EVERYWHERE
    attributes = (attribute for attribute in source.attributes if not attribute.computed)
    named = {attribute: name for attribute in attributes if (name := _property(token, source, attribute.path))}
    there = {name for name in named.values() if "." not in name}
    if len(there & inputs) < _KNOWN * len(inputs):
        return None
    replaces, kept, unknown = [], [], [*(inputs - there)]
    for attribute, name in named.items():
        above = {".".join(attribute.path[:depth]) for depth in range(1, len(attribute.path) + 1)}
        conditional = not source.conditional.isdisjoint({ANY, attribute.path[-1], *above})
        if attribute.replaces:
            replaces.append(name)
        elif attribute.replaces is None or conditional:
            unknown.append(name)
        if attribute.kept and name not in ("name", "namePrefix"):
            kept.append(name)
    counted = [name for attribute, name in named.items() if attribute.counted]
    return Facts(sorted(replaces), sorted(kept), sorted(unknown), sorted(counted))


def _property(token: str, source: Declared, path: Sequence[str]) -> str:
    """The SDK's name of an attribute; empty if it has none."""
    kinds: Mapping[str, Any] = names.types_of_resource(token)
    steps = list[str]()
    many = defaultdict(bool, {attribute.path: attribute.many for attribute in source.attributes})
    for depth, step in enumerate(path, start=1):
        here = names.properties(source.name, [(step, many[tuple(path[:depth])])], kinds)
        if step not in here or path[0] in _OPTIONS:
            return ""
        steps.append(here[step].name)
        kinds = here[step].inner
    return ".".join(steps)


def main() -> int:
    """Write the facts, and print what the source leaves open."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    if not (source / "internal" / "service").is_dir():
        sys.stderr.write(f"{source} is no source of terraform-provider-aws: it has no internal/service\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in (*write(source), f"written to {CATALOG}")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
