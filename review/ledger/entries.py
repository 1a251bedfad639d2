"""The causes that no answer rests on: each input that no reader asked for and that no component gave."""

import json
import re
from collections.abc import Iterator, Mapping, Set
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.catalog import is_harmless, is_read
from ..aws.gateway import function_callers
from ..aws.gateway.api import find_function
from ..graph import UNKNOWN, Graph, Resource, reveal
from ..graph.evidence import contains_unknown, list_root_keys
from ..graph.prose import abbreviate_names, join_names
from ..graph.reading import find_first_referenced, find_referenced, get_declared_input, get_output
from .ledger import Entry
from .owners import list_of_unknown_owner
from .provenance import CODE, describe_foreign_code, describe_ignored, is_given_by_component, is_ours
from .references import list_references
from .rights import list_holders
from .ways import Way, Ways, find_ways_of_kind, is_asked_if_needed, is_inert

_SINGLE: Final = {
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "subnetId",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "resourceArn",
}
"""Types of which AWS keeps one for each resource that the input names."""

_CHOSEN: Final = dict.fromkeys(types.REST_STAGE, frozenset({"deployment"}))
"""Inputs that a reader leaves unasked, by type, where it cannot tell what they do."""
_PLACE: Final = frozenset({"option provider", "option providers"})
"""Options that decide in which account and region a resource is."""
_AUTHORIZER: Final = re.compile(r'"authorizerUri"\s*:\s*"([^"]+)"')
"""The function of an authorizer in an OpenAPI document."""
Asked = Set[tuple[str, str]]
"""URN and dotted path of each input that a reader asked for."""


def list_entries(graph: Graph, asked: Asked) -> Iterator[Entry]:
    """All entries, those of the program's own resources first."""
    by_urn, by_type = dict[str, set[str]](), dict[str, set[str]]()
    for urn, path in asked:
        by_urn.setdefault(urn, set()).add(path)
        by_type.setdefault(graph.resources[urn].type, set()).add(path)
    yield from _list_rivals(graph)
    functions = graph.list_by_type(*types.FUNCTION)
    unread = dict[str, dict[str, str]]()
    for resource in graph:
        if not may_matter(resource):
            continue
        paths = by_urn.get(resource.urn, set())
        # A reader that knows an input of the type would have asked for this one, if an answer needed it.
        of_type = by_type.get(resource.type, set()) - _CHOSEN.get(resource.type, frozenset())
        yield from _list_own(graph, resource, paths if _is_seen(resource) else paths | of_type)
        is_foreign = not is_ours(resource)
        found = list[Entry]()
        if is_foreign:
            found += _list_foreign(graph, resource, paths)
            found += _list_authorizers(graph, resource)
            found += list_of_unknown_owner(graph, resource)
        if is_foreign or resource.altered:
            found += _list_rights(graph, resource, functions)
        yield from found
        if is_foreign and not (found or is_read(resource.type) or resource.type in function_callers.READ):
            unread.setdefault(resource.type, {})[resource.urn] = resource.name
    for token, names in sorted(unread.items()):
        cause = f"{', '.join(names.values())} ({token}), of a type that the review does not read"
        yield Entry(cause, frozenset(), names)


def _is_seen(resource: Resource) -> bool:
    """Whether a component declared it in a run that was watched, so that only a transform can have changed an input."""
    return is_ours(resource) and bool(resource.declared_by)


def _list_rivals(graph: Graph) -> Iterator[Entry]:
    """Resources that set the same in AWS, which keeps one of them."""
    for token, key in _SINGLE.items():
        setting: dict[str, list[Resource]] = {}
        for resource in graph.list_by_type(token):
            for named in [] if resource.existing else find_referenced(graph, resource, key):
                setting.setdefault(named.urn, []).append(resource)
        ways, declared = find_ways_of_kind(token), [each for each in graph.list_by_type(token) if not each.existing]
        unknown = [each for each in declared if get_declared_input(each, key) is UNKNOWN]
        anywhere = [each for each in unknown if all(part.is_other_stack for part in find_referenced(graph, each, key))]
        if anywhere and len(declared) > 1:
            cause = f"{join_names(each.name for each in anywhere)}, on something that is not known,"
            parts = [*declared, *(graph.resources[urn] for urn in setting)]
            yield Entry(cause, ways, {each.urn: each.name for each in parts})
        for urn, rivals in setting.items():
            if len(rivals) > 1:
                # A subnet is what its table makes it; an API without its web ACL still has its own checks.
                parts = [graph.resources[urn], *rivals] if Way.ADMITS in ways else rivals
                cause = f"{join_names(each.name for each in rivals)}, of which AWS keeps one,"
                yield Entry(cause, ways, {each.urn: each.name for each in parts})


def may_matter(resource: Resource) -> bool:
    """Whether a resource may change an answer: it is of AWS, or of a process that the review cannot see."""
    if resource.is_other_stack:
        return get_output(resource, "outputs") is UNKNOWN
    if resource.existing or resource.type.startswith("pulumi:") or is_harmless(resource.type):
        return False
    return resource.custom or resource.remote


def _list_own(graph: Graph, resource: Resource, asked: set[str]) -> Iterator[Entry]:
    """Inputs of a resource that is read, which change it in a way that no reader knows."""
    at = {resource.urn: resource.name}
    if cause := describe_foreign_code(resource, graph.origin):
        yield Entry(cause, frozenset({Way.REPLACES}), at)
    ways = find_ways_of_kind(resource.type) if is_read(resource.type) else frozenset[Way]()
    if not ways:
        return
    if resource.type in types.FUNCTION:
        ways |= {Way.ADMITS}  # its own inputs decide its network as well
    if is_ours(resource) and not _PLACE.isdisjoint(resource.altered):
        yield Entry(f"a transform changes the provider of {resource.name} and", ways, at)
    unaccounted = dict.fromkeys(_list_unaccounted(resource, asked))
    if _has_own_deployment(graph, resource):
        unaccounted.pop("deployment", None)
    unread = [path for path in unaccounted if _is_seen(resource) or not is_asked_if_needed(path)]
    ignored = [] if _gives_options(resource) else [key for key in _list_ignored(resource) if not is_asked(key, asked)]
    if ignored:
        yield Entry(describe_ignored(resource, ignored), ways, at)
    if unread and _is_seen(resource):
        yield Entry(f"a transform changes {abbreviate_names(unread)} of {resource.name} and", ways, at)
    elif unread:
        yield Entry(f"{abbreviate_names(unread)} of {resource.name}, which the review does not read,", ways, at)


def _gives_options(resource: Resource) -> bool:
    """Whether a component gave the input names that updates ignore."""
    return is_given_by_component(resource, "option ignoreChanges")


def _list_ignored(resource: Resource) -> Iterator[str]:
    """The inputs that no update changes, so that AWS may hold another value."""
    is_code = resource.type in types.FUNCTION
    for key in dict.fromkeys(list_root_keys(resource.options.ignore_changes)):
        is_read_if_needed = not is_ours(resource) and is_asked_if_needed(key)
        if not is_inert(key) and not is_read_if_needed and not (is_code and key in CODE):
            yield "every input" if key == "*" else key


def _has_own_deployment(graph: Graph, stage: Resource) -> bool:
    """Whether a stage that the program declares itself serves a deployment of its API that is declared here."""
    made = find_first_referenced(graph, stage, "deployment", types=("aws:apigateway/deployment:Deployment",))
    apis = [find_first_referenced(graph, one, "restApi", types=types.APIS) for one in (stage, made) if one is not None]
    return made is not None and not is_ours(stage) and apis[0] is not None and apis[0] is apis[-1]


def _list_unaccounted(resource: Resource, asked: set[str]) -> Iterator[str]:
    for key in resource.inputs:
        # Nobody vouches for the code of a function that is no forwarder.
        is_code = resource.type in types.FUNCTION and key in CODE
        if key in resource.altered and contains_unknown(resource.inputs[key]):
            # A reader took the recorded dependencies for it, which are those that the component gave.
            yield key
        elif not is_code and not is_given_by_component(resource, key):
            yield from _walk(resource.inputs[key], key, asked)


def _walk(value: Any, path: str, asked: set[str]) -> Iterator[str]:
    """Each input at or in a value that is set, that nobody asked for, and that may open something."""
    value = reveal(value)
    if value is None or path in asked or is_inert(path.rpartition(".")[2]) or path.rpartition(".")[2].startswith("__"):
        return
    members = value if isinstance(value, list) else [value]
    blocks = [member for member in map(reveal, members) if isinstance(member, Mapping)]
    if blocks and any(name == path or name.startswith(f"{path}.") for name in asked):
        for block in blocks:
            for key, inner in block.items():
                yield from _walk(inner, f"{path}.{key}", asked)
    elif value not in ({}, []):
        yield path


def _list_foreign(graph: Graph, resource: Resource, asked: set[str]) -> Iterator[Entry]:
    """What a resource may do to those that it names in inputs which nobody asked for, by the effects."""
    effects: dict[str, Ways] = {}
    names: dict[str, str] = {}
    for reference in list_references(graph, resource):
        path, named = reference.path, reference.named
        if is_asked(path, asked) or _is_in_asked_block(path, asked) or not reference.ways:
            continue
        effects[named.urn] = effects.get(named.urn, frozenset()) | reference.ways
        names[named.urn] = named.name
    for ways in dict.fromkeys(effects.values()):
        at = {urn: names[urn] for urn, its in effects.items() if its == ways}
        yield Entry(f"{resource.name} ({resource.kind})", ways, at)


def _list_authorizers(graph: Graph, by: Resource) -> Iterator[Entry]:
    """Functions of components that another API asks who calls: they get its callers' requests."""
    uris = []
    if by.type in types.APIS:
        body = get_declared_input(by, "body")
        uris = _AUTHORIZER.findall(body if isinstance(body, str) else json.dumps(body, default=str))
    elif by.kind == "Authorizer":
        uris = [get_declared_input(by, "authorizerUri")]
    functions = [function for uri in uris if (function := find_function(graph, uri)) is not None and is_ours(function)]
    if functions:
        yield Entry(f"{by.name} ({by.kind})", frozenset({Way.CALLS}), {each.urn: each.name for each in functions})


def is_asked(key: str, asked: set[str]) -> bool:
    """Whether a reader asked for an input, or for a part of it."""
    return any(path == key or path.startswith(f"{key}.") for path in asked)


def _is_in_asked_block(path: str, asked: set[str]) -> bool:
    """Whether a reader walked through a block that the input is in."""
    return any(path.startswith(f"{block}.") for block in asked)


def _list_rights(graph: Graph, by: Resource, functions: list[Resource]) -> Iterator[Entry]:
    if at := {function.urn: function.name for function in list_holders(graph, by, functions)}:
        yield Entry(f"{by.name} ({by.kind})", frozenset({Way.GRANTS}), at)
