"""Puts charges and prices together: lines, sums, what a million calls cost, and the worst that a month can cost."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ..aws.catalog import catalog
from ..aws.model.model import AwsModel
from ..graph import Graph, Resource
from ..graph.answers import add_up
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..reach.statements import Statements
from . import fixed, used
from .alternatives import describe_dearer_endpoints
from .called_services import list_called_services
from .calls import list_apis
from .charge import Basis, Charge, Context, CostFunction, add_count, charge_hourly, charge_monthly
from .free_offers import list_free_offers
from .inputs import find_unread, is_priced, list_read
from .parts import Part, find_part
from .prices import Prices, load_prices
from .scaling import estimate_scaling
from .usage import Usage
from .worst import Worst, estimate_worst


@dataclass(frozen=True, kw_only=True)
class Line:
    """One item of the bill. `amount` is None if the price is not known, never zero."""

    resource: Resource
    component: str
    """Name of the component at the top of the stack, or of the resource itself."""
    part: Part
    basis: Basis
    item: str
    """Its name in the price table."""
    name: str
    """What is charged for: `t4g.nano`."""
    pieces: float
    """Number of things of this name: AWS charges for all of them."""
    quantity: float | None
    """None if it is not known."""
    unit: str
    price: float | None
    """Dollars for a unit of the first tier."""
    amount: float | None
    """Dollars a month."""
    source: str
    sure: bool
    """Whether the price is AWS's own, and made of every input that changes it."""
    read: str
    """Month of which the price is; empty if it is not known."""
    note: str = ""
    inputs: tuple[str, ...] = ()
    """Inputs of the resource that the price is made of."""
    unread: tuple[str, ...] = ()
    """Inputs that change the price and are not read, each with its resource: the amount is approximate."""

    @property
    def label(self) -> str:
        """`2 × t4g.nano`."""
        return add_count(self.pieces, self.name)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Monthly cost of a stack. Free tiers are not taken off."""

    region: str
    as_of: str
    """Month of the prices, or the first and the last."""
    usage: Usage
    lines: tuple[Line, ...]
    worst: Worst | None
    """None if nothing takes calls."""
    scaling: float | None
    """Fixed dollars a month on top if scaling keeps everything at its maximum; None if a part is not known."""
    unpriced_parts: tuple[tuple[Resource, Part], ...]
    """Resources that no component declares, and those of types that no charge is known for, each with whose cost it
    is."""
    cheaper: tuple[str, ...]
    """Cheaper alternatives, a sentence each."""
    free: tuple[str, ...]
    """Offers of AWS for what is on the bill, a phrase each: whether the account has them is not known."""
    by_use: tuple[tuple[str, str], ...]
    """Types and services that cost nothing unless used, and what their cost depends on."""

    @property
    def unpriced(self) -> tuple[Resource, ...]:
        return tuple(resource for resource, _ in self.unpriced_parts)

    def list_fixed(self, part: Part | None = None) -> list[Line]:
        """Lines that come whether or not anybody calls, of one part or of all."""
        return [line for line in self.lines if line.basis is Basis.FIXED and part in (None, line.part)]

    def list_calls(self) -> list[Line]:
        """Lines that grow with calls."""
        return [line for line in self.lines if line.basis is Basis.CALL]

    def list_other_use(self) -> list[Line]:
        return [line for line in self.lines if line.basis is Basis.OTHER_USE]

    def list_parts(self) -> list[Part]:
        """Parts that have a fixed cost, in the order of their definition."""
        present = {line.part for line in self.list_fixed()} | {part for _, part in self.unpriced_parts}
        return [part for part in Part if part in present]

    def list_unknown(self) -> list[Line]:
        """Lines whose price is not known."""
        return [line for line in self.lines if line.amount is None]

    def group_unpriced(self) -> dict[str, list[str]]:
        """Names of the resources without a price, by their type."""
        return dict(sorted(group_pairs((resource.type, resource.name) for resource in self.unpriced).items()))

    @property
    def per_million(self) -> float | None:
        """Dollars for a million calls at the first tiers; None if a part of it, or all of it, is not known."""
        lines = self.list_calls()
        is_unknown = add_all(lines) is None or (not lines and bool(self.unpriced))
        return None if is_unknown else self.known_per_million

    @property
    def known_per_million(self) -> float:
        """The part of it that is known."""
        if not self.usage.requests:
            return 0.0
        rates = (line.quantity * line.price for line in self.list_calls() if line.price is not None and line.quantity)
        return sum(rates) / self.usage.requests * 1e6

    def sum_components(self) -> dict[str, float | None]:
        """Fixed dollars a month by component; None for one of which a part is not known."""
        groups = group_pairs((line.component, line) for line in self.list_fixed())
        return {component: add_all(lines) for component, lines in groups.items()}

    def sum_fixed(self, part: Part | None = None) -> float | None:
        """Fixed dollars a month, of one part or of all; None if a price, a quantity or a whole resource is missing."""
        missing = any(part in (None, owner) for _, owner in self.unpriced_parts)
        return None if missing else add_all(self.list_fixed(part))


def add_known(lines: Iterable[Line]) -> float:
    """Dollars of the lines whose price is known."""
    return sum(line.amount for line in lines if line.amount is not None)


def add_all(lines: Iterable[Line]) -> float | None:
    """Dollars of the lines; None if one of them is not known."""
    return add_up(line.amount for line in lines)


def estimate(
    model: AwsModel, usage: Usage | None = None, prices: Prices | None = None, not_counted: Iterable[str] = ()
) -> Estimate:
    """The month's bill of a stack under these assumptions, at the table's prices for each resource's region.

    `not_counted` are calls that no throttle limits, so that the worst month has no sum.
    """
    assumed, known = usage or Usage(), prices or load_prices()
    graph = model.graph
    statements = Statements(graph)
    context = Context(model, assumed, statements, list_apis(statements))
    unread = find_unread(graph)
    lines = [
        _mark_unread(line, unread.get(line.resource.urn, ()))
        for resource in graph
        for line in _list_lines(resource, context, known)
    ]
    fixed_amounts = [(line.resource, line.amount) for line in lines if line.basis is Basis.FIXED]
    # A component itself costs nothing, unless it is remote.
    ours = [resource for resource in graph if (resource.custom or resource.remote) and not resource.existing]
    months = sorted({line.read for line in lines if line.read}) or [known.as_of]
    costs = ((resource.type, catalog.find_cost(resource.type)) for resource in graph if is_priced(resource))
    by_use = {token: cost.depends_on for token, cost in costs if cost is not None and cost.depends_on}
    return Estimate(
        region=graph.region,
        as_of=" to ".join(dict.fromkeys((months[0], months[-1]))),
        usage=assumed,
        lines=tuple(lines),
        worst=estimate_worst(context, partial(_price_calls, known), tuple(not_counted)),
        scaling=estimate_scaling(fixed_amounts, model),
        unpriced_parts=tuple((resource, find_part(resource, graph)) for resource in ours if _is_unpriced(resource)),
        cheaper=tuple(
            describe_dearer_endpoints(
                [(resource, amount) for resource, amount in fixed_amounts if amount], graph, known
            )
        ),
        free=tuple(list_free_offers({line.item for line in lines})),
        by_use=(*sorted(by_use.items()), *list_called_services(statements)),
    )


FUNCTIONS: Final[Mapping[str, CostFunction]] = {
    name: function
    for file in (fixed, used)
    for name, function in inspect.getmembers(file, inspect.isgeneratorfunction)
    if not name.startswith("_")
}
"""By the names that the catalog gives them: every public function of the files with charges."""


def list_charges(resource: Resource, context: Context) -> Iterator[Charge]:
    """All that a component's resource is charged for, by the row of its type."""
    cost = catalog.find_cost(resource.type)
    if cost is None or not is_priced(resource):
        return
    for item in cost.items:
        yield (charge_hourly if item.hourly else charge_monthly)(item.name, label=item.label)
    for name in cost.functions:
        yield from FUNCTIONS[name](resource, context)


def _is_unpriced(resource: Resource) -> bool:
    cost = catalog.find_cost(resource.type)
    return cost is None or not (resource.is_of_component or cost == catalog.FREE)


def _mark_unread(line: Line, unread: tuple[str, ...]) -> Line:
    if not unread:
        return line
    note = "; ".join(filter(None, (line.note, f"the price does not count {join_names(unread)}")))
    return replace(line, sure=False, unread=unread, note=note)


def _list_lines(resource: Resource, context: Context, prices: Prices) -> list[Line]:
    return [_make_line(resource, charge, context.model.graph, prices) for charge in list_charges(resource, context)]


def _make_line(resource: Resource, charge: Charge, graph: Graph, prices: Prices) -> Line:
    price = prices.find_price(charge.item, resource.region)
    name, unit = prices.describe(charge.item)
    return Line(
        resource=resource,
        component=graph.find_top_component(resource).name,
        part=find_part(resource, graph),
        basis=charge.basis,
        item=charge.item,
        name=charge.label or name,
        pieces=charge.pieces,
        quantity=charge.quantity,
        unit=unit,
        price=price.first if price else None,
        amount=price.compute_amount(charge.quantity) if price and charge.quantity is not None else None,
        source=price.source if price else f"no price for {resource.region} in the table",
        sure=price.sure if price else False,
        read=price.read if price else "",
        note=charge.note,
        inputs=list_read(resource),
    )


def _price_calls(prices: Prices, context: Context) -> float | None:
    """The cost of calls under another usage; None if a part of it is not known."""
    lines = [line for resource in context.model.graph for line in _list_lines(resource, context, prices)]
    return add_all(line for line in lines if line.basis is Basis.CALL)
