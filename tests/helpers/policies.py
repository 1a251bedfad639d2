"""What a policy decides on a request of a test."""

from collections.abc import Mapping
from typing import Any

from review.aws.identity import iam
from review.aws.identity.callers import ANONYMOUS, Caller, caller_of


def allows(
    policy: Any, *, principal: str = "*", action: str, resource: str = "*", context: Mapping[str, Any] | None = None
) -> iam.Decision:
    """The decision for an identity by its ARN, for a service by its name, or for a caller without a signature, `*`."""
    caller = ANONYMOUS
    if principal != "*":
        caller = caller_of(signed=True, arn=principal) if principal.startswith("arn:") else Caller(service=principal)
    return iam.allows(policy, caller=caller, action=action, resource=resource, context=context)
