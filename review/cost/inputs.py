"""The inputs that prices are made of, and others that change what AWS charges: inputs.json has both for each type.

`changes` are inputs that no price reads. One of them makes the price of its resource approximate, as an input does that
the table does not have, and as one of a resource beside it, such as a task definition. `KEY=VALUE` has the value that
changes nothing, and `KEY.INNER` is a part of an input that is otherwise read.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..aws.catalog.catalog import make_token, normalize_token
from ..graph import Graph, Resource
from ..graph.reading import find_values

_TABLE: Final = json.loads(Path(__file__).with_name("inputs.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Inputs:
    """Those of one type."""

    reads: frozenset[str]
    inert: frozenset[str]
    changes: Mapping[str, str]
    """Each with the value that changes nothing; empty if there is none."""

    def list_unread(self, resource: Resource) -> Iterator[str]:
        """Yields the given inputs that change the price, or may, and are not read."""
        for key, usual in self.changes.items():
            values = find_values(resource.inputs, *key.split("."))
            if any(value not in (None, False, "") and str(value).removesuffix(".0") != usual for value in values):
                yield key
        yield from sorted(resource.inputs.keys() - self.reads - self.inert - self.changes.keys())


def _read_row(row: Mapping[str, str]) -> Inputs:
    everywhere: Mapping[str, str] = _TABLE["everywhere"]
    reads, inert = (frozenset(f"{everywhere[key]} {row.get(key, '')}".split()) for key in ("reads", "inert"))
    changes = dict(each.partition("=")[::2] for each in row.get("changes", "").split())
    return Inputs(reads, inert, changes)


INPUTS: Final[Mapping[str, Inputs]] = {make_token(name): _read_row(row) for name, row in _TABLE["types"].items()}


def list_read(resource: Resource) -> tuple[str, ...]:
    """Returns the given inputs that the prices of a resource are made of."""
    row = INPUTS.get(normalize_token(resource.type))
    return tuple(sorted(resource.inputs.keys() & row.reads)) if row else ()


def find_unread(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Returns, by URN, the inputs that change a price and are not read, of the resource and of those beside it."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for resource in graph:
        row = INPUTS.get(normalize_token(resource.type))
        for key in row.list_unread(resource) if row else ():
            beside = (each.urn for each in graph if resource.urn in each.dependencies)
            for urn in (resource.urn, *resource.dependencies, *beside):
                found[urn][f"{key} of {resource.name}"] = None
    return {urn: tuple(names) for urn, names in found.items()}


def is_priced(resource: Resource) -> bool:
    """Whether a resource is on the bill: a component declares it. What the program reads is on another bill."""
    return resource.is_of_component and not resource.existing
