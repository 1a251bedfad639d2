"""Addresses that AWS serves by itself, with no network of the program before them: CloudFront and AppSync.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-overview.html
https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
"""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Resource
from ..graph.given import given, held
from ..graph.prose import few
from ..graph.reading import items, spread, text, within
from .exposure import INTERNET
from .path import Hop, PartialPath, Path

_KINDS: Final = {
    "API_KEY": "key",
    "AWS_IAM": "IAM",
    "AMAZON_COGNITO_USER_POOLS": "Cognito",
    "OPENID_CONNECT": "JWT",
    "AWS_LAMBDA": "authorizer",
}
_SIGNED: Final = ("trustedKeyGroups", "trustedSigners")


def paths(model: AwsModel) -> Iterator[Path]:
    """From the internet to what a distribution or a GraphQL API serves."""
    for resource in model.graph.of_type(*types.DISTRIBUTION):
        if given(resource, "enabled").flag(absent=True) is not False:
            yield _into(model, resource, _demand(resource), "enabled", _origins(resource))
    for resource in model.graph.of_type(*types.GRAPHQL):
        if held(resource, "visibility") != "PRIVATE":
            more = spread(held(resource, "additionalAuthenticationProviders"), "authenticationType")
            kinds = [
                _KINDS.get(text(one), "authorization unknown") for one in (held(resource, "authenticationType"), *more)
            ]
            yield _into(model, resource, " or ".join(dict.fromkeys(kinds)), "visibility", resource.name)


def _into(model: AwsModel, resource: Resource, label: str, key: str, end: str) -> Path:
    doubt = f"whether {resource.name} takes requests from outside" if held(resource, key) is UNKNOWN else ""
    hop = Hop(resource, label, f"the address of {resource.name}", model.names.of(resource))
    return PartialPath(source=INTERNET).doubted(doubt).then(hop).end(end)


def _demand(resource: Resource) -> str:
    """What every behavior of a distribution asks of callers."""
    behaviors = [held(resource, "defaultCacheBehavior"), *items(held(resource, "orderedCacheBehaviors"))]
    signed = all(any(within(one, key) not in (None, [], UNKNOWN) for key in _SIGNED) for one in behaviors)
    words = ["signed URL"] * signed + ["WAF"] * (held(resource, "webAclId") not in (None, ""))
    return ", ".join(words) or "anyone"


def _origins(resource: Resource) -> str:
    names = [
        text(within(one, "originId")) or text(within(one, "domainName")) for one in items(held(resource, "origins"))
    ]
    return few([*filter(None, names)]) or f"the origins of {resource.name}"
