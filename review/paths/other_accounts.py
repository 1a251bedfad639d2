"""Access of other accounts: roles that trust them, and functions whose permissions name them.

APIs and endpoints are read elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.identity.callers import list_principals, names_everybody, parse_account
from ..aws.identity.iam import list_allow_statements, list_condition_texts
from ..aws.model.model import AwsModel
from ..aws.network.coverage import CALLERS, SHARED, restricts_requests
from ..graph import UNKNOWN, Origin, Resource
from ..graph.evidence import contains_unknown, get_deployed_input
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from ..graph.reading import Doubt, MalformedDocument, as_list, as_mapping, as_text, get_value, parse_document
from .path import INTERNET, Hop, PartialPath, Path

OTHER_ACCOUNTS: Final = "other accounts: "
EVERY: Final = "every account"
_UNREAD: Final = "principals that are not read"
_ISSUERS: Final = (
    *("accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"),
    *SHARED,
)
"""Issuers of tokens that anybody can have."""
_SOURCES: Final = ("sourceAccount", "sourceArn")


def list_paths(model: AwsModel) -> Iterator[Path]:
    """One for each role or function that names other accounts or organizations, or that everybody may use."""
    own, keys = model.graph.account, ("aws:allowedAccountIds", "allowedAccountIds")
    is_known = own and (model.graph.origin is not Origin.PROGRAM or any(map(model.graph.config.get, keys)))
    for resource in model.graph.list_by_type(*types.ROLE, *types.PERMISSION):
        if resource.existing:
            continue
        named = (
            _list_role_sources(resource, bool(own))
            if resource.type in types.ROLE
            else _list_permission_sources(resource, bool(own))
        )
        by_who = group_pairs(pair for pair in named if pair[0] not in ("", own))
        if resource.type in types.PERMISSION:
            by_who.pop(EVERY, None)  # named with the functions, or limited to the organization
        if by_who.pop(_UNREAD, None) and EVERY not in by_who:
            uncertainty = f"whom the policy of {resource.name} admits"
            yield _make_path(model, f"{OTHER_ACCOUNTS}{EVERY}", resource, "may use it", uncertainty)
        for account, actions in by_who.items():
            uncertainty = f"whether {account} is another account than this stack's" * (
                account.isdigit() and not is_known
            )
            uncertainty += f"whether AWS accepts a role that names no subject of {account}" * (account in SHARED)
            source = f"{account} ({INTERNET})" if "." in account or ":" in account else f"{OTHER_ACCOUNTS}{account}"
            yield _make_path(model, source, resource, f"may {abbreviate_names(sorted({*actions}))}", uncertainty)


def _make_path(model: AwsModel, source: str, resource: Resource, label: str, uncertainty: str) -> Path:
    hop = Hop(resource, label, resource.name, model.names.find(resource))
    return PartialPath(source=source).add_doubts(uncertainty).add_hop(hop).end(model.names.find(resource))


def _list_permission_sources(permission: Resource, sourced: bool) -> Iterator[tuple[str, str]]:
    """Accounts and organizations that a function's permission names, each with the action.

    `sourced`: also accounts of sources, which are mostly the stack's own and no others if that is not known.
    """
    action = as_text(get_deployed_input(permission, "action")) or "lambda:InvokeFunction"
    for key in ("principal", "principalOrgId", *(_SOURCES if sourced else ())):
        principal = get_deployed_input(permission, key)
        unknown = "" if key in _SOURCES else _UNREAD  # a source that is not known is mostly of the program
        if principal is not None:
            yield unknown if principal is UNKNOWN else find_account(as_text(principal)), action


def _list_role_sources(role: Resource, sourced: bool) -> Iterator[tuple[str, str]]:
    """Accounts, organizations, addresses and issuers that a role trusts, each with the allowed action."""
    policy = get_deployed_input(role, "assumeRolePolicy")
    try:
        written = (
            as_list(get_value(parse_document(policy, "the policy"), "Statement")) if policy not in (None, "") else []
        )
    except (Doubt, MalformedDocument):
        written = [UNKNOWN]
    for part in written:  # each by itself: one that cannot be read leaves the others as they are
        trusted: list[tuple[str, str]] = []
        try:
            for statement in list_allow_statements({"Statement": [part]}):
                actions = [as_text(action) or "use it" for action in as_list(statement.get("Action"))] or ["use it"]
                trusted += [(account, action) for account in _list_admitted(statement, sourced) for action in actions]
        except (Doubt, MalformedDocument):
            trusted = [(_UNREAD, "use it")]
        yield from trusted


def _list_admitted(statement: Mapping[str, Any], sourced: bool) -> Iterator[str]:
    """Principals that a statement admits: by name, or everybody and services within its conditions."""
    tests = {key: block for key, block in as_mapping(statement.get("Condition")).items() if "not" not in key.lower()}
    conditions = [
        (key, value) for key, value in list_condition_texts({"Condition": tests}) if key in CALLERS and value != "*"
    ]
    everybody, named = names_everybody(statement), [*list_principals(statement)] if "Principal" in statement else []
    yield from (find_account(as_text(principal)) for kind, principal in named if kind == "AWS" and principal != "*")
    if ("AWS", UNKNOWN) in named or (everybody and contains_unknown(statement.get("Condition"))):
        yield _UNREAD
    try:
        is_bound = restricts_requests(statement.get("Condition"), statement.get("Action", "*"))
    except Doubt:
        if everybody or "Federated" in dict(named):
            yield _UNREAD
        return
    if is_bound and (everybody or "Service" in dict(named)):
        yield from (find_account(value) for key, value in conditions if sourced or "source" not in key or "org" in key)
    if everybody and not is_bound:
        yield EVERY
    elif "Federated" in dict(named) and not is_bound:
        written = " ".join(
            [*(as_text(principal) for _, principal in named), *(key for key, _ in list_condition_texts(statement))]
        )
        yield from (issuer for issuer in _ISSUERS if issuer in written)


def find_account(principal: str) -> str:
    """The account of a principal, its organization, or every account. Empty for a service."""
    if principal in ("*", "all"):
        return EVERY
    if principal.split(":")[2:3] == ["organizations"]:
        return principal.rpartition(":")[2]
    written = parse_account(principal) or principal.partition("/")[0]
    return written if re.fullmatch(r"\d{12}|o-[a-z0-9]+", written) else ""
