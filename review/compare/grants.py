"""Calls that a role allows on every resource, or by a policy that the graph does not hold: no path has them."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.identity.iam import Decision, allowing
from ..graph import Resource
from ..graph.prose import listed
from ..graph.reading import CannotTell, MalformedDocument, items, text
from ..reach.path import Path
from .engine.side import Side, key_of

_ANY: Final = "any"


def grants(these: Side, others: Side) -> Iterator[str]:
    """Such calls of machines that are in both states, which only the first one allows."""
    there = {key_of(one.urn): one for one in others.graph.of_type(*types.COMPUTE)}
    for machine in these.graph.of_type(*types.COMPUTE):
        if (twin := there.get(key_of(machine.urn))) is not None:
            (_, had), (role, has) = (_wide(one, side) for one, side in ((machine, these), (twin, others)))
            lost = [one for one in had if one not in has and not (role and _allows(others, role, one, _ANY))]
            actions = [one for one in lost if ":" in one]
            name = these.reach.model.names.of(machine)
            yield from (f"{name} → what {one} allows" for one in lost if one not in actions)
            yield from [f"{name} → {listed(actions)} on every resource"] if actions else ()


def is_allowed(way: Path, here: Side, there: Side) -> bool:
    """Whether another state allows the calls of a path to a resource by a statement about more than it."""
    machine = way.origin and there.graph.resources.get(way.origin.urn)
    role = there.reach.model.roles.of(machine) if machine else None
    if way.origin is None or machine is None or role is None or _calls(way, machine, there):
        return False
    calls = _calls(way, way.origin, here)
    return bool(calls) and all(_allows(there, role, action, arn) for action, arn in calls)


def _calls(way: Path, machine: Resource, side: Side) -> set[tuple[str, str]]:
    """Calls that statements about the target of a path allow a machine, each with the ARN."""
    named = side.reach.granted.named(side.reach.model.nodes.of(machine)).items()
    return {call for (_, one), grant in named if f"{one.kind} {one.name}" == way.target for call in grant.calls}


def _allows(side: Side, role: Resource, action: str, arn: str) -> bool:
    asked = (one.replace("*", _ANY) for one in (action, arn))
    return side.reach.model.roles.decision(role, *asked) is Decision.ALLOW


def _wide(machine: Resource, side: Side) -> tuple[Resource | None, list[str]]:
    """The role of a machine, and what it allows: actions on every resource, and names of policies."""
    role, found = side.reach.model.roles.of(machine), list[str]()
    for _, policy in side.reach.model.roles.policies(role) if role else ():
        if text(policy).startswith("arn:"):
            found.append(text(policy).rpartition("/")[2])
            continue
        try:
            wide = [one for one in allowing(policy) if "*" in items(one.get("Resource")) and not one.get("Condition")]
        except (CannotTell, MalformedDocument):
            continue
        found += [text(action) for one in wide for action in items(one.get("Action"))]
    return role, found
