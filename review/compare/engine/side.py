"""One of the two evaluations that are compared, and a resource that is in both."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ...aws.model.model import AwsModel
from ...cost import Estimate, Usage, estimate
from ...graph import Graph, Resource, Secret
from ...graph.judged import Judged
from ...graph.recorded import Reads, recorded
from ...reach import Reach, trace

ELEMENT: Final = re.compile(r"\[\d+\]")
IMPORT: Final = "import"  # in place of an input, the option by which a program takes over what is there
Judge = Callable[[Graph, Reach], Judged]


def key_of(urn: str) -> str:
    """The part of a URN that two stacks of a project share: the chain of types, and the name."""
    return "::".join(urn.split("::")[2:])


def lasting(before: Graph, after: Graph, *kinds: str) -> list[tuple[Resource, Resource]]:
    """Resources of these types that both states have, as the first one has them and the second."""
    news = {key_of(resource.urn): resource for resource in after.of_type(*kinds)}
    return [(resource, news[key]) for resource in before.of_type(*kinds) if (key := key_of(resource.urn)) in news]


def top(name: str) -> str:
    """The input that a dotted name is a part of."""
    return re.split(r"[.[]", name)[0]


def is_part(name: str, keys: Iterable[str]) -> bool:
    """Whether a dotted name is that of an input of these, or of a part of one; a star stands for any beginning."""
    return any(
        key in (name, "*")
        or name.startswith((f"{key}.", f"{key}["))
        or (key.startswith("*.") and name.endswith(key[1:]))
        for key in keys
    )


def each_leaf(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with everything in it changed that holds nothing else, at any depth and inside secrets."""
    match value:
        case Mapping():
            return {key: each_leaf(item, change) for key, item in value.items()}
        case list() | tuple():
            return [each_leaf(item, change) for item in value]
        case Secret(value=inner):
            return Secret(each_leaf(inner, change))
        case _:
            return change(value)


def each_text(value: Any, change: Callable[[str], Any]) -> Any:
    return each_leaf(value, lambda leaf: change(leaf) if isinstance(leaf, str) else leaf)


def each_block(value: Any, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Any:
    """A value with every block in it changed, the innermost first; secrets stay as they are."""
    if isinstance(value, Mapping):
        return change({key: each_block(item, change) for key, item in value.items()})
    return [each_block(item, change) for item in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Property:
    """One input that differs, with its dotted name; secrets are not shown."""

    name: str
    before: Any
    after: Any

    @property
    def is_renewal(self) -> bool:
        """Whether it names a replaced resource as before."""
        return str(self.after) in (f"the new {self.before}", f"{self.before} (new)")

    @property
    def is_same(self) -> bool:
        """Whether it names what it named, perhaps under another name or in its replacement."""
        return self.is_renewal or (self.before == self.after != str(Secret(None)))


@dataclass(frozen=True)
class Changed:
    """One resource that is in both."""

    old: Resource
    resource: Resource
    properties: tuple[Property, ...]
    replacing: tuple[str, ...] | None  # inputs whose change replaces it; None if that is not known of its type
    renamed_from: str = ""  # its URN before, if an alias renames it

    @property
    def inputs(self) -> set[str]:
        """Names of the inputs that differ, or of which a part does."""
        return {top(difference.name) for difference in self.properties}


@dataclass(frozen=True)
class Evaluated:
    graph: Graph
    program: Path  # folder that paths of assets are seen from
    renamed: Mapping[str, str] = field(default_factory=dict)
    """URNs before of resources that an alias renames and that are called here as they are later."""


@dataclass(frozen=True, kw_only=True)
class Side(Evaluated):
    bill: Estimate
    reach: Reach
    judged: Judged
    reads: Reads  # inputs that reach has read, and those that are read later; not those of rules and prices alone


def side(graph: Graph, program: Path, usage: Usage, judge: Judge) -> Side:
    """The facts of a graph that a comparison needs."""
    seen, reads = recorded(graph)
    model = AwsModel(seen)
    reach = trace(model)
    # All paths are walked here, before rules read inputs for reasons of their own.
    reach.paths  # noqa: B018 # reading it walks them
    by_reach = set(reads)
    bill, answer = estimate(model, usage), judge(seen, reach)
    reads &= by_reach
    # Its own graph does not record: to compare inputs is not to judge them.
    return Side(graph=graph, program=program, bill=bill, reach=reach, judged=answer, reads=reads)
