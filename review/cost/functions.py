"""Cost functions by the names that the catalog gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..aws import catalog
from ..graph import Resource
from . import fixed, stores, used
from .charge import Charge, Context, CostFunction, hourly, monthly

FUNCTIONS: Final[Mapping[str, CostFunction]] = {
    one.__name__: one
    for one in (
        fixed.instance,
        fixed.scaling_group,
        fixed.volume,
        fixed.node_group,
        fixed.brokers,
        fixed.warehouse,
        stores.database,
        stores.cluster,
        stores.cluster_instance,
        stores.cache,
        stores.cache_group,
        stores.search,
        stores.file_system,
        fixed.nat_gateway,
        fixed.endpoint,
        fixed.load_balancer,
        fixed.ecs_service,
        fixed.alarm,
        fixed.web_acl,
        fixed.rest_stage,
        used.rest_api,
        used.http_api,
        used.function,
        used.log_group,
        used.load_balancer_capacity,
        used.web_acl_requests,
        used.discovery,
        used.nat_gateway_data,
        used.registry,
    )
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
