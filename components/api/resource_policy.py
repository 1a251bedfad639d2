"""Resource policies of REST APIs: documents that decide who may call at all.

A deny wins over every allow, and an address outside every allowed range is explicitly denied, so that an authorizer's
allow cannot open what the policy closes.

An allow is stated for exactly the methods that need one. A method without authorization, or with a Cognito authorizer,
requires an explicit allow as soon as the API has a policy. A method with IAM authorization or a Lambda authorizer needs
none: within one account AWS admits a caller whom *either* policy allows, so an allow for everybody would admit every
identity of the account without any permission of its own.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import functools
import itertools
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from ..facts import limits
from ..facts.route_paths import PROXY_PART
from .args.routes import IAM, RouteArgs
from .route_operations import Operation, expand_method

# The short form of the ARN: the policy is part of the API, whose own ARN is not known yet.
EVERY_METHOD: Final = "execute-api:/*"
# Of a domain. AWS completes the short form, and the provider would find a difference in each update: its own acceptance
# test has `*`. https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/apigateway/domain_name_test.go
EVERYTHING: Final = "*"


def list_identity_authorizations(kinds: Mapping[str, str]) -> set[str]:
    """Returns the authorizations that AWS evaluates together with the policy: IAM, and names of Lambda authorizers.

    `kinds` are the kinds of the API's authorizers by name.
    """
    return {IAM, *(name for name, kind in kinds.items() if kind == "lambda")}


class OverlapError(ValueError):
    """No policy can allow one method without admitting callers who lack permission for another."""

    def __init__(self, opened: Operation, guarded: Operation) -> None:
        self.opened, self.guarded = opened, guarded
        super().__init__(
            f"an allow for {opened.key} ({opened.route.authorization}) "
            f"would also cover calls of {guarded.key} ({guarded.route.authorization})"
        )


def list_resources_to_allow(
    operations: Sequence[Operation], guarded: Collection[str], stage: str, *, cors: bool
) -> list[str]:
    """Returns the resources that the policy must allow: methods whose authorization is not in `guarded`.

    `guarded` holds the authorizations that AWS evaluates together with the policy: `iam` and Lambda authorizers. Raises
    OverlapError if an allow with a wildcard would cover a guarded method that API Gateway prefers for the same call.
    """
    closed = [operation for operation in operations if operation.route.authorization in guarded]
    limited = [operation for operation in operations if operation.route.allow_cidrs]
    if not closed and not limited:
        return [EVERY_METHOD]
    opened = [operation for operation in operations if operation.route.authorization not in guarded]
    for operation, other in itertools.product(opened, closed):
        for method in set(expand_method(operation.method)) & set(expand_method(other.method)):
            pattern = _method_arn(stage, method, operation.path)
            if "*" in pattern and _matches_call(pattern, _call_arn(stage, method, other.path)):
                raise OverlapError(operation, other)
    # Methods by name: a wildcard in place of the method would reach into the path. A method that is guarded by its own
    # name wins over an ANY that is not.
    taken = {(operation.path, operation.method) for operation in (*closed, *limited)}
    resources = [
        _method_arn(stage, method, operation.path)
        for operation in opened
        if not operation.route.allow_cidrs
        for method in expand_method(operation.method)
        if (operation.path, method) not in taken
    ]
    # Preflight requests carry no credentials, on whichever path.
    preflight = [_method_arn(stage, "OPTIONS", operation.path) for operation in operations] if cors else []
    return list(dict.fromkeys([*resources, *preflight]))


class NarrowedError(ValueError):
    """The deny of a route with ranges of its own would also deny calls of another route."""

    def __init__(self, limited: Operation, other: Operation) -> None:
        self.limited, self.other = limited, other
        super().__init__(f"the ranges of {limited.key} would also limit {other.key}")


def build_route_statements(
    operations: Sequence[Operation], guarded: Collection[str], stage: str
) -> list[dict[str, Any]]:
    """Returns the statements for routes with ranges of their own.

    An address outside the ranges is denied. A method that needs an allow has one only for the ranges, so that a path in
    a spelling that no statement has is allowed to nobody. Raises NarrowedError.
    """
    by_ranges: dict[tuple[str, ...], list[Operation]] = {}
    for operation in operations:
        if operation.route.allow_cidrs:
            by_ranges.setdefault(operation.route.ranges, []).append(operation)
    statements = []
    for ranges, limited in by_ranges.items():
        others = [one for one in operations if one.route.ranges != ranges]
        for operation, other in itertools.product(limited, others):
            _check_narrowing(operation, other, stage)
        taken = {(other.path, other.method) for other in others}
        denied, allowed = [], []
        for operation in limited:
            arns = [
                spelling
                for method in expand_method(operation.method)
                if (operation.path, method) not in taken
                for spelling in _list_spellings(_method_arn(stage, method, operation.path))
            ]
            denied += arns
            allowed += [] if operation.route.authorization in guarded else arns
        if allowed:
            inside = {"IpAddress": {"aws:SourceIp": list(ranges)}}
            statements.append(_build_statement("Allow", resources=list(dict.fromkeys(allowed)), condition=inside))
        outside = {"NotIpAddress": {"aws:SourceIp": list(ranges)}}
        statements.append(_build_statement("Deny", resources=list(dict.fromkeys(denied)), condition=outside))
    return statements


def build_address_policy(
    allow: Sequence[str], deny: Sequence[str], resources: Iterable[str] = (EVERY_METHOD,), accounts: Iterable[str] = ()
) -> dict[str, Any]:
    """Returns a policy for callers inside `allow` (if empty, every address) and outside `deny`, for a public API.

    `resources` are the methods that need an allow; `accounts` are other AWS accounts whose identities may call methods
    with IAM authorization, if their own policies allow it too. Ranges may be IPv4 or IPv6. The size limit is 8,192
    characters, about 200 ranges.
    """
    statements = _build_allow_statements(resources, accounts)
    if allow:
        statements.append(_build_statement("Deny", condition={"NotIpAddress": {"aws:SourceIp": list(allow)}}))
    if deny:
        statements.append(_build_statement("Deny", condition={"IpAddress": {"aws:SourceIp": list(deny)}}))
    return {"Version": "2012-10-17", "Statement": statements}


def build_endpoint_policy(
    endpoint_ids: Sequence[Any],
    vpc_ids: Sequence[Any] = (),
    resources: Iterable[str] = (EVERY_METHOD,),
    accounts: Iterable[str] = (),
    everything: str = EVERY_METHOD,
) -> dict[str, Any]:
    """Returns a policy for callers that use one of these endpoints or VPCs, for a private API.

    Ids may be outputs. The deny holds only if neither condition matches, so one named endpoint is enough.
    `resources` and `accounts` are those of `build_address_policy`; the deny is for `everything`.
    """
    if not endpoint_ids and not vpc_ids:
        raise ValueError("a private API admits one endpoint or VPC at least")
    outside: dict[str, list[Any]] = {}
    if endpoint_ids:
        outside["aws:SourceVpce"] = list(endpoint_ids)
    if vpc_ids:
        outside["aws:SourceVpc"] = list(vpc_ids)
    deny = _build_statement("Deny", resources=(everything,), condition={"StringNotEquals": outside})
    return {"Version": "2012-10-17", "Statement": [*_build_allow_statements(resources, accounts), deny]}


def fits_resource_policy(policy: Mapping[str, Any], most: int = limits.RESOURCE_POLICY_CHARACTERS) -> bool:
    """Whether AWS accepts a policy of this length. Outputs in it are IDs of endpoints and VPCs."""
    text = json.dumps(policy, separators=(",", ":"), default=lambda _: "vpce-0123456789abcdef0")
    return len(text) <= most


def _build_allow_statements(resources: Iterable[str], accounts: Iterable[str]) -> list[dict[str, Any]]:
    allowed = list(resources)
    statements = [_build_statement("Allow", resources=allowed)] if allowed else []
    if named := list(accounts):
        # The root principal means that the account's own policies decide, not that each of its identities is allowed.
        statements.append(_build_statement("Allow", principal={"AWS": named}))
    return statements


def _build_statement(
    effect: str,
    *,
    principal: Any = "*",
    resources: Sequence[str] = (EVERY_METHOD,),
    condition: dict[str, Any] | None = None,
) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": effect,
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }
    return statement | ({"Condition": condition} if condition else {})


def _check_narrowing(limited: Operation, other: Operation, stage: str) -> None:
    if _lies_below(limited.route, other):
        return
    for method in set(expand_method(limited.method)) & set(expand_method(other.method)):
        pattern = _method_arn(stage, method, limited.path)
        if "*" in pattern and _matches_call(pattern, _call_arn(stage, method, other.path)):
            raise NarrowedError(limited, other)


def _lies_below(route: RouteArgs, other: Operation) -> bool:
    """Whether API Gateway prefers a route for all calls below its path to an operation for everything above."""
    above = other.path.removesuffix(PROXY_PART)
    return above != other.path and route.include_subpaths and "{" not in route.path and route.path.startswith(above)


def _list_spellings(arn: str) -> list[str]:
    """The ARN of a method, and with the slash at the end that API Gateway ignores."""
    return [arn] if arn.endswith(("*", "/")) else [arn, f"{arn}/"]


def _method_arn(stage: str, method: str, path: str) -> str:
    """A method in the short form of its ARN: path variables become wildcards, which reach over slashes."""
    parts = ("*" if part.startswith("{") else part for part in path.lstrip("/").split("/"))
    return f"execute-api:/{stage}/{method}/{'/'.join(parts)}"


def _call_arn(stage: str, method: str, path: str) -> str:
    """ARN of the calls to a method: `+` matches one part of the path, and `*` all that follows."""
    return _method_arn(stage, method, re.sub(r"\{[^}+]+\}", "+", path))


@functools.cache
def _matches_call(pattern: str, calls: str) -> bool:
    """Whether a policy's pattern matches one of the calls."""
    if pattern.startswith("*"):
        return _matches_call(pattern[1:], calls) or (bool(calls) and _matches_call(pattern, calls[1:]))
    if calls.startswith("*"):
        return _matches_call(pattern, calls[1:]) or (bool(pattern) and _matches_call(pattern[1:], calls))
    if not pattern or not calls:
        return pattern == calls
    if calls[0] == "+":
        rest = pattern[1:]
        return pattern[0] != "/" and (_matches_call(rest, calls[1:]) or _matches_call(rest, calls))
    return pattern[0] == calls[0] and _matches_call(pattern[1:], calls[1:])
