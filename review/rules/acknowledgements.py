"""Acknowledgements that are not needed: entries of `protection.acknowledgePublic` that name nothing open."""

import json
from collections.abc import Iterator

from ..aws.catalog import types
from ..facts import route_paths
from ..graph.reading import CannotTell, input_at, value_at
from ..reach import Reach
from ..reach.anyone import acknowledged, entry_of, open_calls


def needless(reach: Reach) -> Iterator[str]:
    """A message for each entry that names nothing open, and one if the setting is not a list.

    An entry is not judged if what is open is not known.
    """
    graph = reach.model.graph
    written = value_at(graph.own("protection"), "acknowledgePublic")
    is_open, doubt = _open(reach)
    if written is not None and not isinstance(written, list):
        remedy = f"write {json.dumps(route_paths.by_path(is_open))}" if is_open else "take it out: nothing is open"
        yield f"protection.acknowledgePublic is not a list of open routes and names: {remedy}"
    for entry in acknowledged(graph) if not doubt else ():
        if entry not in is_open:
            yield f"{entry} is acknowledged, but it is not open to everyone: take the entry out"


def _open(reach: Reach) -> tuple[list[str], bool]:
    """The entries for everything open, and whether there may be more."""
    model, entries, doubt = reach.model, [], False
    for api in model.apis.all:
        try:
            entries += [entry_of(model, api, call) for call in open_calls(model.graph, api)]
        except CannotTell:
            doubt = True
    balancers = [way for way in model.graph.of_type(*types.LOAD_BALANCER) if input_at(way, "internal") is not True]
    return [*dict.fromkeys(entries), *(way.name for way in balancers if way.urn in reach.behind_apis)], doubt
