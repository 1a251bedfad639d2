"""Refresh the published address ranges: `make address-lists`."""

import datetime
import ipaddress
import json
import urllib.request
from pathlib import Path

from components.facts.address_lists import FILE


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
    with urllib.request.urlopen(source, timeout=30) as answer:
        ranges = json.load(answer)[key]
    if not ranges:
        raise ValueError(f"{source} has no {key}")
    return [str(ipaddress.ip_network(cidr)) for cidr in ranges]


if __name__ == "__main__":
    print("\n".join(refresh(FILE, datetime.datetime.now(datetime.UTC).date())) or "nothing changed")
