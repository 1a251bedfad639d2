"""The state of a stack, as `pulumi stack export` prints it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..graph import Graph, Origin
from ..graph.prose import few
from .document import EXPORT, read_document, refuse
from .resources import State, graph_of, name_of, pending, stack_of

_PLAN: Final = "it is a plan: review it with --plan"
_OTHERS: Final = {
    "steps": _PLAN,
    "changeSummary": _PLAN,
    "checkpoint": f"it is a file of the backend; write it with `{EXPORT}`",
}

Config = Callable[[str, str], tuple[Mapping[str, Any], list[str]]]
"""Returns the config of a project's stack, and notes on it: a state has none."""


def read_state(file: str, config: Config) -> Graph:
    """The graph of what stands, as of the last update or refresh.

    Raises EngineFileError.
    """
    deployment = read_document(file, "state", EXPORT, _OTHERS)["deployment"]
    states = deployment.get("resources") or []
    urns = Counter(one["urn"] for one in states if not (one.get("delete") or one.get("pendingReplacement")))
    if twice := [name_of({"urn": urn}) for urn, times in urns.items() if times > 1]:
        refuse(file, f"{few(twice)}: the URN is there twice, so the state is damaged")
    found, notes = config(*stack_of(states))
    interrupted = [one.get("resource") or {} for one in deployment.get("pending_operations") or ()]
    return graph_of([*pending(states)], Origin.STATE, found, [*_notes(interrupted, states), *notes])


def _notes(interrupted: Sequence[State], states: Sequence[State]) -> Iterator[str]:
    yield "the state is as of the last update or refresh: `pulumi refresh` reads what changed on AWS since"
    conditions = (
        (interrupted, "an update was interrupted, so AWS may have them or not; run `pulumi refresh`"),
        (
            [one for one in states if one.get("delete")],
            "replaced, and still to be deleted from AWS; `pulumi up` deletes them",
        ),
        (
            [one for one in states if one.get("pendingReplacement")],
            "deleted from AWS to be replaced, and not created again yet; run `pulumi up`",
        ),
    )
    yield from (f"{few([*map(name_of, those)])}: {words}" for those, words in conditions if those)
