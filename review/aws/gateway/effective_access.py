"""Effective access to an API: the identity's policy, the resource policy and the endpoint's policy together.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN
from ...graph.addresses import atoms
from ...graph.reading import CannotTell, MalformedDocument, items, text
from ..identity.iam import Decision, allowing, statements
from ..network.endpoints import ApiEndpoint
from .access import arn_of, condition_values, decide, decided_by_identity, from_endpoint, versions
from .api import Api, ApiKind, Call, Requirement

_Request = tuple[Mapping[str, Any], ApiEndpoint | None]
_NO_ACCOUNT: Final = "000000000000"
_STRANGER: Final = f"arn:aws:iam::{_NO_ACCOUNT}:role/any"
_SOMEWHERE: Final = "192.0.2.1"
"""An address of the caller's VPC that no policy names (RFC 5737)."""


@dataclass(frozen=True)
class Caller:
    """A caller whom no policy of an identity permits anything."""

    label: str
    account: str | None = None
    """None without an identity, empty if it is not known."""

    @property
    def principal(self) -> str:
        return "*" if self.account is None else f"arn:aws:iam::{self.account or _NO_ACCOUNT}:role/any"

    @property
    def context(self) -> Mapping[str, Any]:
        """Condition keys of the request that follow from the identity."""
        if self.account is None:
            return {}
        unknown = ("aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:userid", "aws:username")
        return {"aws:PrincipalAccount": self.account or UNKNOWN, **dict.fromkeys(unknown, UNKNOWN)}


def admitted(api: Api, call: Call, endpoints: Iterable[ApiEndpoint]) -> tuple[Caller | None, bool]:
    """The widest caller without permission whom the policies admit to the call, and whether all are certain.

    `endpoints` are those of the stack. Only for a call that an identity decides.
    """
    endpoints, certain = tuple(endpoints), True
    for caller in _callers(api, call):
        for policy in api.policies:
            for context, endpoint in _requests(api, policy, endpoints):
                decision = _decision(policy, arn_of(api, call), {**caller.context, **context}, caller, endpoint)
                if decision is Decision.ALLOW:
                    return caller, certain
                certain &= decision is not Decision.UNKNOWN
    return None, certain


def through(api: Api, call: Call, endpoint: ApiEndpoint) -> Decision:
    """Whether the endpoint's own policy lets the call pass: of an identity, if it lets any that it names."""
    if endpoint.policy is None:
        return Decision.ALLOW
    arn, source = arn_of(api, call), from_endpoint(endpoint.id, endpoint.vpc)
    if not decided_by_identity(call):
        return decide(endpoint.policy, arn, source)
    context = {**Caller("", "").context, **source}
    found = [decide(endpoint.policy, arn, context, principal) for principal in ("*", *_named(endpoint.policy))]
    return next((each for each in (Decision.ALLOW, Decision.UNKNOWN) if each in found), found[0])


def _named(policy: Any) -> Iterator[str]:
    try:
        for statement in statements(policy):
            principal = statement.get("Principal")
            yield from map(text, items(principal.get("AWS") if isinstance(principal, Mapping) else None))
    except (CannotTell, MalformedDocument):
        return


def _callers(api: Api, call: Call) -> Iterator[Caller]:
    if Requirement.AUTHORIZER in call.requires:
        yield Caller("anyone")
    if Requirement.IAM in call.requires:
        own = api.arn.split(":")[4]
        yield Caller("any AWS identity", _NO_ACCOUNT)
        yield Caller("any identity of this account", own if own.isdigit() else "")


def _decision(
    policy: Any, arn: str, context: Mapping[str, Any], caller: Caller, endpoint: ApiEndpoint | None
) -> Decision:
    decision = _by_resource(policy, arn, context, caller)
    if decision is Decision.UNKNOWN:
        # A range of which a part is denied leaves open who is, which matters only if something allows at all.
        with suppress(CannotTell, MalformedDocument):
            if _by_resource({"Statement": [*allowing(policy)]}, arn, context, caller) is Decision.SILENT:
                return Decision.SILENT
    if decision in (Decision.DENY, Decision.SILENT) or endpoint is None or endpoint.policy is None:
        return decision
    passed = decide(endpoint.policy, arn, context, caller.principal) if caller.account != "" else Decision.UNKNOWN
    return decision if passed is Decision.ALLOW else passed


def _by_resource(policy: Any, arn: str, context: Mapping[str, Any], caller: Caller) -> Decision:
    # To allow an account permits none of its identities by itself: of an account that no policy names, none is allowed.
    return decide(policy, arn, context, "*" if caller.account is None else _STRANGER)


def _requests(api: Api, policy: Any, endpoints: tuple[ApiEndpoint, ...]) -> Iterator[_Request]:
    """Condition keys of made-up requests: from each range, endpoint and VPC that the policy names, and from elsewhere.

    With each comes the endpoint of the stack that it passes.
    """
    private = api.kind is ApiKind.PRIVATE
    keys = ("aws:vpcsourceip", "aws:sourcevpce", "aws:sourcevpc") if private else ("aws:sourceip",)
    try:
        named = [sorted(set(condition_values(policy, key))) for key in keys]
    except (CannotTell, MalformedDocument):
        yield dict.fromkeys(keys, UNKNOWN), None
        return
    if not private:
        parts = [part for version in versions(api) for part, _ in atoms(named[0], version)]
        yield from (({"aws:SourceIp": address}, None) for address in (*named[0], *parts))
        return
    addresses, ids, vpcs = named
    for address in (*addresses, _SOMEWHERE):
        for endpoint in endpoints:
            yield from_endpoint(endpoint.id, endpoint.vpc, address), endpoint
        # Others may make an endpoint in any VPC, and give it AWS's own policy.
        elsewhere = [each for each in (*ids, "vpce-of-a-stranger") if each not in {one.id for one in endpoints}]
        for endpoint_id, vpc in itertools.product(elsewhere, (*vpcs, "vpc-of-a-stranger")):
            yield from_endpoint(endpoint_id, vpc, address), None
