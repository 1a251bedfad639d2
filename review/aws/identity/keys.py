"""Customer-managed keys of buckets, queues and the like, and whether a role may use them for its calls.

AWS's services use such a key with the caller's rights, even if the caller's network has no way to KMS.
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from ...facts import aws_permissions
from ...graph import Graph, Resource
from ...graph.answers import YES, Answer, refuse
from ...graph.given import given, held
from ...graph.reading import CannotTell, MalformedDocument, first, naming, output, pointed, text
from .callers import Caller, principals
from .iam import ROOT, allowing, allows
from .roles import Roles

_DEFAULTS: Final = ("rules", "applyServerSideEncryptionByDefault", "kmsMasterKeyId")
_OWN: Final = {
    "aws:sqs/queue:Queue": ("kmsMasterKeyId",),
    "aws:sns/topic:Topic": ("kmsMasterKeyId",),
    "aws:secretsmanager/secret:Secret": ("kmsKeyId",),
    "aws:ssm/parameter:Parameter": ("keyId",),
    "aws:dynamodb/table:Table": ("serverSideEncryption", "kmsKeyArn"),
    "aws:s3/bucket:Bucket": ("serverSideEncryptionConfiguration", "rule", *_DEFAULTS[1:]),
}
_OF_BUCKET: Final = ("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",)
_KEY: Final = ("aws:kms/key:Key",)
_KEY_ALIAS: Final = ("aws:kms/alias:Alias",)
_MAKES: Final = {"Encrypt", "GenerateDataKey"}
_WITHOUT: Final = re.compile("GetQueue|Describe|Abort|Change|DeleteMessage")
"""Actions that touch no content."""


class Keys:
    def __init__(self, graph: Graph, roles: Roles) -> None:
        self._graph = graph
        self._roles = roles

    def use(self, role: Resource, resource: aws_permissions.Named, arn: str, word: str) -> Answer:
        """Whether a role may use the key of a resource as a word or an action needs it; yes if that is not read."""
        kind = aws_permissions.KINDS[resource.kind]
        asked = {
            action
            for verb, actions in kind.key_actions.items()
            if word == verb or (word in kind.actions[verb] and not _WITHOUT.match(word))
            for action in actions.split()
        }
        # What reads decrypts. What writes makes a data key, or encrypts with the key itself.
        asked = asked & _MAKES or asked & {"Decrypt"}
        find = self._graph.find
        holder = find(arn.rstrip("*").rstrip("/"), *_OWN) or find(arn.partition("/")[0], *_OWN)
        for by, path, key in self.of(holder) if asked and holder else ():
            at = text(output(key, "arn"))
            refused = all(self._roles.decision(role, f"kms:{operation}", at).refused for operation in asked)
            if refused and self._is_left_to_roles(key):
                grounds = () if (resource.kind, asked) == ("bucket", {"Decrypt"}) else (given(by, *path).ground(),)
                allows = f"{role.name} is not allowed kms:{max(asked)} on the key {key.name}"
                return refuse(allows, grounds, f"whether an object is encrypted with the key {key.name}: {allows}")
        return YES

    def of(self, holder: Resource) -> Iterator[tuple[Resource, tuple[str, ...], Resource]]:
        """What encrypts a bucket, a queue or the like, by which input, and with which key of the graph."""
        defaults = naming(self._graph, holder, _OF_BUCKET, "bucket")
        for by, path in ((holder, _OWN[holder.type]), *((default, _DEFAULTS) for default in defaults)):
            for hit in pointed(self._graph, by, *path, types=(*_KEY, *_KEY_ALIAS)):
                key = first(self._graph, hit, "targetKeyId", types=_KEY) if hit.type in _KEY_ALIAS else hit
                if key is not None:
                    yield by, path, key

    def trusts_account(self, key: Resource, action: str) -> bool:
        """Whether a key's policy lets identities of its account take an action, if their own policies do.

        https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
        """
        policy, account = held(key, "policy"), self._graph.account
        whole = Caller(f"arn:{self._graph.partition}:iam::{account}:root", account, is_whole=False)
        with suppress(MalformedDocument):
            return policy is None or allows(policy, caller=whole, action=action).allowed
        return False

    def _is_left_to_roles(self, key: Resource) -> bool:
        """Whether a key's policy names none but its account and services, so that the policies of roles decide."""
        others = (resource for resource in self._graph.resources.values() if resource.type not in _OWN)
        if any(key.urn in resource.property_dependencies.get("keyId", ()) for resource in others):
            return False  # a grant, or a policy apart from the key
        policy = held(key, "policy")
        try:
            statements = [*allowing(policy)] if policy is not None else []
        except (CannotTell, MalformedDocument):
            return False
        named = [text(who) for statement in statements for kind, who in principals(statement) if kind != "Service"]
        return all(ROOT.match(principal) or re.fullmatch(r"\d{12}", principal) for principal in named)
