"""Published address lists: one dated file, and a command that renews it."""

import datetime
import json
from pathlib import Path

import pytest

from tools.address_lists import refresh

RANGES = ["192.0.2.0/24", "198.51.100.0/24"]


def refreshed(folder: Path, published: list[str]) -> tuple[list[str], dict[str, object]]:
    """The changes and the entry of a file whose publisher, another file, has these ranges."""
    source, file = folder / "published", folder / "lists.json"
    source.write_text(json.dumps({"hooks": published}))
    entry = {"source": source.as_uri(), "key": "hooks", "read": "2026-01-17", "ranges": RANGES}
    file.write_text(json.dumps({"hooks-of-somebody": entry}))
    try:
        changes = refresh(file, datetime.date(2030, 1, 2))
    except ValueError:
        assert json.loads(file.read_text()) == {"hooks-of-somebody": entry}
        raise
    return changes, json.loads(file.read_text())["hooks-of-somebody"]


def test_a_refresh_says_what_came_and_went(tmp_path: Path) -> None:
    changes, entry = refreshed(tmp_path, ["192.0.2.0/24", "2001:db8::/32"])
    assert changes == ["hooks-of-somebody: -198.51.100.0/24 +2001:db8::/32"]
    assert (entry["ranges"], entry["read"]) == (["192.0.2.0/24", "2001:db8::/32"], "2030-01-02")


def test_nothing_new_moves_the_date_alone(tmp_path: Path) -> None:
    changes, entry = refreshed(tmp_path, RANGES)
    assert (changes, entry["read"]) == ([], "2030-01-02")


@pytest.mark.parametrize("answer", [[], ["everything"], ["10.0.0.1/8"]])
def test_an_answer_that_is_no_list_changes_nothing(tmp_path: Path, answer: list[str]) -> None:
    with pytest.raises(ValueError):
        refreshed(tmp_path, answer)
