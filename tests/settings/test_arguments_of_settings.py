"""Keys that are arguments of a component: text, default and limits are the argument's."""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import Field

from components.argument_types import Check, between
from components.stack.settings.arguments import As, Source
from components.stack.settings.reading import read
from components.stack.settings.section import Section


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


class ShelfSettings(Section, arguments=ShelfArgs, defaults=ShelfArgs):
    """A shelf."""

    height: int
    boards: Annotated[int | None, As("board_count")]
    name: str = "y"
    label: Annotated[str, As("name", Source(ShelfArgs))] = Field(description="The settings' own.")


def test_a_field_that_states_only_its_type_gets_the_rest_from_its_argument() -> None:
    settings = ShelfSettings.model_validate({"label": "a"}, by_alias=True)
    assert (settings.height, settings.boards, settings.name, settings.label) == (30, None, "y", "a")
    texts = {key: entry["description"] for key, entry in ShelfSettings.json_schema()["properties"].items()}
    assert texts == {
        "height": "Height of the shelf in cm. See `boardCount`.",
        "boards": "Number of boards. Defaults to none.",
        "name": "Name. Defaults to `x`.",
        "label": "The settings' own.",
    }


@pytest.mark.parametrize(
    ("given", "allowed", "remedy"),
    [
        ({"height": 91}, "a whole number from 10 to 90", ""),
        ({"boards": 3}, "an even number", "the nearest is 2"),
        ({"boards": "a"}, "an even number", ""),
    ],
)
def test_a_value_that_the_argument_refuses_is_refused(given: dict[str, Any], allowed: str, remedy: str) -> None:
    _, (mistake,) = read("shelf", ShelfSettings, {"label": "a", **given}, secret=False)
    assert (mistake.allowed, mistake.remedy) == (allowed, remedy)


def test_the_limits_that_were_moved_to_arguments_hold(mistakes: Callable[..., list[Any]]) -> None:
    base = {"topology": "public-proxy", "backend": {"image": "nginx:1.29"}}
    for section, value in (
        ("backend", {"image": "nginx:1.29", "port": 0}),
        ("backend", {"image": "nginx:1.29", "count": 1001}),
        ("proxy", {"reservedConcurrency": 1001}),
        ("proxy", {"logRetentionDays": 31}),
        ("proxy", {"webhook": {"secret": "x", "toleranceSeconds": 3601}}),
        ("network", {"natInstance": {"diskGib": 101}}),
        ("api", {"authorizers": {"a": {"kind": "lambda", "cacheSeconds": 3601}}}),
        ("api", {"routes": [{"timeoutMilliseconds": 49}]}),
        ("protection", {"waf": {"requestsPerFiveMinutes": 9}}),
        ("protection", {"alarms": {"serverErrorPercent": 101}}),
    ):
        assert mistakes({**base, section: value}, secret=("proxy",) if "webhook" in str(value) else ())
