"""Queries of the AWS price API for each item of the price table: `queries.json`.

Service codes, product families and usage types as infracost queries them (https://github.com/infracost/infracost,
internal/resources/aws, August 2026). The ones that are marked `"confirmed": false` are not in there and were never
asked: an answer that is not exactly one product changes nothing, so a wrong one does no harm.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_PREFIX: Final = r"(?:[A-Z]{2,4}[0-9]?-|[a-z]{2}-[a-z]+-[0-9]-)?"
"""Prefix of usage types outside us-east-1: `EU-`, `APN1-`, `eu-west-1-`."""
_KIND: Final = "{kind}"
"""The end of an item in the table, and a part of its usage type and filters: an instance type, a kind of disk."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """One product of the price API in each region."""

    service: str
    usage: str
    """Usage type without the region's prefix, as a regular expression."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Attributes of the product that must be equal."""
    region_key: str = "regionCode"
    """Attribute that holds the region; empty for services with one price everywhere."""
    per: float = 1.0
    """Units of the API in one unit of the table: a million calls, or the seven metrics of detailed monitoring."""
    first: bool = False
    """Whether only the first tier is kept: our stacks stay in it, or the table's unit names it."""
    confirmed: bool = True

    def has(self, usage_type: str) -> bool:
        """Whether a usage type is the one that is meant."""
        return re.fullmatch(f"{_PREFIX}{self.usage}", usage_type) is not None


def find_query(item: str) -> Query | None:
    """Query for an item's price, by the first row of the table that fits; None for an item without one."""
    for pattern, row in _load_queries().items():
        start = pattern.removesuffix(_KIND)
        if item.startswith(start) if start != pattern else item == pattern:
            kind = item.removeprefix(start)
            filters = {key: value.replace(_KIND, kind) for key, value in row.get("filters", {}).items()}
            return Query(**{**row, "usage": row["usage"].replace(_KIND, re.escape(kind)), "filters": filters})
    return None


@functools.cache
def _load_queries() -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("queries.json").read_text(encoding="utf-8"))
    return rows
