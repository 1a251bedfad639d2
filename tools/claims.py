"""What the documents say of AWS, written from the table of probes and the records in prove-records/."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from review.prove.probes import NOT_TRIED
from review.prove.record import find_latest_result, read_records, summarize_records
from review.prove.table import TABLE, Table, read_table

ROOT: Final = Path(__file__).parents[1]
_PAGE: Final = Path("docs") / "claims.md"
_WITH_SUM: Final = (Path("README.md"), Path("CHANGELOG.md"))
_BEGIN: Final = "<!-- claims: written by `make docs` -->\n"
_END: Final = "<!-- end of claims -->\n"
_HEAD: Final = """\
# What was tried on AWS

Written by `make docs` from [`probes.yaml`](../review/prove/probes.yaml) and the records in `prove-records/`. A claim
without a result was not tried. [`make prove`](../review/docs/prove.md) prints the consequence of each that does not
hold.
"""


def build_page(table: Table, records: Sequence[Mapping[str, Any]]) -> str:
    """docs/claims.md, whole."""
    lines = [_HEAD, summarize_records(table, records), ""]
    lines += ["## Claims that `make prove` tries", "", *_list_claims(table, records, person=False)]
    lines += ["", "## Claims that a person tries", "", "`make prove` prints what to do.", ""]
    lines += _list_claims(table, records, person=True)
    return "\n".join(lines) + "\n"


def _list_claims(table: Table, records: Sequence[Mapping[str, Any]], *, person: bool) -> Iterator[str]:
    for row in table.rows:
        if bool(row.person) == person:
            latest = find_latest_result(row, records)
            result = "" if latest.result == NOT_TRIED else f" **{latest}**"
            yield f"- [{row.claim}]({row.source}){result}"


def build_texts(root: Path = ROOT) -> dict[Path, str]:
    """The files with what is written into them."""
    table, records = read_table(TABLE), read_records(root)
    found = {root / _PAGE: build_page(table, records)}
    for name in _WITH_SUM:
        before, _, rest = (root / name).read_text(encoding="utf-8").partition(_BEGIN)
        found[root / name] = f"{before}{_BEGIN}{summarize_records(table, records)}\n{_END}{rest.partition(_END)[2]}"
    return found
