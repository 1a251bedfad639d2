"""Address ranges that others publish, by name: kept in one dated file, refreshed by `make address-lists`."""

import datetime
import ipaddress
import json
import urllib.request
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


def expanded(ranges: Iterable[str]) -> list[str]:
    """`ranges` with the names of lists replaced by what they hold, each range once, in order."""
    named = (ADDRESS_LISTS[item].ranges if item in ADDRESS_LISTS else (item,) for item in ranges)
    return list(dict.fromkeys(address for group in named for address in group))


def refresh(file: Path, today: datetime.date) -> list[str]:
    """Read every list again from its source into `file`; gives a line for each that changed.

    Raises OSError where a source cannot be reached, and ValueError where it holds something else than ranges: the file
    is then as it was.
    """
    document = json.loads(file.read_text())
    changes = []
    for name, entry in document.items():
        ranges = _published(entry["source"], entry["key"])
        gone, come = sorted(set(entry["ranges"]) - set(ranges)), sorted(set(ranges) - set(entry["ranges"]))
        if gone or come:
            changes.append(f"{name}: {' '.join([*(f'-{cidr}' for cidr in gone), *(f'+{cidr}' for cidr in come)])}")
        entry |= {"read": today.isoformat(), "ranges": ranges}
    file.write_text(json.dumps(document, indent=2) + "\n")
    return changes


def _published(source: str, key: str) -> list[str]:
    with urllib.request.urlopen(source, timeout=30) as answer:  # noqa: S310 - the file names https sources alone
        ranges = json.load(answer)[key]
    if not ranges:
        raise ValueError(f"{source} has no {key}")
    return [str(ipaddress.ip_network(cidr)) for cidr in ranges]


if __name__ == "__main__":
    print("\n".join(refresh(FILE, datetime.datetime.now(datetime.UTC).date())) or "nothing changed")
