"""Waivers: rules that a stack does not follow, each with the reason that the review prints.

`protection.waive` in the stack's config is a list of `{rule: ID, reason: text, resource: name pattern}`; the last is
optional.
"""

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..graph import Graph, Resource
from ..graph.reading import as_list, as_text, value_at


@dataclass(frozen=True)
class Waiver:
    """One rule waived for a reason, everywhere or where the resource's name matches."""

    rule: str
    reason: str
    resource: str = "*"

    def covers(self, rule: str, resource: Resource | None) -> bool:
        if rule != self.rule:
            return False
        return self.resource == "*" or (resource is not None and fnmatch.fnmatchcase(resource.name, self.resource))

    def __str__(self) -> str:
        return self.rule if self.resource == "*" else f"{self.rule} for {self.resource}"


def waivers(graph: Graph) -> Iterator[Waiver]:
    """The waivers of the stack's config, malformed ones with what they have."""
    for entry in as_list(value_at(graph.own("protection"), "waive")):
        if isinstance(entry, Mapping):
            yield Waiver(
                as_text(entry.get("rule")), as_text(entry.get("reason")), as_text(entry.get("resource")) or "*"
            )
