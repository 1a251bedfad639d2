"""Servers that a program in a VPC calls: an argument of backends and functions, its mistakes and its rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pulumi

from ..arguments.addresses import Range
from ..arguments.faults import Fault
from ..arguments.names import SecurityGroupId
from ..arguments.numbers import PortInput
from ..scope import Scope
from ..traffic import ANYWHERE, Group, Peer, allow, range_of


@dataclass(frozen=True, kw_only=True)
class CalledServerArgs:
    """A server that a backend, or a function in a VPC, may call: `security_group_id` or `cidr`."""

    port: PortInput
    """TCP port of the server."""
    security_group_id: SecurityGroupId | None = None
    """Security group of the server, such as that of an RDS database. It gets one rule that admits the caller."""
    cidr: Range | None = None
    """CIDR range of the server, if you cannot name its security group."""

    @property
    def peer(self) -> Peer:
        """The server, for a rule."""
        if self.security_group_id is not None:
            return Group(self.security_group_id)
        assert self.cidr is not None, "find_faults() demands one of them"
        return range_of(self.cidr)

    @property
    def anywhere(self) -> tuple[str, int] | None:
        """Family and port if the program may call any address on a port that is known, or else None."""
        family = next((family for family, peer in ANYWHERE.items() if peer == self.peer), None)
        return (family, self.port) if family is not None and isinstance(self.port, int) else None


def call_faults(calls: Mapping[str, CalledServerArgs]) -> Iterator[Fault]:
    """Servers without a group or range, and those that are there twice: AWS refuses the second of two equal rules."""
    seen: dict[tuple[object, object], str] = {}
    for name, server in calls.items():
        if (server.security_group_id is None) == (not server.cidr):
            allowed = "security_group_id or cidr, and only one of them"
            remedy = "name the group of the server, which is narrower"
            yield Fault(f"calls.{name}", server.cidr, allowed, remedy)
            continue
        known = [one for one in (server.security_group_id, server.cidr) if isinstance(one, str)]
        if not known or not isinstance(server.port, int):
            continue
        first = seen.setdefault((known[0], server.port), name)
        if first != name:
            allowed = f"each server and port once: calls.{first} is the same"
            yield Fault(f"calls.{name}", f"{known[0]} port {server.port}", allowed, "take one out")


def allow_calls(scope: Scope, own: Group, calls: Mapping[str, CalledServerArgs]) -> list[pulumi.Resource]:
    """Let the group call the servers, and the servers' groups admit it; returns the rules.

    Calls to any address are those of `open_internet`, since AWS refuses a second rule for the same.
    """
    return [
        rule
        for called, server in calls.items()
        if server.anywhere is None
        for rule in allow(scope, f"to-{called}", own, server.peer, server.port, f"{scope.name} calls {called}")
    ]
