"""Verifies a stack: the drift, by the engine's refresh and our own calls, and the checks of what runs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import token_of
from ..aws.model.model import AwsModel
from ..compare.resources import Resources
from ..compare.wording import Wording
from ..engine_files.plan import Plan
from ..engine_files.update import planned_resources
from ..graph import Graph, Resource
from ..graph.graph import grouped, partition_of
from ..graph.prose import few
from ..graph.reading import text
from ..permissions import Policy, reading
from ..reach import Reach, trace
from . import calls, health
from .accounts import Accounts, left_out, owned
from .check import Check
from .cloud import Cloud, action
from .found import Found
from .members import confirmed, undeclared
from .table import load

_WHO: Final = "sts.GetCallerIdentity"
_NOT_READ_BACK: Final = {token_of(name): keys for name, keys in load("not_read_back.json").items()}
"""Inputs whose values in AWS the Read functions of terraform-provider-aws 6.34 do not set, by its source."""


@dataclass(frozen=True)
class Verification:
    """What is known of one stack."""

    graph: Graph
    drift: Resources
    """Differences of AWS from the state. `added` has members of its resources that no resource declares."""
    wording: Wording
    compared: int
    """Resources that the refresh read."""
    checks: tuple[Check, ...]
    unread: tuple[str, ...]
    """What could not be read: one line for each call and reason."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Conditions of the state, and what is not compared, with the reason."""
        unread = ((key, resource) for resource in owned(self.graph) for key in _NOT_READ_BACK.get(resource.type, ()))
        unseen = grouped((key, resource.name) for key, resource in unread if key in resource.inputs)
        why = "not compared, for the provider does not read it back"
        lost = (f"{key} of {few(names)}: {why}" for key, names in unseen.items())
        return (*self.graph.notes, *left_out(self.graph), *lost)


class AccountError(Exception):
    """There are no credentials, or they are of another account than the stack's."""


def verify(refresh: Plan, cloud: Cloud, caller: calls.Caller, *, offline: bool = False) -> Verification:
    """Ask AWS, and call the stack unless `offline`. Raises AccountError."""
    if cloud.session.get_credentials() is None:
        raise AccountError("there are no AWS credentials here: run `aws sso login`, or set AWS_PROFILE")
    graph = refresh.before
    found, members, checks, reach = _asked(graph, cloud)
    if not offline:
        checks += calls.checks(reach.model, caller, found.confirmed)
        checks += calls.unreachable(graph, reach, found.hosts)
    if not owned(graph):
        found.unread.append(("the refresh lists no resource of AWS", graph.stack))
    lines = sorted(grouped(dict.fromkeys(found.unread)).items())
    unread = tuple(f"{line}: {few(names)}" for line, names in lines)
    drift = replace(planned_resources(refresh, graph, refresh.after), added=members)
    return Verification(graph, drift, Wording(graph, refresh.after), len(owned(graph)), tuple(checks), unread)


def _asked(graph: Graph, cloud: Cloud) -> tuple[Found, list[Resource], list[Check], Reach]:
    """Everything that AWS is asked. Raises AccountError: in another account every resource would be gone."""
    found, reach, accounts = Found(), trace(AwsModel(graph)), Accounts(graph)
    account = ""
    with found.reading(_WHO, graph.stack):
        account = str((cloud.ask(_WHO, {}, graph.region) or {}).get("Account") or "")
    if account and not accounts.has(account):
        raise AccountError(f"the credentials are of account {account}, and the stack is in {graph.account}")
    # Only noting, it counts the calls for every account.
    elsewhere = accounts.unreadable(account) if cloud.session is not None else {}
    confirmed(graph, cloud, found, elsewhere)
    members = [*undeclared(replace(graph, account=account or graph.account), cloud, found, elsewhere)]
    strangers = {(urn, text(one.id)) for one in members for urns in one.property_dependencies.values() for urn in urns}
    return found, members, [*health.checks(graph, reach, cloud, elsewhere, strangers)], reach


def policy(graph: Graph) -> tuple[list[Policy], list[str]]:
    """The least policies with which the refresh and `verify` can read this stack, and what they may lack."""
    noting = Cloud()
    *_, reach = _asked(graph, noting)
    named = [*((arn, "execute-api:Invoke") for arn in calls.signed_routes(reach.model)), *_mappings(graph)]
    return reading(graph, {action(call) for call in noting.made}, named)


def _mappings(graph: Graph) -> Iterator[tuple[str, str]]:
    """The lists of mappings, and the action that reads them. The provider reads its own mappings alone."""
    for domain in graph.of_type(*types.REST_DOMAIN):
        region = domain.region or graph.region
        path = f"/domainnames/{text(domain.state.get('domainName')) or '*'}"
        for kind in ("basepathmappings", "apimappings"):
            yield f"arn:{partition_of(region)}:apigateway:{region}::{path}/{kind}", "apigateway:GET"
