"""AWS's own IAM policies, as IAM publishes them. `make managed-policies` refreshes the table of the catalog.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

import functools
from typing import Any, Final

from ..catalog.tables import load_table

_AWS: Final = "arn:aws:iam::aws:policy/"
"""In other partitions the documents name other ARNs."""


def resolve_document(policy: Any) -> Any:
    """The document of a policy of AWS's own by its ARN; anything else as it is."""
    if not isinstance(policy, str) or not policy.startswith(_AWS):
        return policy
    statements = load_table("managed_policies")["policies"].get(policy.removeprefix(_AWS))
    return policy if statements is None else {"Version": "2012-10-17", "Statement": statements}


def is_known_to_call_no_function(arn: str) -> bool:
    """Whether AWS's own policy of this ARN gives no right to call any function of Lambda. A newer one is not known."""
    return arn.startswith(_AWS) and arn.removeprefix(_AWS) in _load_without_calls()


@functools.cache
def _load_without_calls() -> frozenset[str]:
    return frozenset(" ".join(load_table("managed_without_calls")["policies"]).split())
