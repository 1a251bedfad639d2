"""Free tiers of items on a bill: named beside the price, and never taken off.

Whether an account has used an offer up, or is too old for it, is not known here. `free_offers.json` has each with its
source and the day on which that was read. The offers for an account's first twelve months ended for the last accounts
that had them in July 2026, so none of them is listed.
"""

import functools
import json
from collections.abc import Collection
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any


def list_free_offers(items: Collection[str], today: date | None = None) -> list[str]:
    """The offers for these items of the price table, and those for any bill; none for an empty one."""
    day = today or datetime.now(UTC).date()
    return [
        offer["text"]
        for offer in _load_offers()
        if items
        and (not offer["items"] or set(offer["items"]) & set(items))
        and day <= date.fromisoformat(offer.get("until", "9999-12-31"))
    ]


@functools.cache
def _load_offers() -> list[dict[str, Any]]:
    offers: list[dict[str, Any]] = json.loads(Path(__file__).with_name("free_offers.json").read_text())["offers"]
    return offers
