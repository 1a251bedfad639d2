"""Moves from one config to another, with the resources that each adds, replaces and deletes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml


@dataclass(frozen=True)
class Move:
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    added: frozenset[str]
    replaced: frozenset[str]
    deleted: frozenset[str]


def _read() -> dict[str, Move]:
    written = yaml.safe_load(Path(__file__).with_name("moves.yaml").read_text(encoding="utf-8"))
    moves = {}
    for name, row in written["moves"].items():
        added, replaced, deleted = (frozenset(row.get(key, "").split()) for key in ("added", "replaced", "deleted"))
        moves[name] = Move(row["before"], row["after"], added, replaced, deleted)
    return moves


MOVES: Final = _read()
