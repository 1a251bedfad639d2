"""The resources that another one names: by an output, an ID or an ARN, or by a name where the input says of what.

Tags, descriptions and `depends_on` name nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..aws.catalog import types
from ..aws.catalog.catalog import is_read, make_token
from ..aws.catalog.naming import PARTIAL_ARN
from ..facts.statements import KEY
from ..graph import UNKNOWN, Graph, Resource, reveal, reveal_all
from ..graph.deployed_inputs import get_deployed_input
from ..graph.graph import group_pairs
from ..graph.reading import as_text, find_referenced
from .provenance import is_ours
from .ways import Form, Ways, find_ways, find_ways_of_kind

PROSE: Final = frozenset({"tags", "tagsAll", "description", "comment", "displayName", "triggers"})
"""Inputs for readers, whose words name nothing, and those that only start an update."""
_OUTPUTS: Final = ("arn", "invokeArn", "qualifiedArn", "executionArn", "dnsName")
"""Outputs that name one resource in AWS."""
_NAMED: Final = {
    "Function": "function",
    "Role": "role",
    "InstanceProfile": "instanceprofile",
    "LoadBalancer": "loadbalancer",
    "TargetGroup": "targetgroup",
    "Group": "autoscalinggroup",
}
"""Kinds with names that are unique in an account, and the word of the inputs that take them."""
_DISTINCT_ID: Final = re.compile(r"[a-z]+-[0-9a-f]{8,17}|(?=\D*\d)[a-z0-9]{6,9}|[a-z0-9]{10}")
"""An ID that AWS makes: `sg-0123456789abcdef0`, of an API `a1b2c3d4e5`, of a link `a1b2c3`."""
_ARN: Final = re.compile(r"arn:[^\s\"',{}]+")
_ADDRESS: Final = re.compile(r"""(?:(?:http|ws)s?://(?!apigateway\b)|[\w-]+\.execute-api\.)[^\s"'<>|;&]*""")
"""The URL or the host of something that one calls, and not of the service that changes APIs."""
_SHORTEST_NAME: Final = 6
"""Letters of a name that is looked for in a longer text."""
_REFERENCE: Final = re.compile(r"(?:^id|Ids?|Arns?)$")
"""The end of the names of inputs that name other resources."""
_ENDING: Final = re.compile(r"(?:Ids?|Arns?|s)$")
_OF_AWS: Final = re.compile(r"aws(?:-native)?:")
"""Types that only use a text. Others may run a program, which can take apart what it is made of."""
_KIND_OF_ID: Final = re.compile(r"[a-z]+-(?=[0-9a-f]+$)|arn:[^:]*:[^:]*:[^:]*:[^:]*:[a-z]+[:/]")
"""The beginning of an ID or an ARN that names its kind: `sg-`, `arn:aws:lambda:eu-west-1:123456789012:function:`."""

_CLASSIC_RULE: Final = make_token("ec2.SecurityGroupRule")
_EGRESS_RULE: Final = make_token("vpc.SecurityGroupEgressRule")
_SUBNETS: Final = re.compile(r"(?:^|\.)subnet(?:s|Ids?)$")
_SOURCES: Final = (
    (types.INGRESS_RULE, ("referencedSecurityGroupId",)),
    ((_CLASSIC_RULE,), ("sourceSecurityGroupId",)),
    (types.SECURITY_GROUP, ("ingress", "securityGroups")),
)
"""Inputs of rules that name the group whose members they admit."""


class Reference(NamedTuple):
    """An input that names a resource, and what it can do to it."""

    path: str
    """`target.arn`, lists without indexes."""
    named: Resource
    ways: Ways


def list_references(graph: Graph, by: Resource) -> Iterator[Reference]:
    """The resources that the inputs of another one name, each with the input, or the one in a block, that does so."""
    for path, urn, form in dict.fromkeys(_list_named(graph, by)):
        named = graph.resources.get(urn)
        if named is None or not named.custom or urn == by.urn or not is_read(named.type):
            continue  # A resource of a type that is not read is an entry of its own, if it can do anything.
        # What a component of another process does with it, cannot be seen.
        admitted = urn in list_admitted_groups(graph)
        needs = list_stated_needs(graph, named)
        known = find_ways(_get_kind(by), path, named.type, admitted=admitted, form=form, needs=needs)
        ways = find_ways_of_kind(named.type) if by.remote else known
        yield Reference(path, named, ways)


def _get_kind(by: Resource) -> str:
    """Its type; of a classic rule that admits nobody, that of the rules which have one direction."""
    is_egress = by.type == _CLASSIC_RULE and get_deployed_input(by, "type") == "egress"
    return _EGRESS_RULE if is_egress else by.type


def list_stated_needs(graph: Graph, resource: Resource) -> frozenset[str]:
    """The needs that the component around a resource states of any of its calls."""
    around = graph.resources.get(resource.parent or "")
    statement = reveal_all(around.inputs.get(KEY)) if around is not None else None
    ways = statement.get("ways") if isinstance(statement, Mapping) else None
    needs = [way.get("needs", {}) for way in ways.values()] if isinstance(ways, Mapping) else []
    firewall = {"firewall"} & statement.keys() if isinstance(statement, Mapping) else set[str]()
    return frozenset(key for each in needs for key in each) | firewall


def list_admitted_groups(graph: Graph) -> frozenset[str]:
    """URNs of the security groups whose members a component's group admits."""
    if list_admitted_groups not in graph.answered:
        # A foreign rule that opens such a group is an entry by itself.
        rules = [(rule, path) for kinds, path in _SOURCES for rule in graph.list_by_type(*kinds) if is_ours(rule)]
        named = (find_referenced(graph, rule, *path, types=types.SECURITY_GROUP) for rule, path in rules)
        graph.answered[list_admitted_groups] = frozenset(group.urn for groups in named for group in groups)
    admitted: frozenset[str] = graph.answered[list_admitted_groups]
    return admitted


def _list_named(graph: Graph, by: Resource) -> Iterator[tuple[str, str, Form]]:
    """The paths of inputs with the URNs of the resources that they name, and how."""
    leaves = [leaf for key, value in by.inputs.items() for leaf in _list_leaves(value, key)]
    placed = {path.rpartition(".")[0] for path, _ in leaves if _SUBNETS.search(path)}
    for path, text in leaves:
        block, _, name = path.rpartition(".")
        sources = by.property_dependencies.get(path.partition(".")[0], ())
        if text is UNKNOWN:
            # If nothing is known of a reference, not even on what it depends, it may name anything.
            named = sources or (graph.resources if _REFERENCE.search(name) else ())
            yield from (
                (path, urn, Form.MENTION) for urn in dict.fromkeys((*named, *_list_of_kind(graph, name, sources)))
            )
            continue
        found = (*_find_distinct(graph, text), *_find_by_name(graph, name, text))
        made_of = (urn for urn in sources if _is_made_of(text, graph.resources.get(urn)) or not _OF_AWS.match(by.type))
        alike = _list_alike(graph, text) if text in graph.looked_up else ()
        is_place = name == "vpcId" and block in placed
        for urn in dict.fromkeys((*found, *made_of, *alike)):
            yield path, urn, Form.PLACE if is_place else _find_form(graph, text, graph.resources.get(urn))


def _list_of_kind(graph: Graph, name: str, sources: Iterable[str]) -> Iterator[str]:
    """Resources that an output of another stack may be, by the kind that the input's name ends with."""
    if any(urn in graph.resources and graph.resources[urn].is_other_stack for urn in sources):
        stem = _ENDING.sub("", name).lower()
        kinds = {one.kind for one in graph if is_read(one.type) and stem.endswith(one.kind.lower())}
        kind = max(kinds, key=len, default=None)
        yield from (one.urn for one in graph if kind is not None and one.kind.endswith(kind))


def _list_leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Each text with the path of its own input, at any depth."""
    value = reveal(value)
    if path.rpartition(".")[2] in PROSE:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _list_leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _list_leaves(inner, path)
    elif isinstance(value, str) or value is UNKNOWN:
        yield path, value


def _is_made_of(text: str, source: Resource | None) -> bool:
    """Whether a text, a document for example, has a name of the resource of which the program made it."""
    names = (as_text(reveal(source.state.get(key))) for key in ("id", "name", *_OUTPUTS)) if source is not None else ()
    return any(len(name) >= _SHORTEST_NAME and name in text for name in names)


def _find_form(graph: Graph, text: str, named: Resource | None) -> Form:
    if named is not None and text in (reveal(named.state.get(key)) for key in ("id", "arn")):
        return Form.WHOLE
    rest = _ADDRESS.sub(" ", text)
    if rest == text or named is None:
        return Form.MENTION
    is_in_rest = named.urn in _find_distinct(graph, rest) or _is_made_of(rest, named)
    return Form.MENTION if is_in_rest else Form.ADDRESS


def _find_distinct(graph: Graph, text: str) -> Iterator[str]:
    """By an ARN, whole or with an ending such as `:live` or `/*/GET/orders`, or by an ID."""
    values = _index(graph)
    yield from values.get(text, ())
    for arn in _ARN.findall(text):
        part = arn
        while part.count(":") >= 5:
            if part in values:
                yield from values[part]
                break
            part = part[: max(part.rfind("/"), part.rfind(":"))]


def _index(graph: Graph) -> dict[str, list[str]]:
    """URNs by the values that name one resource."""
    if _index not in graph.answered:
        pairs = ((value, resource.urn) for resource in graph if resource.custom for value in _list_distinct(resource))
        graph.answered[_index] = group_pairs(pairs)
    values: dict[str, list[str]] = graph.answered[_index]
    return values


def _list_distinct(resource: Resource) -> Iterator[str]:
    identity = as_text(reveal(resource.state.get("id")))
    if _DISTINCT_ID.fullmatch(identity) or identity.startswith("arn:"):
        yield identity
    yield from filter(None, (as_text(reveal(resource.state.get(key))) for key in _OUTPUTS))


def _find_by_name(graph: Graph, key: str, text: str) -> Iterator[str]:
    for kind, word in _NAMED.items():
        if word in key.lower():
            match = PARTIAL_ARN.fullmatch(text) if word == "function" else None
            yield from (one.urn for one in graph.find_all(match["name"] if match else text) if one.kind == kind)


def _list_alike(graph: Graph, identity: str) -> Iterator[str]:
    """Resources whose kind of ID a looked-up one has: it may be that of any of them."""
    if (kind := _KIND_OF_ID.match(identity)) is not None:
        yield from (one.urn for one in graph if as_text(reveal(one.id)).startswith(kind[0]))
