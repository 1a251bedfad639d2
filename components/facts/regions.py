"""The regions of AWS, as its own SDK lists them, their partitions, and features that some of them lack."""

import difflib
import functools
from collections.abc import Mapping
from typing import Final, NamedTuple


class Partition(NamedTuple):
    """A part of AWS with accounts and names of its own."""

    name: str
    """The second part of every ARN."""
    dns_suffix: str
    """Domain of its services."""
    console: str
    """Domain of its console."""


_AWS: Final = Partition("aws", "amazonaws.com", "console.aws.amazon.com")
# https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html
# https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/getting-started-sign-in.html
_OTHERS: Final = {
    "cn-": Partition("aws-cn", "amazonaws.com.cn", "console.amazonaws.cn"),
    "us-gov-": Partition("aws-us-gov", "amazonaws.com", "console.amazonaws-us-gov.com"),
}
_UNSERVED: Final = ("eusc-", "us-iso", "eu-iso")
OTHER_PARTITIONS: Final = (*_OTHERS, *_UNSERVED)
"""How the names of regions begin that are not in the partition `aws`."""


def find_partition(region: str) -> Partition:
    """Returns the partition of a region that is served."""
    return next((partition for start, partition in _OTHERS.items() if region.startswith(start)), _AWS)


def find_refusal(region: str) -> tuple[str, str] | None:
    """What is allowed and what to do, if Gatehouse does not serve the region's partition."""
    if not region.startswith(_UNSERVED):
        return None
    served = ", ".join(partition.name for partition in (_AWS, *_OTHERS.values()))
    allowed = (
        f"a region of the partitions {served}: {region} lies in another one, whose domains, services and machine "
        "images Gatehouse does not know"
    )
    return allowed, "choose another region, or declare this stack with the AWS provider itself"


def is_region(name: str) -> bool:
    """Whether AWS has a region of this name. A region that is newer than the installed SDK is not known."""
    return name in _load_regions()


def suggest_region(name: str) -> str:
    """A remedy that names the region most like `name`; empty if none is."""
    near = difflib.get_close_matches(name, _load_regions(), n=1)
    return f"did you mean {near[0]}?" if near else ""


@functools.cache
def _load_regions() -> tuple[str, ...]:
    # Loaded where a region is checked: the review reads this file in environments that need not have it.
    import botocore.loaders

    partitions = botocore.loaders.Loader().load_data("partitions")["partitions"]
    return tuple(sorted(name for one in partitions for name in one["regions"] if not name.endswith("-global")))


class Feature(NamedTuple):
    """Something that AWS has in most regions."""

    name: str
    pages: Mapping[str, str]
    """AWS's page, by how the names of the regions begin that do not have it."""
    remedy: str


_GOVCLOUD: Final = "https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-abp.html"
_CHINA: Final = "https://docs.amazonaws.cn/en_us/aws/latest/userguide/api-gateway.html"
HTTP_LINK: Final = Feature("private integrations of HTTP APIs", {"us-gov-east-1": _GOVCLOUD}, "use kind: rest")
CLOUD_MAP: Final = Feature(
    "private integrations with Cloud Map", {"us-gov-": _GOVCLOUD, "cn-": _CHINA}, "use kind: alb"
)
TLS_1_3: Final = Feature("security policies that demand TLS 1.3", {"us-gov-": _GOVCLOUD}, "use 1.2")
COGNITO: Final = Feature(
    "Cognito authorizers", {"cn-": _CHINA}, "use kind: lambda, or kind: jwt of an HTTP API with another issuer"
)
_GOVCLOUD_NAMES: Final = {"us-gov-": "https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-r53.html"}
ALIASES: Final = Feature(
    "alias records of load balancers and endpoints",
    _GOVCLOUD_NAMES,
    "take it out, and call by the DNS name that AWS gives",
)
PUBLIC_ZONES: Final = Feature(
    "public hosted zones",
    _GOVCLOUD_NAMES,
    "take it out, name a certificate of the region, and create the records in the account that has the zone",
)
REGIONAL_NAT: Final = Feature(
    "regional NAT gateways",
    dict.fromkeys(("us-gov-", "cn-"), "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html"),
    "use one, or one-per-zone",
)
BUDGETS: Final = Feature(
    "budgets",
    {"us-gov-": "https://docs.aws.amazon.com/general/latest/gr/billing.html"},
    "take it out, and create the budget in the standard account that pays for this one",
)
INTERFACE_ENDPOINTS: Final = Feature(
    "interface endpoints by the names that they have elsewhere",
    {"cn-": "https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/aws-services-privatelink-support.html"},
    "take it out, and let the network reach the service by NAT; Gatehouse creates no interface endpoint there",
)


def find_lack(feature: Feature, region: str) -> tuple[str, str] | None:
    """What is allowed and what to do, if AWS lacks the feature in a region."""
    for start, page in feature.pages.items():
        if region.startswith(start):
            return f"only what AWS has in {region}, which lacks {feature.name} ({page})", feature.remedy
    return None
