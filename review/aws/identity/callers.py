"""Callers of AWS, with their condition keys: known, absent, or not known.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...graph import UNKNOWN
from ...graph.answers import Truth
from ...graph.reading import as_list, as_text

ALWAYS_SENT: Final = ("aws:principalaccount", "aws:principalarn", "aws:principaltype", "aws:userid")
"""Keys that every request with an identity has, whether or not their values are known."""
_OF_AN_IDENTITY: Final = frozenset(
    {
        *ALWAYS_SENT,
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:username",
        "aws:sourceidentity",
        "aws:federatedprovider",
        "aws:tokenissuetime",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:assumedroot",
        "aws:ec2instancesourcevpc",
        "aws:ec2instancesourceprivateipv4",
        "aws:viaawsservice",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "ec2:sourceinstancearn",
        "lambda:sourcefunctionarn",
    }
)
_TAGS: Final = "aws:principaltag/"
_ARN: Final = re.compile(r"arn:([a-z-]+):(iam|sts)::(\d*):(root|(?:user|role|assumed-role|federated-user)/(.+))")
_TYPES: Final = {"root": "Account", "user": "User", "federated-user": "FederatedUser"}
_STATES: Final = re.compile(r"^states\.[a-z0-9-]+\.(?=amazonaws\.)")
_MOST: Final = 256


def normalize_service(principal: object) -> str:
    """A service of AWS by the name of its principal: Step Functions also has one with a region in it."""
    return _STATES.sub("states.", as_text(principal))


@dataclass(frozen=True)
class Caller:
    """The sender of a request. Make one with `make_caller`, or take `ANONYMOUS` or `ANYBODY`."""

    arn: Any = None
    """ARN of the identity, `UNKNOWN`, or None for a request without a signature and for a service."""
    account: Any = None
    """Account of the identity: 12 digits, `UNKNOWN`, or None."""
    service: str = ""
    """Service that calls, such as `apigateway.amazonaws.com`."""
    issuer: str = ""
    """Provider of a web identity's token, such as `cognito-identity.amazonaws.com`."""
    keys: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Known keys of the request, in lower case. None marks an absent key."""
    is_whole: bool = True
    """Whether keys that nobody names are absent, as in a call of an API; else they are not known."""

    def find_value(self, key: str) -> Any:
        """The value of a condition key in lower case: None if the request lacks it, `UNKNOWN` if it is not known."""
        if key in self.keys:
            return self.keys[key]
        of_identity = self.arn is not None and (key in _OF_AN_IDENTITY or key.startswith(_TAGS))
        return UNKNOWN if of_identity or not self.is_whole else None

    @property
    def role(self) -> str:
        """Name of the role whose session calls, or that calls; empty for other callers."""
        match = _ARN.fullmatch(as_text(self.arn))
        if match is None or not match[4].startswith(("role/", "assumed-role/")):
            return ""
        return match[5].split("/")[0] if match[2] == "sts" else match[5].rpartition("/")[2]


ANONYMOUS: Final = Caller()
"""A request without a signature: no key of an identity is in it."""
ANYBODY: Final = Caller(UNKNOWN, UNKNOWN, is_whole=False)
"""A caller whose identity and network are not known."""


def make_caller(*, signed: Truth, arn: str = "") -> Caller:
    """The caller of an API.

    `signed` is whether the route's authorization type is `AWS_IAM`, None if that is not known: no other type gives a
    request an identity of AWS. `arn` is that of the identity or of a role's session; if it is empty, it is not known.
    """
    if signed is False:
        return ANONYMOUS
    match = _ARN.fullmatch(arn)
    owner = (match[3] if match else parse_account(arn)) or UNKNOWN
    keys: dict[str, Any] = {"aws:principalaccount": owner, "aws:principalisawsservice": "false"}
    if match is not None:
        kind, _, name = match[4].partition("/")
        session = f"arn:{match[1]}:iam::{match[3]}:role/{name.partition('/')[0]}"
        keys["aws:principalarn"] = session if kind == "assumed-role" else arn
        keys["aws:principaltype"] = _TYPES.get(kind, "AssumedRole")
        keys["aws:username"] = name.rpartition("/")[2] if kind == "user" else None
        if kind == "root":
            keys["aws:userid"] = owner
    elif arn:
        keys["aws:principalarn"] = arn
    return Caller(arn or UNKNOWN, owner, keys={key: value for key, value in keys.items() if value is not UNKNOWN})


def matches_principal(kind: str, pattern: str, caller: Caller, *, named: bool) -> Truth:
    """Whether a principal of a policy is the caller. `kind` is its key, such as `AWS`; `named`: not `NotPrincipal`.

    A role stands for its sessions. `NotPrincipal` must also list the session, so a role by itself is no answer there.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    if kind == "Service":
        return None if caller.arn is UNKNOWN and not caller.is_whole else normalize_service(pattern) == caller.service
    if kind == "Federated":
        return pattern == caller.issuer
    if kind != "AWS" or caller.service:
        return pattern == "*" and kind == "AWS"
    if pattern == "*" or caller.arn is None:
        return pattern == "*"
    owner = parse_account(pattern) or pattern
    if re.fullmatch(r"(?:arn:[a-z-]+:iam::)?\d{12}(?::root)?", pattern):
        if caller.account is UNKNOWN or caller.account != owner:
            return None if caller.account is UNKNOWN else False
        return True if named or as_text(caller.arn).endswith(":root") else None
    if caller.arn is UNKNOWN or not pattern.startswith("arn:"):
        # An identity may also be named by its unique ID.
        is_other_account = pattern.startswith("arn:") and caller.account is not UNKNOWN and caller.account != owner
        return False if is_other_account else None
    of_role = bool(role := Caller(pattern).role) and (role, owner) == (caller.role, caller.account)
    if pattern == caller.arn and (named or not of_role or ":sts:" in pattern):
        return True
    if not of_role or (":sts:" in pattern and ":sts:" in caller.arn):
        return False
    return True if named and ":sts:" in caller.arn else None


def parse_account(arn: str) -> str:
    """The account that an ARN names. Empty if it names none."""
    return arn.split(":")[4] if arn.count(":") > 4 else ""


def list_principals(statement: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each principal that a statement names, in `Principal` or `NotPrincipal`, with its kind: `AWS` for `"*"`."""
    for element in ("Principal", "NotPrincipal"):
        value = statement.get(element)
        kinds = value.items() if isinstance(value, Mapping) else [("AWS", value)]
        yield from ((kind, principal) for kind, inner in kinds for principal in as_list(inner))
