"""Whether a call admits one caller, by what is stated of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .address_spans import contains, list_admitted_spans
from .order import Needs, admits_nobody, is_unknown


@dataclass(frozen=True, kw_only=True)
class Caller:
    """From where somebody calls, and with what. By default, somebody on the internet with nothing."""

    address: str = ""
    """IP address. If empty, one that no list has."""
    account: str = ""
    """AWS account whose identity signs the call and may make it: 12 digits, or `own` for that of the stack."""
    token_scopes: Collection[str] | None = None
    """Scopes of an accepted token, perhaps none, as in an ID token of Cognito. None: no token."""
    issuer: str = ""
    """Issuer of the token. If empty, the accepted one."""
    audience: str = ""
    """Audience of the token. If empty, one that is accepted."""
    pool: str = ""
    """Cognito user pool of the token, by ARN or name. If empty, one that is accepted."""
    authorized: bool = False
    """Whether the Lambda authorizer admits the call. Only its code decides that."""
    key: str = ""
    """Name of an API key."""
    endpoint: str = ""
    """VPC endpoint of a private API, by ID or name."""
    vpc: str = ""
    """VPC of an endpoint of a private API, by ID or name."""
    certificate: bool = False
    """Whether the caller has a client certificate that the domain accepts."""
    signed: bool = False
    """Whether the call has the signature that a forwarder checks."""


def admits(needs: Needs, caller: Caller) -> bool:
    """Whether a call with these needs admits a caller. Raises ValueError if a value that is not known decides it."""
    if admits_nobody(needs) or not _has_address(needs, caller):
        return False
    if not all(_has_identity(kind, part, caller) for kind, part in (needs.get("caller") or {}).items()):
        return False
    if "keys" in needs and caller.key not in needs["keys"]:
        return False
    through = needs.get("through")
    if through is not None:
        entries = [("endpoint", through.get("endpoints", {})), ("vpc", through.get("vpcs", {}))]
        if not any(_is_member(getattr(caller, key), key, members) for key, members in entries if members):
            return False
    return (caller.certificate or "certificate" not in needs) and (caller.signed or "signature" not in needs)


def find_checks(needs: Needs, target: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The signature that the statement of a call's target requires of a caller with these needs.

    None if it requires none, as of callers that API Gateway has identified.
    """
    is_identified = bool({*(needs.get("caller") or {})} & {*target.get("unless", {})})
    return None if is_identified else target.get("checks")


def _has_address(needs: Needs, caller: Caller) -> bool:
    spans = list_admitted_spans(needs)
    return contains(spans, caller.address) if caller.address else not needs.get("addresses")


def _has_identity(kind: str, part: Mapping[str, Any], caller: Caller) -> bool:
    if kind == "iam":
        accounts = {**part.get("accounts", {}), **part.get("otherAccounts", {})}
        return _is_member(caller.account, "account", accounts)
    if kind == "lambda":
        return caller.authorized
    if caller.token_scopes is None or not (not part.get("scopes") or {*caller.token_scopes} & part["scopes"].keys()):
        return False
    if kind == "cognito":
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
        if caller.token_scopes and not part.get("scopes"):
            return False  # an access token, where the method takes ID tokens
        return not caller.pool or _is_member(caller.pool, "pool", part.get("pools", {}))
    issuer = {str(part.get("issuer")): part.get("issuer")}
    return (not caller.issuer or _is_member(caller.issuer, "issuer", issuer)) and (
        not caller.audience or _is_member(caller.audience, "audience", part.get("audiences", {}))
    )


def _is_member(value: str, key: str, members: Mapping[str, Any]) -> bool:
    """Whether a value is one of the members, which are known by ID or by the name of their resource."""
    if not value or value in members:
        return bool(value)
    if any(map(is_unknown, members.values())):
        raise ValueError(f"whether {key} {value} is admitted is not known: the statement has a value that is unknown")
    return False
