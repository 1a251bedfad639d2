"""Policies of resources themselves: whom those of buckets, queues, topics, keys, secrets and registries admit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..graph import Resource
from ..graph.reading import items, read, within
from .coverage import binds
from .iam import statements

TYPES: Final = (
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:sqs/queue:Queue",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sns/topic:Topic",
    "aws:kms/key:Key",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:secretsmanager/secret:Secret",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
)
"""Resources with a policy of their own in the input `policy`."""


def open_statements(resource: Resource) -> Iterator[Mapping[str, Any]]:
    """Statements that admit every AWS account. Raises CannotTell or MalformedDocument if the policy cannot be read."""
    policy = read(resource, "policy")
    for statement in statements(policy) if policy else ():
        principal = statement.get("Principal")
        named = [*items(principal), *items(within(principal, "AWS"))]
        # NotPrincipal with Allow admits everybody else.
        everybody = "*" in named or statement.get("NotPrincipal") is not None
        if statement.get("Effect") == "Allow" and everybody and not binds(statement.get("Condition")):
            yield statement
