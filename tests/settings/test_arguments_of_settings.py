"""Keys that are arguments of a component: text, default and limits are the argument's."""

import dataclasses
from typing import Annotated, Any

import pytest

from components.argument_types import Check, between
from components.stack.settings.marks import Key
from components.stack.settings.reading import read
from components.stack.settings.section import Section, json_schema


def _even(value: int) -> None:
    if value % 2:
        raise ValueError("an even number; the nearest is 2")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShelfArgs:
    height: Annotated[int, between(10, 90)] = 30
    """Height of the shelf in cm. Defaults to 30. See `board_count`.
    https://example.com/

    Programs may give an output.
    """
    board_count: Annotated[int, Check(_even, "an even number")] | None = None
    """Number of boards. Defaults to none."""
    name: str = "x"
    """Name. Defaults to `x`."""
    room: str
    """Room, which the topology knows."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ShelfSettings(Section, ShelfArgs):
    """A shelf."""

    elsewhere = ("room",)

    board_count: Annotated[int, Check(_even, "an even number")] | None = None
    name: Annotated[str, Key("label")] = "y"
    """The settings' own."""


def test_a_section_says_only_what_it_adds_to_its_arguments() -> None:
    settings, mistakes = read("shelf", ShelfSettings, {"label": "a"}, secret=False)
    assert mistakes == []
    assert (settings.height, settings.board_count, settings.name) == (30, None, "a")
    assert settings.given() == {"height": 30, "name": "a"}
    texts = {key: entry["description"] for key, entry in json_schema(ShelfSettings)["properties"].items()}
    assert texts == {
        "height": "Height of the shelf in cm. See `boardCount`.",
        "boardCount": "Number of boards. Defaults to none.",
        "label": "The settings' own.",
    }


@pytest.mark.parametrize(
    ("given", "allowed", "remedy"),
    [
        ({"height": 91}, "a whole number from 10 to 90", ""),
        ({"boardCount": 3}, "an even number", "the nearest is 2"),
        ({"boardCount": "a"}, "an even number", ""),
        ({"hight": 30}, "one of the keys boardCount, height, label", "did you mean height?"),
        ({"room": "a"}, "one of the keys boardCount, height, label", ""),
    ],
)
def test_a_value_that_the_argument_refuses_is_refused(given: dict[str, Any], allowed: str, remedy: str) -> None:
    _, (mistake,) = read("shelf", ShelfSettings, {"label": "a", **given}, secret=False)
    assert (mistake.allowed, mistake.remedy[: len(remedy)]) == (allowed, remedy)
