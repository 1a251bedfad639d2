"""How components read their arguments."""

import dataclasses
from typing import Any

import pytest

from components.arguments import ArgumentError, named, resolve


@dataclasses.dataclass(frozen=True)
class Size:
    zones: int
    disk_gib: int | None = None
    share: float = 1.0
    label: str = "none"


def test_whole_numbers_that_come_as_floats_are_whole_again() -> None:
    size = resolve(Size, "Network", {"zones": 2.0, "disk_gib": 8.0, "share": 2.0})
    assert (repr(size.zones), repr(size.disk_gib), repr(size.share)) == ("2", "8", "2.0")


def test_what_is_none_takes_its_default() -> None:
    assert resolve(Size, "Network", {"zones": 2, "label": None}) == Size(2)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"zones": 2, "disk_gb": 8}, "Network: disk_gb: got 8; did you mean 'disk_gib'?"),
        ({"zones": 2, "colour": "red"}, "known arguments: disk_gib, label, share, zones"),
        ({}, "Network: zones: got None; it is required"),
        ({"zones": None}, "Network: zones: got None; it is required"),
    ],
)
def test_unknown_and_missing_arguments_are_refused(args: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        resolve(Size, "Network", args)
    assert message in str(refused.value)


def test_a_name_that_people_see_comes_with_the_tags() -> None:
    assert named("network-vpc", {"team": "gate"}) == {"Name": "network-vpc", "team": "gate"}
