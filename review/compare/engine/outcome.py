"""What an update leads to, as far as it is known: resources, and sentences on those that stay."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import reduce
from typing import Any

from ...graph import Graph, Resource
from ...graph.paths import inner, put
from ...graph.prose import RENEWED
from .update import Update


class Outcome:
    def __init__(self, before: Graph, wanted: Graph, update: Update, unclear: Iterable[str] = ()) -> None:
        self.before, self.wanted, self.update = before, wanted, update
        self.changed = {change.resource.urn: change for change in update.changed}
        self.urns = {old.urn: new.urn for old, new in update.pairs}  # URNs that resources of the state before have now
        self.made = dict(wanted.resources)
        self.kept: list[str] = []  # sentences on what stays although the program wants something else
        self.unclear = [*unclear]  # sentences on what may stay
        self.undone: list[str] = []  # sentences on what the update makes and takes away again

    @property
    def graph(self) -> Graph:
        return replace(self.wanted, resources=self.made)

    def now(self, urns: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.urns.get(urn, urn) for urn in urns)

    def keep(self, old: Resource, mark: str = "", **given: Any) -> Resource:
        """Keeps an old resource under the URN that it has now, with a mark if a new one has it."""
        urn, owner = self.now([old.urn, old.parent or ""])
        self.made[f"{urn}{mark}"] = stays = replace(
            old,
            urn=f"{urn}{mark}",
            parent=owner if owner in self.made else None,
            dependencies=self.now(old.dependencies),
            property_dependencies={key: self.now(urns) for key, urns in old.property_dependencies.items()},
            **given,
        )
        return stays

    def on_old(self, user: Resource, path: Sequence[str], old: Resource, output: str) -> Resource:
        """A user of an old version, which is kept beside the new one, with outputs that differ from the new one's."""
        state = {key: f"{value}{RENEWED}" if isinstance(value, str) else value for key, value in old.state.items()}
        in_use, inputs = self.keep(old, "#in-use", state=state), deepcopy(dict(user.inputs))
        put(inputs, path, in_use.state.get(output))
        named = {**user.property_dependencies, path[0]: (in_use.urn,)}
        return replace(user, inputs=inputs, property_dependencies=named)

    def with_old(self, new: Resource, old: Resource, paths: Iterable[Sequence[str]]) -> Resource:
        """A resource with the old one's inputs at these paths, as far as it has the blocks around them."""
        inputs = deepcopy(dict(new.inputs))
        for path in paths:
            put(inputs, path, reduce(inner, path, old.inputs))
        from_old = {key for key in {*inputs, *new.inputs} if inputs.get(key) != new.inputs.get(key)}
        named = {key: urns for key, urns in new.property_dependencies.items() if key not in from_old}
        named |= {key: self.now(old.property_dependencies.get(key, ())) for key in from_old}
        state = {key: value for key, value in new.state.items() if key not in from_old}
        state |= {key: old.state[key] for key in from_old if key in old.state}
        return replace(new, inputs=inputs, state=state, property_dependencies=named)
