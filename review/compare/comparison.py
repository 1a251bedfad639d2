"""The comparison of two versions of a stack: facts that one report states and the other does not."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..cost import Usage
from ..graph import Graph
from ..graph.prose import abbreviate_names, format_count
from .call_lines import list_call_lines, list_slash_lines
from .data import list_data_lines
from .facts import collect_facts
from .kept import add_kept
from .lines import Group, Head, Line, Sign, Topic
from .resource_lines import list_resource_lines
from .resources import Resources, compare_resources
from .statements import list_cost_lines, list_open_lines, list_path_lines, list_rule_lines, list_source_lines
from .wording import Wording

_COSTS: Final[str] = Topic.COSTS.value.format("")
_MOST: Final = 5
"""Parts of a heading before the costs. The others are counted."""

_AREAS: Final = (Topic.PERMISSIONS, Topic.NETWORK, Topic.BEHIND, Topic.WATCH)
"""Topics of which the heading has few subjects: a component has many such resources."""
_MOST_OF_AREA: Final = 2


@dataclass(frozen=True, kw_only=True)
class Comparison:
    against: str  # the other side of the comparison, in the reader's words
    lines: tuple[Line, ...]
    resources: Resources
    wording: Wording

    def list_of_group(self, group: Group) -> list[Line]:
        return [line for line in self.lines if line.group is group]

    @property
    def failures(self) -> list[str]:
        """Lines that `--strict` makes an error of."""
        return [line.text for line in self.lines if line.fails]

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
            return "Nothing differs"
        parts = self._list_heading_parts()
        costs = parts.pop() if parts and parts[-1].startswith(_COSTS) else ""
        more = [f"{len(parts) - _MOST} more"] if len(parts) > _MOST else []
        if parts := [*parts[:_MOST], *more, *filter(None, [costs])]:
            return "; ".join(parts)
        number = len({urn for line in self.lines for urn in line.resources})
        return f"{format_count(number, 'resource changes', 'resources change')}; no data, calls, rules or costs differ"

    def _list_heading_parts(self) -> list[str]:
        """Each topic once with its subjects, the gravest first."""
        subjects: dict[tuple[Topic, str], dict[str, Head]] = {}
        for head in (head for line in self.lines for head in line.heads):
            subjects.setdefault((head.topic, head.words), {})[head.subject] = head
        order = [*Topic]
        ranked = sorted(subjects.items(), key=lambda row: order.index(row[0][0]))
        return [_describe_topic(topic, [*heads.values()]) for (topic, _), heads in ranked]


def _describe_topic(topic: Topic, heads: Sequence[Head]) -> str:
    if topic is Topic.COSTS:
        return f"{_COSTS}{heads[0].subject}"
    plural = heads[0].plural if len(heads) > 1 else ""
    words: str = plural or heads[0].words or topic.value
    subjects = [head.subject for head in heads]
    if topic in _AREAS and len(subjects) > _MOST_OF_AREA:
        subjects[_MOST_OF_AREA - 1 :] = [f"{subjects[_MOST_OF_AREA - 1]} and {len(subjects) - _MOST_OF_AREA} more"]
    return words.format(abbreviate_names(subjects))


def compare(before: Graph, after: Graph, usage: Usage, against: str, resources: Resources | None = None) -> Comparison:
    """The facts that differ. `resources` has the differences by the engine's plan, in place of the schema's."""
    compared = resources or compare_resources(before, after)
    old, new = collect_facts(before, usage), collect_facts(add_kept(after, compared), usage)
    wording = Wording(before, after)
    calls = list_call_lines(old, new, compared)
    stated = [*list_data_lines(compared, before, wording), *list_open_lines(old, new), *list_path_lines(old, new)]
    stated += [*list_source_lines(old, new, compared), *calls.lines, *list_slash_lines(old, new)]
    stated += [*list_rule_lines(old, new, compared), *list_cost_lines(old, new)]
    lines: dict[tuple[Group, Sign, str], Line] = {}
    for line in (*stated, *list_resource_lines(compared, old, new, wording, calls, stated)):
        text = wording.mask(line.text)
        heads = tuple(head._replace(subject=wording.mask(head.subject)) for head in line.heads)
        lines[line.group, line.sign, text] = replace(line, text=text, heads=heads)
    order = list(Group)
    ordered = sorted(lines.values(), key=lambda line: order.index(line.group))
    return Comparison(against=against, lines=tuple(ordered), resources=compared, wording=wording)
