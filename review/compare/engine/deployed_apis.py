"""APIs as an update leaves them deployed, with the calls of each that still arrive."""

from collections.abc import Collection, Container, Iterator
from dataclasses import replace
from functools import cached_property
from math import inf

from ...aws.catalog import types
from ...graph import Resource
from ...graph.prose import few
from ...graph.reading import awaited, naming
from ...graph.shown import shown
from . import deployments
from .order import ENDS
from .outcome import Outcome


class DeployedApis:
    def __init__(self, outcome: Outcome, lost: Collection[str]) -> None:
        """`lost` has URNs of parts whose deletion ends their successors: the next deployment would miss both."""
        self._outcome, self._lost = outcome, lost
        self._before, self._wanted, self._update = outcome.before, outcome.wanted, outcome.update
        self._made, self._kept, self._unclear = outcome.made, outcome.kept, outcome.unclear
        self._shut: set[str] = set()
        """URNs of methods and routes whose deployed authorizer asks what is gone."""

    def settle(self) -> None:
        """APIs of which no new deployment is made stay as they were deployed; parts that go are in the new one too."""
        fresh = {urn for urn in self._wanted.resources if urn not in self._update.olds} | self._update.renewed
        moved = {urn for urn, change in self._outcome.changed.items() if change.inputs & {"deployment", "deploymentId"}}
        at = {step.resource.urn: step.number for step in self._update.order if step.verb not in ENDS}
        for old, new in self._update.pairs:
            if new.type not in types.APIS or new.urn in self._update.renewed:
                continue
            now = deployments.takes_effect(self._wanted, new, fresh, moved)
            own = {stage.urn for stage in deployments.stages_of(self._wanted, new)}
            made = naming(self._wanted, new, types.DEPLOYMENT, "restApi") if now else ()
            last = max((at[one.urn] for one in made if one.urn in at), default=inf) if now else 0
            late = {urn for urn in at if at[urn] > last} & self._made.keys()
            waiting = [*self._held_back(new, late)]
            if now is None and waiting:
                parts = few([*map(self._in_words, waiting)])
                self._unclear.append(f"whether the stages of {new.name} get the changes of {parts}")
            elif waiting:
                early = f"the deployment of {new.name} is made too early", "let it depend on them"
                alone = " or set autoDeploy" if new.type in types.HTTP_API else ""
                held = f"{new.name} stays as it was deployed", f"add them to the triggers of its deployment{alone}"
                stays, how = early if now else held
                self._kept.append(f"{stays}: without the changes of {few([one.name for one in waiting])}; {how}")
            elif now is None and moved & own:
                self._unclear.append(f"{new.name}: which changes its stages have")
            for part in deployments.parts_of(self._before, old) if deployments.is_snapshot(self._wanted, new) else ():
                (urn,) = self._outcome.now([part.urn])
                if urn not in self._made:
                    if self._living(part, part) is not None:
                        self._stays_deployed(part, new)
                    again = f"{part.name} is deleted after the deployment, which still has it; deploy again"
                    self._kept += [again] if part.urn not in self._lost else []
                elif now is not False and urn in self._update.renewed and urn not in self._update.deleted_first:
                    self._stays_deployed(part, new, "#deployed")

        for urn in self._shut:
            self._made.pop(urn, None)

    def _stays_deployed(self, part: Resource, api: Resource, mark: str = "") -> None:
        """Keeps a part that goes after the deployment, with the order in which both were made."""
        stays = self._outcome.keep(part, mark)
        for resource in naming(self._wanted, api, types.DEPLOYMENT, "restApi"):
            if resource.urn in self._update.olds and part.urn in awaited(self._before, self._update.olds[resource.urn]):
                made = self._made[resource.urn]
                self._made[resource.urn] = replace(made, dependencies=(*made.dependencies, stays.urn))

    def _in_words(self, part: Resource) -> str:
        """A part that waits, and its inputs that differ with the values that the program wants."""
        change = self._outcome.changed.get(part.urn)
        inputs = few([f"{each.name} {shown(each.after)}" for each in change.properties]) if change else ""
        return f"{part.name} ({inputs})" if inputs else part.name

    def _held_back(self, new: Resource, late: Collection[str]) -> Iterator[Resource]:
        """The parts that wait for a deployment, each as it was. `late` has URNs of what changes too late."""
        for resource, was, keys in self._waiting(new, late):
            made = self._made.pop(resource.urn)
            if was is not None:
                held = self._outcome.with_old(made, was, ([key] for key in keys))
                if (living := self._living(was, held)) is not None:
                    self._made[resource.urn] = living
                if deployments.asks_what_is_gone(held, self._gone):
                    refusing = naming(self._wanted, resource, (*types.METHOD, *types.HTTP_ROUTE), "authorizerId")
                    self._shut.update(each.urn for each in refusing)
            yield resource

    def _waiting(self, new: Resource, late: Container[str]) -> Iterator[tuple[Resource, Resource | None, set[str]]]:
        """What of an API differs and waits for a deployment, what it was, and the inputs that wait."""
        for resource in (each for each in (new, *deployments.parts_of(self._wanted, new)) if each.urn in late):
            was, change = self._update.olds.get(resource.urn), self._outcome.changed.get(resource.urn)
            keys = {*deployments.held_inputs(was or resource), *deployments.held_inputs(resource)}
            silent = change is None or all(each.name.endswith(".Sid") for each in change.properties)
            if was is None or (change and (change.replacing or (change.inputs & keys and not silent))):
                yield resource, was, keys

    def _living(self, was: Resource, held: Resource) -> Resource | None:
        """A part as it stays deployed, without its calls that fail; None if nothing of it is left."""
        living = deployments.with_living_calls(self._before, held, self._gone)
        if names := deployments.unread_calls(was, living, {one.urn: one for one in self._update.deleted}, self._gone):
            self._unclear.append(f"{was.name}, which stays deployed and needs {few(sorted(names))}")
        return living

    @cached_property
    def _gone(self) -> set[str]:
        """Names of what the update deletes, by which a deployment may still call it."""
        names = {name for resource in self._update.deleted for name in deployments.names_of(resource)}
        for _, new in self._update.pairs:
            if new.urn in self._update.renewed:
                names -= deployments.names_of(new) - self._update.renewals.get(new.urn, {}).keys()
        return names
