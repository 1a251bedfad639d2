"""The section of `review.answers.yaml` that AWS's answers are in. Whatever stands above it stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from ..evaluate.answers import Asked, find_file
from ..evaluate.mocks import ANSWERS_FILE

_HEAD: Final = "# Written by `gatehouse answers`, which replaces everything below this line."


def merge_asked(before: Iterable[Asked], now: Iterable[Asked]) -> list[Asked]:
    """All entries, with those of `now` in place of older ones with the same question."""
    together = {entry.question: entry for entry in (*before, *now)}
    return [together[question] for question in sorted(together)]


def list_changes(before: Iterable[Asked], now: Iterable[Asked]) -> Iterator[str]:
    """A sentence for each answer that is new, or that has another value now."""
    older = {entry.question: entry for entry in before}
    for entry in now:
        earlier = older.get(entry.question)
        name = f"{entry.lookup} {json.dumps(entry.arguments, sort_keys=True)}" if entry.arguments else entry.lookup
        if earlier is None:
            yield f"new: {name}"
            continue
        for key in sorted({*earlier.result, *entry.result}):
            was, found = earlier.result.get(key), entry.result.get(key)
            if was != found:
                yield f"changed since {earlier.date}: {name}: {key}: {json.dumps(was)} → {json.dumps(found)}"


def write_asked(root: Path, entries: Iterable[Asked]) -> Path:
    """Writes the entries into the project's file, and returns its path. Raises OSError."""
    path = find_file(root) or root / ANSWERS_FILE
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    kept = text.partition(_HEAD)[0].rstrip()
    listed = yaml.safe_dump({"asked": [*map(_build_entry, entries)]}, sort_keys=False, width=120, allow_unicode=True)
    path.write_text(f"{kept}\n\n{_HEAD}\n{listed}" if kept else f"{_HEAD}\n{listed}", encoding="utf-8")
    return path


def _build_entry(entry: Asked) -> dict[str, Any]:
    built: dict[str, Any] = {
        "lookup": entry.lookup,
        "arguments": dict(entry.arguments),
        "account": entry.account,
        "region": entry.region,
        "date": entry.date,
        "result": dict(entry.result),
    }
    return built | ({"incomplete": [*entry.incomplete]} if entry.incomplete else {})
