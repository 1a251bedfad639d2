"""Servers that a program in a VPC calls: an argument of backends and functions, its mistakes and its rules."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import pulumi

from ..arguments.addresses import Range
from ..arguments.errors import ArgumentError
from ..arguments.faults import Fault
from ..arguments.names import SecurityGroupId
from ..arguments.numbers import PortInput
from ..facts.limits import SMTP_PORT
from ..resource_options.scope import Scope
from ..security_groups.peers import ANYWHERE, Cidr, Group, Peer, parse_range
from ..security_groups.rules import allow


@dataclass(frozen=True, kw_only=True)
class CalledServerArgs:
    """A server that a backend, or a function in a VPC, may call: `security_group_id` or `cidr`."""

    port: PortInput
    """TCP port of the server. AWS blocks 25 to public addresses, unless it has lifted this for the account."""
    security_group_id: SecurityGroupId | None = None
    """Security group of the server, such as that of an RDS database. It gets one rule that allows the caller.
    A group with inline rules would lose it at its next update."""
    cidr: Range | None = None
    """CIDR range of the server, if you cannot name its security group."""

    @property
    def peer(self) -> Peer:
        """The server, for a rule."""
        if self.security_group_id is not None:
            return Group(self.security_group_id)
        assert self.cidr is not None, "find_faults() demands one of them"
        return parse_range(self.cidr)

    @property
    def anywhere(self) -> tuple[str, int] | None:
        """Family and port if the program may call any address on a port that is known, or else None."""
        family = next((family for family, peer in ANYWHERE.items() if peer == self.peer), None)
        return (family, self.port) if family is not None and isinstance(self.port, int) else None


def call_faults(calls: Mapping[str, CalledServerArgs]) -> Iterator[Fault]:
    """Servers without a group or range, port 25 of any address, and servers that are there twice.

    AWS refuses the second of two equal rules, and blocks port 25 on its way to the internet.
    """
    seen: dict[tuple[object, object], str] = {}
    for name, server in calls.items():
        if (server.security_group_id is None) == (not server.cidr):
            allowed = "security_group_id or cidr, and only one of them"
            remedy = "name the group of the server, which is narrower"
            yield Fault(f"calls.{name}", server.cidr, allowed, remedy)
            continue
        if server.anywhere is not None and server.port == SMTP_PORT:
            allowed = f"another port: AWS blocks {SMTP_PORT} on its way to the internet"
            remedy = "name 587; if AWS has lifted this for the account, name the server's own range"
            yield Fault(f"calls.{name}", f"{server.cidr} port {SMTP_PORT}", allowed, remedy)
        known = [one for one in (server.security_group_id, server.cidr) if isinstance(one, str)]
        if not known or not isinstance(server.port, int):
            continue
        first = seen.setdefault((known[0], server.port), name)
        if first != name:
            allowed = f"each server and port once: calls.{first} is the same"
            yield Fault(f"calls.{name}", f"{known[0]} port {server.port}", allowed, "take one out")


def allow_calls(
    scope: Scope, own: Group, calls: Mapping[str, CalledServerArgs], opened: Collection[tuple[Peer, int]] = ()
) -> list[pulumi.Resource]:
    """Let the group call the servers, and the servers' groups admit it; returns the rules.

    Calls to any address are those of `open_internet`, since AWS refuses a second rule for the same. `opened` are peers
    and ports that the group may call by other rules: the same in `calls` is refused once both are known.
    """
    return [
        rule
        for called, server in calls.items()
        if server.anywhere is None
        for rule in allow(
            scope,
            f"to-{called}",
            own,
            _refuse_opened(scope.name, called, server, opened),
            server.port,
            f"{scope.name} calls {called}",
        )
    ]


def _refuse_opened(component: str, name: str, server: CalledServerArgs, opened: Collection[tuple[Peer, int]]) -> Peer:
    """The server's peer, which fails the deployment if another rule opens the same port to it."""
    peer = server.peer
    others = [other for other, port in opened if port == server.port]
    refused = ArgumentError(
        component,
        f"calls.{name}",
        f"{server.security_group_id or server.cidr} port {server.port}",
        "another server or port: the rule for the VPC's endpoints opens this one already, and AWS refuses a second; "
        "take it out",
    )
    match peer:
        case Group(id=group):
            groups = [other.id for other in others if isinstance(other, Group)]
            return replace(peer, id=_require_difference(group, groups, refused)) if groups else peer
        case Cidr(cidr=cidr):
            ranges = [other.cidr for other in others if isinstance(other, Cidr)]
            return replace(peer, cidr=_require_difference(cidr, ranges, refused)) if ranges else peer
    return peer


def _require_difference(
    value: pulumi.Input[str], others: Collection[pulumi.Input[str]], refused: ArgumentError
) -> pulumi.Output[str]:
    """`value`, or an error if it is one of `others`."""

    def check(known: list[str]) -> str:
        first, *rest = known
        if first in rest:
            raise refused
        return first

    return pulumi.Output.all(value, *others).apply(check)
