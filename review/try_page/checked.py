"""The table of `gatehouse try --check`: each call that was tried, and the line of the stack file that refused it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from ..local_gateway.check import Row
from .stack_lines import Line, StackLines


def format_rows(rows: Sequence[Row], lines: StackLines) -> Iterator[str]:
    """The rows by call, and their sum."""
    for (api, call), alike in groupby(rows, key=lambda row: (row.api, row.call)):
        yield f"{api}  {call}"
        for row in alike:
            yield f"  {_describe_result(row):<11}{_describe_caller(row)}{_describe_refusal(row, lines)}"
    wrong = sum(not row.agrees for row in rows)
    tried = sum(row.is_admitted is not None for row in rows)
    yield f"{tried} calls tried: " + (
        f"{wrong} differ from the statements of the components" if wrong else "each as the components state"
    )


def _describe_caller(row: Row) -> str:
    return f"{row.need}: {row.choice}" if row.need else row.choice


def _describe_result(row: Row) -> str:
    if row.is_admitted is None:
        return "not tried"
    if not row.agrees:
        return "DIFFERS"
    return "ok" if row.is_admitted else "refused"


def _describe_refusal(row: Row, lines: StackLines) -> str:
    """Who refused a call, or why it differs."""
    if not row.agrees:
        return f": got {row.status}, and the component states that it is {'admitted' if row.is_stated else 'refused'}"
    if row.is_admitted:
        return f" ({row.status}{', as its function decides' if row.is_stated is None else ''})"
    line = find_line(row, lines)
    by = f" by {line.key} in {line.file}:{line.line}" if line else f": {row.note}" if row.note else ""
    return f" ({row.status}){by}" if row.status else by


def find_line(row: Row, lines: StackLines) -> Line | None:
    """The line of the stack file that refused a call. None if a default did."""
    method, _, path = row.route.partition(" ")
    return lines.find(row.setting, method, path) if row.setting else None


def list_fields(row: Row, lines: StackLines) -> dict[str, Any]:
    """The fields of a row for `--log json`."""
    line = find_line(row, lines)
    names: Iterable[str] = ("api", "call", "route", "need", "choice", "status", "note")
    fields = {name: getattr(row, name) for name in names}
    decided = {"stated": row.is_stated, "admitted": row.is_admitted, "agrees": row.agrees}
    return {**fields, **decided, "decidedBy": None if line is None else f"{line.key} in {line.file}:{line.line}"}
