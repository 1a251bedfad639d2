"""Verifies a stack: the drift, then the checks of what runs. And the least policy for it."""

import json
from dataclasses import dataclass
from typing import Final

from ..aws.model import AwsModel
from ..compare.changes import Changes
from ..graph import Graph
from ..permissions import Policy, reading
from ..reach import Reach, trace
from . import calls, drift, health
from .accounts import Accounts, left_out
from .check import Check, Status
from .cloud import Cloud, Noting, NotRead, Unread, action

_WHO: Final = "sts.GetCallerIdentity"


@dataclass(frozen=True)
class Verification:
    """What is known of one stack."""

    graph: Graph
    changes: Changes
    compared: int
    """Resources that AWS answered about."""
    checks: tuple[Check, ...]
    unread: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Conditions of the state, and resources that are not compared."""
        return (*self.graph.notes, *left_out(self.graph))

    @property
    def drifted(self) -> int:
        return len(self.changes.added) + len(self.changes.removed) + len(self.changes.changed)

    @property
    def failed(self) -> bool:
        return bool(self.drifted) or any(one.status is Status.FAILED for one in self.checks)

    @property
    def undecided(self) -> bool:
        return bool(self.unread) or any(one.status is Status.NOT_READ for one in self.checks)


class AccountError(Exception):
    """There are no credentials, or they are of another account than the stack's."""


def verify(graph: Graph, cloud: Cloud, caller: calls.Caller, *, offline: bool = False) -> Verification:
    """Ask AWS, and call the stack unless `offline`. Raises AccountError."""
    unread = Unread()
    account = _checked_account(graph, cloud, unread)
    found, checks, reach = _asked(graph, cloud, unread, account)
    if not offline:
        checks += calls.checks(reach.model, caller, found.confirmed)
        checks += calls.unreachable(graph, reach, found.hosts)
    return Verification(graph, drift.changes(graph, found), len(found.read), tuple(checks), tuple(unread))


def _asked(graph: Graph, cloud: Cloud, unread: Unread, account: str) -> tuple[drift.Found, list[Check], Reach]:
    """Everything that AWS is asked, with credentials of an account."""
    reach, elsewhere = trace(AwsModel(graph)), Accounts(graph).unreadable(account)
    return drift.find(graph, cloud, unread, elsewhere), [*health.checks(graph, reach, cloud, elsewhere)], reach


def _checked_account(graph: Graph, cloud: Cloud, unread: Unread) -> str:
    """The account of the credentials; empty if AWS does not tell. In another account every resource would be gone."""
    if cloud.credentials() is None:
        raise AccountError("there are no AWS credentials here: run `aws sso login`, or set AWS_PROFILE")
    try:
        account = str((cloud.ask(_WHO, {}, graph.region) or {}).get("Account") or "")
    except NotRead as problem:
        unread.add(_WHO, problem, graph.stack)
        return ""
    if account and not Accounts(graph).has(account):
        raise AccountError(f"the credentials are of account {account}, and the stack is in {graph.account}")
    return account


def policy(graph: Graph) -> list[Policy]:
    """The least policies with which `verify` can read everything of this stack."""
    noting = Noting()
    noting.ask(_WHO, {}, graph.region)
    *_, reach = _asked(graph, noting, Unread(), graph.account)
    return reading(graph, {action(call) for call in noting.made}, [*calls.signed_routes(reach.model)])


def as_text(policies: list[Policy]) -> str:
    """One policy as an object, several as a list."""
    return json.dumps(policies[0] if len(policies) == 1 else policies, indent=2) + "\n"
