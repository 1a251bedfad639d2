"""What backups, snapshots and associations take in by its tags, and no longer take in after an update.

https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

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
    some, every = _answers(selection, tags)
    listed_ones, others = (items(held(selection, key)) for key in ("resources", "notResources"))
    kinds = items(held(selection, "policyDetails", "resourceTypes"))
    if not (some or every) or (some and listed_ones):
        return None
    inside = not listed_ones or _is_among(graph, listed_ones, resource)
    inside = inside and not _is_among(graph, others, resource) and (not kinds or resource.kind.upper() in kinds)
    return inside and all(every) and (not some or any(some))


def _answers(selection: Resource, tags: Mapping[str, Any]) -> tuple[list[bool], list[bool]]:
    """Whether tags are those of which one is enough, and those that all must be there. They are case-sensitive."""
    some = [(within(one, "key"), within(one, "value")) for one in items(held(selection, "selectionTags"))]
    some += mapping(held(selection, "policyDetails", "targetTags")).items()
    every = []
    for condition, (fits, wanted) in _CONDITIONS.items():
        for one in spread(held(selection, "conditions"), condition):
            key, value = text(within(one, "key")).removeprefix("aws:ResourceTag/"), text(within(one, "value"))
            every.append(wanted is (key in tags and fits(value, str(tags[key]))))
    targets = [(text(within(one, "key")), items(within(one, "values"))) for one in items(held(selection, "targets"))]
    tagged = ((key.removeprefix("tag:"), [*map(str, values)]) for key, values in targets if key[:4] == "tag:")
    every += [key in tags and str(tags[key]) in values for key, values in tagged]
    return [str(key) in tags and str(tags[str(key)]) == str(value) for key, value in some], every


def _is_among(graph: Graph, arns: list[Any], resource: Resource) -> bool:
    """Whether ARNs, some with stars, name a resource."""
    own = output(resource, "arn")
    return any(graph.find(arn) is resource or glob(text(arn), "" if own is UNKNOWN else text(own)) for arn in arns)
