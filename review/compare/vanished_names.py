"""Names that no longer lead anywhere after an update: records, and services of Cloud Map."""

import itertools
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.network.dns import names_of, registry_name
from ..graph.given import held
from ..graph.shown import shown
from .engine.side import Side
from .engine.update import Update

_CALLED: Final = ("A", "AAAA", "CNAME")


def vanished_names(update: Update, before: Side, after: Side) -> Iterator[str]:
    """A sentence for each name that goes with what is deleted or replaced, and that nothing else has then."""
    renewed = [update.olds[one.resource.urn] for one in update.changed if one.replacing]
    gone = [one for one in (*update.removed, *renewed) if not one.options.retain_on_delete]
    resolved = {(name, held(one, "type")) for one in after.graph.of_type(*types.DNS_RECORD)
                for name in names_of(after.graph, one)}  # fmt: skip
    for one in (each for each in gone if each.type in types.DNS_RECORD):
        name, kind = held(one, "name"), held(one, "type")
        # A name with an underscore proves who owns a domain: nobody calls it.
        called = kind in _CALLED and not str(name).startswith("_")
        goes_on = {*itertools.product(names_of(before.graph, one), _CALLED if kind == "CNAME" else (kind, "CNAME"))}
        if called and not goes_on & resolved:
            yield f"{shown(name)} ({kind}) no longer resolves: calls by it end"
    services = {registry_name(after.graph, one) for one in after.graph.of_type(*types.CLOUD_MAP_SERVICE)}
    for one in (each for each in gone if each.type in types.CLOUD_MAP_SERVICE):
        if (name := registry_name(before.graph, one)) not in services:
            yield f"{name} is no longer found in Cloud Map: calls by it end"
