"""Lines on resources: each that is new, removed or changed, as far as no other line states it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..graph import Graph, Resource
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from .facts import Later
from .lines import Group, Line, Sign, Topic
from .pairing import make_key
from .resources import DIGEST, Change, Resources
from .wording import Wording, format_title

_STAYS: Final = " (stays in AWS)"


def list_resource_lines(
    resources: Resources, before: Graph, after: Graph, wording: Wording, stated: Sequence[Line]
) -> Iterator[Line]:
    """New and removed resources by component, then those that change, with their inputs."""
    done = {urn for line in stated if line.topic.group is Group.DATA for urn in line.resources}
    for sign, changed, graph in ((Sign.NEW, resources.added, after), (Sign.GONE, resources.removed, before)):
        yield from _list_whole_lines(sign, [each for each in changed if each.urn not in done], graph, wording)
    alike: dict[tuple[Sign, str], list[Change]] = {}
    for change in resources.changes:
        if done.isdisjoint((change.old.urn, change.new.urn)):
            sign = Sign.REPLACED if change.replacing else Sign.CHANGED
            alike.setdefault((sign, _describe_fate(change, wording)), []).append(change)
    for (sign, fate), changes in alike.items():
        names = [format_title(change.new) for change in changes]
        text = f"{abbreviate_names(names)} {fate.replace('is ', 'are ', 1) if len(names) > 1 else fate}"
        urns = tuple(change.new.urn for change in changes)
        yield Line(topic=Topic.RESOURCES, sign=sign, text=text, resources=urns)


def _list_whole_lines(sign: Sign, resources: Sequence[Resource], graph: Graph, wording: Wording) -> Iterator[Line]:
    """Those of the program with their inputs; those of components, which have statements, together."""
    by_component: dict[str, list[Resource]] = {}
    for resource in resources:
        if (top := graph.find_top_component(resource)).custom:
            text = f"{resource.name} {_describe_kind(resource, sign)}{wording.describe_inputs(resource, graph)}"
            yield Line(topic=Topic.RESOURCES, sign=sign, text=text, resources=(resource.urn,))
        else:
            by_component.setdefault(top.name, []).append(resource)
    for component, owned in by_component.items():
        kinds = group_pairs((_describe_kind(resource, sign), resource.name) for resource in owned)
        text = f"in {component}: " + "; ".join(f"{', '.join(names)} {kind}" for kind, names in kinds.items())
        yield Line(topic=Topic.RESOURCES, sign=sign, text=text, resources=tuple(resource.urn for resource in owned))


def _describe_kind(resource: Resource, sign: Sign) -> str:
    return f"({resource.kind}){_STAYS * (sign is Sign.GONE and bool(resource.options.retain_on_delete))}"


def _describe_fate(change: Change, wording: Wording) -> str:
    """What happens to a resource, and by which inputs."""
    was = "" if change.old.name == change.new.name else f"(before: {change.old.name}) "
    if (
        change.replacing
        and change.inputs
        and all(DIGEST.fullmatch(str(part.before)) and DIGEST.fullmatch(str(part.after)) for part in change.inputs)
    ):
        return f"{was}is deployed again"
    sentence = wording.describe_change(change)
    how = "is replaced" if change.replacing else "is perhaps replaced" if change.replacing is None else "is changed"
    if not sentence and not change.replacing:
        as_what = f"as {change.old.kind}" if change.old.kind != change.new.kind else "under another URN"
        return f"{was}is renamed" if was else f"keeps what it was {as_what}"
    return f"{was}{how}: {sentence}".removesuffix(": ")


def list_equivalent_lines(resources: Resources, later: Later) -> Iterator[Line]:
    """Inputs that are written in another way and mean the same, and dependencies by which only the order differs."""
    new = {pair[1].urn: pair[1] for pair in resources.pairs}
    written = [f"{new[urn].name} ({', '.join(names)})" for urn, names in resources.equivalents.items()]
    if written:
        text = f"written in another way, with the same meaning: {abbreviate_names(written)}"
        yield Line(topic=Topic.RESOURCES, text=text, resources=tuple(resources.equivalents))
    ordered = [now for was, now in resources.pairs if _list_ordering(was, later.keys) != _list_ordering(now, {})]
    if ordered and resources.pairing.both:
        names = abbreviate_names([resource.name for resource in ordered])
        text = f"waits for other resources, which decides only about the order (option dependsOn): {names}"
        yield Line(topic=Topic.RESOURCES, text=text, resources=tuple(resource.urn for resource in ordered))


def _list_ordering(resource: Resource, later: Mapping[str, str]) -> set[str]:
    """Keys of the later resources for which a resource only waits, and whose outputs it does not take."""
    taken = {urn for urns in resource.property_dependencies.values() for urn in urns}
    keys = (make_key(urn) for urn in resource.dependencies if urn not in taken)
    return {later.get(key, key) for key in keys}
