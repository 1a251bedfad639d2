"""Money in words, the same in every form of the report: what makes up a sum, what bounds the worst month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...aws.catalog.month import HOURS
from ...cost import Estimate, Line, sums
from ...cost.charge import Basis, add_count
from ...cost.estimate import add_all, add_known
from ...cost.parts import Part
from ...cost.used import AUTHORIZER_CALLS, FIREWALL_CALLS
from ...graph.answers import add_up
from ...graph.graph import group_pairs
from ...graph.prose import HARD_SPACE, abbreviate_names, format_count

if TYPE_CHECKING:
    from ..report import Report


def format_dollars(dollars: float) -> str:
    """`$7.18`, `$2,724`: cents matter below a thousand."""
    return f"${dollars:,.2f}" if abs(dollars) < 1000 else f"${dollars:,.0f}"


def format_millions(number: float) -> str:
    """`263 million`, `2.6 million`, `60,833`: below ten, a tenth is what a reader multiplies by a price."""
    if number < 1e6:
        return f"{number:,.0f}"
    return f"{number / 1e6:,.{1 if number < 9.95e6 else 0}f}".removesuffix(".0") + " million"


def format_sum(lines: Sequence[Line]) -> str:
    """`$7.18`, or `$7.18 + ?` where a price is missing."""
    return format_known_dollars(add_all(lines), add_known(lines))


def describe_items(lines: Iterable[Line], per: float = 1.0) -> str:
    """`t4g.nano 3.36 + disk 2 GB 0.18`: like items together, the dearest first, `~` before a price not confirmed.

    The words of an item are held together by spaces that no line is broken at.
    """
    ordered = sorted(group_pairs((line.name, line) for line in lines).items(), key=lambda item: -add_known(item[1]))
    return " + ".join(_describe_item(label, group, per).replace(" ", HARD_SPACE) for label, group in ordered)


def _describe_item(name: str, group: list[Line], per: float) -> str:
    # What grows with use is one quantity that several resources share.
    is_fixed = group[0].basis is Basis.FIXED
    named = add_count(sum(line.pieces for line in group), name) if is_fixed else name
    if any(line.price is None for line in group):
        return f"{named} (price not known)"
    if any(line.amount is None for line in group):
        return f"{named} (quantity not known)"
    about = "" if all(line.sure for line in group) else "~"
    return f"{named} {about}{add_known(group) * per:,.2f}"


def merge_lines(lines: Iterable[Line]) -> list[Line]:
    """Lines of one component that are alike, as one."""
    groups = group_pairs(((line.component, line.basis, line.label, line.price, line.source), line) for line in lines)
    joined = []
    for group in groups.values():
        quantity, amount = add_up(line.quantity for line in group), add_up(line.amount for line in group)
        joined.append(replace(group[0], quantity=quantity, amount=amount))
    return joined


def format_quantity(line: Line) -> str:
    """`730`, `not known`."""
    return "not known" if line.quantity is None else f"{line.quantity:,.6g}"


def format_unit_price(line: Line) -> str:
    """`0.0046`, `~0.088` if it is not confirmed."""
    if line.price is None:
        return "not known"
    return f"{'' if line.sure else '~'}{line.price:.10f}".rstrip("0").rstrip(".")


def describe_basis(bill: Estimate) -> str:
    """Hours of the month, the region, and when its prices were read."""
    return f"{HOURS} h, {bill.region}, prices of {bill.as_of}"


def list_call_costs(bill: Estimate) -> Iterator[tuple[str, str, str]]:
    """(label, amount, breakdown) of what calls cost: a million, and as many as are assumed, where these differ."""
    calls, requests = bill.list_calls(), bill.usage.requests
    if not calls:
        return
    # A million costs what it does at the first tiers, and so do its items.
    first = [
        line if line.quantity is None or line.price is None else replace(line, amount=line.quantity * line.price)
        for line in calls
    ]
    yield (
        sums.PER_MILLION,
        format_found(bill, sums.PER_MILLION),
        describe_items(first, 1e6 / requests if requests else 0.0),
    )
    if requests != 1e6:
        yield f"for the {format_millions(requests)} requests assumed", format_sum(calls), describe_items(calls)


def list_worst_month(report: Report) -> list[tuple[str, str]]:
    """(amount, meaning) of a month in which callers send as much as throttles and quotas allow."""
    worst, bill = report.bill.worst, report.bill
    if worst is None:
        return []
    whole = sums.find_sum(bill, sums.FIXED)
    fixed, known = whole.amount, whole.known

    def with_fixed(calls: float | None) -> str:
        is_part = calls is None or fixed is None or worst.not_counted
        return format_known_dollars(None if is_part else (calls or 0.0) + (fixed or 0.0), (calls or 0.0) + known)

    added = f", plus {format_known_dollars(fixed, known)} of fixed costs" if known or fixed is None else ""
    calls = f"{format_known_dollars(worst.usd)} for {format_millions(worst.requests)} requests at {worst.why}{added}"
    parts = [(with_fixed(worst.usd), calls)] if worst.why else []
    if worst.until_timeout is not None and worst.usd is not None and worst.until_timeout > worst.usd * 1.01:
        parts.append((with_fixed(worst.until_timeout), "if each request also runs until the timeout of its function"))
    parts += [("+ ?", f"for {others}") for others in worst.not_counted]
    if bill.scaling is None or bill.scaling >= 0.01:
        parts.append((f"+ {format_known_dollars(bill.scaling)}", "if automatic scaling stays at its maximum"))
    parts += [
        (f"+ {format_dollars(line.price)}", "for each million refused calls, which the web ACL inspects too")
        for line in bill.list_calls()
        if line.label == FIREWALL_CALLS and line.price is not None
    ]
    return parts + [(format_dollars(limit), "is where a budget alerts") for limit in report.budgets]


def list_fixed_costs(bill: Estimate) -> list[tuple[str, str, str]]:
    """(label, amount, breakdown) of the fixed costs."""
    parts = {part: lines for part in bill.list_parts() if (lines := bill.list_fixed(part))}
    rows = [(part.value, format_sum(lines), describe_items(lines)) for part, lines in parts.items()]
    if parts.keys() == {Part.BACKEND}:
        rows.insert(0, (Part.GATEHOUSE.value, format_dollars(0), "no resource with a fixed price"))
    if bill.unpriced:
        left_out = [f"{abbreviate_names(names)} ({token})" for token, names in bill.group_unpriced().items()]
        sentence = f"{', '.join(left_out)}: in none of these sums, which are of what components declare"
        return [*rows, ("not priced" if rows else "without calls", "?", sentence)]
    return rows or [("without calls", format_dollars(0), "nothing here has a fixed price")]


def find_fixed_total(bill: Estimate) -> tuple[str, str, str] | None:
    """(label, amount, breakdown) of the fixed costs together; None if they are one line."""
    lines = bill.list_fixed()
    if not lines or len(list_fixed_costs(bill)) == 1:
        return None
    return "total without calls", format_found(bill, sums.FIXED), ""


def list_sums(bill: Estimate) -> list[tuple[str, str]]:
    """(label, amount) of all fixed costs, and of these with the assumed calls and other use."""
    rows = [row[:2]] if (row := find_fixed_total(bill)) else []
    used = [*bill.list_fixed(), *bill.list_calls(), *bill.list_other_use()]
    if len(used) > len(bill.list_fixed()):
        rows.append((f"total with {format_millions(bill.usage.requests)} requests", format_found(bill, sums.USED)))
    return rows


def format_found(bill: Estimate, label: str) -> str:
    """A sum of the bill, which a comparison has under the same label."""
    found = sums.find_sum(bill, label)
    return format_known_dollars(found.amount, found.known)


def format_known_dollars(amount: float | None, known: float = 0.0) -> str:
    """`$7.18`; `not known`, or what is known of it, if a part is missing."""
    if amount is not None:
        return format_dollars(amount)
    return f"{format_dollars(known)} + ?" if known else "not known"


def list_caveats(bill: Estimate, *, brief: bool = False) -> list[str]:
    """Costs that the sums leave out or assume. `brief`: the allowances of the AWS Free Tier by their number only."""
    caveat_texts = [*bill.cheaper, f"assumed: {bill.usage.describe()} (change with --usage)"]
    if bill.free:
        allowances = f"{format_count(len(bill.free), 'allowance')} (--verbose)" if brief else "; ".join(bill.free)
        caveat_texts.append(f"AWS Free Tier, not deducted: {allowances}")
    # A price that is read helps only where the quantity is known.
    lacking = (line for line in bill.list_unknown() if line.price is None and line.quantity is not None)
    if missing := dict.fromkeys(f"{line.label} in {line.resource.region}" for line in lacking):
        caveat_texts.append(
            f"? stands for a price that the table does not have: {', '.join(missing)}; "
            "`gatehouse prices` reads it from AWS where there are credentials"
        )
    if bill.by_use:
        types = ", ".join(f"{token.split(':')[-1]} ({by})" for token, by in bill.by_use)
        caveat_texts.append(f"by use, not estimated: {types}")
    # The notes of other charges for calls follow from the assumptions.
    runs = [line for line in bill.list_calls() if line.label == AUTHORIZER_CALLS or line.unread]
    noted = [line for line in (*bill.list_fixed(), *bill.list_other_use(), *runs) if line.note]
    caveat_texts += dict.fromkeys(f"{line.label}: {line.note}" for line in noted)
    approximate = [line for line in bill.lines if not line.sure and line.amount is not None]
    if approximate:
        unread = ", or that does not count an input" if any(line.unread for line in approximate) else ""
        caveat_texts.append(f"~ marks a price that is not confirmed for this region{unread}")
    return caveat_texts
