"""What roles allow that no path has, and who takes roles.

Of machines, calls on every resource, or by a policy that the graph does not hold. Of other roles, all that they allow.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.callers import ANYBODY, service_named
from ..aws.identity.iam import Decision, allows, glob, only_allows
from ..facts import aws_permissions
from ..graph import UNKNOWN, Resource, revealed
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import few, listed
from ..graph.reading import items, text, within
from ..reach.granted import acts_on, allowed_calls
from ..reach.path import Path
from .callers.policy_terms import Statement, concerns_callers, readable, single
from .engine.side import Side, key_of, lasting

_WIDE: Final = re.compile(r"\*|arn:[^:]*:[^:]*:\*?:\*?:\*")  # every resource, or all of a service: `arn:aws:s3:::*`
_INTERFACES: Final = re.compile(
    r"(?i)ec2:(create|describe|delete)NetworkInterfaces?|ec2:describeSubnets|ec2:(un)?assignPrivateIpAddresses"
)
_ARN: Final = "Policy"
_PEOPLE: Final = ("aws:iam/user:User", "aws:iam/group:Group")


class _Rights:
    """What a machine may call on every resource, as far as the policies of its role are read."""

    def __init__(self, machine: Resource, side: Side) -> None:
        self._roles, self._find = side.reach.model.roles, side.graph.find
        self._role = self._roles.of(machine)
        self._documents: list[Any] = []
        self._by_lambda = machine.type in types.FUNCTION
        self._unread = _has_other_role(machine, side)
        self._by_target = _named(machine, side)
        self._named = {call for calls in self._by_target.values() for call in calls}
        self.name = (self._role or machine).name
        self.elsewhere: list[str] = []  # policies that the graph does not hold, by name
        self._allowed: dict[str, list[str]] = {"": []}  # unconditional actions by resource, empty for every one
        self._words: dict[str, str] = {}
        self._doubted: list[str] = []  # actions on a condition
        written, *boundary = _read(self._role, side)[0] if self._role else ((),)
        said = {(effect, parts) for effect, parts in written if effect in ("Allow", "Deny")}
        self.limits = [{one for one in said if one[0] == "Deny" or any(" " in kind for kind, _ in one[1])}, *boundary]
        """Statements that deny something, or allow it on a condition, and the boundary of a role."""
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
        written = [text(action) for action in items(statement.get("Action"))]
        if but := [*map(text, items(statement.get("NotAction")))]:
            written = ["*"]
            self._words.setdefault("*", f"every action but {few(but)}")
        elif "*" in written:
            self._words["*"] = "every action"
        places, conditional = [*map(text, items(statement.get("Resource")))], bool(statement.get("Condition"))
        wide = any(map(_WIDE.fullmatch, places))
        actions = [action for action in written if action]
        denies = statement.get("Effect") == "Deny"
        if denies or conditional:
            self._doubted += actions if wide and not denies else []
            return
        for place in [""] if wide else places:
            self._allowed.setdefault(place, []).extend(one for one in actions if not place or acts_on(one, place))

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
        start, *starts = (re.split(r"[*?]", name.lower())[0] for name in (action, *others))
        return [
            other
            for other, its in zip(others, starts, strict=True)
            if its == start or ("*" in other and start.startswith(its)) or ("*" in action and its.startswith(start))
        ]

    def _left_of(self, action: str) -> tuple[str, ...]:
        """What it allows of an action's calls, in words."""
        near = {place: self.near(action, its) for place, its in self._allowed.items()}
        left = {at: [other for other in its if self.decision(other, at) is Decision.ALLOW] for at, its in near.items()}
        names = {place: getattr(self._find(place), "name", place) for place in left}
        on = (f"{few(its) if '*' in action else 'calls'} on {names[at]}" for at, its in left.items() if at and its)
        return (*left[""], *on)

    def lost(self, others: "_Rights") -> tuple[list[str], list[str]]:
        """What it allows and the others do not, in words, and what they may allow."""
        mine = [action for action in dict.fromkeys(self._allowed[""]) if self.decision(action) is Decision.ALLOW]
        # Lambda itself makes the network interfaces of a function.
        mine = [action for action in mine if not (self._by_lambda and _INTERFACES.fullmatch(action))]
        there = {action: others.decision(action) for action in mine}
        gone = grouped((others._left_of(own), self._words.get(own, own)) for own in mine if there[own].refused)
        lost = [f"{few(its)} on every resource{f', but for {few(left)}' * bool(left)}" for left, its in gone.items()]
        unsure = [action for action in mine if there[action] is Decision.UNKNOWN]
        narrow = ((action, arn) for action, arn in sorted(self._named - others._named))
        unsure += [action for action, arn in narrow if others.decision(action, arn) is Decision.UNKNOWN]
        elsewhere = [name for name in self.elsewhere if name not in others.elsewhere]
        nothing = not (others._documents or others.elsewhere or others._unread or any(self.limits))
        return [*lost, *(elsewhere if nothing else ())], [*unsure, *(() if nothing else elsewhere)]

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
            for arn, actions in grouped(ends).items():
                left = sorted({other for action, other in others._named if action in actions and glob(arn, other)})
                yield f"{listed(actions)} → {arn}" + (f", but for {few(left)}" if left else "")
            keys = () if target in reached else (action for action, _ in gone if action.startswith("kms:"))
            if actions := list(dict.fromkeys(keys)):
                yield f"{listed(actions)} → {target}"


def grants(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """Such calls of machines that are in both states, each with its list: granted, revoked, or unjudged rights."""
    had, has = (grouped((way.origin.urn, way.target) for way in side.reach.paths if way.open and way.origin)
                for side in (before, after))  # fmt: skip
    for machine, twin in lasting(before.graph, after.graph, *types.COMPUTE):
        old_name, new_name = before.reach.model.names.of(machine), after.reach.model.names.of(twin)
        was, now = (_Rights(*pair) for pair in ((machine, before), (twin, after)))
        (ended, some), (begun, more) = was.lost(now), now.lost(was)
        fewer, wider = was.narrowed(now, had.get(machine.urn, ())), now.narrowed(was, has.get(twin.urn, ()))
        yield from (("revoked", f"{old_name} → {grant}") for grant in (*fewer, *ended))
        # What its role may still do, only these words say.
        yield from (("said", f"{was.name} → every action") for grant in ended if grant.startswith("every action on"))
        yield from (("granted", f"{new_name} → {grant}") for grant in (*wider, *begun))
        if some or more or (was.limits != now.limits and not ended and not begun):
            words = f" ({listed(dict.fromkeys([*some, *more]))})" if some or more else ""
            yield "unjudged", f"rights of {now.name}{words}"


def _is_for(action: str, arn: str) -> bool:
    """Whether an action is one on what an ARN names: on a bucket or its objects, on a table or its indexes."""
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
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
    calls = grouped((f"{target.kind} {target.name}", call) for (_, target), grant in named for call in grant.calls)
    return {target: {*its} for target, its in calls.items()}


def role_rights(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """Differences of roles, users and groups that are in both states; services that may take a role are callers."""
    # Those of machines, which `grants` compares.
    machines = ((side.reach.model.roles, one) for side in (before, after) for one in side.graph.of_type(*types.COMPUTE))
    of_machines = {key_of(role.urn) for roles, resource in machines if (role := roles.of(resource)) is not None}
    for old, new in lasting(before.graph, after.graph, *types.ROLE, *_PEOPLE):
        taking, takes = _services(old), _services(new)
        if taking is not None and takes is not None:
            yield from (("admitted", f"{service} → {new.name}") for service in sorted(takes.keys() - taking))
            yield from (("shut_out", f"{service} → {old.name}") for service in sorted(taking.keys() - takes))
            other = sorted(service for service in taking.keys() & takes if taking[service] != takes[service])
            yield from (("unjudged", f"conditions on which {service} takes {new.name}") for service in other)
        if key_of(old.urn) in of_machines:
            yield from _compare_calls((old, before), (new, after))
            continue
        (had, was), (has, now) = _read(old, before), _read(new, after)
        if had == has:
            continue
        olds, news = was or set[Statement](), now or set[Statement]()
        # A statement about calls that callers make may allow every other one as well.
        every = [{Statement(parts) for effect, parts in written if effect == "Allow"} for written, *_ in (had, has)]
        lost = [statement for statement in olds if not statement.covered(news | every[1])]
        more = [statement for statement in news if not statement.covered(olds | every[0])]
        # Of what is lost, or what is new, a part may be as it was.
        left = [statement for statement in news if statement.covered(lost)]
        had_part = [statement for statement in olds if statement.covered(more)]
        kinds = {kind for statement in (*lost, *more, *left, *had_part) for kind, _ in statement.parts}
        beside = olds and news and kinds and any(_ARN in dict(statement.parts) for statement in olds | news)
        places = {dict(statement.parts).get("Resource") for statement in (*lost, *more)}
        partly = (left and more) or (had_part and lost) or ((left or had_part) and len(places) > 1)
        if None in (was, now) or partly or beside or not kinds <= {"Action", "Resource", _ARN}:
            arns = (dict(statement.parts).get(_ARN, "") for statement in (*lost, *more))
            by = sorted({arn.rpartition("/")[2] for arn in arns} - {""})
            yield "unjudged", f"rights of {new.name}" + (f" ({few(by)})" if by else "")
        else:
            yield from _words("granted", new, after, more, had_part)
            yield from _words("revoked", old, before, lost, left)


def _compare_calls(was: tuple[Resource, Side], now: tuple[Resource, Side]) -> Iterator[tuple[str, str]]:
    """Calls of a machine's role on single resources of a kind to which there are no paths, such as a stream."""
    granted, revoked = list[Statement](), list[Statement]()
    for action, arn in sorted(_calls(*was) | _calls(*now)):
        before, after = (
            at.reach.model.roles.decision(role, action, arn.replace("*", "any")) for role, at in (was, now)
        )
        if Decision.UNKNOWN in (before, after):
            yield from [("unjudged", f"{action} of {now[0].name} on {arn}")] if before is not after else ()
        elif before.refused is not after.refused:
            (granted if before.refused else revoked).append(Statement((("Action", action), ("Resource", arn))))
    yield from _words("granted", *now, granted)
    yield from _words("revoked", *was, revoked)


def _calls(role: Resource, side: Side) -> set[tuple[str, str]]:
    policies = (policy for _, policy in side.reach.model.roles.policies(role))
    calls = ((action, arn) for policy in policies for action, arn, _ in allowed_calls(policy))
    return {(action, arn) for action, arn in calls if aws_permissions.named(arn) is None and not _WIDE.fullmatch(arn)}


def _read(role: Resource, side: Side) -> tuple[Any, set[Statement] | None]:
    """All that a role's policies say, in whichever form, and what they allow beside calls that callers make.

    None for the second if something of it is not read, or denies.
    """
    written, allowed = set[tuple[str, Any]](), set[Statement]()
    boundary = side.reach.model.roles.boundary(role)
    known = boundary is None
    for _, policy in side.reach.model.roles.policies(role):
        if text(policy).startswith("arn:"):
            written.add((_ARN, text(policy)))
            allowed.add(Statement(((_ARN, text(policy)),)))
            continue
        read = readable(policy)
        if read is None:
            written.add(("", str(revealed(policy))))
            known = False
        for statement in read or ():
            alternatives = single(statement)
            written |= {(text(statement.get("Effect")), parts) for parts in alternatives}
            if not concerns_callers(statement):
                named = ((parts, dict(parts)) for parts in alternatives)
                allowed |= {Statement(parts) for parts, by in named
                            if acts_on(by.get("Action", "*"), by.get("Resource", "*"))}  # fmt: skip
                known &= statement.get("Effect") == "Allow"
    limits = {(text(limit.get("Effect")), parts) for limit in readable(boundary) or () for parts in single(limit)}
    return (written, held(role, "permissionsBoundary"), limits), allowed if known else None


def _words(
    which: str, role: Resource, side: Side, statements: Iterable[Statement], unchanged: Sequence[Statement] = ()
) -> Iterator[tuple[str, str]]:
    """`crawler → s3:GetObject and s3:ListBucket on every resource`, but for a part that is unchanged."""
    arns = (part[_ARN] for part in (dict(statement.parts) for statement in statements) if _ARN in part)
    yield from ((which, f"{role.name} → what {arn.rpartition('/')[2]} allows") for arn in arns)
    rest = f", but for {few([*_rights(side, unchanged)])}" if unchanged else ""
    yield from ((which, f"{role.name} → {right}{rest}") for right in _rights(side, statements))


def _rights(side: Side, statements: Iterable[Statement]) -> Iterator[str]:
    parts = [dict(statement.parts) for statement in statements]
    places = ((part.get("Resource", "*"), part.get("Action", "more")) for part in parts if _ARN not in part)
    by_place = grouped((hit.name if (hit := side.graph.find(place)) else place, action) for place, action in places)
    for place, actions in sorted(by_place.items()):
        yield f"{few(sorted({*actions}))} on {'every resource' if place == '*' else place}"


def _services(role: Resource) -> dict[str, list[Any]] | None:
    """Services that a role's trust policy lets take it, with the conditions for each; None if that is not read."""
    statements = readable(held(role, "assumeRolePolicy"))
    allowing = [statement for statement in statements or () if statement.get("Effect") == "Allow"]
    named = ((service_named(name), statement.get("Condition")) for statement in allowing
             for name in items(within(statement.get("Principal"), "Service")))  # fmt: skip
    return None if statements is None else grouped(named)
