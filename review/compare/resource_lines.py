"""Lines on resources: each that is new, removed or changed, as far as no other line states it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..aws.catalog import types
from ..graph import Graph, Resource
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from .areas import Inert
from .call_lines import CallLines
from .differences import Input
from .facts import Facts
from .lines import Group, Head, Line, Sign
from .pairing import make_key
from .replacements import strip_members
from .resource_heads import Deciding, ResourceHeads
from .resources import DIGEST, Change, Resources, map_later_keys
from .retention import find_retention
from .wording import OPERATION, Wording, format_title

_COLUMNS: Final = {
    **dict.fromkeys(("authorization", "authorizationType", "apiKeyRequired"), "requires"),
    "authorizerId": "authorizer",
    "security": "security",
    "authorizationScopes": "scopes",
    **dict.fromkeys(("uri", "type", "httpMethod", "connectionId", "connectionType"), "goes to"),
    **dict.fromkeys(("integrationUri", "integrationTarget", "integration-target"), "goes to"),
    **dict.fromkeys(("timeoutInMillis", "timeoutMilliseconds"), "timeout"),
    "responseTransferMode": "response",
    **dict.fromkeys(("throttlingRateLimit", "throttlingBurstLimit"), "throttle"),
    "disableExecuteApiEndpoint": "address",
}
"""Columns of the table of calls that state an input, by the last part of its name."""
_CALLS: Final = (*types.INTEGRATING, *types.HTTP_ROUTE, *types.METHOD_SETTINGS, *types.HTTP_STAGE)
"""Types that have such inputs."""
_ARE_CALLS: Final = types.HTTP_ROUTE
_DESCRIBED: Final = frozenset(
    (
        *(*types.INGRESS_RULE, *types.EGRESS_RULE, *types.ROUTE, *types.LISTENER),
        *(*types.PERMISSION, *types.USAGE_PLAN, *types.REST_DOMAIN, *types.BASE_PATH_MAPPING),
    )
)
"""Types whose inputs are listed if they are new or gone: they decide who may call what."""
_NOT_DESCRIBED: Final = ("tags", "tagsAll", "name", "namePrefix", "description", "region")


def list_resource_lines(
    resources: Resources, before: Facts, after: Facts, wording: Wording, calls: CallLines, stated: Sequence[Line]
) -> Iterator[Line]:
    done = {urn for line in stated if line.group is Group.DATA for urn in line.resources}
    opened = {urn for line in stated if line.group is Group.PATHS for urn in line.resources}
    deciding = Deciding(before, after)
    heads = ResourceHeads(Inert((before.graph, after.graph)), deciding)
    for sign, changed, graph in (
        (Sign.NEW, resources.added, after.graph),
        (Sign.GONE, resources.removed, before.graph),
    ):
        done |= {part.urn for part in changed if part.type in _ARE_CALLS and make_key(part.urn) in calls.columns}
        left = [resource for resource in changed if resource.urn not in done]
        unsaid = frozenset(part.urn for part in left if not calls.columns.get(make_key(part.urn))) - opened
        yield from _list_whole_lines(sign, left, graph, wording, heads, unsaid)
    rules = [line for line in stated if line.group is Group.RULES]
    alike: dict[tuple[Group, Sign, str], list[tuple[Change, tuple[Head, ...]]]] = {}
    for change in resources.changes:
        if done.isdisjoint((change.old.urn, change.new.urn)):
            without = frozenset(part.name for part in change.inputs if _is_stated(part, change, calls, rules))
            without |= frozenset() if change.replacing else find_retention(change, after.graph).names
            columns = calls.columns.get(make_key(change.new.urn), frozenset())
            head = tuple(heads.list_change_heads(change, without, columns))
            served = deciding.describe_calls(change) if head else ""
            group = Group.ACCESS if _is_deciding(change, before, after) else Group.OTHER
            group = Group.CALLS if head and deciding.serves(change.new) else group
            sign = Sign.REPLACED if change.replacing else Sign.CHANGED
            fate = _describe_fate(change, wording, without)
            fate = f"{fate}; {served}" if fate and served else fate
            alike.setdefault((group, sign, fate), []).append((change, head))
    for (group, sign, fate), changes in alike.items():
        if fate:
            names = [format_title(change.new) for change, _ in changes]
            text = f"{abbreviate_names(names)} {fate.replace('is ', 'are ', 1) if len(names) > 1 else fate}"
            of_all = tuple(head for _, its in changes for head in its)
            yield Line(group, sign, text, of_all, tuple(change.new.urn for change, _ in changes))


def list_equivalent_lines(resources: Resources) -> Iterator[Line]:
    """Inputs that are written in another way and mean the same, and dependencies by which only the order differs."""
    new = {pair[1].urn: pair[1] for pair in resources.pairs}
    written = [f"{new[urn].name} ({', '.join(names)})" for urn, names in resources.equivalents.items()]
    if written:
        text = f"written in another way, with the same meaning: {abbreviate_names(written)}"
        yield Line(Group.OTHER, Sign.CHANGED, text, resources=tuple(resources.equivalents))
    later = map_later_keys(resources)
    ordered = [now for was, now in resources.pairs if _list_ordering(was, later) != _list_ordering(now, later)]
    if ordered and resources.pairing.both:
        names = abbreviate_names([resource.name for resource in ordered])
        text = f"waits for other resources, which decides only about the order (option dependsOn): {names}"
        yield Line(Group.OTHER, Sign.CHANGED, text, resources=tuple(resource.urn for resource in ordered))


def _list_ordering(resource: Resource, later: Mapping[str, str]) -> set[str]:
    """Keys of the later resources for which a resource only waits, and whose outputs it does not take."""
    taken = {urn for urns in resource.property_dependencies.values() for urn in urns}
    keys = (make_key(urn) for urn in resource.dependencies if urn not in taken)
    return {later.get(key, key) for key in keys}


def _list_whole_lines(
    sign: Sign,
    resources: Sequence[Resource],
    graph: Graph,
    wording: Wording,
    heads: ResourceHeads,
    unsaid: frozenset[str],
) -> Iterator[Line]:
    """New or removed resources: those that decide about access with their inputs, the others by component.

    `unsaid` are those of which no line on calls tells.
    """
    by_component: dict[str, list[Resource]] = {}
    for resource in resources:
        top = graph.find_top_component(resource)
        stays = " (stays in AWS)" if sign is Sign.GONE and resource.options.retain_on_delete else ""
        if resource.type in _DESCRIBED or stays:
            text = f"{format_title(resource)}{stays}{wording.describe_resource(resource, _NOT_DESCRIBED)}"
            head = tuple(heads.list_whole_heads(sign, resource)) if resource.urn in unsaid else ()
            yield Line(Group.ACCESS, sign, text, head, (resource.urn,))
        else:
            by_component.setdefault("" if top.custom else f"in {top.name}: ", []).append(resource)
    for component, owned in by_component.items():
        kinds = group_pairs((resource.kind, resource.name) for resource in owned)
        text = component + "; ".join(f"{', '.join(names)} ({kind})" for kind, names in kinds.items())
        of_all = tuple(head for part in owned if part.urn in unsaid for head in heads.list_whole_heads(sign, part))
        yield Line(Group.OTHER, sign, text, of_all, tuple(resource.urn for resource in owned))


def _describe_fate(change: Change, wording: Wording, without: frozenset[str]) -> str:
    """What happens to a resource, with the inputs that no other line states; empty if nothing is left to say."""
    was = "" if change.old.name == change.new.name else f"(before: {change.old.name}) "
    left = [part for part in change.inputs if part.name not in without]
    digests = [part for part in left if DIGEST.fullmatch(str(part.before)) and DIGEST.fullmatch(str(part.after))]
    if change.replacing and left and left == digests:
        return f"{was}is deployed again"
    sentence = wording.describe_change(change, without)
    how = "is replaced" if change.replacing else "is perhaps replaced" if change.replacing is None else "is changed"
    if sentence or change.replacing:
        return f"{was}{how}: {sentence}".removesuffix(": ")
    return "" if change.inputs else f"{was}is renamed"


def _is_deciding(change: Change, before: Facts, after: Facts) -> bool:
    """Whether a path or a call rests on an input that differs."""
    reads = [path for urn, path in before.reads if urn == change.old.urn]
    reads += [path for urn, path in after.reads if urn == change.new.urn]
    names = [f"{strip_members(part.name)}." for part in change.inputs]
    return any(name.startswith(f"{path}.") or path.startswith(name) for name in names for path in reads)


def _is_stated(part: Input, change: Change, calls: CallLines, rules: Sequence[Line]) -> bool:
    """Whether a line on calls or on rules states an input."""
    columns = calls.columns.get(make_key(change.new.urn), frozenset())
    last, operation = part.name.rpartition(".")[2].partition("[")[0], OPERATION.fullmatch(part.name)
    if operation is not None and (operation["rest"] or "").startswith("security"):
        last = "security"
    stated = [line.text for line in rules if change.new.urn in line.resources]
    if any(last in text and str(part.before) in text and str(part.after) in text for text in stated):
        return True
    if operation is not None and not operation["rest"]:
        return "API" in columns  # A path or an operation that is new or gone as a whole is a call that is.
    is_of_a_call = operation is not None or not part.name.startswith("body")
    return change.new.type in _CALLS and is_of_a_call and _COLUMNS.get(last) in columns
