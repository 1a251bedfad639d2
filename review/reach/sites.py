"""Distributions of CloudFront, whose addresses AWS serves by itself, with no network of the program before them.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-overview.html
"""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Resource
from ..graph.given import given, held
from ..graph.prose import few
from ..graph.reading import items, text, within
from .exposure import INTERNET
from .path import Hop, PartialPath, Path

_SIGNED: Final = ("trustedKeyGroups", "trustedSigners")


def paths(model: AwsModel) -> Iterator[Path]:
    """From the internet to what a distribution serves."""
    for resource in model.graph.of_type(*types.DISTRIBUTION):
        enabled = given(resource, "enabled").flag(absent=True)
        doubt = f"whether {resource.name} takes requests from outside" if enabled is None else ""
        if enabled is not False:
            hop = Hop(resource, _demand(resource), f"the address of {resource.name}", model.names.of(resource))
            yield PartialPath(source=INTERNET).doubted(doubt).then(hop).end(_origins(resource))


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
