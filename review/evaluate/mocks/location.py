"""Where a stack is deployed: its region with zones, its account and its partition."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...graph import reveal_all
from ...graph.graph import get_dns_suffix
from ...graph.reading import as_list

# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
_ZONES: Final = json.loads(Path(__file__).with_name("zones.json").read_text(encoding="utf-8"))
"""Letters of the zones that an account of today has, and the numbers of their ids, if not a, b, c and 1, 2, 3. Accounts
differ in what a letter means. Here the last one has the zone that some services leave out.
"""


def list_allowed_accounts(config: Mapping[str, Any]) -> list[str]:
    """The accounts that a stack's parsed config allows; none if it does not limit them."""
    return [str(account) for account in as_list(reveal_all(config.get("aws:allowedAccountIds")))]


def build_zone_prefix(region: str) -> str:
    """The start of a region's zone IDs: `euw1` for eu-west-1, `apse2` for ap-southeast-2."""
    area, *middle, number = region.split("-")
    words = {"northeast": "ne", "southeast": "se", "northwest": "nw", "southwest": "sw"}
    return area + "".join(words.get(word, word[0]) for word in middle) + number


@dataclass(frozen=True)
class Location:
    """Where a stack is deployed, as far as its config sets it."""

    region: str
    account: str
    partition: str

    @property
    def suffix(self) -> str:
        """Domain under which the partition's services have their names."""
        return get_dns_suffix(self.partition)

    @property
    def zones(self) -> dict[str, str]:
        """Ids of the region's zones by their names, in the order in which they are given to what has none."""
        prefix = build_zone_prefix(self.region)
        numbers = _ZONES.get(self.region, {"a": 1, "b": 2, "c": 3})
        return {f"{self.region}{letter}": f"{prefix}-az{number}" for letter, number in numbers.items()}
