"""One row of the catalog: what the review knows of a resource type, and how rows are written."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Shape = Mapping[str, str | int]
"""Mock outputs: a template by output name, filled in order by `evaluate.mocks`."""

UUID: Final = "{x8}-{x4}-{x4}-{x4}-{x12}"
NO_TRAFFIC: Final = "no traffic"
"""The role of a type that shapes no path."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of the price table that a resource is always charged for."""

    name: str
    hourly: bool
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Cost of a type: nothing, items, the result of functions of `review.cost`, or a cost that depends on usage."""

    items: tuple[Item, ...] = ()
    functions: tuple[str, ...] = ()
    """Names in `cost.estimate.FUNCTIONS`."""
    depends_on: str = ""
    """Of a type that costs nothing unless used: what the bill depends on."""


FREE: Final = Cost()


def charged(*functions: str) -> Cost:
    return Cost(functions=functions)


def by_use(depends_on: str) -> Cost:
    """A cost that the estimate does not know, and that is zero without use."""
    return Cost(depends_on=depends_on)


def hourly(item: str, label: str = "") -> Cost:
    """One of an item for each hour."""
    return Cost(items=(Item(name=item, hourly=True, label=label),))


def monthly(item: str, label: str = "") -> Cost:
    return Cost(items=(Item(name=item, hourly=False, label=label),))


@dataclass(frozen=True)
class NameLimit:
    """The longest name that AWS takes, and the inputs that give it."""

    longest: int
    key: str = "name"


@dataclass(frozen=True, kw_only=True)
class Row:
    """The review's facts about one resource type."""

    role: str = field(default="", kw_only=False)
    """Its part in traffic; empty for that of its service."""
    cost: Cost | None = None
    """None: as its service, which for most is unknown."""
    name: NameLimit | None = None
    policy: str = ""
    """The input with the resource's own policy, which names who may use it."""
    mock: Shape | None = None
    """None: an id, and an ARN and a name if the SDK's class has them."""


free: Final = functools.partial(Row, cost=FREE)
"""A row of a type that costs nothing."""


def alike(row: Row, types: str) -> dict[str, Row]:
    return dict.fromkeys(types.split(), row)


def arn(service: str, resource: str, region: str = "{region}") -> str:
    return f"arn:{{partition}}:{service}:{region}:{{account}}:{resource}"


def regional(service: str, resource: str, **more: str | int) -> Shape:
    """Mock of a resource whose id is its ARN, as with most services."""
    return {"id": arn(service, resource), "arn": "{id}", **more}


def named(service: str, resource: str, region: str = "{region}", **more: str | int) -> Shape:
    """Mock of a resource whose id is its name; `resource` is the last part of its ARN."""
    return {"id": "{name}", "name": "{name}", "arn": arn(service, resource, region), **more}


def ec2(prefix: str, kind: str, **more: str | int) -> Shape:
    """Mock of a resource of EC2: `prefix-0` and 16 hexadecimal digits."""
    return {"id": f"{prefix}-0{{x16}}", "arn": arn("ec2", f"{kind}/{{id}}"), **more}


def owned(prefix: str, kind: str, **more: str | int) -> Shape:
    """The same with an owner."""
    return ec2(prefix, kind, ownerId="{account}", **more)


def worldwide(service: str, resource: str, **more: str | int) -> Shape:
    """Mock of a resource of no region, whose id is its name."""
    return named(service, resource, region="", **more)
