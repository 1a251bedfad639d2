"""Whom an API admits, for a program's own tests, by the statements of its components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..callers.callers import Caller, admits
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
        """What a caller needs from end to end: a forwarder may check a signature, unless API Gateway has identified the
        caller."""
        needs = get_needs(self.statement, way)
        target = _find_statement(self._graph, self.statement["to"][way["to"]].get("function"))
        is_identified = bool({*needs.get("caller", {})} & {*target.get("unless", {})})
        return {**needs, "signature": target["checks"]} if "checks" in target and not is_identified else needs


def find_api(graph: Graph, name: str) -> Reach:
    """Returns the API with this name. Raises LookupError if there is none."""
    apis = {resource.name: resource for resource in graph.of_type(_API)}
    if name not in apis:
        raise LookupError(f"{name} is no ApiFront of the program, which has: {', '.join(sorted(apis)) or 'none'}")
    return Reach(open_value(apis[name].inputs[KEY]), graph)


def _find_statement(graph: Graph, reference: Any) -> Mapping[str, Any]:
    """The statement of the component that a reference leads to; empty if none states anything."""
    for urn in reference.get("of", ()) if isinstance(reference, Mapping) else ():
        owner = graph.resources.get(urn)
        while owner is not None and KEY not in owner.inputs:
            owner = graph.resources.get(owner.parent or "")
        if owner is not None:
            statement: Mapping[str, Any] = open_value(owner.inputs[KEY])
            return statement
    return {}
