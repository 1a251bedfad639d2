"""What our own calls found."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .cloud import NotRead


@dataclass
class Found:
    """AWS's side of one stack."""

    confirmed: set[str] = field(default_factory=set)
    """URNs of what AWS has in this account, by our own calls."""
    hosts: dict[str, list[tuple[str, bool]]] = field(default_factory=lambda: defaultdict(list))
    """By URN, addresses that AWS answered with, and whether each is private."""
    unread: list[tuple[str, str]] = field(default_factory=list)
    """What could not be read and why, and the resource that it was for."""

    @contextmanager
    def reading(self, what: str, name: str) -> Iterator[None]:
        """Note what is not read, and go on."""
        try:
            yield
        except NotRead as problem:
            self.unread.append((f"{what}: {problem}", name))
