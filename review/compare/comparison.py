"""The comparison of two versions of a stack: facts that one report states and the other does not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ..cost import Usage
from ..graph import Graph
from ..graph.prose import count, few
from .data import data_lines
from .facts import facts_of
from .kept import with_kept
from .lines import Group, Line, Sign
from .resource_lines import resource_lines
from .resources import Resources, compare_resources
from .statements import call_lines, money_lines, open_lines, path_lines, rule_lines, slash_lines
from .wording import Wording

_HEADINGS: Final[Mapping[tuple[Group, Sign], str]] = {
    (Group.DATA, Sign.GONE): "Deletes data",
    (Group.DATA, Sign.REPLACED): "Replaces data",
    (Group.DATA, Sign.CHANGED): "Keeps data for another time",
    (Group.OPEN, Sign.NEW): "Opens to anyone",
    (Group.RULES, Sign.NEW): "Newly fails",
    (Group.PATHS, Sign.NEW): "Opens a path",
    (Group.PATHS, Sign.GONE): "Ends a path",
    (Group.CALLS, Sign.GONE): "Removes calls",
    (Group.CALLS, Sign.NEW): "Adds calls",
    (Group.CALLS, Sign.CHANGED): "Changes calls",
    (Group.PATHS, Sign.CHANGED): "Changes a path",
    (Group.OPEN, Sign.GONE): "Closes to anyone",
    (Group.RULES, Sign.GONE): "No longer fails",
    (Group.MONEY, Sign.CHANGED): "Costs",
}
"""Words of a heading, the gravest first."""
_MOST: Final = 3  # parts of a heading


@dataclass(frozen=True, kw_only=True)
class Comparison:
    against: str  # the other side of the comparison, in the reader's words
    lines: tuple[Line, ...]
    resources: Resources
    wording: Wording

    def of_group(self, group: Group) -> list[Line]:
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
        """The gravest facts with their subjects."""
        parts = []
        for (group, sign), words in _HEADINGS.items():
            subjects = dict.fromkeys(line.subject for line in self.of_group(group) if line.sign is sign)
            if subjects:
                parts.append(f"{words}: {next(iter(subjects)) if group is Group.MONEY else few([*subjects])}")
        if parts:
            return "; ".join(parts[:_MOST])
        number = len({urn for line in self.lines for urn in line.resources})
        changes = count(number, "resource changes", "resources change")
        return f"{changes}; no data, calls, rules or costs differ" if self.lines else "Nothing differs"


def compare(before: Graph, after: Graph, usage: Usage, against: str, resources: Resources | None = None) -> Comparison:
    """The facts that differ. `resources` has the differences by the engine's plan, in place of the schema's."""
    compared = resources or compare_resources(before, after)
    old, new = facts_of(before, usage), facts_of(with_kept(after, compared), usage)
    wording = Wording(before, after)
    calls = call_lines(old, new)
    stated = [*data_lines(compared, before, wording), *open_lines(old, new), *path_lines(old, new), *calls.lines]
    stated += [*slash_lines(old, new), *rule_lines(old, new, compared), *money_lines(old, new)]
    lines: dict[tuple[Group, Sign, str], Line] = {}
    for line in (*stated, *resource_lines(compared, old, new, wording, calls, stated)):
        text, subject = wording.masked(line.text), wording.masked(line.subject)
        lines[line.group, line.sign, text] = replace(line, text=text, subject=subject)
    order = list(Group)
    ordered = sorted(lines.values(), key=lambda line: order.index(line.group))
    return Comparison(against=against, lines=tuple(ordered), resources=compared, wording=wording)
