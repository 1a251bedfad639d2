"""What other accounts, or everybody, may use: by policies of resources, permissions, trust of roles, and shares.

APIs are read elsewhere.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import NAMED, POLICIES, row, token_of
from ..aws.identity.callers import account_of, names_everybody, principals
from ..aws.identity.deputies import deputies
from ..aws.identity.iam import allowing, compared
from ..aws.identity.public_access import WITH_POLICY
from ..aws.model import open_to_all
from ..aws.model.model import AwsModel
from ..aws.network.coverage import CALLERS, SHARED, binds
from ..graph import UNKNOWN, Origin, Resource
from ..graph.addresses import is_private
from ..graph.given import given, held, holds_unknown
from ..graph.graph import grouped
from ..graph.prose import few
from ..graph.reading import CannotTell, MalformedDocument, document, items, mapping, pointed, spread, text, within
from .path import INTERNET, Hop, PartialPath, Path
from .tables import TABLES

OTHER_ACCOUNTS: Final = "other accounts: "
EVERY: Final = "every account"
_SERVICES: Final = (*map(token_of, ("ec2.VpcEndpointService", "ec2.VpcEndpointServiceAllowedPrinciple")),)
_UNREAD: Final = "principals that are not read"
_OTHERS: Final = f"{OTHER_ACCOUNTS}{EVERY}"
_POLICIES: Final[Mapping[str, str]] = {
    **{token: key for token, key in POLICIES.items() if row(token).role not in ("rest api", "endpoint")},
    **dict.fromkeys(types.ROLE, "assumeRolePolicy"),
}


def paths(model: AwsModel) -> Iterator[Path]:
    """One for each resource that names other accounts or organisations, or that everybody may use."""
    own, keys = model.graph.account, ("aws:allowedAccountIds", "allowedAccountIds")
    is_known = own and (model.graph.origin is not Origin.PROGRAM or any(map(model.graph.config.get, keys)))
    for resource in model.graph:
        for use in (everybody := [*open_to_all.uses(model.graph, resource)]):
            yield _path(model, INTERNET if use.by_internet else _OTHERS, resource, use.label, use.doubt)
        by_service = grouped(deputies(_policy(resource)) if not resource.existing else ())
        for (service, doubt), actions in by_service.items():
            yield _path(model, _OTHERS, resource, f"may {few(sorted({*actions}))}, through {service}", doubt)
        named = _named(resource, bool(own)) if not resource.existing else ()
        by_who = grouped(pair for pair in named if pair[0] not in ("", own))
        is_limited = resource.type in NAMED and any(who.startswith("o-") for who in by_who)
        if is_limited or resource.type in WITH_POLICY + types.PERMISSION:
            by_who.pop(EVERY, None)  # named above or with the functions, or limited to the organization
        if by_who.pop(_UNREAD, None) and not everybody and EVERY not in by_who:
            yield _path(model, _OTHERS, resource, "may use it", f"whom the policy of {resource.name} admits")
        for who, actions in by_who.items():
            doubt = f"whether {who} is another account than this stack's" * (who.isdigit() and not is_known)
            doubt = " and ".join(filter(None, (doubt, _acceptance(model, resource))))
            doubt += f"whether AWS accepts a role that names no subject of {who}" * (who in SHARED)
            source = f"{who} ({INTERNET})" if "." in who or ":" in who else f"{OTHER_ACCOUNTS}{who}"
            yield _path(model, source, resource, f"may {few(sorted({*actions}))}", doubt)


def _acceptance(model: AwsModel, resource: Resource) -> str:
    """A doubt about those whom an endpoint service names, if somebody has to accept their connections."""
    service = [*pointed(model.graph, resource, "vpcEndpointServiceId"), resource][0]
    is_open = resource.type not in _SERVICES or given(service, "acceptanceRequired").flag(absent=True) is False
    return "" if is_open else f"whether {service.name} accepts the connection"


def _path(model: AwsModel, source: str, resource: Resource, label: str, doubt: str) -> Path:
    hop = Hop(resource, label, resource.name, model.names.of(resource))
    start = PartialPath(source=source).doubted(doubt).then(hop)
    return start.end(model.names.of(open_to_all.bucket_of(model.graph, resource)))


def _policy(resource: Resource) -> Any:
    return held(resource, *_POLICIES[resource.type].split(".")) if resource.type in _POLICIES else None


def _named(resource: Resource, sourced: bool) -> Iterator[tuple[str, str]]:
    """Accounts, organizations, addresses and issuers that may use a resource, each with what they may do.

    `sourced`: also accounts of sources, which are mostly the stack's own and no others if that is not known.
    """
    for action, keys in NAMED.get(resource.type, {}).items():
        for key, *path in (key.split(".") for key in keys.split() if sourced or "source" not in key):
            named_by = text(held(resource, "action")) or action
            values = spread({key: held(resource, key)}, key, *path)
            unknown = "" if "source" in key else _UNREAD  # a source that is not known is mostly of the program
            yield from ((unknown if principal is UNKNOWN else _who(text(principal)), named_by) for principal in values)
    policy = _policy(resource)
    try:
        written = items(within(document(policy, "the policy"), "Statement")) if policy not in (None, "") else []
    except (CannotTell, MalformedDocument):
        written = [UNKNOWN]
    for part in written:  # each by itself: one that cannot be read leaves the others as they are
        try:
            named = [(part, who) for part in allowing({"Statement": [part]}) for who in _admitted(part, sourced)]
        except (CannotTell, MalformedDocument):
            named = [({}, _UNREAD)]
        yield from ((who, text(verb) or "use it") for each, who in named for verb in items(each.get("Action")) or [""])


def _admitted(statement: Mapping[str, Any], sourced: bool) -> Iterator[str]:
    """Whom a statement admits: by name, or everybody and services as far as its conditions do."""
    asked = {key: block for key, block in mapping(statement.get("Condition")).items() if "not" not in key.lower()}
    conditions = [(key, value) for key, value in compared({"Condition": asked}) if key in CALLERS and value != "*"]
    everybody, named = names_everybody(statement), [*principals(statement)] if "Principal" in statement else []
    yield from (_who(text(principal)) for kind, principal in named if kind == "AWS" and principal != "*")
    if ("AWS", UNKNOWN) in named or (everybody and holds_unknown(statement.get("Condition"))):
        yield _UNREAD
    try:
        is_bound = binds(statement.get("Condition"), statement.get("Action", "*"))
    except CannotTell:
        if everybody or "Federated" in dict(named):
            yield _UNREAD
        return
    if is_bound and (everybody or "Service" in dict(named)):
        yield from (_who(value) for key, value in conditions if sourced or "source" not in key or "org" in key)
    if is_bound and everybody and {key for key, _ in conditions} == {"aws:sourceip"}:
        yield from (value for _, value in conditions if not is_private(value))
    elif everybody and not is_bound:
        yield EVERY
    elif "Federated" in dict(named) and not is_bound:
        issuers = [*TABLES["issuers"].split(), *SHARED]
        written = [*(text(principal) for _, principal in named), *(key for key, _ in compared(statement))]
        yield from (issuer for issuer in issuers if any(issuer in value for value in written))


def _who(principal: str) -> str:
    """The account of a principal, its organization, or every account. Empty for a service."""
    if principal in ("*", "all"):
        return EVERY
    if principal.split(":")[2:3] == ["organizations"]:
        return principal.rpartition(":")[2]
    written = account_of(principal) or principal.partition("/")[0]
    return written if re.fullmatch(r"\d{12}|o-[a-z0-9]+", written) else ""
