"""Every type of the catalog has a row in allowed_once.yaml, and each limit a row in docs/operating.md."""

import json
import re
from pathlib import Path
from typing import Final

import yaml

_ROOT: Final = Path(__file__).parents[2]
_TABLE: Final = yaml.safe_load(Path(__file__).with_name("allowed_once.yaml").read_text(encoding="utf-8"))
_CATALOG: Final = json.loads((_ROOT / "review/aws/catalog/catalog.json").read_text(encoding="utf-8"))


def documented() -> list[str]:
    """The first cells of the document's table."""
    text = (_ROOT / "docs/operating.md").read_text(encoding="utf-8")
    section = text.partition("### One for each VPC or account")[2].partition("\n#")[0]
    rows = re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE)
    return [row for row in rows if row != "resource" and not row.startswith("-")]


def test_every_type_has_a_row() -> None:
    assert sorted(_TABLE) == sorted(_CATALOG)
    assert all(len(row) == 1 and {*row} <= {"once", "unique"} for row in _TABLE.values())


def test_every_limit_is_documented() -> None:
    limits = {row["once"] for row in _TABLE.values() if "once" in row}
    assert {limit for limit in limits if not any(cell.startswith(limit) for cell in documented())} == set()
    # Gateway endpoints are a type with interface endpoints.
    undeclared = [cell for cell in documented() if not any(cell.startswith(limit) for limit in limits)]
    assert undeclared == ["Gateway endpoint for S3 or DynamoDB in a route table"]
