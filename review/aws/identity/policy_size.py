"""Sizes of JSON documents for AWS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any


def measure_policy(policy: str | Mapping[str, Any]) -> int:
    """Characters as IAM counts them: all but white space."""
    return len(re.sub(r"\s", "", policy if isinstance(policy, str) else json.dumps(policy, default=str)))
