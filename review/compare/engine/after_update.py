"""The state after an update as AWS will have it, which is not always the one that the program wants.

AWS keeps inputs that are left out or ignored, resources that are retained, template versions that are in use, and APIs
as they were deployed last. If a protected resource would be deleted, the engine changes nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import reduce
from itertools import product
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.tables import table
from ...aws.catalog.template_versions import PATHS, follows_latest
from ...aws.compute.machines import refresh_of
from ...aws.identity.public_access import BUCKET
from ...aws.model.model import AwsModel
from ...aws.network.route import Family
from ...graph import UNKNOWN, Graph, Resource
from ...graph.given import held
from ...graph.paths import inner
from ...graph.prose import few, listed
from ...graph.reading import first, items, mapping, naming, output, pointed, spread, text, within
from ...graph.shown import shown
from .collisions import undone
from .outcome import DeployedApis, Outcome
from .replacements import HELD, kept
from .side import Side
from .update import Update

_PART: Final = re.compile(r"[^.\[\]\"']+")
_CHECK: Final = "sourceDestCheck"
_HEALTH: Final = "LIVE-02 "  # the rule on health checks that do not reach their targets
_SILENT: Final = frozenset(("tags", "description", "defaultVersion", "updateDefaultVersion"))
"""Inputs of a launch template that make no new version of it that differs."""
_INLINE: Final[Mapping[str, str]] = table("interruptions")["inline"]
_APART: Final[Mapping[str, tuple[str, str]]] = {
    # The deletion of the two others leaves a bucket as it is.
    **{kind: ("bucket", key) for kind, key in _INLINE.items() if key not in ("acl", "objectLockConfiguration")},
    **dict.fromkeys(types.ROLE_POLICY, ("role", "inlinePolicies")),
    **dict.fromkeys(types.ROLE_ATTACHMENT, ("role", "managedPolicyArns")),
}
"""By type, the input that names whose a resource apart is, and the input by which that one has the same by itself."""
_NO_MACHINES: Final = dict.fromkeys(("minSize", "maxSize", "desiredCapacity"), 0)
_LAUNCHED: Final = (*types.INSTANCE, *types.INTERFACE, *types.SCALING_GROUP)
_AT_LAUNCH: Final = {"mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"}
"""Inputs of a subnet that count only for what is launched in it from then on."""


def after_update(before: Graph, wanted: Graph, update: Update) -> Outcome:
    """The state that an update leads to, from the one before and the program's."""
    if any(resource.options.protect for resource in update.deleted):
        return Outcome(before, before, update)
    outcome = _Builder(before, wanted, update)
    outcome.build()
    return outcome


def _without_ways_to(table: Resource, going: Iterable[Resource]) -> Resource:
    """A route table that has no route to what is deleted: AWS keeps such a route, and it leads nowhere."""
    # https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
    ids, routes = {output(resource, "id") for resource in going} - {UNKNOWN}, items(table.inputs.get("routes"))
    left = [route for route in routes if ids.isdisjoint(map(str, mapping(route).values()))]
    return replace(table, inputs={**table.inputs, "routes": left}) if len(left) < len(routes) else table


def keep_old_tasks(outcome: Outcome, before: Side, after: Side) -> bool:
    """Whether services keep the tasks of before, as each does whose new ones newly pass no health check."""
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
    kept = len(outcome.kept)
    for new in (change.resource for change in outcome.update.changed if change.resource.type in types.SERVICE):
        old = outcome.update.olds[new.urn]
        fails = after.judged.broken.get((_HEALTH, new.urn)) and not before.judged.broken.get((_HEALTH, old.urn))
        if not fails or held(new, "deploymentMinimumHealthyPercent") == 0 or new.urn in outcome.update.renewed:
            continue
        service = outcome.keep(old)
        if (task := first(before.graph, old, "taskDefinition", types=types.TASK_DEFINITION)) is not None:
            outcome.made[service.urn] = outcome.on_old(service, ["taskDefinition"], task, "arn")
        why = "ECS ends them once new ones are healthy, and no health check reaches these"
        outcome.kept.append(f"{new.name} keeps its tasks: {why}")
    return len(outcome.kept) > kept


class _Builder(DeployedApis):
    def build(self) -> None:
        for old, new in self.update.pairs:
            if new.urn not in self.update.renewed:
                self.made[new.urn] = self._held(old, new)
            elif old.options.retain_on_delete:
                self.keep(old, "#retained")
        for old in self.update.removed:
            if old.options.retain_on_delete:
                self.keep(old)
        both = undone(self.update)
        for urn in both:
            self.made.pop(urn, None)
        self.undone += [*(why for _, why in both.values()), *self._taken_away()]
        self.settle([lost for lost, _ in both.values()])
        for old, new in self.update.pairs:
            change = self.changed.get(new.urn)
            if new.type in types.LAUNCH_TEMPLATE and change and not change.replacing and change.inputs - _SILENT:
                self._pin(old, new)
        changed = (each for each in self.update.changed if each.resource.type in types.SUBNET and not each.replacing)
        if subnets := [change.resource for change in changed if change.inputs & _AT_LAUNCH]:
            self._keep_addresses(subnets)

    def _held(self, old: Resource, new: Resource) -> Resource:
        """A resource that stays, with the values that AWS keeps."""
        ignored_before = old.options.ignore_changes
        paths: list[list[str]] = []
        for key in new.options.ignore_changes:
            path = _PART.findall(key)
            was, wanted = (side.inputs if key == "*" else reduce(inner, path, side.inputs) for side in (old, new))
            renews = self.update.renewed.intersection(new.property_dependencies.get(path[0], ()))
            if was != wanted:
                paths += [path] if key != "*" else [[name] for name in {*old.inputs, *new.inputs}]
            if was != wanted and key not in ignored_before:
                said = f"{new.name}: {key} is ignored now and keeps its value{_in_words(was)}"
                self.kept.append(f"{said}; use `pulumi up --replace`")
            elif was != wanted or renews:
                names = few(sorted(urn.rpartition("::")[2] for urn in renews))
                why = f"the new {names} is not used" if names else "the change of it has no effect"
                self.kept.append(f"{new.name}: {key} is ignored, so that {why}; use `pulumi up --replace`")
        if new.type in types.INSTANCE and old.inputs.get(_CHECK, True) != new.inputs.get(_CHECK, True):
            # Without the check a machine counts as a router, which takes no calls.
            routes = self.wanted.of_type(*types.ROUTE, *types.ROUTE_TABLE)
            if not any(old.urn in route.dependencies for route in routes):
                paths.append([_CHECK])
                self.unclear.append(f"{new.name}.{_CHECK}")
        omitted = [path for path in map(_PART.findall, kept(old, new)) if not self._is_overwritten(old, new, path[0])]
        whole = [path for path in omitted if path[:1] == path or path[:1] not in omitted]
        notes = {path[0]: note for path in whole if (note := HELD.get(new.type, {}).get(path[0])) and len(path) == 1}
        paths += [[key] for note in notes.values() for key in note["with"]]
        held = self.with_old(new, old, [*paths, *omitted])
        for path in whole:
            if (value := reduce(inner, path, held.inputs)) is not None and not self._attached(new, path[0]):
                said = f"{new.name}: {'.'.join(path)} is left out and keeps its value{_in_words(value)}"
                self.kept.append(f"{said}; {notes.get(path[0], {}).get('remedy', 'write the value that is wanted')}")
        if new.type in types.ROUTE_TABLE:
            # Routes that the program writes lead to the replacement of what is replaced.
            held = _without_ways_to(held, self.update.deleted if ["routes"] in omitted else self.update.removed)
        # What the program before did not ignore has the value that it gave.
        ignored = tuple(key for key in new.options.ignore_changes if key in ignored_before)
        return replace(held, options=replace(new.options, ignore_changes=ignored))

    def _attached(self, group: Resource, key: str) -> bool:
        """Whether an attachment apart now names what a group no longer does."""
        kinds = (*types.SCALING_ATTACHMENT, *types.SCALING_TRAFFIC_SOURCE)
        apart = naming(self.wanted, group, kinds, "autoscalingGroupName")
        return key in ("targetGroupArns", "loadBalancers", "trafficSources") and any(apart)

    def _is_overwritten(self, old: Resource, new: Resource, key: str) -> bool:
        """Whether a resource apart now has what a bucket, or a role, has no longer: AWS holds it once."""
        if key == "inlinePolicies":
            names = {held(policy, "name") for policy in naming(self.wanted, new, types.ROLE_POLICY, "role")}
            return names.issuperset(within(policy, "name") for policy in items(old.inputs[key]))
        owners = tuple(kind for kind, inline in _INLINE.items() if inline == key)
        return any(naming(self.wanted, new, owners, "bucket"))

    def _taken_away(self) -> Iterator[str]:
        """What a role or a bucket has by itself, before the deletion of a resource apart takes it away."""
        # https://github.com/hashicorp/terraform-provider-aws/issues/31017
        for resource in (resource for resource in self.update.ended if resource.type in _APART):
            path, key = _APART[resource.type]
            old = first(self.before, resource, path, types=types.ROLE if path == "role" else (BUCKET,))
            holder = self.made.get(self.urns.get(old.urn, "")) if old is not None else None
            if old is None or holder is None:
                continue
            had, has = (items(owner.inputs.get(key)) for owner in (old, holder))
            gone, has_it, pronoun = has, f"has its {key}", "that"
            if key == "inlinePolicies":
                gone = [policy for policy in has if within(policy, "name") == held(resource, "name")]
            elif key == "managedPolicyArns":
                gone = [arn for arn in has if arn == resource.inputs.get("policyArn") and arn not in had]
                has_it, pronoun = f"names {resource.inputs.get('policyArn')}", "it"
            if gone:
                left = [part for part in has if part not in gone] if path == "role" else None
                self.made[holder.urn] = replace(holder, inputs={**holder.inputs, key: left})
                yield (
                    f"{holder.name} {has_it} by itself, and the deletion of {resource.name} takes {pronoun} away: "
                    "run `pulumi up --refresh` once more"
                )

    def _pin(self, old: Resource, new: Resource) -> None:
        """Gives the users of a template that stay on another version the old one, as a template of its own."""
        lasting = {other.urn for _, other in self.update.pairs} - self.update.renewed
        for user in [resource for resource in self.made.values() if resource.type in types.MACHINES]:
            for path in PATHS:
                hits = pointed(self.wanted, user, *path, types=types.LAUNCH_TEMPLATE)
                follows = follows_latest(user, path, new)
                differing = change.inputs if (change := self.changed.get(user.urn)) else ()
                runs = user.urn in lasting and not refresh_of(user, differing)
                if new.urn not in {hit.urn for hit in hits} or (follows and not runs):
                    continue
                other = self.on_old(user, path, old, "id" if path[-1].lower().endswith("id") else "name")
                if follows and user.type in types.SCALING_GROUP:
                    # Instances that run keep the old version, and new ones get the new one.
                    urn = f"{user.urn}#running"
                    self.made[urn] = replace(other, urn=urn, inputs={**other.inputs, **_NO_MACHINES})
                else:
                    self.made[user.urn] = other
                    self.kept.append(f"{user.name} stays on the version of {new.name} that it has now")

    def _keep_addresses(self, subnets: list[Resource]) -> None:
        """Leaves machines that stay with the addresses that a subnet gave them, or did not, when they were launched."""
        was, wanted = AwsModel(self.before).nodes, AwsModel(self.wanted).nodes
        users = [pair for pair in self.update.pairs if pair[1].type in _LAUNCHED]
        for new, (old, user) in product(subnets, users):
            refreshed = (change := self.changed.get(user.urn)) and refresh_of(user, change.inputs)
            if user.urn in self.update.renewed or refreshed or new.urn not in user.dependencies:
                continue
            stays = self.made.get(f"{user.urn}#running", self.made[user.urn])
            self.made[stays.urn] = replace(stays, as_made={**stays.as_made, new.urn: self.update.olds[new.urn]})
            if user.type in types.SCALING_GROUP and stays.urn == user.urn:
                # Instances that are launched later have what the subnet gives then.
                later = f"{user.urn}#later"
                self.made[later] = replace(stays, urn=later, inputs={**stays.inputs, **_NO_MACHINES}, as_made={})
            for family in Family:
                had, has = was.of(old).has_public_address(family), wanted.of(user).has_public_address(family)
                if None not in (had, has) and had != has:
                    keeps, then = ("keeps its", "none") if had else ("gets no", "one")
                    why = f"{new.name} gives one at launch only, and the next machine there has {then}"
                    self.kept.append(f"{user.name} {keeps} public {family.value} address: {why}")


def _in_words(value: Any) -> str:
    """A kept value after a comma: of blocks the names. A document is not shown."""
    if isinstance(value, list) and (names := [text(name) for name in spread(value, "name")]):
        return f", {listed(names)}"
    written = value if isinstance(value, str) else ""
    return "" if written[:1] in ("{", "[") and written else f", {shown(value)}"
