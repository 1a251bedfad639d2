"""The table of inputs: each is read, harmless or puts an answer in doubt."""

import importlib
import json
import os
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pulumi import _types

import review
from review.aws.catalog.catalog import ROWS
from review.graph import unread

READERS = ("aws", "paths", "rules", "graph", "cost")
FILE = Path(unread.__file__).with_name("inputs.json")


PARTS = unread.load_input_table()
HARMLESS = {name for names in PARTS["harmless"].values() for name in names}


def inputs_of(token: str) -> Iterator[str]:
    service, kind = token.split(":")[1].split("/")[0], token.rpartition(":")[2]
    module = importlib.import_module(f"pulumi_aws.{'lambda_' if service == 'lambda' else service}")
    arguments = getattr(module, f"{kind}Args")
    unread_blocks = HARMLESS | PARTS["opens"].get(token, frozenset()) | PARTS["closes"].get(token, frozenset())
    yield from set(_types.input_type_py_to_pulumi_names(arguments).values())
    for key, kinds in _types.input_type_types(arguments).items():
        if key not in unread_blocks:
            yield from inner_inputs(kinds, f"{key}.", set())


def inner_inputs(kinds: Any, block: str, seen: set[Any], name: str = "") -> Iterator[str]:
    blocks = [*blocks_in(kinds)]
    if blocks:
        yield f"{block}{name}." if name else block
    for trace in blocks:
        if trace not in seen:
            seen.add(trace)
            for key, inner in _types.input_type_types(trace).items():
                yield f"{block}{key}"
                yield from inner_inputs(inner, block, seen, key)


def blocks_in(kinds: Any) -> Iterator[Any]:
    if isinstance(kinds, type) and _types.is_input_type(kinds):
        yield kinds
    for one in typing.get_args(kinds):
        yield from blocks_in(one)


def test_table_has_the_inputs_of_the_sdk() -> None:
    """`UPDATE_SNAPSHOTS=1` writes them; then a new input is read, or gets its reason."""
    roles = {token for token, row in ROWS.items() if row.role and token.startswith("aws:")}
    found = {token: " ".join(sorted(set(inputs_of(token)))) for token in sorted(roles)}
    parts = json.loads(FILE.read_text())
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FILE.write_text(json.dumps({**parts, "types": found}, indent=1) + "\n")
    assert json.loads(FILE.read_text())["types"] == found


def test_every_input_is_read_harmless_or_uncertain() -> None:
    root = Path(review.__file__).parent
    files = [path for folder in READERS for path in (root / folder).rglob("*.py")]
    source = (path.read_text() for path in files)
    words = {word for text in source for word in re.findall(r"\w+", text)}
    inner = {name for names in PARTS["inner"].values() for name in names}
    for token, names in PARTS["types"].items():
        uncertain = PARTS["opens"].get(token, frozenset()) | PARTS["closes"].get(token, frozenset())
        left = {name for name in names - uncertain if not name.endswith(".")}
        left -= {name for name in left if "." in name and name.partition(".")[2] in HARMLESS | inner}
        assert not {name.rpartition(".")[2] for name in left} - words - HARMLESS, token
        assert not {name.rpartition(".")[2] for name in uncertain} & words, f"{token}: what is read needs no doubt"
        assert uncertain <= names, token
    assert not (HARMLESS | inner) & words
