"""Egress modes of a network: destinations, and the cheapest addition when one is missing.

Facts and choices only, for settings, components, docs and the review. A network's `egress` is a list of modes; with an
empty list nothing leaves the network.

| mode           | reaches                                             | fixed cost                           |
|----------------|-----------------------------------------------------|--------------------------------------|
| `s3-packages`  | Amazon Linux packages and the buckets that it names | none                                 |
| `ipv6`         | hosts that answer over IPv6                         | none                                 |
| `nat-instance` | hosts that answer over IPv4                         | an instance, a disk, a public IPv4   |
| `nat-gateway`  | hosts that answer over IPv4                         | a gateway and a public IPv4, or more |

The S3 and DynamoDB gateway endpoints come free with every mode.
"""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

S3_PACKAGES: Final = "s3-packages"
IPV6: Final = "ipv6"
NAT_INSTANCE: Final = "nat-instance"
NAT_GATEWAY: Final = "nat-gateway"
EGRESS_MODES: Final = (S3_PACKAGES, IPV6, NAT_INSTANCE, NAT_GATEWAY)
"""In the order of their fixed cost."""

NAT: Final[frozenset[str]] = frozenset({NAT_INSTANCE, NAT_GATEWAY})
INTERNET: Final[frozenset[str]] = NAT | {IPV6}


def check(egress: Sequence[str]) -> None:
    """Raises ValueError, saying what would do, for modes that do not exist or do not go together."""
    for mode in egress:
        if mode in ("none", "auto"):
            raise ValueError(f"{mode!r} is a word of stack files; an empty list is a network that nothing leaves")
        if mode not in EGRESS_MODES:
            near = difflib.get_close_matches(mode, EGRESS_MODES, n=1)
            known = f"did you mean '{near[0]}'?" if near else f"the modes are {', '.join(EGRESS_MODES)}"
            raise ValueError(f"{mode!r} is no egress mode; {known}")
        if egress.count(mode) > 1:
            raise ValueError(f"{mode!r} is listed twice; once is enough")
    if S3_PACKAGES in egress and len(egress) > 1:
        others = ", ".join(mode for mode in egress if mode != S3_PACKAGES)
        raise ValueError(
            f"'s3-packages' is for a network with no other mode; with {others} leave it off, S3 comes free"
        )


def find_ipv4_carrier(egress: Collection[str]) -> str | None:
    """The carrier of IPv4 traffic out.

    Where both kinds of NAT are listed the gateway carries it and the instance stands by: the step in between by which
    a network moves from the gateway to an instance without a gap.
    """
    return next((mode for mode in (NAT_GATEWAY, NAT_INSTANCE) if mode in egress), None)


def has_only_ipv6_egress(egress: Collection[str]) -> bool:
    """Whether AWS must be called by the names that have IPv6 addresses."""
    return IPV6 in egress and find_ipv4_carrier(egress) is None


def reaches_internet(egress: Collection[str]) -> bool:
    """Whether anything outside AWS can be reached, over either family."""
    return bool(INTERNET & set(egress))


class Need(StrEnum):
    """A destination that something in the network has to reach."""

    PACKAGES = "the Amazon Linux package repositories"
    ECR_IMAGE = "an image in Amazon ECR"
    ECR_IMAGE_OVER_IPV4 = "an image in Amazon ECR over IPv4"
    PUBLIC_ECR_IMAGE = "an image in Amazon ECR Public"
    PUBLIC_IMAGE = "an image in a public registry"
    DUAL_STACK_IMAGE = "an image in a public registry that answers over IPv6"
    DUAL_STACK_HOST = "a host that answers over IPv6"
    SESSION_MANAGER = "Session Manager"
    SESSION_MANAGER_OVER_IPV4 = "Session Manager over IPv4"
    GATEWAY_ENDPOINT = "S3 or DynamoDB"
    PARAMETERS = "Systems Manager parameters"
    PARAMETERS_OVER_IPV4 = "Systems Manager parameters over IPv4"
    SECRETS = "Secrets Manager"
    SECRETS_OVER_IPV4 = "Secrets Manager over IPv4"
    LOGS = "CloudWatch Logs"
    LOGS_OVER_IPV4 = "CloudWatch Logs over IPv4"
    INTERNET = "addresses on the internet (IPv4)"


# By the short names of their endpoints. botocore 1.44.8, data/endpoints.json, has dual-stack names of all regions for
# those without a page here. The boot script of an EC2 backend makes SDKs take these names.
DUAL_STACK_SERVICES: Final = frozenset(
    (
        "events",
        "kms",  # https://docs.aws.amazon.com/kms/latest/developerguide/ipv6-kms.html
        "lambda",
        "logs",
        "secretsmanager",
        "sns",  # https://docs.aws.amazon.com/sns/latest/dg/sns-dual-stack.html
        "sqs",  # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dual-stack.html
    )
)
"""Services of AWS that answer over IPv6. One that is not here counts as IPv4 only."""
DUAL_STACK_BY_USUAL_NAME: Final = frozenset({"sns", "sqs"})
"""Those of which `sqs.eu-west-1.amazonaws.com`, the name that every SDK uses, has IPv6 addresses, by the same pages."""
DUAL_STACK_VARIABLE: Final = "AWS_USE_DUALSTACK_ENDPOINT"


@dataclass(frozen=True)
class AwsService:
    """A service of AWS that a program calls in the network's region, by its IPv4 name as the SDKs do by default.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
    """

    endpoint: str
    """Short name of its interface endpoint."""
    over_ipv6: bool = False
    """Whether the program calls it by a name with IPv6 addresses."""

    @property
    def value(self) -> str:
        """In words, as those of `Need`."""
        return f"the AWS service {self.endpoint}"


@dataclass(frozen=True)
class _Means:
    """The modes that serve a need, and the interface endpoints that together would."""

    modes: frozenset[str]
    endpoints: frozenset[str] = frozenset()


# Many hosts have no IPv6 address, see hosts_over_ipv6.json; AWS's services have names of their own for it. Session
# Manager's agent has a switch for them since 3.3.3270, and ECS Exec, which is the same agent, was tested by AWS in
# networks that have only IPv6 (aws/amazon-ecs-agent#4931, April 2026). Of `ssm`, botocore 1.44.8 has no entry but makes
# the name by its rule. Not tried in an account: docs/claims.md has the result.
_MEANS: Final = {
    Need.PACKAGES: _Means(INTERNET | {S3_PACKAGES}),
    Need.ECR_IMAGE: _Means(INTERNET, frozenset({"ecr.api", "ecr.dkr"})),
    Need.ECR_IMAGE_OVER_IPV4: _Means(NAT, frozenset({"ecr.api", "ecr.dkr"})),
    Need.PUBLIC_ECR_IMAGE: _Means(INTERNET),
    Need.PUBLIC_IMAGE: _Means(NAT),
    Need.DUAL_STACK_IMAGE: _Means(INTERNET),
    Need.DUAL_STACK_HOST: _Means(INTERNET),
    Need.SESSION_MANAGER: _Means(INTERNET, frozenset({"ssm", "ssmmessages"})),
    Need.SESSION_MANAGER_OVER_IPV4: _Means(NAT, frozenset({"ssm", "ssmmessages"})),
    Need.GATEWAY_ENDPOINT: _Means(INTERNET | {S3_PACKAGES}),
    Need.PARAMETERS: _Means(INTERNET, frozenset({"ssm"})),
    Need.PARAMETERS_OVER_IPV4: _Means(NAT, frozenset({"ssm"})),
    Need.SECRETS: _Means(INTERNET, frozenset({"secretsmanager"})),
    Need.SECRETS_OVER_IPV4: _Means(NAT, frozenset({"secretsmanager"})),
    Need.LOGS: _Means(INTERNET, frozenset({"logs"})),
    Need.LOGS_OVER_IPV4: _Means(NAT, frozenset({"logs"})),
    Need.INTERNET: _Means(NAT),
}


OVER_IPV4: Final = {
    Need.ECR_IMAGE: Need.ECR_IMAGE_OVER_IPV4,
    Need.PUBLIC_ECR_IMAGE: Need.PUBLIC_IMAGE,
    Need.DUAL_STACK_IMAGE: Need.PUBLIC_IMAGE,
    Need.SESSION_MANAGER: Need.SESSION_MANAGER_OVER_IPV4,
    Need.PARAMETERS: Need.PARAMETERS_OVER_IPV4,
    Need.SECRETS: Need.SECRETS_OVER_IPV4,
    Need.LOGS: Need.LOGS_OVER_IPV4,
}
"""The same need of something that calls AWS and registries by names without IPv6 addresses."""


def can_reach(egress: Collection[str], endpoints: Collection[str], need: Need | AwsService) -> bool:
    """Whether a network with these modes and interface endpoints (by short name) serves the need."""
    means = _find_means(need)
    by_endpoints = bool(means.endpoints) and means.endpoints <= set(endpoints)
    return bool(means.modes & set(egress)) or by_endpoints


def _find_means(need: Need | AwsService) -> _Means:
    if isinstance(need, AwsService):
        return _Means(INTERNET if need.over_ipv6 else NAT, frozenset({need.endpoint}))
    return _MEANS[need]


def suggest_egress(egress: Collection[str], endpoints: Collection[str], need: Need | AwsService) -> str:
    """Values for the stack file by which the need is served, the cheapest first; empty if it is served."""
    if can_reach(egress, endpoints, need):
        return ""
    means = _find_means(need)
    unpaid = [mode for mode in EGRESS_MODES if mode in means.modes - NAT]
    free = [f"{_egress_setting(egress, mode)} (free)" for mode in unpaid if _is_addition(egress, mode)]
    paid = [_egress_setting(egress, NAT_INSTANCE)]
    if missing := sorted(means.endpoints - set(endpoints)):
        # An endpoint in one zone costs about what a NAT instance does, four or five as much as a NAT gateway.
        paid.append(f"network.endpoints with {', '.join(missing)} added")
    paid.append(_egress_setting(egress, NAT_GATEWAY))
    return "cheapest first: " + ", ".join(free + paid)


def _is_addition(egress: Collection[str], mode: str) -> bool:
    return mode != S3_PACKAGES or not egress


def _egress_setting(egress: Collection[str], mode: str) -> str:
    modes = [known for known in EGRESS_MODES if known == mode or (known in egress and known != S3_PACKAGES)]
    return f"network.egress: [{', '.join(modes)}]"
