"""The state of a stack, as `pulumi stack export` prints it."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from ..graph import Graph, Origin
from ..graph.prose import few
from .document import EXPORT, read_document, refuse
from .resources import graph_of, name_of, stack_of

_AGE = "the state is as of the last update or refresh: `pulumi refresh` reads what changed on AWS since"

Config = Callable[[str, str], tuple[Mapping[str, Any], list[str]]]
"""Returns the config of a project's stack, and notes on it: a state has none."""


def read_state(file: str, config: Config) -> Graph:
    """The graph of what stands, as of the last update or refresh.

    Raises EngineFileError.
    """
    deployment = read_document(file, "state", EXPORT)["deployment"]
    states = deployment.get("resources") or []
    urns = Counter(one["urn"] for one in states if not (one.get("delete") or one.get("pendingReplacement")))
    if twice := [name_of({"urn": urn}) for urn, times in urns.items() if times > 1]:
        refuse(file, f"{few(twice)}: the URN is there twice, so the state is damaged")
    found, notes = config(*stack_of(states))
    if interrupted := [name_of(one.get("resource") or {}) for one in deployment.get("pending_operations") or ()]:
        words = "an update was interrupted, so AWS may have them or not; run `pulumi refresh`"
        notes = [f"{few(interrupted)}: {words}", *notes]
    return graph_of(states, Origin.STATE, found, [_AGE, *notes])
