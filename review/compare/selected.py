"""What backups, snapshots and associations take in by its tags, and no longer take in after an update.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..aws.catalog.tables import table
from ..aws.identity.iam import glob
from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import held, holds_unknown
from ..graph.prose import listed
from ..graph.reading import items, mapping, output, spread, text, within
from .engine.side import Side
from .engine.update import Update

_SELECTS: Final[Mapping[str, Any]] = table("interruptions")["selects"]
"""By type of what selects by tags: what it does, and with which types."""
_CONDITIONS: Final[Mapping[str, tuple[Callable[[str, str], bool], bool]]] = {
    "stringEquals": (operator.eq, True),
    "stringLikes": (glob, True),
    "stringNotEquals": (operator.eq, False),
    "stringNotLikes": (glob, False),
}


class _Asked(NamedTuple):
    """A tag that a selection asks for, or excludes. Keys and values are case-sensitive."""

    key: str
    values: tuple[str, ...]
    fits: Callable[[str, str], bool] = operator.eq
    wanted: bool = True

    def met(self, tags: Mapping[str, Any]) -> bool:
        return self.wanted is (self.key in tags and any(self.fits(one, str(tags[self.key])) for one in self.values))


def no_longer_selected(update: Update, before: Side, after: Side) -> Iterator[str]:
    """Sentences on what a selection took in by its tags, and takes in no more."""
    lasting = [(old, after.graph.resources.get(new.urn, new)) for old, new in update.pairs]
    for was, now in lasting:
        if was.type not in _SELECTS:
            continue
        does, kinds = _SELECTS[was.type]
        near = [(old, new) for old, new in lasting if old.type in kinds and _takes(before.graph, was, old)]
        taken = [(new.name, _takes(after.graph, now, new)) for _, new in near]
        for doubt, answer in (("", False), ("perhaps ", None)):
            if names := [name for name, takes in taken if takes is answer]:
                are = "is" if len(names) == 1 else "are"
                yield f"{listed(names)} {are} {doubt}no longer {does} by {now.name}, which selects by tags"


def _takes(graph: Graph, selection: Resource, resource: Resource) -> bool | None:
    """Whether a selection takes a resource in. None if it is not known, or not by tags."""
    tags = {**mapping(output(resource, "tagsAll")), **mapping(held(resource, "tags"))}
    parts = (held(selection, key) for key in ("selectionTags", "conditions", "resources", "notResources", "targets"))
    unknown = [held(resource, "tags"), held(selection, "policyDetails", "targetTags"), *parts]
    if any(map(holds_unknown, unknown)):
        return None
    some, every = _asked(selection)
    listed_ones, others = (items(held(selection, key)) for key in ("resources", "notResources"))
    kinds = items(held(selection, "policyDetails", "resourceTypes"))
    if not (some or every) or (some and listed_ones):
        return None
    inside = not listed_ones or _is_among(graph, listed_ones, resource)
    inside = inside and not _is_among(graph, others, resource) and (not kinds or resource.kind.upper() in kinds)
    return inside and all(one.met(tags) for one in every) and (not some or any(one.met(tags) for one in some))


def _asked(selection: Resource) -> tuple[list[_Asked], list[_Asked]]:
    """Tags of which one is enough, and those that all must be there."""
    some = [(within(one, "key"), within(one, "value")) for one in items(held(selection, "selectionTags"))]
    some += mapping(held(selection, "policyDetails", "targetTags")).items()
    every = [
        _Asked(text(within(one, "key")).removeprefix("aws:ResourceTag/"), (text(within(one, "value")),), *how)
        for key, how in _CONDITIONS.items() for one in spread(held(selection, "conditions"), key)
    ]  # fmt: skip
    targets = [(text(within(one, "key")), items(within(one, "values"))) for one in items(held(selection, "targets"))]
    every += [_Asked(key.removeprefix("tag:"), (*map(str, values),)) for key, values in targets if key[:4] == "tag:"]
    return [_Asked(str(key), (str(value),)) for key, value in some], every


def _is_among(graph: Graph, arns: list[Any], resource: Resource) -> bool:
    """Whether ARNs, some with stars, name a resource."""
    own = output(resource, "arn")
    return any(graph.find(arn) is resource or glob(text(arn), "" if own is UNKNOWN else text(own)) for arn in arns)
