"""The record of a run: a file that holds no account, no address and no secret."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from .probes import DIFFERENT, HELD, NOT_TRIED, Result
from .table import Row, Table

FOLDER: Final = Path("prove-records")


@dataclass(frozen=True)
class LatestResult:
    """The result of a row in the newest record that tried it."""

    result: str
    date: str = ""
    region: str = ""

    def __str__(self) -> str:
        return self.result if self.result == NOT_TRIED else f"{self.result} on {self.date}, {self.region}"


def build_record(table: Table, results: Sequence[Result], about: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a run. Every row is in it, also those that were not tried."""
    tried = {result.row for result in results}
    rows = [asdict(result) for result in results]
    rows += [
        {"row": row.id, "result": NOT_TRIED, "person": bool(row.person)} for row in table.rows if row.id not in tried
    ]
    return {**about, "rows": rows}


def write_record(document: Mapping[str, Any], root: Path) -> Path:
    """Write a record beside the earlier ones."""
    folder = root / FOLDER
    folder.mkdir(exist_ok=True)
    names = (f"{document['date']}{f'-{number}' if number > 1 else ''}.json" for number in range(1, 100))
    path = next(folder / name for name in names if not (folder / name).exists())
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read_records(root: Path) -> list[dict[str, Any]]:
    """All records, the newest first."""
    paths = sorted((root / FOLDER).glob("*.json"), key=_order, reverse=True)
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def _order(path: Path) -> tuple[str, int]:
    date, number = path.stem[:10], path.stem[11:]
    return date, int(number) if number.isdecimal() else 1


def find_latest_result(row: Row, records: Sequence[Mapping[str, Any]]) -> LatestResult:
    """A row holds if it held on every stack and every time that it was asked."""
    for document in records:
        results = {row_result["result"] for row_result in document["rows"] if row_result["row"] == row.id}
        if DIFFERENT in results or results == {HELD}:
            result = DIFFERENT if DIFFERENT in results else HELD
            return LatestResult(result, document["date"], document["region"])
    return LatestResult(NOT_TRIED)


def summarize_records(table: Table, records: Sequence[Mapping[str, Any]]) -> str:
    """One line for documents: how many claims were tried, and how many held."""
    results = [find_latest_result(row, records) for row in table.rows]
    counts = {result: sum(each.result == result for each in results) for result in (HELD, DIFFERENT, NOT_TRIED)}
    if counts[NOT_TRIED] == len(results):
        return f"None of the {len(results)} claims about AWS was tried in an account."
    newest = max(each.date for each in results)
    return (
        f"Of {len(results)} claims about AWS, {counts[HELD]} held in an account, {counts[DIFFERENT]} did not hold, "
        f"and {counts[NOT_TRIED]} were not tried (newest record: {newest})."
    )


def summarize_run(table: Table, document: Mapping[str, Any]) -> Iterator[str]:
    """Lines for the terminal at the end of a run."""
    for row in table.rows:
        results = [each for each in document["rows"] if each["row"] == row.id]
        wrong = [each for each in results if each["result"] == DIFFERENT]
        for each in wrong:
            yield f"did not hold on {each['stack']} ({each['when']}): {row.claim}"
            yield f"    want {json.dumps(row.want) if row.want else 'success'}; got {json.dumps(each['answer'])}"
            yield f"    so: {row.otherwise}; source: {row.source}"
        reasons = [each["answer"] for each in results if each["result"] == NOT_TRIED and each.get("answer")]
        if reasons and not wrong:
            yield f"not tried ({reasons[0]}): {row.claim}"
    tried = {each["row"] for each in document["rows"] if each["result"] != NOT_TRIED}
    yield f"{len(tried)} of {len(table.rows)} claims were tried"
    if people := [row for row in table.rows if row.person]:
        yield "for a person:"
        yield from (f"    {row.claim}: {row.person}" for row in people)
