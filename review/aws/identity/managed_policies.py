"""AWS's own IAM policies, as IAM publishes them. `make managed-policies` refreshes the file.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("managed_policies.json")
_AWS: Final = "arn:aws:iam::aws:policy/"
"""In other partitions the documents name other ARNs."""


def document(policy: Any) -> Any:
    """The document of a policy of AWS's own by its ARN; anything else as it is."""
    if not isinstance(policy, str) or not policy.startswith(_AWS):
        return policy
    statements = _table().get(policy.removeprefix(_AWS))
    return policy if statements is None else {"Version": "2012-10-17", "Statement": statements}


@functools.cache
def _table() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["policies"]
    return found
