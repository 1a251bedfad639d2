"""What an update leads to, as far as it is known: resources, sentences on those that stay, and APIs as it leaves them.

Parts of an API take effect only with a deployment, which is a snapshot of them; some of its calls arrive no longer.
https://docs.aws.amazon.com/apigateway/latest/developerguide/updating-api.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cached_property, reduce
from math import inf
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.tables import table
from ...aws.gateway.definitions import definition
from ...aws.gateway.openapi import written_operations
from ...graph import UNKNOWN, Graph, Resource, texts
from ...graph.given import held, holds_unknown
from ...graph.paths import inner, put
from ...graph.prose import RENEWED, few
from ...graph.reading import awaited, mapping, naming, output, pointed, text
from ...graph.shown import shown
from .order import ENDS
from .update import Update

_PARTS: Final[dict[str, str]] = table("deployed")["parts"]  # types of parts, by the input that names the API
_CALLED: Final = (*types.INVOKED, *types.LOAD_BALANCER, *types.USER_POOL)
_NAMING: Final[list[str]] = table("deployed")["naming"]
"""Inputs of parts that name what they call, and the roles that they call it with."""
_AUTHORIZERS: Final = tuple(kind for kind in _PARTS if kind.endswith(":Authorizer"))
_ASKED: Final = ("authorizerUri", "providerArns")  # inputs of authorizers that name whom they ask
_INPUTS: Final = tuple(table("deployed")["inputs"])


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

    def keep(self, old: Resource, mark: str = "", **changes: Any) -> Resource:
        """Keeps an old resource under the URN that it has now, with a mark if a new one has it."""
        urn, owner = self.now([old.urn, old.parent or ""])
        self.made[f"{urn}{mark}"] = stays = replace(
            old,
            urn=f"{urn}{mark}",
            parent=owner if owner in self.made else None,
            dependencies=self.now(old.dependencies),
            property_dependencies={key: self.now(urns) for key, urns in old.property_dependencies.items()},
            **changes,
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


class DeployedApis(Outcome):
    def settle(self, lost: Collection[str]) -> None:
        """APIs of which no new deployment is made stay as they were deployed; parts that go are in the new one too.

        `lost` has URNs of parts whose deletion ends their successors: the next deployment would miss both.
        """
        shut = set[str]()
        fresh = {urn for urn in self.wanted.resources if urn not in self.update.olds} | self.update.renewed
        moved = {urn for urn, change in self.changed.items() if change.inputs & {"deployment", "deploymentId"}}
        at = {step.resource.urn: step.number for step in self.update.order if step.verb not in ENDS}
        for old, new in self.update.pairs:
            if new.type not in types.APIS or new.urn in self.update.renewed:
                continue
            kind, key = (types.REST_STAGE, "restApi") if new.type in types.REST_API else (types.HTTP_STAGE, "apiId")
            stages = naming(self.wanted, new, kind, key)
            olds = [self.update.olds[urn] for urn in moved.intersection(stage.urn for stage in stages)]
            answers = {_is_fresh(self.wanted, stage, fresh, moved) for stage in stages}
            now = answers.pop() if len(answers) == 1 else None if answers else True
            deployments = naming(self.wanted, new, types.DEPLOYMENT, "restApi") if now else ()
            last = max((at[one.urn] for one in deployments if one.urn in at), default=inf) if now else 0
            waiting = [*self._held_back(new, {urn for urn in at if at[urn] > last} & self.made.keys(), shut)]
            if now is None and waiting:
                parts = few([*map(self._in_words, waiting)])
                self.unclear.append(f"whether the stages of {new.name} get the changes of {parts}")
            elif waiting:
                early = f"the deployment of {new.name} is made too early", "let it depend on them"
                alone = " or set autoDeploy" if new.type in types.HTTP_API else ""
                later = f"{new.name} stays as it was deployed", f"add them to the triggers of its deployment{alone}"
                stays, how = early if now else later
                self.kept.append(f"{stays}: without the changes of {few([part.name for part in waiting])}; {how}")
            # Before it named a deployment, a stage may have had one that somebody made, or none.
            elif any(now is None or _is_fresh(self.before, old, (), {old.urn}) is False for old in olds):
                self.unclear.append(f"{new.name}: which changes its stages have")
            # Calls get a snapshot of the API, and not each change at once.
            snapshot = stages and not any(held(stage, "autoDeploy") is True for stage in stages)
            for part in _parts_of(self.before, old) if snapshot or new.type in types.REST_API else ():
                (urn,) = self.now([part.urn])
                if urn not in self.made:
                    if self._living(part, part) is not None:
                        self._stays_deployed(part, new)
                    again = f"{part.name} is deleted after the deployment, which still has it; deploy again"
                    self.kept += [again] if part.urn not in lost else []
                elif now is not False and urn in self.update.renewed and urn not in self.update.deleted_first:
                    self._stays_deployed(part, new, "#deployed")
        for urn in shut:
            self.made.pop(urn, None)

    def _stays_deployed(self, part: Resource, api: Resource, mark: str = "") -> None:
        """Keeps a part that goes after the deployment, with the order in which both were made."""
        stays = self.keep(part, mark)
        for resource in naming(self.wanted, api, types.DEPLOYMENT, "restApi"):
            if resource.urn in self.update.olds and part.urn in awaited(self.before, self.update.olds[resource.urn]):
                deployment = self.made[resource.urn]
                self.made[resource.urn] = replace(deployment, dependencies=(*deployment.dependencies, stays.urn))

    def _in_words(self, part: Resource) -> str:
        """A part that waits, and its inputs that differ with the values that the program wants."""
        change = self.changed.get(part.urn)
        inputs = few([f"{diff.name} {shown(diff.after)}" for diff in change.properties]) if change else ""
        return f"{part.name} ({inputs})" if inputs else part.name

    def _held_back(self, new: Resource, late: Collection[str], shut: set[str]) -> Iterator[Resource]:
        """Holds back the parts that differ and wait for a deployment. `late` has URNs of what changes too late.

        `shut` gets URNs of methods and routes whose deployed authorizer asks what is gone.
        """
        for resource in (part for part in (new, *_parts_of(self.wanted, new)) if part.urn in late):
            was, change = self.update.olds.get(resource.urn), self.changed.get(resource.urn)
            # Of a part, a deployment takes up all inputs.
            keys = {*_INPUTS} if resource.type in types.APIS else {*(was or resource).inputs, *resource.inputs}
            silent = change is None or all(difference.name.endswith(".Sid") for difference in change.properties)
            waits = change and (change.replacing or (change.inputs & keys and not silent))
            if was is not None and not waits:
                continue
            now = self.made.pop(resource.urn)
            if was is not None:
                held = self.with_old(now, was, ([key] for key in keys))
                if (living := self._living(was, held)) is not None:
                    self.made[resource.urn] = living
                if held.type in _AUTHORIZERS and _names([held.inputs.get(key) for key in _ASKED], self._gone):
                    refusing = naming(self.wanted, resource, (*types.METHOD, *types.HTTP_ROUTE), "authorizerId")
                    shut.update(call.urn for call in refusing)
            yield resource

    def _living(self, was: Resource, held: Resource) -> Resource | None:
        """A part as it stays deployed, without its calls that fail; None if nothing of it is left."""
        living = _with_living_calls(self.before, held, self._gone)
        # It may still call, or need for calls, something that the update deletes.
        going = {resource.urn: resource for resource in self.update.deleted}
        named = (going[urn] for key in _NAMING for urn in was.property_dependencies.get(key, ()) if urn in going)
        rest = () if living is None else living.inputs
        needed = {old.name for old in named if not _names_of(old) or _names(rest, _names_of(old) & self._gone)}
        if needed:
            self.unclear.append(f"{was.name}, which stays deployed and needs {few(sorted(needed))}")
        return living

    @cached_property
    def _gone(self) -> set[str]:
        """Names of what the update deletes, by which a deployment may still call it."""
        names = {name for resource in self.update.deleted for name in _names_of(resource)}
        for _, new in self.update.pairs:
            if new.urn in self.update.renewed:
                names -= _names_of(new) - self.update.renewals.get(new.urn, {}).keys()
        return names


def _parts_of(graph: Graph, api: Resource) -> list[Resource]:
    """Resources of an API whose changes wait for a deployment."""
    return [resource for kind, key in _PARTS.items() for resource in naming(graph, api, (kind,), key)]


def _names_of(resource: Resource) -> set[str]:
    """Texts by which a deployment names what it calls: an ARN, a DNS name, the ID of a VPC link."""
    keys = ("id",) if resource.type in types.LINKS else ("arn", "dnsName") if resource.type in _CALLED else ()
    return {text(output(resource, key)) for key in keys} - {""}


def _with_living_calls(graph: Graph, part: Resource, gone: Collection[str]) -> Resource | None:
    """A part of a deployment without the calls that fail because what they name is gone; None if it is such a call."""
    if part.type not in types.APIS:
        return None if part.type in types.INTEGRATING and _names(part.inputs, gone) else part
    body = definition(graph, part)
    if not isinstance(body, Mapping) or not _names(body, gone):
        return part
    failing = {(path, key) for path, key, operation in written_operations(body) if _names(operation, gone)}
    paths = {
        path: {key: operation for key, operation in mapping(item).items() if (path, key) not in failing}
        for path, item in mapping(body.get("paths")).items()
    }
    return replace(part, inputs={**part.inputs, "body": {**body, "paths": paths}})


def _names(value: Any, gone: Collection[str]) -> bool:
    """Whether a text in a value has one of these names, and not only its beginning."""
    pattern = re.compile("|".join(rf"{re.escape(name)}(?![\w-])" for name in gone)) if gone else None
    return pattern is not None and any(map(pattern.search, texts(value)))


def _is_fresh(graph: Graph, stage: Resource, fresh: Collection[str], moved: Collection[str]) -> bool | None:
    """Whether a stage gets changes of its API's parts; `fresh` has the URNs of new and replaced resources.

    None if its deployment or that one's triggers are not known, or if a stage of `moved` gets a deployment that was
    made before, whose parts nothing here knows.
    """
    automatic = held(stage, "autoDeploy")
    deployed = pointed(graph, stage, "deployment") or pointed(graph, stage, "deploymentId")
    if (stage.type in types.HTTP_STAGE and automatic is True) or (deployed and deployed[0].urn in fresh):
        return True
    # A stage that neither deploys by itself nor names a deployment has only manual deployments.
    none = automatic is not UNKNOWN and stage.type in types.HTTP_STAGE and held(stage, "deploymentId") is None
    settled = deployed and stage.urn not in moved and not holds_unknown(deployed[0].inputs.get("triggers"))
    return False if none or settled else None
