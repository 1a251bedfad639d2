"""The addresses that a call admits, as spans of numbers, so that two halves of a range are the range."""

import functools
import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any, Final

Span = tuple[int, int, int]
"""Version of IP, first address and last address."""
_EVERYWHERE: Final[tuple[Span, ...]] = ((4, 0, 2**32 - 1), (6, 0, 2**128 - 1))


def list_admitted_spans(needs: Mapping[str, Any]) -> list[Span]:
    """Returns the addresses in every list that admits, and in none that denies."""
    spans = [*_EVERYWHERE]
    for ranges in needs.get("addresses", {}).values():
        spans = _intersect(spans, _to_spans(ranges))
    return _subtract_all(spans, _to_spans(needs.get("notAddresses", ())))


def has_everywhere(needs: Mapping[str, Any]) -> bool:
    """Whether the lists that admit have every address of IPv4 or of IPv6, such as `0.0.0.0/0` or its two halves."""
    admitted = list_admitted_spans({**needs, "notAddresses": ()})
    return any(are_covered([family], admitted) for family in _EVERYWHERE)


def are_covered(parts: Iterable[Span], whole: Iterable[Span]) -> bool:
    """Whether every address of `parts` is in `whole`."""
    return not _subtract_all([*parts], whole)


def contains(spans: Iterable[Span], address: str) -> bool:
    """Whether an address is in one of the spans."""
    known = ipaddress.ip_address(address)
    return are_covered([(known.version, int(known), int(known))], spans)


def _to_spans(ranges: Iterable[str]) -> list[Span]:
    return [*map(_to_span, ranges)]


@functools.lru_cache(maxsize=10_000)
def _to_span(cidr: str) -> Span:
    network = ipaddress.ip_network(cidr, strict=False)
    return network.version, int(network.network_address), int(network.broadcast_address)


def _intersect(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    wanted = [*others]
    found = set[Span]()
    for version, first, last in spans:
        for other, low, high in wanted:
            if other == version and max(first, low) <= min(last, high):
                found.add((version, max(first, low), min(last, high)))
    return sorted(found)


def _subtract_all(spans: list[Span], taken: Iterable[Span]) -> list[Span]:
    for each in taken:
        spans = [part for span in spans for part in _subtract(span, each)]
    return spans


def _subtract(span: Span, taken: Span) -> list[Span]:
    version, first, last = span
    other, low, high = taken
    if other != version or high < first or low > last:
        return [span]
    parts = [(version, first, low - 1), (version, high + 1, last)]
    return [part for part in parts if part[1] <= part[2]]
