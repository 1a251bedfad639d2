"""Waivers: rules that a stack does not follow, each with the reason that the review prints.

`protection.waive` in the stack's config is a list of `{rule: ID, reason: text, resource: name pattern}`; the last is
optional.
"""

import fnmatch
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..facts import route_paths
from ..graph import Graph, Resource
from ..graph.reading import as_list, as_text, get_value
from ..reach import Reach
from ..reach.open_calls import list_entries, list_public_calls, read_acknowledged


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


def read_waivers(graph: Graph) -> Iterator[Waiver]:
    """The waivers of the stack's config, malformed ones with what they have."""
    for entry in as_list(get_value(graph.get_project_config("protection"), "waive")):
        if isinstance(entry, Mapping):
            yield Waiver(
                as_text(entry.get("rule")), as_text(entry.get("reason")), as_text(entry.get("resource")) or "*"
            )


def list_needless(reach: Reach) -> Iterator[str]:
    """A message for each acknowledgement of something that is not open, and one if the setting is not a list."""
    acknowledgement = get_value(reach.graph.get_project_config("protection"), "acknowledgePublic")
    entries = [
        entry
        for api, call in list_public_calls(reach.statements)
        for entry in list_entries(reach.statements, api, call)
    ]
    if acknowledgement is not None and not isinstance(acknowledgement, list):
        remedy = f"write {json.dumps(route_paths.merge_routes(entries))}" if entries else "take it out: nothing is open"
        yield f"protection.acknowledgePublic is not a list of open routes: {remedy}"
    for entry in read_acknowledged(reach.graph):
        if entry not in entries:
            yield f"{entry} is acknowledged, but it is not open to everyone: take the entry out"
