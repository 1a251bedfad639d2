"""What the report of one version states, and the names of an earlier version in those of the later one."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from ..aws.model.model import AwsModel
from ..cost import Estimate, Usage, estimate
from ..graph import Graph
from ..graph.statements import list_unstated
from ..reach import Reach, trace
from ..reach.inbound import BACKENDS
from ..reach.statements import Part, list_urns
from ..rules.check import Finding, check
from .pairing import make_key
from .resources import Resources


class Row(NamedTuple):
    """A component as a report has it."""

    urn: str
    name: str
    kind: str
    summary: str


class Described(NamedTuple):
    """Parts of a report that it writes itself."""

    rows: tuple[Row, ...] = ()
    limitations: tuple[str, ...] = ()


Describe = Callable[[Reach, AwsModel], Described]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One version, with the parts of its report."""

    graph: Graph
    reach: Reach
    described: Described
    bill: Estimate
    findings: tuple[Finding, ...]


def collect_facts(graph: Graph, usage: Usage, describe: Describe) -> Facts:
    """Returns what the report of a graph states."""
    reach, model = trace(graph), AwsModel(graph)
    return Facts(
        graph=graph,
        reach=reach,
        described=describe(reach, model),
        bill=estimate(model, usage, not_counted=reach.list_uncounted_calls()),
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


def find_unstated(before: Facts, after: Facts, later: Later) -> set[str]:
    """Returns the later URNs of components whose statement is not read in one of the versions."""
    olds, news = (map(attrgetter("urn"), list_unstated(side.graph)) for side in (before, after))
    return {*map(later.find_urn, olds), *news}


def pair_parts(before: Facts, after: Facts, later: Later) -> Iterator[tuple[Part | None, Part | None]]:
    """Yields the components of both versions with their statements. A backend of another type has its name only."""
    olds = {later.find_urn(part.resource.urn): part for part in before.reach.statements.all}
    news = {part.resource.urn: part for part in after.reach.statements.all}
    gone = {part.resource.name: urn for urn, part in olds.items() if urn not in news and part.kind in BACKENDS}
    for urn, new in news.items():
        key = urn if urn in olds else gone.get(new.resource.name, "") if new.kind in BACKENDS else ""
        yield olds.pop(key, None), new
    yield from ((old, None) for old in olds.values())
