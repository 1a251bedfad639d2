"""Waivers: rules that a stack does not follow, each with the reason that the review prints.

`protection.waive` in the stack's config is a list of `{rule: ID, reason: text, resource: name pattern}`; the last is
optional.
"""

import fnmatch
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..aws.catalog import types
from ..facts import route_paths
from ..graph import Graph, Resource
from ..graph.reading import as_list, as_text, get_declared_input, get_value
from ..paths import Reachability
from ..paths.anyone import find_open_calls, list_public_urls, make_entry, read_acknowledged


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


def list_needless(reach: Reachability) -> Iterator[str]:
    """A message for each acknowledgement of something that is not open, and one if the setting is not a list.

    An entry is not judged if the open routes are not all known.
    """
    graph = reach.model.graph
    acknowledgement = get_value(graph.get_project_config("protection"), "acknowledgePublic")
    entries, all_known = _list_open_entries(reach)
    if acknowledgement is not None and not isinstance(acknowledgement, list):
        remedy = f"write {json.dumps(route_paths.merge_routes(entries))}" if entries else "take it out: nothing is open"
        yield f"protection.acknowledgePublic is not a list of open routes and names: {remedy}"
    for entry in read_acknowledged(graph) if all_known else ():
        if entry not in entries:
            yield f"{entry} is acknowledged, but it is not open to everyone: take the entry out"


def _list_open_entries(reach: Reachability) -> tuple[list[str], bool]:
    """The entries for open routes, balancers and function URLs, and whether they are all known."""
    model, entries, all_known = reach.model, list[str](), True
    for api in model.apis.all:
        opened = find_open_calls(model.graph, api)
        entries += [make_entry(model, api, call) for call in opened.known]
        all_known &= opened.doubt is None
    for balancer in model.graph.list_by_type(*types.LOAD_BALANCER):
        if get_declared_input(balancer, "internal") is not True and balancer.urn in reach.beside_apis:
            entries.append(balancer.name)
    entries += [caller.by.name for caller in list_public_urls(model) if not caller.check.uncertainty]
    all_known &= not any(caller.check.uncertainty for caller in list_public_urls(model))
    all_known &= not any(caller.may_be_public for caller in model.callers)
    return [*dict.fromkeys(entries)], all_known
