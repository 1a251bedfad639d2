"""The comments that pull requests get: comments.md has the beginning of each, for readers.

`UPDATE_SNAPSHOTS=1` writes them.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from review.compare.comparison import Comparison
from review.compare.render import format_markdown_blocks
from review.report.render.markdown import escape
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import remembered

_FILE: Final = Path(__file__).with_name("comments.yaml")
_COMMENTS: Final[Mapping[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["comments"]
_SNAPSHOT: Final = _FILE.with_name("comments.md")
_INTRODUCTION: Final = (
    "Written by test_comments.py from comments.yaml, which has the changes. The first comment is whole; of the others, "
    "the beginning is shown."
)


def _shorten(comment: str) -> str:
    """Heading and counts of a comment."""
    return comment.partition("\n\n**")[0]


def comparison(name: str) -> Comparison:
    before = _COMMENTS[name]["before"]
    after = {**before, **_COMMENTS[name]["change"]}
    return compare_graphs(remembered(before), remembered(after))


@pytest.mark.xdist_group("comments")
def test_each_comment_begins_with_what_a_reader_fears() -> None:
    texts = ["# Comments on pull requests", _INTRODUCTION]
    for name, row in _COMMENTS.items():
        found = comparison(name)
        assert found.heading.startswith(row["heading"]), found.heading
        assert bool(found.failures) == row.get("fails", False), found.failures
        comment = "#" + "\n\n".join(format_markdown_blocks(found, escape))
        texts += [f"## {name}", comment if row.get("whole") else _shorten(comment)]
    whole = "\n\n".join(texts) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        _SNAPSHOT.write_text(whole, encoding="utf-8")
    assert _SNAPSHOT.read_text(encoding="utf-8") == whole
