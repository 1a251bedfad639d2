"""The resource types that the review reads: each that a component of Gatehouse declares or looks up, and no other.

`catalog.json` has a row for each: its part in traffic, its cost, and templates of the outputs that an evaluation
makes up. `harmless.json` has types and packages that are not read and change no answer, with
the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .tables import load_table

Shape = Mapping[str, str | int | list[str]]
"""Made-up outputs: a template by output, filled in order by `evaluate.mocks`."""


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
    """The usage that the bill depends on, for a type that costs nothing if it is not used."""


FREE: Final = Cost()


@dataclass(frozen=True, kw_only=True)
class Row:
    """The review's facts about one resource type."""

    role: str = ""
    """Its part in traffic; empty if it has none."""
    cost: Cost | None = None
    """None if the review does not know."""
    mock: Shape | None = None
    """None: an id, and an ARN and a name if the SDK's class has them."""


_NOT_READ: Final = Row()


def make_token(name: str) -> str:
    """The token of a class of AWS's SDK: `aws:ec2/natGateway:NatGateway` of `ec2.NatGateway`. Others have theirs."""
    if ":" in name:
        return name
    module, _, kind = name.partition(".")
    return f"aws:{module}/{kind[0].lower()}{kind[1:]}:{kind}"


def _read_cost(row: Mapping[str, Any]) -> Cost:
    for key, hourly in (("hourly", True), ("monthly", False)):
        if key in row:
            name, *label = row[key]
            return Cost(items=(Item(name=name, hourly=hourly, label="".join(label)),))
    return Cost(functions=tuple(row.get("functions", ())), depends_on=row.get("by use", ""))


def _read_row(row: Mapping[str, Any]) -> Row:
    return Row(
        role=row.get("role", ""),
        cost=_read_cost(row),
        mock=row.get("outputs"),
    )


ROWS: Final[Mapping[str, Row]] = {make_token(name): _read_row(row) for name, row in load_table("catalog").items()}
_HARMLESS: Final = frozenset(
    make_token(name) for names in load_table("harmless")["types"].values() for name in names.split()
)
_FREE: Final = frozenset(
    make_token(name) for names in load_table("harmless")["free"].values() for name in names.split()
)
"""Types that are not read and cost nothing."""
_HARMLESS_PACKAGES: Final = frozenset(" ".join(load_table("harmless")["packages"].values()).split())
_WITHOUT_CLOUD: Final = frozenset(load_table("harmless")["packages"]["it creates nothing in AWS"].split())


BESIDE: Final = frozenset(
    make_token(name)
    for name in (
        *("apigateway.Authorizer", "apigateway.Integration", "apigateway.IntegrationResponse", "apigateway.Method"),
        *("apigateway.MethodResponse", "apigateway.Resource", "apigateway.RestApiPolicy", "iam.PolicyAttachment"),
    )
)
"""Types of programs beside components, which no component declares: they are read, and cost nothing."""


def normalize_token(token: str) -> str:
    """The token under which a type has its row: `aws:lb/…` for `aws:alb/…`, whose classes are the same."""
    return token.replace("aws:alb/", "aws:lb/")


def find_row(token: str) -> Row:
    """The row of a type; one that knows nothing for a type that is not read."""
    return ROWS.get(normalize_token(token), _NOT_READ)


def is_read(token: str) -> bool:
    """Whether the review reads this type."""
    return normalize_token(token) in ROWS or token in BESIDE


def is_harmless(token: str) -> bool:
    """Whether a type that the review does not read changes none of its answers."""
    return normalize_token(token) in _HARMLESS or token.partition(":")[0] in _HARMLESS_PACKAGES


def list_types(role: str) -> tuple[str, ...]:
    """Tokens of the types that play a part in traffic."""
    if tokens := tuple(token for token, kind in ROWS.items() if kind.role == role):
        return tokens
    raise KeyError(f"no type has the role {role}")


def may_shape_traffic(token: str) -> bool:
    """Whether a resource of this type may open or close a path, as far as is known."""
    has_part = find_row(token).role not in ("", "dns record") or token in BESIDE
    return has_part or not (is_read(token) or is_harmless(token))


def is_outside_aws(token: str) -> bool:
    """Whether the type is of a package that creates nothing in AWS, and calls nothing of it."""
    return token.partition(":")[0] in _WITHOUT_CLOUD


def find_cost(token: str) -> Cost | None:
    """The cost of a type; None if the review does not know."""
    return FREE if is_outside_aws(token) or token in _FREE | BESIDE else find_row(token).cost
