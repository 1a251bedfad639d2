"""What other accounts, or everybody, may use: by policies of resources, permissions, trust of roles, and shares.

APIs and endpoint services are read elsewhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import ROWS, token_of
from ..aws.identity.callers import account_of, principals
from ..aws.identity.iam import allowing, compared
from ..aws.identity.public_access import POLICIES
from ..aws.model import open_to_all
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Origin, Resource
from ..graph.given import held
from ..graph.prose import few
from ..graph.reading import CannotTell, MalformedDocument, items, text
from .path import INTERNET, Hop, PartialPath, Path

OTHER_ACCOUNTS: Final = "other accounts: "
_BY_INPUT: Final[Mapping[str, tuple[str, str]]] = {
    **dict.fromkeys(types.PERMISSION, ("principal", "lambda:InvokeFunction")),
    token_of("lambda.LayerVersionPermission"): ("principal", "lambda:GetLayerVersion"),
    token_of("cloudwatch.EventPermission"): ("principal", "events:PutEvents"),
    token_of("kms.Grant"): ("granteePrincipal", "use the key"),
    token_of("ram.PrincipalAssociation"): ("principal", "use the resources of the share"),
    token_of("ec2.AmiLaunchPermission"): ("accountId", "launch machines of the image"),
    token_of("ec2.SnapshotCreateVolumePermission"): ("accountId", "copy the snapshot"),
    token_of("rds.Snapshot"): ("sharedAccounts", "restore the snapshot"),
    token_of("rds.ClusterSnapshot"): ("sharedAccounts", "restore the snapshot"),
}
"""Inputs that name an account by themselves, and what it may do then."""
_POLICIES: Final[Mapping[str, str]] = {
    **{token: key for token, key in POLICIES.items() if ROWS[token].role not in ("rest api", "endpoint")},
    **dict.fromkeys(types.ROLE, "assumeRolePolicy"),
}
_ORGANISATION: Final = "aws:principalorgid"
_CONFIGURED: Final = ("aws:allowedAccountIds", "allowedAccountIds")


def paths(model: AwsModel) -> Iterator[Path]:
    """One for each resource that names other accounts or organisations, or that everybody may use."""
    own, is_known = model.graph.account, _is_known(model)
    for resource in model.graph:
        for use in open_to_all.uses(model.graph, resource):
            source = INTERNET if use.by_internet else f"{OTHER_ACCOUNTS}every account"
            hop = Hop(resource, use.label, resource.name, model.names.of(resource))
            end = model.names.of(open_to_all.bucket_of(model.graph, resource))
            yield PartialPath(source=source).doubted(use.doubt).then(hop).end(end)
        if resource.type not in (*_BY_INPUT, *_POLICIES) or resource.existing:
            continue
        found: dict[str, list[str]] = {}
        for account, action in _named(resource):
            if account != own:
                found.setdefault(account, []).append(action)
        for account, actions in found.items():
            label = few(list(dict.fromkeys(actions)))
            doubt = (
                "" if is_known or not account.isdigit() else f"whether {account} is another account than this stack's"
            )
            start = PartialPath(source=f"{OTHER_ACCOUNTS}{account}").doubted(doubt)
            yield start.then(Hop(resource, f"may {label}", resource.name, model.names.of(resource))).end(
                model.names.of(resource)
            )


def _is_known(model: AwsModel) -> bool:
    """Whether the stack's own account is known, and not a stand-in."""
    return model.graph.origin is not Origin.PROGRAM or any(model.graph.config.get(key) for key in _CONFIGURED)


def _named(resource: Resource) -> Iterator[tuple[str, str]]:
    """Accounts and organisations that may use a resource, each with what they may do."""
    key, action = _BY_INPUT.get(resource.type, ("", ""))
    for principal in items(held(resource, key)) if key else ():
        if account := _account(text(principal)):
            yield account, text(held(resource, "action")) or action
    policy = held(resource, *_POLICIES[resource.type].split(".")) if resource.type in _POLICIES else None
    try:
        found = list(allowing(policy)) if policy not in (None, UNKNOWN) else []
    except (CannotTell, MalformedDocument):
        return
    for statement in found:
        actions = [text(one) for one in items(statement.get("Action")) if text(one)] or ["use it"]
        people = [one for kind, one in principals(statement) if kind == "AWS"] if "Principal" in statement else []
        accounts = [account for one in people if (account := _account(text(one)))]
        with suppress(CannotTell):
            accounts += [each for key, each in compared(statement) if key == _ORGANISATION] if "*" in people else []
        yield from ((account, one) for account in accounts for one in actions)


def _account(principal: str) -> str:
    """The account of a principal, or the organisation; empty for a service and for everybody."""
    if principal.split(":")[2:3] == ["organizations"]:
        return principal.rpartition(":")[2]
    written = account_of(principal) or principal
    return written if written.isdigit() and len(written) == 12 else ""
