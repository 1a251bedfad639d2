"""Properties that every comparison keeps."""

import re
from collections.abc import Iterator
from dataclasses import replace

from review.compare.comparison import Comparison
from review.compare.lines import Group, Line, Sign
from review.compare.resources import Change, compare_resources
from review.compare.wording import Wording
from review.cost import Estimate, sums
from review.graph import Graph
from review.report.render import costs
from review.tests.helpers.graph_reports import compare_graphs, estimate

MIRRORED = {Sign.NEW: Sign.GONE, Sign.GONE: Sign.NEW}
STATED = {Group.MONEY}


def list_of_group(found: Comparison, group: Group) -> list[Line]:
    return [line for line in found.lines if line.topic.group is group]


def unstated(found: Comparison, wording: Wording) -> Iterator[str]:
    """Inputs that differ, and resources that come or go, of which no line tells."""
    by_resource: dict[str, str] = {}
    for line in found.lines:
        for urn in line.resources:
            by_resource[urn] = f"{by_resource.get(urn, '')}\n{line.sentence}"
    for change in found.resources.changes:
        said = by_resource.get(change.new.urn, "") + by_resource.get(change.old.urn, "")
        for part in change.inputs:
            name = re.sub(r"^body\.paths\.[^.]*\.[a-z-]+\.", "", part.name)
            words = wording.describe_input(part._replace(name=name), replace(change, staying=frozenset()))
            told = wording.mask(words) in said
            if not told and "is deployed again" not in said:
                yield f"{change.new.name}: {words}"
        if not said and not change.inputs and not change.follows:
            yield f"{change.new.name} is renamed"
    for resource in (*found.resources.added, *found.resources.removed):
        if resource.name not in by_resource.get(resource.urn, ""):
            yield f"{resource.name} ({resource.kind})"


def print_sums(bill: Estimate) -> dict[str, str]:
    """The sums that a report prints, by the labels of the comparison."""
    rows = [(label, amount) for label, amount, _ in costs.list_fixed_costs(bill) if amount != "?"]
    printed = {f"{sums.FIXED}, of which {label}": amount for label, amount in rows}
    if (whole := costs.find_fixed_total(bill)) is not None:
        printed[sums.FIXED] = whole[1]
    printed |= {label: amount for label, amount, _ in costs.list_call_costs(bill) if label == sums.PER_MILLION}
    totals = dict(costs.list_sums(bill))
    totals.pop("total without calls", None)
    return printed | dict(zip([sums.USED], totals.values(), strict=False))


def list_wrong_sums(found: Comparison, before: Estimate, after: Estimate) -> Iterator[str]:
    """Sums that both reports print and that the comparison states otherwise, or not at all though they differ."""
    lines = [
        line.sentence for line in list_of_group(found, Group.MONEY) if not line.sentence.startswith("cannot compare")
    ]
    parts = [re.fullmatch(r"\$([\d,.]+) → \$([\d,.]+) (a month.*|per .*)", text) for text in lines]
    stated = {part[3]: part.groups()[:2] for part in parts if part}
    was, now = print_sums(before), print_sums(after)
    for label in was.keys() & now.keys():
        if "?" in was[label] + now[label] or "not known" in (was[label], now[label]):
            continue
        amounts = [costs.format_dollars(float(each.replace(",", ""))) for each in stated.get(label, ())]
        if amounts != [was[label], now[label]] and (amounts or was[label] != now[label]):
            yield f"{label}: {amounts}, and the reports have {was[label]} and {now[label]}"


def faults(before: Graph, after: Graph) -> list[str]:
    """Where the comparison of two versions, or its mirror image, breaks a property."""
    found, mirror = compare_graphs(before, after), compare_graphs(after, before)
    texts = [f"{line.sign.value} {line.sentence}" for line in found.lines]
    wrong = [f"twice: {text}" for text in texts if texts.count(text) > 1]
    wrong += [f"no line: {text}" for text in unstated(found, Wording(before, after))]
    wrong += [] if texts or not found.resources.changes else ["no line at all"]
    wrong += list_wrong_sums(found, estimate(before), estimate(after))
    return wrong if is_kept(before, after) or is_kept(after, before) else wrong + list(unlike(found, mirror))


def is_kept(before: Graph, after: Graph) -> bool:
    """Whether AWS keeps something, or an alias names it, so that the way back is another one."""
    if any(resource.options.aliases for resource in after):
        return True
    return any(change.staying for change in compare_resources(before, after).changes)


def names_of(change: Change) -> set[str]:
    """The inputs that differ. Lines of scripts are counted by the later version."""
    return {re.sub(r"\[(line |\d+ more).*", "", part.name) for part in change.inputs}


def unlike(found: Comparison, mirror: Comparison) -> Iterator[str]:
    """Where the comparison the other way round is not the mirror image."""
    resources, others = found.resources, mirror.resources
    for mine, theirs in ((resources.added, others.removed), (resources.removed, others.added)):
        if {resource.name for resource in mine} != {resource.name for resource in theirs}:
            yield "other resources come and go"
    forth, back = (
        {(one.new.type, one.new.name): names_of(one) for one in side.changes} for side in (resources, others)
    )
    yield from (f"{key} has other inputs: {forth[key]}" for key in forth if forth[key] != back.get(key, set()))
    for group in STATED:
        signs = sorted(MIRRORED.get(line.sign, line.sign).value for line in list_of_group(found, group))
        if signs != sorted(line.sign.value for line in list_of_group(mirror, group)):
            yield f"{group.name} is no mirror image: {[line.sentence for line in list_of_group(found, group)]}"
