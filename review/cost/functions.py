"""Cost functions by the names that the catalog gives them: every public function of the files with charges."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Final

from ..aws import catalog
from ..graph import Resource
from . import fixed, stores, used
from .charge import Charge, Context, CostFunction, hourly, monthly

FUNCTIONS: Final[Mapping[str, CostFunction]] = {
    name: function
    for file in (fixed, stores, used)
    for name, function in inspect.getmembers(file, inspect.isgeneratorfunction)
    if not name.startswith("_")
}


def charges_of(resource: Resource, context: Context) -> Iterator[Charge]:
    """All that a resource is charged for, by the row of its type."""
    cost = catalog.cost(resource.type)
    if cost is None:
        return
    for item in cost.items:
        yield (hourly if item.hourly else monthly)(item.name, label=item.label)
    for name in cost.functions:
        yield from FUNCTIONS[name](resource, context)
