"""Inputs that make AWS refuse the deletion of a resource."""

from collections.abc import Mapping
from typing import Any, Final

PROTECTION: Final[Mapping[str, tuple[str, Any]]] = {
    "aws:lb/loadBalancer:LoadBalancer": ("enableDeletionProtection", True),
    "aws:rds/instance:Instance": ("deletionProtection", True),
    "aws:rds/cluster:Cluster": ("deletionProtection", True),
    "aws:dynamodb/table:Table": ("deletionProtectionEnabled", True),
    "aws:cognito/userPool:UserPool": ("deletionProtection", "ACTIVE"),
    "aws:ec2/instance:Instance": ("disableApiTermination", True),
}
"""By type: the input, and its value."""
