"""Effective access to an API: the identity's policy, the resource policy and the endpoint's policy together.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html
"""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ...graph import UNKNOWN
from ...graph.addresses import split_internet
from ...graph.reading import AFTER_DEPLOYMENT, Doubt, MalformedDocument
from ..identity.callers import ANONYMOUS, Caller, make_caller, parse_account
from ..identity.iam import Decision, remove_denies
from ..network.endpoints import ApiEndpoint
from .access import (
    build_call_arn,
    build_endpoint_context,
    decide,
    find_widest_decision,
    list_condition_values,
    list_ip_versions,
)
from .api import Api, ApiKind, Call, Requirement

_Request = tuple[Mapping[str, Any], ApiEndpoint | None]
_NO_ACCOUNT: Final = "000000000000"
_ANY_ROLE: Final = f"arn:aws:iam::{_NO_ACCOUNT}:role/any"
_SOMEWHERE: Final = "192.0.2.1"
"""An address of the caller's VPC that no policy names (RFC 5737)."""


def find_admitted_caller(api: Api, call: Call, endpoints: tuple[ApiEndpoint, ...]) -> str | Doubt | None:
    """The widest caller without permissions that the policies admit, in words. None if they admit none.

    `endpoints` are those of the stack. Only for a call that an identity decides.
    """
    doubt = None
    for label, caller in _list_unprivileged_callers(api, call):
        for policy in api.policies:
            for context, endpoint in _make_requests(api, policy, endpoints):
                decision = _decide(policy, build_call_arn(api, call), context, caller, endpoint)
                if decision is Decision.ALLOW:
                    return label
                if decision is Decision.UNKNOWN:
                    doubt = Doubt(f"whom the policy of {api.resource.name} admits is {AFTER_DEPLOYMENT}")
    return doubt


def decide_at_endpoint(api: Api, call: Call, endpoint: ApiEndpoint, caller: Caller | None = None) -> Decision:
    """Whether the endpoint's own policy lets the call of a caller pass. Without one: of the kindest identity."""
    if endpoint.policy is None:
        return Decision.ALLOW
    arn, source = build_call_arn(api, call), build_endpoint_context(endpoint.id, endpoint.vpc)
    if caller is not None:
        return decide(endpoint.policy, arn, source, caller)
    return find_widest_decision(
        endpoint.policy, arn, source, frozenset(call.requires - {Requirement.AUTHORIZER}), permits=False
    )


def _list_unprivileged_callers(api: Api, call: Call) -> Iterator[tuple[str, Caller]]:
    """Callers without permissions of their own, each in words and with the keys of its requests."""
    if Requirement.AUTHORIZER in call.requires:
        yield "anyone", ANONYMOUS
    if Requirement.IAM in call.requires:
        own = parse_account(api.arn)
        yield "any AWS identity", make_caller(signed=True, account=_NO_ACCOUNT)
        yield "any identity of this account", make_caller(signed=True, account=own if own.isdigit() else "")


def _decide(
    policy: Any, arn: str, context: Mapping[str, Any], caller: Caller, endpoint: ApiEndpoint | None
) -> Decision:
    # To allow an account permits none of its identities by itself: of an account that no policy names, none is allowed.
    unprivileged = caller if caller.arn is None else replace(caller, arn=_ANY_ROLE, account=_NO_ACCOUNT)
    decision = decide(policy, arn, context, unprivileged)
    if decision is Decision.UNKNOWN:
        # A partly denied range gives no decision on its callers. That matters only if a statement allows them.
        with suppress(Doubt, MalformedDocument):
            if decide(remove_denies(policy), arn, context, unprivileged) is Decision.SILENT:
                return Decision.SILENT
    if decision.refused or endpoint is None or endpoint.policy is None:
        return decision
    passed = decide(endpoint.policy, arn, context, caller)
    return decision if passed is Decision.ALLOW else passed


def _make_requests(api: Api, policy: Any, endpoints: tuple[ApiEndpoint, ...]) -> Iterator[_Request]:
    """Condition keys of made-up requests: from each range, endpoint and VPC that the policy names, and from elsewhere.

    With each comes the endpoint of the stack that it passes.
    """
    private = api.kind is ApiKind.PRIVATE
    keys = ("aws:vpcsourceip", "aws:sourcevpce", "aws:sourcevpc") if private else ("aws:sourceip",)
    try:
        named = [sorted(set(list_condition_values(policy, key))) for key in keys]
    except (Doubt, MalformedDocument):
        yield dict.fromkeys(keys, UNKNOWN), None
        return
    if not private:
        parts = [part for version in list_ip_versions(api) for part, _ in split_internet(named[0], version)]
        yield from (({"aws:SourceIp": address}, None) for address in (*named[0], *parts))
        return
    addresses, ids, vpcs = named
    for address in (*addresses, _SOMEWHERE):
        for endpoint in endpoints:
            yield build_endpoint_context(endpoint.id, endpoint.vpc, address), endpoint
        # Others may make an endpoint in any VPC, and give it AWS's own policy.
        ours = {endpoint.id for endpoint in endpoints}
        other_ids = [name for name in (*ids, "vpce-of-another-account") if name not in ours]
        for endpoint_id, vpc in itertools.product(other_ids, (*vpcs, "vpc-of-another-account")):
            yield build_endpoint_context(endpoint_id, vpc, address), None
