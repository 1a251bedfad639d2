"""Resource policies of REST APIs: documents that say who may call at all.

Deny wins over allow, and an address outside every range that is allowed is denied by name, so that an authorizer's
allow cannot open what the policy closes.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..limits import RESOURCE_POLICY_CHARACTERS

# The short form of the ARN: the policy is part of the API, whose own ARN is not known yet.
_THIS_API = "execute-api:/*"


def by_address(allow: Sequence[str], deny: Sequence[str]) -> dict[str, Any]:
    """A policy of a public API: callers inside `allow` (everybody when it is empty) and outside `deny`.

    Ranges may be IPv4 or IPv6. The size limit is 8,192 characters, about 200 ranges.
    """
    statements = [_statement("Allow")]
    if allow:
        statements.append(_statement("Deny", {"NotIpAddress": {"aws:SourceIp": list(allow)}}))
    if deny:
        statements.append(_statement("Deny", {"IpAddress": {"aws:SourceIp": list(deny)}}))
    return {"Version": "2012-10-17", "Statement": statements}


def by_endpoint(endpoint_ids: Sequence[Any], vpc_ids: Sequence[Any] = ()) -> dict[str, Any]:
    """A policy of a private API: callers that come through one of these endpoints, or of these VPCs' endpoints.

    Ids may be outputs. The deny holds only where no condition matches, so an endpoint that is named is enough.
    """
    if not endpoint_ids and not vpc_ids:
        raise ValueError("a private API lets in one endpoint or VPC at least")
    outside: dict[str, list[Any]] = {}
    if endpoint_ids:
        outside["aws:SourceVpce"] = list(endpoint_ids)
    if vpc_ids:
        outside["aws:SourceVpc"] = list(vpc_ids)
    return {
        "Version": "2012-10-17",
        "Statement": [_statement("Allow"), _statement("Deny", {"StringNotEquals": outside})],
    }


def fits(policy: Mapping[str, Any]) -> bool:
    """Whether AWS takes a policy of this length."""
    return len(json.dumps(policy, separators=(",", ":"))) <= RESOURCE_POLICY_CHARACTERS


def _statement(effect: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": effect,
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": _THIS_API,
    }
    return statement | ({"Condition": condition} if condition else {})
