"""The one table of prices: `prices.json`, for each item by source and region.

A source has its prices by region, or as a row in the order of the table's `regions`, null where it has none. A price is
a number of dollars, or tiers: `[[300, 1.11], [null, 1.0]]` is 1.11 up to a quantity of 300, and 1.0 beyond.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

TABLE: Final = Path(__file__).with_name("prices.json")
PROJECT_SOURCE: Final = "project"
"""Source of the prices that a project has of its own."""


class Tier(NamedTuple):
    """A price that holds up to a quantity; `to` is None for the last one."""

    to: float | None
    usd: float


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of one unit of an item in one region."""

    unit: str
    tiers: tuple[Tier, ...]
    source: str
    sure: bool
    """Whether the source is AWS's own, or a bill."""
    read: str
    """Month in which the price was read, `2026-10`."""

    @property
    def first(self) -> float:
        """Dollars for a unit of the first tier."""
        return self.tiers[0].usd

    def compute_amount(self, quantity: float) -> float:
        """Dollars for so many units in a month, tier by tier."""
        total = below = 0.0
        for tier in self.tiers:
            top = quantity if tier.to is None else min(quantity, tier.to)
            total += max(top - below, 0.0) * tier.usd
            below = max(below, top)
        return total


class Prices:
    def __init__(self, table: dict[str, Any]) -> None:
        self._items = expand_rows(table)["items"]
        self._sources = table["sources"]
        self.as_of: str = table["as_of"]

    def find_price(self, item: str, region: str) -> Price | None:
        """The price of an item; None if the table does not have it, which is not the same as free."""
        entry = self._items.get(item, {"prices": {}})
        source = next((source for source, usd in entry["prices"].items() if region in usd), None)
        if source is None:
            return None
        usd, about = entry["prices"][source][region], self._sources[source]
        tiers = usd if isinstance(usd, list) else [[None, usd]]
        return Price(
            unit=entry["unit"],
            tiers=tuple(Tier(*tier) for tier in tiers),
            source=about["text"],
            sure=about["sure"],
            read=about.get("read", self.as_of),
        )

    def describe(self, item: str) -> tuple[str, str]:
        """An item and its unit, whether or not a region has a price for it."""
        entry = self._items.get(item)
        return (entry["what"], entry["unit"]) if entry else (item, "")

    def list_regions(self) -> list[str]:
        """Regions with any price at all."""
        return _list_regions(self._items)


def expand_rows(table: dict[str, Any]) -> dict[str, Any]:
    """The table with every source's prices by region."""
    items = {}
    for item, entry in table["items"].items():
        prices = {source: _expand_row(usd, table.get("regions", [])) for source, usd in entry["prices"].items()}
        items[item] = {**entry, "prices": prices}
    return {**table, "items": items}


def _expand_row(usd: Any, regions: list[str]) -> dict[str, Any]:
    if not isinstance(usd, list):
        return dict(usd)
    return {region: price for region, price in zip(regions, usd, strict=True) if price is not None}


def collapse_rows(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with long lists of prices as rows."""
    regions = _list_regions(table["items"])
    items = {}
    for item, entry in table["items"].items():
        prices = {source: _collapse_row(usd, regions) for source, usd in entry["prices"].items()}
        items[item] = {**entry, "prices": prices}
    return {**table, "regions": regions, "items": items}


def _list_regions(items: Mapping[str, Any]) -> list[str]:
    """Regions for which a source of an item has a price."""
    sources = [usd for entry in items.values() for usd in entry["prices"].values()]
    return sorted(set().union(*sources))


def _collapse_row(usd: Mapping[str, Any], regions: list[str]) -> Any:
    return [usd.get(region) for region in regions] if len(usd) * 3 > len(regions) else usd


_of_project: dict[str, Any] = {}


def set_project_prices(document: Mapping[str, Any]) -> None:
    """Have this process read a project's own prices before those of the table."""
    _of_project.clear()
    _of_project.update(document)
    load_prices.cache_clear()


@functools.cache
def load_prices() -> Prices:
    """The prices of the project that is reviewed, and those of the repository."""
    table = expand_rows(json.loads(TABLE.read_text(encoding="utf-8")))
    for item, usd in (_of_project.get("items") or {}).items():
        entry = table["items"].setdefault(item, {"what": item.removeprefix("ec2-"), "unit": "hour", "prices": {}})
        entry["prices"] = {PROJECT_SOURCE: dict(usd), **entry["prices"]}
    read = {"read": str(_of_project["read"])} if "read" in _of_project else {}
    text = str(_of_project.get("source") or "prices.yaml of the project")
    table["sources"][PROJECT_SOURCE] = {"text": text, "sure": True, **read}
    return Prices(table)
