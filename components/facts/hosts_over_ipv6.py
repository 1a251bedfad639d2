"""Which hosts answer over IPv6, from one list with the date and the source of each entry.

A host that is not in the list counts as IPv4 only: a wrong guess the other way would leave a machine without it.
"""

import json
from pathlib import Path
from typing import Any, Final

_LIST: Final[list[dict[str, Any]]] = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
_KNOWN: Final[dict[str, bool]] = {host: entry["ipv6"] for entry in _LIST for host in entry["hosts"]}


def answers_over_ipv6(host: str) -> bool | None:
    """Whether a host answers over IPv6; None if the list does not have it, by its name or by that of its domain."""
    parts = host.lower().split(".")
    domains = [f".{'.'.join(parts[start:])}" for start in range(1, len(parts))]
    return next((_KNOWN[name] for name in (host.lower(), *domains) if name in _KNOWN), None)
