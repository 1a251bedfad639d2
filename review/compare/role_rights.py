"""What roles allow that no path has: all that those of no machine allow, streams and the like, and who takes roles."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.callers import service_named
from ..aws.identity.iam import Decision
from ..facts import aws_permissions
from ..graph import Resource, revealed
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import few
from ..graph.reading import items, text, within
from ..reach.granted import allowed_calls
from .callers.policy_terms import Statement, concerns_callers, readable, single
from .engine.side import Side, key_of, lasting
from .grants import WIDE

_ARN: Final = "Policy"


def role_rights(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """Differences of roles that are in both states, as `grants` has them; services that may take one are callers."""
    # Those of machines, which `grants` compares.
    machines = ((side.reach.model.roles, one) for side in (before, after) for one in side.graph.of_type(*types.COMPUTE))
    of_machines = {key_of(role.urn) for roles, resource in machines if (role := roles.of(resource)) is not None}
    for old, new in lasting(before.graph, after.graph, *types.ROLE):
        taking, takes = _services(old), _services(new)
        if taking is not None and takes is not None:
            yield from (("admitted", f"{one} → {new.name}") for one in sorted(takes - taking))
            yield from (("shut_out", f"{one} → {old.name}") for one in sorted(taking - takes))
        if key_of(old.urn) in of_machines:
            yield from _compare_calls((old, before), (new, after))
            continue
        (had, was), (has, now) = _read(old, before), _read(new, after)
        if had == has:
            continue
        olds, news = was or set[Statement](), now or set[Statement]()
        lost = [statement for statement in olds if not statement.covered(news)]
        more = [statement for statement in news if not statement.covered(olds)]
        # Of what is lost, or what is new, a part may be as it was.
        left, had_part = (
            [each for each in news - olds if each.covered(lost)],
            [each for each in olds - news if each.covered(more)],
        )
        kinds = {kind for statement in (*lost, *more, *left, *had_part) for kind, _ in statement.parts}
        beside = olds and news and kinds and any(_ARN in dict(statement.parts) for statement in olds | news)
        places = {dict(statement.parts).get("Resource") for statement in (*lost, *more)}
        partly = (left and more) or (had_part and lost) or ((left or had_part) and len(places) > 1)
        if None in (was, now) or partly or beside or not kinds <= {"Action", "Resource", _ARN}:
            by = sorted({_short(arn) for statement in (*lost, *more) if (arn := dict(statement.parts).get(_ARN))})
            yield "unjudged", f"rights of {new.name}" + (f" ({few(by)})" if by else "")
        else:
            yield from _words("granted", new, after, more, had_part)
            yield from _words("revoked", old, before, lost, left)


def _compare_calls(was: tuple[Resource, Side], now: tuple[Resource, Side]) -> Iterator[tuple[str, str]]:
    """Calls of a machine's role on single resources of a kind to which there are no paths, such as a stream."""
    granted, revoked = list[Statement](), list[Statement]()
    for action, arn in sorted(_calls(*was) | _calls(*now)):
        before, after = (
            side.reach.model.roles.decision(role, action, arn.replace("*", "any")) for role, side in (was, now)
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
    return {(action, arn) for action, arn in calls if aws_permissions.named(arn) is None and not WIDE.fullmatch(arn)}


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
                allowed |= set(map(Statement, alternatives))
                known &= statement.get("Effect") == "Allow"
    limits = {(text(one.get("Effect")), parts) for one in readable(boundary) or () for parts in single(one)}
    return (written, held(role, "permissionsBoundary"), limits), allowed if known else None


def _words(
    which: str, role: Resource, side: Side, statements: Iterable[Statement], unchanged: Sequence[Statement] = ()
) -> Iterator[tuple[str, str]]:
    """`crawler → s3:GetObject and s3:ListBucket on every resource`, but for a part that is unchanged."""
    parts = [dict(statement.parts) for statement in statements]
    yield from ((which, f"{role.name} → what {_short(part[_ARN])} allows") for part in parts if _ARN in part)
    rest = f", but for {few([*_rights(side, unchanged)])}" if unchanged else ""
    yield from ((which, f"{role.name} → {right}{rest}") for right in _rights(side, statements))


def _rights(side: Side, statements: Iterable[Statement]) -> Iterator[str]:
    parts = [dict(statement.parts) for statement in statements]
    places = ((part.get("Resource", "*"), part.get("Action", "more")) for part in parts if _ARN not in part)
    by_place = grouped((hit.name if (hit := side.graph.find(place)) else place, action) for place, action in places)
    for place, actions in by_place.items():
        yield f"{few(sorted({*actions}))} on {'every resource' if place == '*' else place}"


def _short(arn: str) -> str:
    return arn.rpartition("/")[2]


def _services(role: Resource) -> set[str] | None:
    """Services that a role's trust policy lets take it; None if that is not read."""
    statements = readable(held(role, "assumeRolePolicy"))
    allowing = (statement.get("Principal") for statement in statements or () if statement.get("Effect") == "Allow")
    services = {service_named(name) for principal in allowing for name in items(within(principal, "Service"))}
    return None if statements is None else services
