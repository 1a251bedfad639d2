"""Verifies a stack: the drift, then the checks of what runs. And the least policy for it."""

from dataclasses import dataclass
from typing import Final

from ..aws.model.model import AwsModel
from ..compare.changes import Changes
from ..graph import Graph
from ..graph.graph import grouped
from ..graph.prose import few
from ..permissions import Policy, reading
from ..reach import Reach, trace
from . import calls, drift, health
from .accounts import Accounts, left_out
from .check import Check
from .cloud import Cloud, action

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
    """What could not be read: one line for each call and reason."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Conditions of the state, and resources that are not compared."""
        return (*self.graph.notes, *left_out(self.graph))


class AccountError(Exception):
    """There are no credentials, or they are of another account than the stack's."""


def verify(graph: Graph, cloud: Cloud, caller: calls.Caller, *, offline: bool = False) -> Verification:
    """Ask AWS, and call the stack unless `offline`. Raises AccountError."""
    if cloud.session.get_credentials() is None:
        raise AccountError("there are no AWS credentials here: run `aws sso login`, or set AWS_PROFILE")
    found, checks, reach = _asked(graph, cloud)
    if not offline:
        checks += calls.checks(reach.model, caller, found.confirmed)
        checks += calls.unreachable(graph, reach, found.hosts)
    lines = sorted(grouped(dict.fromkeys(found.unread)).items())
    unread = tuple(f"{line}: {few(names)}" for line, names in lines)
    return Verification(graph, drift.changes(graph, found), len(found.read), tuple(checks), unread)


def _asked(graph: Graph, cloud: Cloud) -> tuple[drift.Found, list[Check], Reach]:
    """Everything that AWS is asked. Raises AccountError: in another account every resource would be gone."""
    found, reach, accounts = drift.Found(dict(graph.resources)), trace(AwsModel(graph)), Accounts(graph)
    account = ""
    with found.reading(_WHO, graph.stack):
        account = str((cloud.ask(_WHO, {}, graph.region) or {}).get("Account") or "")
    if account and not accounts.has(account):
        raise AccountError(f"the credentials are of account {account}, and the stack is in {graph.account}")
    elsewhere = accounts.unreadable(account)
    drift.find(graph, cloud, found, elsewhere)
    return found, [*health.checks(graph, reach, cloud, elsewhere)], reach


def policy(graph: Graph) -> list[Policy]:
    """The least policies with which `verify` can read everything of this stack."""
    noting = Cloud()
    *_, reach = _asked(graph, noting)
    return reading(graph, {action(call) for call in noting.made}, [*calls.signed_routes(reach.model)])
