"""Calls that a role allows on every resource, or by a policy that the graph does not hold: no path has them."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.callers import ANYBODY
from ..aws.identity.iam import Decision, allows, only_allows
from ..graph import UNKNOWN, Resource
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import listed
from ..graph.reading import items, text
from ..reach.path import Path
from .callers.policy_terms import readable, single
from .engine.side import Side, lasting

WIDE: Final = re.compile(r"\*|arn:[^:]*:[^:]*:\*?:\*?:\*")
"""Every resource, or every one of a service: `arn:aws:s3:::*`."""


_INTERFACES: Final = re.compile(
    r"(?i)ec2:(create|describe|delete)NetworkInterfaces?|ec2:describeSubnets|ec2:(un)?assignPrivateIpAddresses"
)


class _Rights:
    """What a machine may call on every resource, as far as the policies of its role are read."""

    def __init__(self, machine: Resource, side: Side) -> None:
        self._roles = side.reach.model.roles
        self._role = self._roles.of(machine)
        self._documents: list[Any] = []
        self._by_lambda = machine.type in types.FUNCTION
        self._unread = _has_other_role(machine, side)
        self._by_target = _named(machine, side)
        self._named = {call for calls in self._by_target.values() for call in calls}
        self.name = (self._role or machine).name
        self.elsewhere: list[str] = []
        """Policies that the graph does not hold, by name."""
        self.actions: list[str] = []
        self._doubted: list[str] = []
        """Actions on a condition."""
        self.limits: set[tuple[tuple[str, str], ...]] = set()
        """Statements that deny something, or allow it on a condition, and the boundary of a role."""
        if self._role is not None and (boundary := held(self._role, "permissionsBoundary")) is not None:
            bound, name = side.graph.find(boundary, *types.POLICY), ("PermissionsBoundary", str(boundary))
            for statement in (bound and readable(held(bound, "policy"))) or ():
                self.limits |= {(name, *parts) for parts in single(statement)}
            self.limits.add((name,))
        for _, policy in self._roles.policies(self._role) if self._role else ():
            if text(policy).startswith("arn:"):
                self.elsewhere.append(f"what {text(policy).rpartition('/')[2]} allows")
                continue
            statements = readable(policy)
            self._unread |= statements is None
            self._documents += [policy] if statements is not None else []
            for statement in statements or ():
                self._read(statement)

    def _read(self, statement: Mapping[str, Any]) -> None:
        written = (text(action) for action in items(statement.get("Action")))
        # Lambda itself makes the network interfaces of a function.
        actions = [action for action in written if action and not (self._by_lambda and _INTERFACES.fullmatch(action))]
        conditional = bool(statement.get("Condition"))
        wide = any(WIDE.fullmatch(text(resource)) for resource in items(statement.get("Resource")))
        if statement.get("Effect") == "Deny" or conditional:
            self.limits |= single(statement)
        if statement.get("Effect") != "Deny" and wide:
            (self._doubted if conditional else self.actions).extend(actions)

    def decision(self, action: str, arn: str = "") -> Decision:
        """Whether it may call an action, by default on every resource; unknown if it is not read what decides."""
        service = action.partition(":")[0]
        asked, at = (pattern.replace("*", "any") for pattern in (action, arn or f"arn:aws:{service}:::*"))
        by_role = Decision.SILENT if self._role is None else self._roles.decision(self._role, asked, at)
        if by_role is Decision.DENY:
            # Of a pattern, a boundary may allow a part.
            return Decision.UNKNOWN if "*" in action else Decision.DENY
        policies = map(only_allows, self._documents)
        if any(allows(policy, caller=ANYBODY, action=asked, resource=at).allowed for policy in policies):
            return Decision.ALLOW
        # Of policies of AWS's own no more is known than their services.
        unread = self._unread or self.near(action, self._doubted) or (self.elsewhere and "*" in service)
        return Decision.SILENT if by_role is Decision.SILENT and not unread else Decision.UNKNOWN

    @staticmethod
    def near(action: str, others: list[str]) -> list[str]:
        """Those of other actions that have some of the same calls, by what is before the first wildcard of either."""
        start, *starts = (re.split(r"[*?]", one.lower())[0] for one in (action, *others))
        both = zip(others, starts, strict=True)
        return [one for one, its in both if start.startswith(its) or ("*" in action and its.startswith(start))]

    def lost(self, others: "_Rights") -> tuple[list[str], list[str]]:
        """What it allows and the others do not, in words, and what they may allow."""
        mine = [action for action in dict.fromkeys(self.actions) if self.decision(action) is Decision.ALLOW]
        there = {action: others.decision(action) for action in mine}
        gone = [action for action in mine if there[action].refused]
        theirs = [action for action in dict.fromkeys(others.actions) if others.decision(action) is Decision.ALLOW]
        rest = {action: others.near(action, theirs) for action in gone if "*" in action}
        plain = [action for action in gone if not rest.get(action)]
        words = {"*": "every action"}
        found = [f"{listed(words.get(action, action) for action in plain)} on every resource"] if plain else []
        found += [
            f"{words.get(one, one)} on every resource, but for {listed(left)}" for one, left in rest.items() if left
        ]
        unsure = [action for action in mine if there[action] is Decision.UNKNOWN]
        narrow = ((action, arn) for action, arn in sorted(self._named - others._named))
        unsure += [action for action, arn in narrow if others.decision(action, arn) is Decision.UNKNOWN]
        elsewhere = [one for one in self.elsewhere if one not in others.elsewhere]
        nothing = not (others._documents or others.elsewhere or others._unread or self.limits)
        return [*found, *(elsewhere if nothing else ())], [*unsure, *(() if nothing else elsewhere)]

    def narrowed(self, others: "_Rights", reached: Collection[str]) -> Iterator[str]:
        """Calls to a part of a resource, such as the objects of a bucket, that the others allow on other parts only.

        And calls of KMS, which AWS's services make with its rights whether or not it reaches KMS itself: a path has
        those of targets that are `reached`.
        https://docs.aws.amazon.com/kms/latest/developerguide/services-s3.html
        """
        for target, calls in self._by_target.items():
            there = others._by_target.get(target, set())
            lasting = {action for action, _ in there}
            gone = [call for call in sorted(calls - there) if others.decision(*call).refused]
            ends = ((arn, action) for action, arn in gone if action in lasting and _is_for(action, arn))
            yield from (f"{listed(actions)} → {arn}" for arn, actions in grouped(ends).items())
            keys = () if target in reached else (action for action, _ in gone if action.startswith("kms:"))
            if actions := list(dict.fromkeys(keys)):
                yield f"{listed(actions)} → {target}"


def grants(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """Such calls of machines that are in both states, each with its list: granted, revoked, or unjudged rights."""
    had, has = _reached(before), _reached(after)
    for machine, twin in lasting(before.graph, after.graph, *types.COMPUTE):
        old_name, new_name = before.reach.model.names.of(machine), after.reach.model.names.of(twin)
        was, now = (_Rights(*each) for each in ((machine, before), (twin, after)))
        (ended, some), (begun, more) = was.lost(now), now.lost(was)
        fewer, wider = was.narrowed(now, had.get(machine.urn, ())), now.narrowed(was, has.get(twin.urn, ()))
        yield from (("revoked", f"{old_name} → {grant}") for grant in (*fewer, *ended))
        yield from (("granted", f"{new_name} → {grant}") for grant in (*wider, *begun))
        if some or more or (was.limits != now.limits and not ended and not begun):
            words = f" ({listed(dict.fromkeys([*some, *more]))})" if some or more else ""
            yield "unjudged", f"rights of {now.name}{words}"


def _reached(side: Side) -> dict[str, list[str]]:
    """Targets of open paths, by the URN of what they begin at."""
    return grouped((way.origin.urn, way.target) for way in side.reach.paths if way.open and way.origin)


def _is_for(action: str, arn: str) -> bool:
    """Whether an action is one on what an ARN names: on a bucket or its objects, on a table or its indexes.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    service, _, name = action.lower().partition(":")
    if service == "s3" and "*" not in name:
        return ("/" in arn) is (("object" in name or "multipart" in name) and "bucket" not in name)
    return service != "dynamodb" or "/index/" not in arn or "*" in name or name in ("query", "scan")


def is_allowed(way: Path, here: Side, there: Side) -> bool:
    """Whether another state allows the calls of a path to a resource by a statement about more than it, or may do."""
    machine = way.origin and there.graph.resources.get(way.origin.urn)
    if way.origin is None or machine is None or way.target in _named(machine, there):
        return False
    calls, rights = _named(way.origin, here).get(way.target, ()), _Rights(machine, there)
    return bool(calls) and all(rights.decision(*call) in (Decision.ALLOW, Decision.UNKNOWN) for call in calls)


def _has_other_role(machine: Resource, side: Side) -> bool:
    """Whether it has, or may have, a role that is not in the graph, or a boundary of what its role allows."""
    model = side.reach.model
    if (role := model.roles.of(machine)) is not None:
        return model.roles.boundary(role) is UNKNOWN
    if machine.type in types.SERVICE:
        definition = model.containers.definition(machine)
        return definition is None or held(definition, "taskRoleArn") is not None
    return held(machine, "role") is not None or model.roles.has_profile(machine)


def _named(machine: Resource, side: Side) -> dict[str, set[tuple[str, str]]]:
    """Calls, each with its ARN, that statements about single resources allow a machine, by the target of the path."""
    named = side.reach.granted.named(side.reach.model.nodes.of(machine)).items()
    calls = grouped((f"{one.kind} {one.name}", call) for (_, one), grant in named for call in grant.calls)
    return {target: {*found} for target, found in calls.items()}
