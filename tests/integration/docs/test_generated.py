"""Files that are written from code."""

from pathlib import Path

import pytest

from tools.generated import write_texts


def test_a_check_names_what_is_out_of_date_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh, old, missing = (tmp_path / name for name in ("fresh.md", "old.md", "missing.md"))
    fresh.write_text("today")
    old.write_text("before")
    texts = dict.fromkeys((fresh, old, missing), "today")
    assert write_texts(texts, check=True) == 1
    said = capsys.readouterr().err
    assert [path.name in said for path in texts] == [False, True, True]
    assert old.read_text() == "before"
    assert not missing.exists()
    assert write_texts(texts, check=False) == 0
    assert {path.read_text() for path in texts} == {"today"}
    assert write_texts(texts, check=True) == 0
