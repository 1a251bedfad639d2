"""The comparison of two versions of a stack: facts that one report states and the other does not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..acknowledgements import CONFIG_KEY, Acknowledgement, find_for, list_new, read_acknowledgements
from ..aws.model.model import AwsModel
from ..cost import Usage, estimate
from ..evaluate.project_texts import ProjectTexts
from ..graph import Graph, Origin
from ..graph.prose import abbreviate_names, format_count, join_names
from .call_lines import list_call_lines, list_slash_lines
from .data import list_data_lines
from .destinations import list_destination_lines
from .facts import Facts, collect_facts
from .kept import add_kept
from .lines import Group, Head, Line, Sign, Topic
from .observed import OF_FILES, OF_PROGRAMS, Difference, Part, list_observed, list_unknown
from .observed_lines import list_observed_lines
from .openings import list_opening_lines
from .refusals import list_refusal_lines
from .replacement_order import list_order_lines
from .resource_lines import list_equivalent_lines, list_resource_lines
from .resources import Resources, compare_resources
from .statements import (
    list_cost_lines,
    list_doubt_lines,
    list_open_lines,
    list_path_lines,
    list_rule_lines,
    list_source_lines,
)
from .wording import Wording

_EQUAL: Final = "What the program declares is equal"
_MOST: Final = 5
"""Parts of a heading before the costs. The others are counted."""

_AREAS: Final = (Topic.UNPROTECTED, Topic.PROTECTED, Topic.PERMISSIONS, Topic.NETWORK, Topic.BEHIND, Topic.WATCH)
"""Topics of which the heading has few subjects: a component has many such resources."""
_MOST_OF_AREA: Final = 2


@dataclass(frozen=True, kw_only=True)
class Comparison:
    against: str  # the other side of the comparison, in the reader's words
    lines: tuple[Line, ...]
    resources: Resources
    compared: tuple[str, ...] = ()
    """The parts of the two versions that were compared."""
    not_compared: tuple[str, ...] = ()
    """Parts that could not be read."""
    unknown: tuple[str, ...] = ()
    """Inputs and outputs of both versions that are known only after an update, so that they may differ unseen."""

    @property
    def failures(self) -> list[str]:
        """Lines that `--strict` makes an error of."""
        return [line.text for line in self.lines if line.fails]

    @property
    def scope(self) -> str:
        """What was compared, and what could not be."""
        left = f" Not compared: {join_names([*self.not_compared])}." if self.not_compared else ""
        return f"Compared: {join_names([*self.compared])}.{left}"

    @property
    def counts(self) -> str:
        """`2 added, 1 removed, 1 replaced, 4 changed`."""
        fates = [change.replacing for change in self.resources.changes]
        numbers = {
            "added": len(self.resources.added),
            "removed": len(self.resources.removed),
            "replaced": sum(bool(fate) for fate in fates),
            "perhaps replaced": fates.count(None),
            "changed": fates.count(()),
        }
        return ", ".join(f"{number} {word}" for word, number in numbers.items() if number) or "no resource differs"

    @property
    def heading(self) -> str:
        """The gravest facts with their subjects, then the costs."""
        if not self.lines:
            return "Nothing is known to differ" if self.unknown else "Nothing differs"
        parts, costs = self._list_heading_parts()
        more = [f"{len(parts) - _MOST} more"] if len(parts) > _MOST else []
        if parts := [*parts[:_MOST], *more, *costs[:1]]:
            return "; ".join(parts)
        if all(line.group is Group.EDITS for line in self.lines):
            seen = "No difference is known in what the program declares" if self.unknown else _EQUAL
            return f"{seen}; its text, or the config, differs"
        number = len({urn for line in self.lines for urn in line.resources})
        differ = "are known to differ" if self.unknown else "differ"
        count = format_count(number, "resource changes", "resources change")
        return f"{count}; no data, calls, rules or costs {differ}"

    def _list_heading_parts(self) -> tuple[list[str], list[str]]:
        """Each topic once with its subjects, the gravest first, and each sum of money."""
        subjects: dict[tuple[Topic, str], dict[str, Head]] = {}
        sums: list[str] = []
        for head in (head for line in self.lines for head in line.heads):
            if head.topic is Topic.COSTS:
                sums.append((head.words or head.topic.value).format(head.subject))
            else:
                subjects.setdefault((head.topic, head.words), {})[head.subject] = head
        order = [*Topic]
        ranked = sorted(subjects.items(), key=lambda row: order.index(row[0][0]))
        return [_describe_topic(topic, [*heads.values()]) for (topic, _), heads in ranked], sums


def _describe_topic(topic: Topic, heads: Sequence[Head]) -> str:
    plural = heads[0].plural if len(heads) > 1 else ""
    words: str = plural or heads[0].words or topic.value
    subjects = [head.subject for head in heads]
    if topic in _AREAS and len(subjects) > _MOST_OF_AREA:
        subjects[_MOST_OF_AREA - 1 :] = [f"{subjects[_MOST_OF_AREA - 1]} and {len(subjects) - _MOST_OF_AREA} more"]
    return words.format(abbreviate_names(subjects))


Texts = tuple[ProjectTexts, ProjectTexts]


def compare(
    before: Graph,
    after: Graph,
    usage: Usage,
    against: str,
    resources: Resources | None = None,
    texts: Texts | None = None,
) -> Comparison:
    """All that differs. `resources` has the differences by the engine's plan, in place of the schema's.

    `texts` are the files of both versions, if they were read. Raises StackFileError for a wrong `review:acknowledge`.
    """
    compared = resources or compare_resources(before, after)
    old, new = _collect_both_facts(before, after, usage, compared)
    wording = Wording(before, after)
    differences = _list_differences(before, after, compared, texts)
    lines = _acknowledge_lines(_list_lines(old, new, compared, differences, wording), before, after)
    left = OF_PROGRAMS if after.origin is not Origin.PROGRAM else OF_FILES if texts is None else ()
    parts = [part for part in Part if part not in left]
    unknown = () if after.origin is Origin.PLAN else tuple(list_unknown(before, after, compared.pairing))
    return Comparison(
        against=against,
        lines=tuple(sorted(_mask_lines(lines, wording), key=lambda line: [*Group].index(line.group))),
        resources=compared,
        compared=tuple(part.value for part in parts),
        not_compared=tuple(_list_not_compared(after, parts, texts, unknown)),
        unknown=unknown,
    )


def _collect_both_facts(before: Graph, after: Graph, usage: Usage, resources: Resources) -> tuple[Facts, Facts]:
    """The facts of both versions, of the later one as AWS will hold it. Its sums are those of the program's report."""
    kept = add_kept(after, resources)
    old, new = collect_facts(before, usage), collect_facts(kept, usage)
    if kept.resources != after.resources:
        new = replace(new, bill=estimate(AwsModel(after), usage, not_counted=new.not_counted))
    return old, new


def _list_differences(before: Graph, after: Graph, resources: Resources, texts: Texts | None) -> list[Difference]:
    """What differs beside resources of the stack."""
    if not before.resources and not before.config:  # The whole stack is new, and has another target than none.
        return []
    found = list_observed(before, after, resources.pairing, texts, resources.later)
    # The arguments of components are said by their children, and by what was edited.
    if resources.changes or any(each.part in (Part.CONFIG, Part.PROGRAM) for each in found):
        return [each for each in found if each.part is not Part.RESOURCES]
    return found


def _list_lines(
    old: Facts, new: Facts, resources: Resources, differences: Sequence[Difference], wording: Wording
) -> list[Line]:
    """Explanations by the reports' own facts, and then what none of them states."""
    calls = list_call_lines(old, new, resources)
    stated = [
        *list_data_lines(resources, old.graph, new.graph, wording),
        *list_open_lines(old, new),
        *list_path_lines(old, new, resources),
        *list_opening_lines(resources),
        *list_destination_lines(resources, old, new),
        *list_source_lines(old, new, resources),
        *calls.lines,
        *list_slash_lines(old, new),
        *list_rule_lines(old, new, resources),
        *list_cost_lines(old, new),
    ]
    stated += [
        *list_doubt_lines(old, new, resources, stated),
        *list_refusal_lines(resources),
        *list_order_lines(resources, old, new),
        *list_observed_lines(differences, old, new, wording),
        *list_equivalent_lines(resources),
    ]
    return [*stated, *list_resource_lines(resources, old, new, wording, calls, stated)]


def _acknowledge_lines(lines: Iterable[Line], before: Graph, after: Graph) -> list[Line]:
    """The lines with the reasons of their entries, and lines on entries that acknowledge nothing."""
    current = read_acknowledgements(after.config)
    # A plan has one config for both sides: what it deletes is still there, so that no entry is of an earlier change.
    entries = [*current] if after.origin is Origin.PLAN else list_new(before.config, after.config)
    found = [_acknowledge(line, entries) for line in lines]
    return [*found, *_list_useless(entries, {*current} - {*entries}, found)]


def _acknowledge(line: Line, entries: Sequence[Acknowledgement]) -> Line:
    entry = find_for(entries, line.place) if line.place else None
    if entry is None:
        return line
    return replace(line, fails=False, text=f"{line.text} (acknowledged: {entry.reason})")


def _list_useless(
    entries: Sequence[Acknowledgement], stale: Iterable[Acknowledgement], lines: Sequence[Line]
) -> Iterator[Line]:
    for entry in entries:
        if not any(line.place and entry.covers(line.place) for line in lines):
            text = f"{CONFIG_KEY}: nothing differs at {entry.place}, so that the entry has no effect"
            yield Line(Group.EDITS, Sign.CHANGED, text)
    for entry in sorted(stale, key=lambda entry: entry.place):
        text = f"{CONFIG_KEY}: the entry {entry.place} is of an earlier change and has no effect: take it out"
        yield Line(Group.EDITS, Sign.CHANGED, text)


def _mask_lines(lines: Iterable[Line], wording: Wording) -> Iterable[Line]:
    """The lines with secrets masked. Those that read alike then are one."""
    found = {}
    for line in lines:
        text = wording.mask(line.text)
        heads = tuple(head._replace(subject=wording.mask(head.subject)) for head in line.heads)
        found[line.group, line.sign, text] = replace(line, text=text, heads=heads)
    return found.values()


def _list_not_compared(
    after: Graph, parts: Sequence[Part], texts: Texts | None, unknown: Sequence[str]
) -> Iterator[str]:
    yield from (part.value for part in Part if part not in parts)
    if texts is not None and any(side.stack.get("environment") for side in texts):
        yield "what the environments of Pulumi ESC hold"
    if after.ciphertexts:
        yield "what encrypted values hold"
    if unknown:
        yield f"values that are known only after the update ({abbreviate_names(unknown)})"
    if any(call.made_up for call in after.invokes):
        yield "answers of look-ups, which are made up"
