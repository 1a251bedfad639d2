"""What the documents say of AWS, written from the table of probes and the records in proofs/.

`python -m tools.proofs` writes it; with `--check` it writes nothing and fails where a file is out of date.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from review.prove.proof import find_standing, summarize_proofs
from review.prove.proof import read as read_proofs
from review.prove.table import TABLE, Row, Table, read

ROOT: Final = Path(__file__).parents[1]
_PAGE: Final = Path("docs") / "proofs.md"
_WITH_SUM: Final = (Path("README.md"), Path("CHANGELOG.md"))
_BEGIN: Final = "<!-- proofs: written by `make docs` -->\n"
_END: Final = "<!-- end of proofs -->\n"
_HEAD: Final = """\
# What was tried on AWS

Written by `make docs` from [`probes.yaml`](../review/prove/probes.yaml) and the records in `proofs/`.
[`make prove`](../review/docs/prove.md) tries the claims, and prints the consequence of each that does not hold.
"""


def page(table: Table, proofs: Sequence[Mapping[str, Any]]) -> str:
    """docs/proofs.md, whole."""
    lines = [_HEAD, summarize_proofs(table, proofs), ""]
    lines += ["## Claims that `make prove` tries", "", *_table([row for row in table.rows if not row.person], proofs)]
    people = [row for row in table.rows if row.person]
    return "\n".join([*lines, "", "## Claims for a person", "", *_table(people, proofs, "what to do")]) + "\n"


def _table(rows: Sequence[Row], proofs: Sequence[Mapping[str, Any]], way: str = "") -> Iterator[str]:
    heads = ["claim", *([way] if way else []), "result"]
    yield from (f"| {' | '.join(heads)} |", "|---" * len(heads) + "|")
    for row in rows:
        cells = [f"[{row.claim}]({row.source})", *([row.person] if way else []), str(find_standing(row, proofs))]
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def texts(root: Path) -> dict[Path, str]:
    """The files with what is written into them."""
    table, proofs = read(TABLE), read_proofs(root)
    found = {root / _PAGE: page(table, proofs)}
    for name in _WITH_SUM:
        before, _, rest = (root / name).read_text(encoding="utf-8").partition(_BEGIN)
        found[root / name] = f"{before}{_BEGIN}{summarize_proofs(table, proofs)}\n{_END}{rest.partition(_END)[2]}"
    return found


def main() -> int:
    check, status = "--check" in sys.argv, 0
    for path, text in texts(ROOT).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: run `make docs`\n")
            status = 1
        else:
            path.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
