"""`egress: auto` takes the cheapest way that serves what the config names, and gives the reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.stack.settings import Settings
from tests.settings.wrong_configs import BASE, FARGATE, PRIVATE

Read = Callable[..., Settings]
STACKS = {"BASE": BASE, "FARGATE": FARGATE, "PRIVATE": PRIVATE}
# A row: a stack, what it has besides, the way that is taken, and words of the reason.
ROWS = yaml.load(Path(__file__).with_name("egress.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)["rows"]


@pytest.mark.parametrize(("stack", "more", "way", "reason"), ROWS, ids=lambda value: str(value)[:60])
def test_the_cheapest_way_that_serves_everything_is_taken(
    read: Read, stack: str, more: dict[str, dict[str, Any]], way: str, reason: str
) -> None:
    config = {"aws:region": "eu-west-1", **STACKS[stack]}
    for section, keys in more.items():
        together = {**config.get(section, {}), **keys}
        config[section] = {key: value for key, value in together.items() if value is not None}
    settings = read(config)
    assert settings.network.egress == (way,)
    assert reason in settings.egress_reason


@pytest.mark.parametrize("egress", ["none", "nat-gateway", ["ipv6", "nat-instance"]])
def test_what_the_stack_file_names_is_taken(read: Read, egress: Any) -> None:
    settings = read(PRIVATE | {"network": {"egress": egress}})
    assert [*settings.network.egress] == ([egress] if isinstance(egress, str) else egress)
    assert settings.egress_reason == ""
