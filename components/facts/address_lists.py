"""Published address ranges by name, from one dated file that `make address-lists` refreshes."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple


class AddressList(NamedTuple):
    """Ranges somebody publishes, as read on a day."""

    source: str
    read: str
    ranges: tuple[str, ...]


FILE: Final = Path(__file__).with_name("address_lists.json")
ADDRESS_LISTS: Final = {
    name: AddressList(entry["source"], entry["read"], tuple(entry["ranges"]))
    for name, entry in json.loads(FILE.read_text()).items()
}


def expand_lists(ranges: Iterable[str]) -> list[str]:
    """`ranges` with the names of lists replaced by what they hold, each range once, in order."""
    named = (ADDRESS_LISTS[item].ranges if item in ADDRESS_LISTS else (item,) for item in ranges)
    return list(dict.fromkeys(address for group in named for address in group))
