"""Whom an API admits, for a program's own tests, by the statements of its components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..callers.callers import Caller, admits, find_checks
from ..callers.calls import Way, find_way, get_needs
from ..callers.order import Needs
from ..facts.statements import KEY
from .recorder import Graph
from .values import open_value

_API: Final = "gatehouse:index:ApiFront"
ANYONE: Final = Caller()


@dataclass(frozen=True)
class Reach:
    """An API with what it states of its callers."""

    statement: Mapping[str, Any]
    """As `docs/reach.md` describes it."""
    _graph: Graph

    def admits(self, method: str, path: str, caller: Caller = ANYONE) -> bool:
        """Whether a call passes the API, and the forwarder that it leads to. False if no route takes it.

        Raises ValueError if a value that is not known decides it.
        """
        way = find_way(self.statement, method.upper(), path)
        return way is not None and admits(self._find_needs(way), caller)

    def _find_needs(self, way: Way) -> Needs:
        """What a caller needs from end to end: a forwarder may check a signature."""
        needs = get_needs(self.statement, way)
        targets = _list_statements(self._graph, self.statement["to"][way["to"]].get("function"))
        checks, *others = [find_checks(needs, target) for target in targets] or [None]
        if any(other != checks for other in others):
            raise ValueError("whether the call needs a signature is not known: the deployment chooses what answers it")
        return {**needs, "signature": checks} if checks else needs


def find_api(graph: Graph, name: str) -> Reach:
    """Returns the API with this name. Raises LookupError if there is none."""
    apis = {resource.name: resource for resource in graph.of_type(_API)}
    if name not in apis:
        raise LookupError(f"{name} is no ApiFront of the program, which has: {', '.join(sorted(apis)) or 'none'}")
    return Reach(open_value(apis[name].inputs[KEY]), graph)


def _list_statements(graph: Graph, reference: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of the components that a reference may lead to, each empty if none states anything."""
    for urn in reference.get("of", ()) if isinstance(reference, Mapping) else ():
        owner = graph.resources.get(urn)
        while owner is not None and KEY not in owner.inputs:
            owner = graph.resources.get(owner.parent or "")
        yield {} if owner is None else open_value(owner.inputs[KEY])
