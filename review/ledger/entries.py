"""The causes that no answer rests on: what alters a component's resources, and what others do with them."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import is_harmless, is_read
from ..facts.statements import KEY, PACKAGE
from ..graph import UNKNOWN, Graph, Origin, Resource
from ..graph.ignored import list_root_keys
from ..graph.prose import abbreviate_names
from ..graph.reading import get_output
from ..graph.statements import LACKS, NOT_BUILT, is_component, read_statement
from ..recording.resources import COMPONENT
from .ledger import Entry
from .owners import list_of_unknown_owner
from .provenance import CODE, describe_altered, describe_foreign_code, describe_ignored, is_given_by_component, is_ours
from .references import list_references
from .rights import list_holders
from .ways import ALL, Way, Ways, find_ways_of_kind, is_inert

_PLACE: Final = frozenset({"option provider", "option providers"})
"""Options that decide in which account and region a resource is."""
_ADOPTS: Final = frozenset({"option importId", "option aliases"})
"""Options by which a resource that exists becomes a component's, with all that others gave it."""


def list_entries(graph: Graph) -> Iterator[Entry]:
    """Yields all entries, those of the program's own resources first."""
    functions = [one for one in graph.list_by_type(*types.FUNCTION) if is_ours(one)]
    bearing = frozenset(_list_bearing(graph))
    others = dict[str, dict[str, str]]()
    touched = dict[str, dict[str, None]]()
    ours = {resource.urn: "the components' resources" for resource in graph if is_ours(resource)}
    for place in graph.skipped:
        yield Entry(f"what {place} declares in an apply on a value that is not known", ALL, ours)
    for resource in graph:
        if resource.type.startswith(PACKAGE):
            yield from _list_of_component(graph, resource)
        if not may_matter(resource):
            continue
        found = list[Entry]()
        if is_ours(resource):
            yield from _list_altered(resource, graph.origin)
        else:
            found += _list_foreign(graph, resource, bearing)
            found += list_of_unknown_owner(graph, resource)
        if not is_ours(resource) or resource.altered:
            found += _list_rights(graph, resource, functions)
        yield from found
        if not (found or is_ours(resource)):
            others.setdefault(resource.type, {})[resource.urn] = resource.name
            named = (each.named for each in list_references(graph, resource))
            touched.setdefault(resource.type, {}).update({one.name: None for one in named if is_ours(one)})
    for token, names in sorted(others.items()):
        of_ours = f", beside {abbreviate_names([*touched[token]])}" if touched[token] else ""
        cause = f"{', '.join(names.values())} ({token}), which no component states{of_ours}"
        yield Entry(cause, frozenset(), names)


def may_matter(resource: Resource) -> bool:
    """Whether a resource may change an answer: it is of AWS, or of a process that the review cannot see."""
    if resource.is_other_stack:
        return get_output(resource, "outputs") is UNKNOWN
    if resource.existing or resource.type.startswith("pulumi:") or is_harmless(resource.type):
        return False
    return resource.custom or resource.remote


def _list_of_component(graph: Graph, resource: Resource) -> Iterator[Entry]:
    """A component whose statement may not be true, or that has none."""
    members = {resource.urn: resource.name, **{each.urn: each.name for each in graph.list_descendants(resource.urn)}}
    if resource.declared_by not in ("", COMPONENT):
        yield Entry(f"{resource.name}, which has a type of ours and is no component of ours,", ALL, members)
    elif KEY in resource.altered:
        yield Entry(describe_altered(resource, "the statement", graph.origin), ALL, members)
    elif NOT_BUILT in resource.altered:
        yield Entry(f"{resource.name} could not be built again to compare it with the plan, and", ALL, members)
    elif lacking := sorted(key.removeprefix(LACKS) for key in resource.altered if key.startswith(LACKS)):
        lacked = abbreviate_names(lacking)
        yield Entry(f"{resource.name} lacks {lacked}, which this version of it declares, and", ALL, members)
    elif is_component(resource) and read_statement(resource) is None:
        yield Entry(f"{resource.name} has no statement that this version reads, and", ALL, members)


def _list_altered(resource: Resource, origin: Origin) -> Iterator[Entry]:
    """Inputs of a component's resource that something else decides."""
    at = {resource.urn: resource.name}
    if cause := describe_foreign_code(resource, origin):
        yield Entry(cause, frozenset({Way.REPLACES}), at)
    ways = find_ways_of_kind(resource.type) if is_read(resource.type) else frozenset[Way]()
    if not ways:
        return
    if resource.type in types.FUNCTION:
        ways |= {Way.ADMITS}  # its own inputs decide its network as well
    if not _PLACE.isdisjoint(resource.altered):
        yield Entry(describe_altered(resource, "the provider", origin), ways, at)
    if not _ADOPTS.isdisjoint(resource.altered):
        yield Entry(f"{resource.name}, which takes over a resource that exists,", ways, at)
    is_code = resource.type in types.FUNCTION
    keys = [key for key in sorted(resource.altered) if not key.startswith("option ") and not is_inert(key)]
    if altered := [key for key in keys if not (is_code and key in CODE)]:
        yield Entry(describe_altered(resource, abbreviate_names(altered), origin), ways, at)
    if ignored := [] if is_given_by_component(resource, "option ignoreChanges") else [*_list_ignored(resource)]:
        yield Entry(describe_ignored(resource, ignored), ways, at)


def _list_ignored(resource: Resource) -> Iterator[str]:
    """The inputs that no update changes, so that AWS may hold another value."""
    is_code = resource.type in types.FUNCTION
    for key in dict.fromkeys(list_root_keys(resource.options.ignore_changes)):
        if not is_inert(key) and not (is_code and key in CODE):
            yield "every input" if key == "*" else key


def _list_bearing(graph: Graph) -> Iterator[str]:
    """URNs of the resources on which statements rest: of components, those that they use, and aliases of functions."""
    for resource in graph:
        if is_ours(resource) or resource.type in types.ALIAS:
            yield resource.urn
        if resource.type.startswith(PACKAGE):
            yield from (urn for urns in resource.property_dependencies.values() for urn in urns)


def _list_foreign(graph: Graph, resource: Resource, bearing: frozenset[str]) -> Iterator[Entry]:
    """What a resource that no component declares may do to those on which statements rest, by the effects."""
    effects: dict[str, Ways] = {}
    names: dict[str, str] = {}
    for reference in list_references(graph, resource):
        named = reference.named
        if reference.ways and named.urn in bearing:
            effects[named.urn] = effects.get(named.urn, frozenset()) | reference.ways
            names[named.urn] = named.name
    for ways in dict.fromkeys(effects.values()):
        at = {urn: names[urn] for urn, its in effects.items() if its == ways}
        yield Entry(f"{resource.name} ({resource.kind})", ways, at)


def _list_rights(graph: Graph, by: Resource, functions: list[Resource]) -> Iterator[Entry]:
    if at := {function.urn: function.name for function in list_holders(graph, by, functions)}:
        yield Entry(f"{by.name} ({by.kind})", frozenset({Way.GRANTS}), at)
