"""Cost of automatic scaling if it keeps everything at its maximum all month."""

from collections.abc import Iterable, Iterator

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..graph import Resource
from ..graph.reading import as_number, get_declared_input


def estimate_scaling(amounts: Iterable[tuple[Resource, float | None]], model: AwsModel) -> float | None:
    """Dollars a month on top of the fixed ones, which are `amounts`; None if a part is not known, 0 without scaling.

    All that a service or a group costs grows with its tasks or machines.
    """
    factors = {resource.urn: factor for resource, factor in _list_factors(model)}
    parts = [(amount, factors[resource.urn]) for resource, amount in amounts if resource.urn in factors]
    known = [amount * factor for amount, factor in parts if amount is not None and factor is not None]
    return sum(known) if len(known) == len(parts) else None


def _list_factors(model: AwsModel) -> Iterator[tuple[Resource, float | None]]:
    """The most copies, in multiples of those that run."""
    for group in model.graph.list_by_type(*types.SCALING_GROUP):
        yield group, _compute_factor(model.machines.count(group), as_number(get_declared_input(group, "maxSize")))
    for target in model.containers.targets:
        for service in model.containers.find_scaled_services(target):
            yield (
                service,
                _compute_factor(model.containers.count(service), as_number(get_declared_input(target, "maxCapacity"))),
            )


def _compute_factor(count: int | None, most: float | None) -> float | None:
    return None if not count or most is None else max(most / count - 1, 0.0)
