"""Services of AWS that act for any account by a policy, since its conditions name no source: confused deputies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...graph.given import holds_unknown
from ...graph.reading import CannotTell, MalformedDocument, document, items, text, within
from ..network.coverage import CALLERS, binds
from .callers import Caller, principals
from .iam import Decision, allowing, allows, compared, glob, only_denies

_ACROSS: Final = {
    "cloudfront": "s3:getobject s3:listbucket",
    "cloudtrail": "s3:putobject sns:publish",
    "s3": "s3:putobject sns:publish sqs:sendmessage",
    "ses": "s3:putobject sns:publish",
    "sns": "sqs:sendmessage",
}
"""What services do with resources of another account, for anybody's distribution, trail, bucket, receipt rule or topic.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""
_WITHIN: Final = ("events", "lambda", "logging.s3")
"""Services that need a role or rights of their caller for another account, or that do not act across accounts."""
_HARMLESS: Final = re.compile(r"(?:logs|sts):.*|\w+:(?:describe|getbucket|getqueue|gettopic).*|s3:listbucket")
"""Actions of services that read no data, or that they do within an account only."""
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_NAME: Final = re.compile(r"(.+?)(?:\.[a-z]+(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?")


def deputies(policy: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """Each service by which every account may use what a policy is of, with a doubt or none, and an action."""
    try:
        written = items(within(document(policy, "the policy"), "Statement")) if policy else []
    except (CannotTell, MalformedDocument):
        return
    for part in written:  # each by itself: one that cannot be read is a doubt elsewhere
        try:
            for statement in allowing({"Statement": [part]}):
                yield from _of_statement(policy, statement)
        except (CannotTell, MalformedDocument):
            continue


def _of_statement(policy: Any, statement: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    condition, actions = statement.get("Condition"), [text(one) for one in items(statement.get("Action", "*"))]
    if binds(condition, actions) or holds_unknown(condition):  # the source is mostly a resource of the program
        return
    resources = [text(one) for one in items(statement.get("Resource"))] or ["*"]
    is_limited = all(_ACCOUNT.search(one.rpartition(":")[2]) for one in resources)
    for kind, principal in principals(statement):
        found = _NAME.fullmatch(text(principal)) if kind == "Service" and "Principal" in statement else None
        if found is None or found[1] in _WITHIN:
            continue
        caller = _stranger(text(principal), statement)
        asked = {key: statement[key] for key in ("Effect", "Principal", "Condition") if key in statement}
        for action in actions:
            is_across = any(glob(action.lower(), one) for one in _ACROSS.get(found[1], "").split())
            if not is_across and (is_limited or _HARMLESS.fullmatch(action.lower())):
                continue
            admitted = allows({"Statement": asked}, caller=caller, action=action)
            denied = [_denied(policy, caller, action, one) for one in resources]
            if admitted is Decision.SILENT or all(one is Decision.DENY for one in denied):
                continue
            is_sure = is_across and not is_limited and admitted.allowed and Decision.SILENT in denied
            yield (found[1], "" if is_sure else f"whether {found[1]} uses it for other accounts"), action


def _denied(policy: Any, caller: Caller, action: str, resource: str) -> Decision:
    try:
        return allows(only_denies(policy), caller=caller, action=action, resource=resource.replace("*", "any"))
    except (CannotTell, MalformedDocument):
        return Decision.UNKNOWN


def _stranger(service: str, statement: Mapping[str, Any]) -> Caller:
    """A service that acts for a resource of another account, whose ARN fits the statement if any account's does."""
    name, arns = service.partition(".")[0], {"aws:sourcearn": "arn:aws:any:any:any:any"}
    for key, value in compared(statement):
        if key == "aws:sourcearn" or key.startswith("kms:encryptioncontext:"):
            arns[key] = "any" if _ACCOUNT.search(value) else value.replace("*", "any")
    if name in _ACROSS:  # these name themselves in the ARN of their source
        written = arns["aws:sourcearn"].split(":")
        arns["aws:sourcearn"] = ":".join([*written[:2], name, *written[3:]])
    sent = {"aws:principalisawsservice": "true", "aws:principalservicename": service, "aws:securetransport": "true"}
    sent |= dict.fromkeys(("aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"), "any")
    sent |= {**arns, "s3:x-amz-acl": "bucket-owner-full-control"}
    return Caller(service=service, keys={**dict.fromkeys(CALLERS), **sent}, is_whole=False)
