"""Every sum of a bill, by its label: the report prints these, and the comparison compares them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .estimate import Estimate, add_all, add_known

FIXED: Final = "a month without calls"
PER_MILLION: Final = "per million requests"
USED: Final = "a month with the assumed calls and other use"
AT_THE_LIMIT: Final = "a month for calls, if they come at the limit all month"
UNTIL_TIMEOUT: Final = "a month for calls, if each also runs until the timeout of its function"
SCALED: Final = "a month more, if automatic scaling stays at its maximum"


@dataclass(frozen=True)
class Sum:
    """Dollars of several lines."""

    label: str
    amount: float | None
    """None if a part is not known."""
    known: float
    """The part that is known."""


def list_sums(bill: Estimate) -> Iterator[Sum]:
    """All sums, that of the fixed costs first."""
    yield Sum(FIXED, bill.sum_fixed(), add_known(bill.list_fixed()))
    for part in bill.list_parts():
        yield Sum(f"{FIXED}, of which {part.value}", bill.sum_fixed(part), add_known(bill.list_fixed(part)))
    for name, amount in bill.sum_components().items():
        known = add_known([line for line in bill.list_fixed() if line.component == name])
        yield Sum(f"{FIXED}, for {name} alone", amount, known)
    yield Sum(PER_MILLION, bill.per_million, bill.known_per_million)
    used = [*bill.list_fixed(), *bill.list_calls(), *bill.list_other_use()]
    yield Sum(USED, None if bill.unpriced else add_all(used), add_known(used))
    if bill.worst is not None:
        amounts = [(AT_THE_LIMIT, bill.worst.usd)]
        if bill.worst.until_timeout is not None:
            amounts.append((UNTIL_TIMEOUT, bill.worst.until_timeout))
        yield from (Sum(label, None if bill.worst.not_counted else usd, usd or 0.0) for label, usd in amounts)
    yield Sum(SCALED, bill.scaling, bill.scaling or 0.0)


def find_sum(bill: Estimate, label: str) -> Sum:
    """The sum with a label; zero if the bill has none."""
    return next((found for found in list_sums(bill) if found.label == label), Sum(label, 0.0, 0.0))


def describe_unknown(bill: Estimate) -> list[str]:
    """What the bill has no price or no quantity of, so that two bills can be compared in it."""
    lines = [f"{line.label} ({line.quantity})" for line in bill.list_unknown()]
    return sorted([*lines, *(resource.type for resource in bill.unpriced)])
