"""How much the actions, ARNs and conditions of a policy cover. Text of only wildcards covers everything.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ...graph.addresses import is_internet_wide
from ...graph.answers import Truth, any_of, negate
from ...graph.reading import Doubt, as_list, as_text

_TYPE: Final = re.compile(r"^[A-Za-z-]+[:/]")
_WITHOUT_TYPE: Final = ("s3", "execute-api", "sqs", "sns")
"""Services whose ARNs begin with the name itself: a bucket, an API, a queue, a topic."""
_VERB: Final = re.compile(r"(?:[A-Z]?[a-z]*)[*?]+", re.ASCII)
_LETTERS: Final = re.compile(r"[A-Za-z0-9$]")
FACTS: Final[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
CALLERS: Final = tuple(FACTS["callers"].split())
"""Keys that say who calls, or from where. Other keys say what is done, which any account may choose to do.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""
_OF_ROLES: Final = tuple(FACTS["keys of roles"].split())
"""Keys of services that requests to every service carry, if they are made with a role of these."""
_POSITIVE: Final = ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress")
_WILD: Final = ("stringlike", "arnequals", "arnlike")
_ARN: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([^:]*):(.*)")
_GITHUB: Final = "token.actions.githubusercontent.com"
_ANY_OWNER: Final = re.compile(r"[^:/]*[*?][*?:/]*|repo:[^/]*[*?].*")
"""Subjects of GitHub's tokens that repositories of more than one owner have."""

SHARED: Final[list[str]] = FACTS["shared issuers"].split()
"""Issuers of tokens for the jobs of anybody who has an account there."""
_ANY_TENANT: Final = re.compile(r"[^:/]*[*?][*?:/]*|[^:/|]+[:|/][*?][^:]*(?::.*)?")
"""Subjects of other providers' tokens that name a kind and no owner: `organization:*`, `project_path:*`,
`repo:*`, `pipeline:*/x`, `auth0|*`."""


def covers_all(arn: str) -> bool:
    """Whether an ARN names no resource: `*`, `arn:aws:s3:::*`, `arn:aws:secretsmanager:*:*:secret:*`."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return "*" in arn and (arn == "*" or not _LETTERS.search(arn.removeprefix("arn:").partition(":")[2]))
    named = parts[5] if parts[2] in _WITHOUT_TYPE else _TYPE.sub("", parts[5])
    return "*" in parts[5] and _LETTERS.search(named) is None


def covers_verb(action: str) -> bool:
    """Whether an action covers all of a service, or all that begin with one verb: `*`, `s3:*`, `s3*`, `s3:Get*`."""
    service, colon, name = action.partition(":")
    if not colon:
        return "*" in service
    return _VERB.fullmatch(name) is not None


def restricts_requests(condition: Any, actions: Any = "*") -> bool:
    """Whether a condition restricts anything: one that every request meets, such as StringLike `*`, does not.

    Raises Doubt for a pattern of an ARN that has not all of its parts.
    """
    if not isinstance(condition, Mapping):
        return condition is not None
    blocks = ((name, block if isinstance(block, Mapping) else {"": block}) for name, block in condition.items())
    tests = ((str(name), str(key), values) for name, block in blocks for key, values in block.items())
    answer = any_of(_is_never_satisfied(*terms, actions) or negate(_is_satisfied_by_all(*terms)) for terms in tests)
    if answer is None:
        raise Doubt("AWS does not document what a pattern of less than six parts matches")
    return answer


def _is_never_satisfied(operator: str, key: str, values: Any, actions: Any) -> bool:
    """Whether no request meets a condition, since its key is of another service than all of the actions.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_operators.html#Conditions_IfExists
    """
    provider, colon, _ = key.lower().partition(":")
    services = {as_text(action).lower().partition(":")[0] for action in as_list(actions)}
    shared = not colon or "." in provider or provider in ("aws", "saml", "sts") or key.lower() in _OF_ROLES
    if (
        shared
        or not services
        or any(
            set(service) & set("*?") or _normalize_service(service) == _normalize_service(provider)
            for service in services
        )
    ):
        return False
    qualifier, _, name = operator.lower().rpartition(":")
    if name == "null":
        return "true" not in [str(value).lower() for value in as_list(values)]
    negated = "not" in name and qualifier != "foranyvalue"
    return not (name.endswith("ifexists") or qualifier == "forallvalues" or negated)


def _normalize_service(service: str) -> str:
    """`s3` of `s3express`, whose keys are those of S3."""
    return "s3" if service.startswith("s3") else service


def lacks_parts(pattern: str) -> bool:
    """Whether a pattern of an ARN has fewer than six parts. AWS documents its matches only for `*`."""
    return "*" in pattern and pattern != "*" and pattern.count(":") < 5


def _is_satisfied_by_all(operator: str, key: str, values: Any) -> Truth:
    """Whether callers of every account meet a condition. One with `IfExists` is met by requests without the key.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    qualifier, _, name = operator.lower().rpartition(":")
    provider, _, claim = key.lower().rpartition(":")
    federated = "." in provider or provider == "saml"
    if (name, key.lower()) == ("bool", "aws:principalisawsservice"):
        return "true" not in [str(value).lower() for value in as_list(values)]
    if qualifier == "forallvalues" or name not in _POSITIVE or not (federated or key.lower() in CALLERS):
        return True
    texts = [as_text(value) for value in as_list(values)]
    if name.startswith("arn") and any(map(lacks_parts, texts)):
        return None
    if claim == "aud" and provider in SHARED:  # every job chooses the audience of its token
        return True
    if provider == _GITHUB and claim == "sub" and name == "stringlike":
        return any(_ANY_OWNER.fullmatch(value) for value in texts)
    if name == "ipaddress":
        return is_internet_wide(texts)
    if federated and claim == "sub" and name == "stringlike":
        return any(_ANY_TENANT.fullmatch(value) for value in texts)
    if name == "stringlike":  # the last wildcard of an ARN stands for all of its other parts
        texts = [arn + ":*" * (5 - arn.count(":")) if re.fullmatch(r"arn:.*\*", arn) else arn for arn in texts]
    return name in _WILD and any(value and not _names_one_owner(value) for value in texts)


def _names_one_owner(value: str) -> bool:
    """Whether a pattern names one owner: an account in full, or the whole beginning of an id or a name."""
    if (arn := _ARN.fullmatch(value)) is None:
        return not set(re.split(r"[/:]", value)[0]) & set("*?")
    account, resource = arn.groups()
    return account.isdigit() or (not account and not set(resource[:1]) & set("*?"))
