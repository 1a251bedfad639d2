"""The state after an update as AWS will have it, which is not always the one that the program wants.

AWS keeps inputs that are left out or ignored, resources that are retained, template versions that are in use, and APIs
as they were deployed last. If a protected resource would be deleted, the engine changes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

from ..aws import deployments, types
from ..aws.template_versions import PATHS, follows_latest
from ..graph import Graph, Resource, reveal
from ..graph.prose import few
from ..graph.reading import peek, pointed
from .fresh import MARK
from .pairs import left_out
from .shown import shown
from .update import Update

_PART: Final = re.compile(r"[^.\[\]\"']+")
_SILENT: Final = frozenset(("tags", "description", "defaultVersion", "updateDefaultVersion"))
"""Inputs of a launch template that make no new version of it that differs."""


@dataclass(frozen=True)
class AfterUpdate:
    graph: Graph
    kept: tuple[str, ...] = ()
    """Sentences on what stays although the program wants something else."""
    unclear: tuple[str, ...] = ()
    """Sentences on what may stay."""


def after_update(before: Graph, wanted: Graph, update: Update) -> AfterUpdate:
    """The state that an update leads to, from the one before and the program's."""
    going = [*update.removed, *(old for old, new in update.pairs if new.urn in update.renewed)]
    if any(one.options.protect and not one.options.retain_on_delete for one in going):
        return AfterUpdate(before)
    return _Builder(before, wanted, update).built()


class _Builder:
    def __init__(self, before: Graph, wanted: Graph, update: Update) -> None:
        self._before, self._wanted, self._pairs, self._removed = before, wanted, update.pairs, update.removed
        self._changed = {one.resource.urn: one for one in update.changed}
        self._replaced, self._first = update.renewed, update.deleted_first
        self._new_urns = {old.urn: new.urn for old, new in self._pairs}
        self._made = dict(wanted.resources)
        self._kept: list[str] = []
        self._unclear: list[str] = []

    def built(self) -> AfterUpdate:
        for old, new in self._pairs:
            if new.urn not in self._replaced:
                self._made[new.urn] = self._held(old, new)
            elif old.options.retain_on_delete:
                self._stays(old, f"{new.urn}#retained")
        for old in self._removed:
            if old.options.retain_on_delete:
                self._stays(old, old.urn)
        self._deploy()
        for old, new in self._pairs:
            if new.type in types.LAUNCH_TEMPLATE and self._has_new_version(new):
                self._pin(old, new)
        return AfterUpdate(replace(self._wanted, resources=self._made), tuple(self._kept), tuple(self._unclear))

    def _stays(self, old: Resource, urn: str) -> None:
        owner = self._new_urns.get(old.parent or "", old.parent)
        self._made[urn] = replace(self._renamed(old), urn=urn, parent=owner if owner in self._made else None)

    def _renamed(self, old: Resource) -> Resource:
        """An old resource with the URNs that its dependencies have now."""
        named = {key: self._now(urns) for key, urns in old.property_dependencies.items()}
        return replace(old, dependencies=self._now(old.dependencies), property_dependencies=named)

    def _now(self, urns: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._new_urns.get(urn, urn) for urn in urns)

    def _with(self, new: Resource, old: Resource, inputs: Mapping[str, Any], ignored: Iterable[str]) -> Resource:
        """A resource with these inputs; those that the old one has are of it."""
        from_old = {key for key in {*inputs, *new.inputs} if inputs.get(key) != new.inputs.get(key)}
        named = {key: urns for key, urns in new.property_dependencies.items() if key not in from_old}
        named |= {key: self._now(old.property_dependencies.get(key, ())) for key in from_old}
        state = {key: value for key, value in new.state.items() if key not in from_old}
        state |= {key: old.state[key] for key in from_old if key in old.state}
        options = replace(new.options, ignore_changes=tuple(ignored))
        return replace(new, inputs=inputs, state=state, property_dependencies=named, options=options)

    def _held(self, old: Resource, new: Resource) -> Resource:
        """A resource that stays, with the values that AWS keeps."""
        inputs, ignored = deepcopy(dict(new.inputs)), new.options.ignore_changes
        for key in ignored:
            whole = key == "*"
            was, wanted = (
                one.inputs if whole else reduce(_inner, _PART.findall(key), one.inputs) for one in (old, new)
            )
            if whole:
                inputs = dict(old.inputs)
            elif was != wanted:
                _put(inputs, _PART.findall(key), was)
            if was != wanted and key not in old.options.ignore_changes:
                self._kept.append(
                    f"{new.name}: {key} is ignored now and keeps its value, {shown(was)}; use `pulumi up --replace`"
                )
        for key in left_out(old, new):
            was = peek(old, *key.split("."))
            if _put(inputs, key.split("."), was):
                said = f"{new.name}: {key} is left out and keeps its value, {shown(was)}"
                self._kept.append(f"{said}; write the value that is wanted")
        # What the program before did not ignore has the value that it gave.
        return self._with(new, old, inputs, (key for key in ignored if key in old.options.ignore_changes))

    def _deploy(self) -> None:
        """APIs of which no new deployment is made stay as they were deployed; parts that go are in the new one too."""
        lasting = {new.urn: old for old, new in self._pairs}
        fresh = {urn for urn in self._wanted.resources if urn not in lasting} | self._replaced
        for old, new in self._pairs:
            if new.type not in types.APIS or new.urn in self._replaced:
                continue
            now = deployments.takes_effect(self._wanted, new, fresh)
            waiting = [] if now is not False else [*self._held_back(new, lasting)]
            if waiting:
                how = "add them to the triggers of its deployment"
                self._kept.append(f"{new.name} stays as it was deployed: {few(waiting)} wait; {how}")
            elif now is None:
                self._unclear.append(f"{new.name}: which of its stages have the changes")
            gone = deployments.parts_of(self._before, old) if deployments.is_snapshot(self._wanted, new) else []
            for part in gone:
                urn = self._new_urns.get(part.urn, part.urn)
                if urn not in self._made:
                    self._stays(part, urn)
                    self._kept.append(f"{part.name} is deleted after the deployment, which still has it; deploy again")
                elif now is not False and urn in self._replaced and urn not in self._first:
                    self._stays(part, f"{urn}#deployed")

    def _held_back(self, new: Resource, lasting: Mapping[str, Resource]) -> Iterator[str]:
        """Names of the parts that wait for a deployment, each as it was."""
        for one in (new, *deployments.parts_of(self._wanted, new)):
            was = lasting.get(one.urn)
            if was is None:
                del self._made[one.urn]
                yield one.name
            elif (change := self._changed.get(one.urn)) is not None:
                keys = deployments.held_inputs(was)
                if not change.replacing and not change.inputs & {*keys, *deployments.held_inputs(one)}:
                    continue
                inputs = {**was.inputs} if one is not new else {**one.inputs}
                for key in keys:
                    inputs.pop(key, None)
                    if key in was.inputs:
                        inputs[key] = was.inputs[key]
                self._made[one.urn] = self._with(self._made[one.urn], was, inputs, one.options.ignore_changes)
                yield one.name

    def _has_new_version(self, template: Resource) -> bool:
        change = self._changed.get(template.urn)
        return change is not None and not change.replacing and bool(change.inputs - _SILENT)

    def _pin(self, old: Resource, new: Resource) -> None:
        """Gives the users of a template that stay on another version the old one, as a template of its own."""
        pinned = replace(
            self._renamed(old),
            urn=f"{new.urn}#in-use",
            state={key: f"{value}{MARK}" if isinstance(value, str) else value for key, value in old.state.items()},
        )
        lasting = {urn for _, other in self._pairs if (urn := other.urn) not in self._replaced}
        for user in [one for one in self._made.values() if one.type in types.MACHINES]:
            for path in PATHS:
                if not any(
                    hit.urn == new.urn for hit in pointed(self._wanted, user, *path, types=types.LAUNCH_TEMPLATE)
                ):
                    continue
                follows = follows_latest(user, path, new)
                runs = user.urn in lasting and not self._is_refreshed(user)
                if follows and not runs:
                    continue
                self._made[pinned.urn] = pinned
                inputs = deepcopy(dict(user.inputs))
                _put(
                    inputs,
                    list(path),
                    pinned.state.get("id") if path[-1] in ("id", "launchTemplateId") else pinned.state.get("name"),
                )
                named = {**user.property_dependencies, path[0]: (pinned.urn,)}
                other = replace(user, inputs=inputs, property_dependencies=named)
                if follows and user.type in types.SCALING_GROUP:
                    # Instances that run keep the old version, and new ones get the new one.
                    none = dict.fromkeys(("minSize", "maxSize", "desiredCapacity"), 0)
                    self._made[f"{user.urn}#running"] = replace(
                        other, urn=f"{user.urn}#running", inputs={**inputs, **none}
                    )
                else:
                    self._made[user.urn] = other
                    self._kept.append(f"{user.name} stays on the version of {new.name} that it has now")

    def _is_refreshed(self, user: Resource) -> bool:
        """Whether this update replaces the instances of a group. It does so only if the group's own inputs change."""
        change = self._changed.get(user.urn)
        begun = change is not None and bool(change.inputs & {"launchTemplate", "mixedInstancesPolicy"})
        return begun and peek(user, "instanceRefresh") is not None


def _inner(at: Any, key: str) -> Any:
    """The part of a block or a list; of a list with one block also by the block's key."""
    at = reveal(at)
    if isinstance(at, list) and key.isdigit():
        return reveal(at[int(key)]) if int(key) < len(at) else None
    if isinstance(at, list) and len(at) == 1:
        at = reveal(at[0])
    return reveal(at.get(key)) if isinstance(at, Mapping) else None


def _put(inputs: dict[str, Any], path: Sequence[str], value: Any) -> bool:
    """Sets an input at a path, or takes it out for None. False if no block is there to hold it."""
    at = reduce(_inner, path[:-1], inputs)
    at = at[0] if isinstance(at, list) and len(at) == 1 and not path[-1].isdigit() else at
    if isinstance(at, list) and path[-1].isdigit() and int(path[-1]) < len(at):
        at[int(path[-1])] = value
    elif not isinstance(at, dict):
        return False
    elif value is None:
        at.pop(path[-1], None)
    else:
        at[path[-1]] = value
    return True
