"""Differences in words: the part of a text that differs, the lines of a script, and no secret."""

import base64
from typing import Any

import pytest

from review.compare.engine.side import Property
from review.graph import UNKNOWN, Secret
from review.report.render.differences import properties_shown, shown_both

LONG = "x" * 50
SCRIPT = "#!/bin/bash\nIMAGE=nginx:{}\n\nset -e\ndocker run $IMAGE\n"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("write", [str, encoded])
@pytest.mark.parametrize("name", ["userData", "userDataBase64", "settings[0].userData"])
def test_a_new_image_is_shown_as_a_line_of_the_script(write: Any, name: str) -> None:
    found = Property(name, write(SCRIPT.format("1.28")), write(SCRIPT.format("1.29")))
    assert list(properties_shown([found])) == [(f"{name} line 2", "IMAGE=nginx:1.28", "IMAGE=nginx:1.29")]


def test_lines_that_come_and_go_are_shown_and_others_are_not() -> None:
    before, after = "a\nb\nc\n", "a\nb\n\nX\nc\n"
    assert list(properties_shown([Property("files", before, after)])) == [("files line 4", "no such line", "X")]
    assert list(properties_shown([Property("files", after, "a\nb\n\nc\n")])) == [("files line 4", "X", "no such line")]
    (spaces,) = properties_shown([Property("files", before, "a\n b\nc\n")])
    assert spaces[1:] == ("the same lines", "with other spaces or empty lines")


def test_of_many_lines_the_first_are_shown_and_the_others_counted() -> None:
    texts = ["\n".join(f"{name}{line}" for line in range(20)) for name in "ab"]
    rows = list(properties_shown([Property("userData", *map(encoded, texts))]))
    assert rows[0] == ("userData line 1", "a0", "b0")
    assert rows[-1][0] == "userData and 14 more lines"
    assert len(rows) == 7


def test_what_is_secret_or_unknown_is_not_decoded() -> None:
    rows = [Property("userData", Secret("a\nb"), "c\nd"), Property("userData", UNKNOWN, "c\nd")]
    assert [row[1] for row in properties_shown(rows)] == ["[secret]", "unknown"]


@pytest.mark.parametrize(
    ("before", "after", "shown_as"),
    [
        ("a", "b", ("a", "b")),
        (LONG + LONG + "1", LONG + LONG + "2", ("…" + "x" * 15 + "1", "…" + "x" * 15 + "2")),
        ("1" + LONG + LONG, "2" + LONG + LONG, ("1" + "x" * 50 + "x" * 6 + "…", "2" + "x" * 50 + "x" * 6 + "…")),
        ("a\n  b", "a\nc", ("a b", "a c")),
        (None, LONG + LONG, ("not set", "x" * 57 + "…")),
        (Secret("s" * 90 + "1"), Secret("s" * 90 + "2"), ("[secret]", "[secret]")),
        ("s" * 90 + "1", Secret("s" * 90 + "2"), ("s" * 57 + "…", "[secret]")),
        (1, 2, ("1", "2")),
    ],
)
def test_of_long_texts_the_part_that_differs_is_shown(before: Any, after: Any, shown_as: tuple[str, str]) -> None:
    assert shown_both(before, after) == shown_as


def test_long_texts_that_differ_early_are_shown_from_their_beginning() -> None:
    one, other = shown_both("aaaaa" + "x" * 200, "aaaaa" + "y" * 200)
    assert (one[:6], other[:6]) == ("aaaaax", "aaaaay")


def test_what_has_its_name_in_both_and_another_value_says_so() -> None:
    (shown,) = properties_shown([Property("domainName", "front-domain", "front-domain")])
    assert shown == ("domainName", "front-domain", "front-domain, with another value")
