"""The state of a stack, as `pulumi stack export` prints it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..graph import Graph, Origin
from ..graph.prose import few
from .document import EXPORT, read_document, refuse
from .resources import State, graph_of, pending, stack_of
from .shape import PENDING, STATE, fits

_VERSIONS: Final = (3, 4)


Config = Callable[[str, str], tuple[Mapping[str, Any], list[str]]]
"""Returns the config of a project's stack, and notes on it: a state has none."""


def read_state(file: str, config: Config) -> Graph:
    """The graph of what stands, as of the last update or refresh.

    Raises EngineFileError.
    """
    document = read_document(file, EXPORT)
    if "steps" in document or "changeSummary" in document:
        refuse(file, "it is a plan: review it with --plan")
    if "checkpoint" in document or "deployment" not in document:
        kind = "a file of the backend" if "checkpoint" in document else "no exported state"
        refuse(file, f"it is {kind}; write it with `{EXPORT}`")
    if (version := document.get("version")) not in _VERSIONS:
        refuse(file, f"its format has version {version!r}, and this review reads 3 and 4: update Gatehouse or the CLI")
    deployment = document["deployment"]
    if not isinstance(deployment, Mapping):
        refuse(file, f"its deployment is encrypted or damaged; write it with `{EXPORT}`")
    if not fits(deployment.get("pending_operations") or [], PENDING):
        refuse(file, f"its pending operations are damaged or of another format; write it with `{EXPORT}`")
    states = checked(file, deployment.get("resources") or [])
    found, notes = config(*stack_of(states))
    return graph_of([*pending(states)], Origin.STATE, found, [*_notes(deployment, states), *notes])


def checked(file: str, states: Any) -> Sequence[State]:
    """The resources of a file. Raises EngineFileError if one is none."""
    whole = isinstance(states, list) and all(
        isinstance(one, Mapping)
        and isinstance(one.get("urn"), str)
        and one["urn"].count("::") >= 3
        and isinstance(one.get("type"), str)
        for one in states
    )
    for one in states if whole else ():
        if not fits(one, STATE):
            # Not its values, which may be secret.
            refuse(file, f"{_name(one)}: a field is damaged or of another format")
    if not whole:
        refuse(file, "a resource in it has no URN or no type, so it is damaged or of another format")
    return list(states)


def _notes(deployment: Mapping[str, Any], states: Sequence[State]) -> Iterator[str]:
    yield "the state is as of the last update or refresh: `pulumi refresh` reads what changed on AWS since"
    operations = deployment.get("pending_operations") or ()
    if names := [_name(one.get("resource") or {}) for one in operations]:
        yield f"{few(names)}: an update was interrupted, so AWS may have them or not; run `pulumi refresh`"
    if names := [_name(one) for one in states if one.get("delete")]:
        yield f"{few(names)}: replaced, and still to be deleted from AWS; `pulumi up` deletes them"
    if names := [_name(one) for one in states if one.get("pendingReplacement")]:
        yield f"{few(names)}: deleted from AWS to be replaced, and not created again yet; run `pulumi up`"


def _name(one: State) -> str:
    return str(one.get("urn", "")).rpartition("::")[2] or "a resource"
