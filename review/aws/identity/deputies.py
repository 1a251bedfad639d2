"""Services of AWS that act for any account by a policy, since its conditions name no source: confused deputies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...graph.given import holds_unknown
from ...graph.reading import CannotTell, MalformedDocument, document, items, text, within
from ..network.coverage import CALLERS, FACTS, binds
from .callers import Caller, principals
from .iam import Decision, allowing, allows, compared, glob, only_denies

_ACROSS: Final[Mapping[str, str]] = FACTS["deputies"]
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
    condition, actions = statement.get("Condition"), [text(action) for action in items(statement.get("Action", "*"))]
    if "Principal" not in statement or binds(condition, actions) or holds_unknown(condition):
        return  # a source that is not known is mostly a resource of the program
    resources = [text(resource).replace("*", "any") or "*" for resource in items(statement.get("Resource", "*"))]
    is_limited = all(re.search(r"/\d{12}/", arn) for arn in resources)  # services write below their caller's account
    asked = {key: statement[key] for key in ("Effect", "Principal", "Condition") if key in statement}
    denies = only_denies(policy)
    whole = {**denies, "Statement": [asked, *denies["Statement"]]}
    named = ((_NAME.fullmatch(text(who)), text(who)) for kind, who in principals(statement) if kind == "Service")
    services = [(name[1], _stranger(service, statement)) for name, service in named if name and name[1] not in _WITHIN]
    for (service, caller), action in itertools.product(services, actions):
        is_across = any(glob(action.lower(), pattern) for pattern in _ACROSS.get(service, "").split())
        answers = {allows(whole, caller=caller, action=action, resource=resource) for resource in resources}
        is_harmless = is_limited or _HARMLESS.fullmatch(action.lower())
        if (is_across or not is_harmless) and answers & {Decision.ALLOW, Decision.UNKNOWN}:
            is_sure = is_across and not is_limited and Decision.ALLOW in answers
            yield (service, "" if is_sure else f"whether {service} uses it for other accounts"), action


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
