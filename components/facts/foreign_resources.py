"""Resources of another region, account or partition than the stack's, if they can never work in it."""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from . import container_image
from .regions import find_partition


@dataclass(frozen=True)
class Rule:
    """What AWS demands of one kind of resource."""

    noun: str
    region_remedy: str = ""
    """What to do, if it must be of the stack's region."""
    account_reason: str = ""
    """Why it must be of the stack's account. Empty if it need not be."""
    account_remedy: str = ""


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        # https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html
        "certificate": Rule(
            "a certificate",
            "request or import it in {region}",
            "ACM shares no certificate with another account",
            "request or import it in the stack's account",
        ),
        # https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
        "function": Rule(
            "a function",
            "deploy it in {region}",
            "the API needs a permission of the function, which this stack cannot add in account {account}",
            "deploy the function with this stack, or name the URL of an API in its account as the backend",
        ),
        # https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
        "layer": Rule("a layer", "deploy it in {region}"),
        # https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
        "image": Rule("an image in ECR", "push it to a repository in {region}"),
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
        "listener": Rule(
            "a listener",
            "name one in the stack's region, or set aws:region to the listener's",
            "a VPC link calls its own account's",
            "name one of the stack's account, or share the service by PrivateLink and name it in backend.url",
        ),
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
        "topic": Rule("a topic", "an alarm notifies topics of its own region"),
        "secret": Rule("a secret"),
        "key": Rule("a key"),
        # The ARN that ends with `/invocations` has the API's region in front, and the function's ARN in it.
        "invoke": Rule("an invoke ARN", "take `invoke_arn` of a function in {region}"),
        "zone": Rule("a zone", "name zones of {region}, such as {region}a, or set aws:region to theirs"),
        "pool": Rule("a user pool"),
        "policy": Rule("a policy"),
        "resource": Rule("a resource"),
        "registry": Rule("an image in ECR"),
    }
)


@dataclass(frozen=True)
class Place:
    """The region, the account and the partition of a resource; empty if they are not known."""

    region: str
    account: str
    partition: str = ""


def parse_place(arn: str) -> Place:
    """Returns the place that an ARN names."""
    match = re.match(r"arn:([^:]+):[^:]+:([^:]*):([^:]*):", arn)
    return Place(match[2], match[3], match[1]) if match else Place("", "")


def parse_zone(name: str) -> Place:
    """Returns the place of an availability zone: eu-west-1a is in eu-west-1."""
    return Place(name.rstrip(string.ascii_lowercase), "")


def parse_image(reference: str) -> Place:
    """Returns the place of an image. One in no repository of ECR has none."""
    image = container_image.parse(reference)
    return Place(image.region, image.account, find_partition(image.region).name if image.region else "")


def find_obstacle(kind: str, place: Place, region: str | None, accounts: Sequence[str]) -> tuple[str, str] | None:
    """What is allowed and what to do, if a resource in that place can never work in the stack.

    An empty `region` or no `accounts` means that those of the stack are not known.
    """
    rule = RULES[kind]
    if rule.region_remedy and region and place.region not in ("", region):
        allowed = f"{rule.noun} of {region}, the region of the stack; this one lies in {place.region}"
        return allowed, rule.region_remedy.format(region=region)
    if region and place.partition not in ("", own := find_partition(region).name):
        allowed = f"{rule.noun} of the partition {own}, as {region} is; this one lies in {place.partition}"
        return allowed, f"name one of {own}: partitions share no resources and no rights"
    if rule.account_reason and accounts and place.account not in ("", *accounts):
        reason = rule.account_reason.format(account=place.account)
        return f"{rule.noun} of {' or '.join(accounts)} (aws:allowedAccountIds): {reason}", rule.account_remedy
    return None
