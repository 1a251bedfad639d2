"""The comparison of two versions of a stack: facts that one report states and the other does not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..acknowledgements import CONFIG_KEY, Acknowledgement, find_for, list_new, read_acknowledgements
from ..cost import Usage
from ..evaluate.project_texts import ProjectTexts
from ..graph import Graph, Origin
from ..graph.prose import abbreviate_names, format_count, join_names
from .callers import list_caller_lines
from .data import list_data_lines
from .facts import Describe, Facts, Later, collect_facts
from .lines import EACH, Group, Line, Topic
from .observed import OF_FILES, OF_PROGRAMS, Difference, Part, list_observed, list_unknown
from .observed_lines import list_observed_lines
from .programs import list_program_lines
from .refusals import list_refusal_lines
from .report_rows import list_built_lines, list_cost_lines, list_doubt_lines, list_limit_lines, list_rule_lines
from .resource_lines import list_equivalent_lines, list_resource_lines
from .resources import Resources, compare_resources
from .wording import Wording

MOST: Final = 5
"""Lines of a heading. The others are counted."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    against: str
    """The other side of the comparison, in the reader's words."""
    lines: tuple[Line, ...]
    resources: Resources
    compared: tuple[str, ...] = ()
    """The parts of the two versions that were compared."""
    not_compared: tuple[str, ...] = ()
    """Parts that could not be read."""
    unknown: tuple[str, ...] = ()
    """Inputs and outputs of both versions that are known only after an update, so that they may differ unseen."""

    @property
    def failures(self) -> list[Line]:
        """Facts that `--strict` makes an error of, the gravest first."""
        return sorted((line for line in self.lines if line.fails), key=_rank)

    @property
    def doubts(self) -> list[Line]:
        """Callers of whom it is not known whether they differ: an error of `--strict=unknown`."""
        return [line for line in self.lines if line.topic is Topic.CANNOT and not line.reason]

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
        is_hidden = any(line.topic is Topic.ELSEWHERE for line in self.lines)
        none = "no resource is known to differ" if is_hidden else "no resource differs"
        return ", ".join(f"{number} {word}" for word, number in numbers.items() if number) or none

    @property
    def headings(self) -> list[str]:
        """The gravest facts, a line each, and how many more there are."""
        heads = [*self._list_heads()]
        more = [f"{len(heads) - MOST} more"] if len(heads) > MOST else []
        return [*heads[:MOST], *more] or [self._describe_rest()]

    @property
    def heading(self) -> str:
        """The gravest facts in one line."""
        return "; ".join(self.headings)

    def _list_heads(self) -> Iterator[str]:
        """Facts about callers one by one, others by topic with their subjects; of the costs the first."""
        found: dict[tuple[Topic, str], list[str]] = {}
        for line in sorted((line for line in self.lines if line.subject), key=_rank):
            found.setdefault((line.topic, line.words), []).append(line.subject)
        for (topic, words), subjects in found.items():
            listed = [*dict.fromkeys(subjects)][: 1 if topic is Topic.COSTS else None]
            shown = listed if topic in EACH else [abbreviate_names(listed)]
            yield from ((words or topic.words).format(subject) for subject in shown)

    def _describe_rest(self) -> str:
        if not self.lines:
            return "Nothing is known to differ" if self.unknown else "Nothing differs"
        urns = dict.fromkeys(urn for line in self.lines for urn in line.resources)
        if names := [f"{urn.rpartition('::')[2]} ({urn.split('::')[2].rpartition(':')[2]})" for urn in urns]:
            return f"{format_count(len(names), 'resource changes', 'resources change')}: {abbreviate_names(names)}"
        if any(line.topic is not Topic.EDITS for line in self.lines):
            return "No resource differs: outputs, labels or rows of the report do"
        seen = "No difference is known in what the program declares" if self.unknown else _EQUAL
        return f"{seen}; its text, or the config, differs"


_EQUAL: Final = "What the program declares is equal"


def _rank(line: Line) -> int:
    return _ORDER.index(line.topic)


_ORDER: Final = [*Topic]
_GROUPS: Final = [*Group]
Texts = tuple[ProjectTexts, ProjectTexts]


def compare(
    before: Graph,
    after: Graph,
    usage: Usage,
    against: str,
    resources: Resources | None = None,
    texts: Texts | None = None,
    *,
    describe: Describe,
) -> Comparison:
    """All that differs. `resources` has the differences by the engine's plan, in place of the schema's.

    `describe` writes the rows of a report. `texts` are the files of both versions, if they were read. Raises
    StackFileError for a wrong `review:acknowledge`.
    """
    compared = resources or compare_resources(before, after)
    wording = Wording(before, after)
    facts = collect_facts(before, usage, describe), collect_facts(after, usage, describe)
    differences = _list_differences(before, after, compared, texts)
    masked = _mask_lines(_list_lines(*facts, compared, differences, wording), wording)
    lines = _acknowledge_lines(masked, before, after)
    left = OF_PROGRAMS if after.origin is not Origin.PROGRAM else OF_FILES if texts is None else ()
    parts = [part for part in Part if part not in left]
    unknown = () if after.origin is Origin.PLAN else tuple(list_unknown(before, after, compared.pairing))
    return Comparison(
        against=against,
        lines=tuple(sorted(lines, key=lambda line: (_GROUPS.index(line.topic.group), _rank(line)))),
        resources=compared,
        compared=tuple(part.value for part in parts),
        not_compared=tuple(_list_not_compared(after, parts, texts, unknown)),
        unknown=unknown,
    )


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
    """What statements and reports say, and then all resources."""
    later = Later.read(resources)
    callers = [*list_caller_lines(old, new, later, resources)]
    opened = {route for line in callers if line.topic is Topic.OPENS for route in line.routes}
    stated = [
        *callers,
        *list_program_lines(old, new, later),
        *list_data_lines(resources, old.graph, wording),
        *list_rule_lines(old, new, later, opened),
        *list_limit_lines(old, new, later),
        *list_cost_lines(old, new, later),
        *list_built_lines(old, new, later),
        *list_doubt_lines(old, new, later, callers, resources),
        *list_refusal_lines(resources),
        *list_observed_lines(differences, old, new, wording),
    ]
    return [
        *stated,
        *list_resource_lines(resources, old.graph, new.graph, wording, stated),
        *list_equivalent_lines(resources, later),
    ]


def _acknowledge_lines(lines: Iterable[Line], before: Graph, after: Graph) -> list[Line]:
    """The lines with the reasons of their entries, and lines on entries that acknowledge nothing."""
    current = read_acknowledgements(after.config)
    # A plan has one config for both sides: what it deletes is still there, so that no entry is of an earlier change.
    entries = [*current] if after.origin is Origin.PLAN else list_new(before.config, after.config)
    found = [_acknowledge(line, entries) for line in lines]
    return [*found, *_list_useless(entries, {*current} - {*entries}, found)]


def _acknowledge(line: Line, entries: Sequence[Acknowledgement]) -> Line:
    entry = find_for(entries, line.place) if line.place else None
    return line if entry is None else replace(line, fails=False, reason=entry.reason)


def _list_useless(
    entries: Sequence[Acknowledgement], stale: Iterable[Acknowledgement], lines: Sequence[Line]
) -> Iterator[Line]:
    for entry in entries:
        if not any(line.place and entry.covers(line.place) for line in lines):
            text = f"{CONFIG_KEY}: nothing differs at {entry.place}, so that the entry has no effect"
            yield Line(topic=Topic.EDITS, text=text)
    for entry in sorted(stale, key=lambda entry: entry.place):
        text = f"{CONFIG_KEY}: the entry {entry.place} is of an earlier change and has no effect: take it out"
        yield Line(topic=Topic.EDITS, text=text)


def _mask_lines(lines: Iterable[Line], wording: Wording) -> Iterable[Line]:
    """The lines with secrets masked. Those that read alike then are one."""
    found = {}
    for line in lines:
        text, subject, place = map(wording.mask, (line.text, line.subject, line.place))
        masked = replace(line, text=text, subject=subject, place=place)
        found[line.topic, line.sign, masked.sentence] = masked
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
