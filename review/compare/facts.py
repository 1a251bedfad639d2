"""What the report of one version states, and the names of an earlier version in those of the later one."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..aws.model.model import AwsModel
from ..cost import Estimate, Usage, estimate
from ..cost.prices import load_prices
from ..graph import Graph
from ..graph.statements import list_unstated
from ..reach import Reach, trace
from ..reach.statements import Part, list_urns
from ..report.parts.limitations import list_limitations
from ..report.parts.rows import Row, list_rows
from ..rules.check import Finding, check
from .pairing import make_key
from .resources import Resources


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One version, with the parts of its report."""

    graph: Graph
    reach: Reach
    rows: tuple[Row, ...]
    bill: Estimate
    limitations: tuple[str, ...]
    findings: tuple[Finding, ...]

    def list_unstated(self) -> set[str]:
        """URNs of components whose statement is not read."""
        return {resource.urn for resource in list_unstated(self.graph)}


def collect_facts(graph: Graph, usage: Usage) -> Facts:
    """Returns what the report of a graph states."""
    reach, model = trace(graph), AwsModel(graph)
    return Facts(
        graph=graph,
        reach=reach,
        rows=tuple(list_rows(model, reach.statements)),
        bill=estimate(model, usage, not_counted=reach.list_uncounted_calls()),
        limitations=tuple(list_limitations(reach, model, load_prices())),
        findings=tuple(check(graph, reach)),
    )


@dataclass(frozen=True)
class Later:
    """Resources of the earlier version by their URNs in the later one, which aliases and stacks may change."""

    urns: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, resources: Resources) -> "Later":
        both = resources.pairing.both or resources.pairs
        return cls({old.urn: new.urn for old, new in both})

    def find_urn(self, urn: str) -> str:
        return self.urns.get(urn, urn)

    @property
    def keys(self) -> dict[str, str]:
        """The keys of the earlier resources, with those of the later ones."""
        return {make_key(old): make_key(new) for old, new in self.urns.items()}

    def rename(self, label: str) -> str:
        """A label with the later name of a component."""
        names = {old.rpartition("::")[2]: new.rpartition("::")[2] for old, new in self.urns.items()}
        return re.sub("(?<=, for )(.+)(?= alone$)", lambda found: names.get(found[0], found[0]), label)

    def translate(self, value: Any) -> Any:
        """A part of an earlier statement in the URNs and names of the later version."""
        if not isinstance(value, Mapping):
            return value
        if urns := list_urns(value):
            return {"of": sorted(map(self.find_urn, urns))}
        return {self._translate_key(key, part): self.translate(part) for key, part in value.items()}

    def _translate_key(self, key: str, part: Any) -> str:
        """A member of a set is named after the resources that it comes from."""
        urns = list_urns(part)
        named = key == " or ".join(urn.rpartition("::")[2] for urn in urns)
        return " or ".join(self.find_urn(urn).rpartition("::")[2] for urn in urns) if named and urns else key


def pair_parts(before: Facts, after: Facts, later: Later) -> Iterator[tuple[Part | None, Part | None]]:
    """Yields the components of both versions with their statements. One of another type has the name in its place."""
    olds = {later.find_urn(part.resource.urn): part for part in before.reach.statements.all}
    news = {part.resource.urn: part for part in after.reach.statements.all}
    gone = {part.resource.name: urn for urn, part in olds.items() if urn not in news}
    for urn, new in news.items():
        key = urn if urn in olds else gone.get(new.resource.name, "")
        yield olds.pop(key, None), new
    yield from ((old, None) for old in olds.values())
