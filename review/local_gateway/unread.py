"""What of a stack is not served: resources that no component declares, and inputs that nothing here reads.

The table is `unread.yaml`. Tests compare it with the document that ApiFront writes and with the provider's types.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from ..aws.catalog import types
from ..graph import Graph, Resource, reveal
from ..graph.reading import as_list, as_mapping
from ..graph.statements import list_unstated, read_statement
from ..reach.statements import Statements

TABLE: Final[Mapping[str, Any]] = yaml.load(
    Path(__file__).with_name("unread.yaml").read_text(encoding="utf-8"),
    getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 # both are safe
)
HTTP_AUTHORIZER: Final = "aws:apigatewayv2/authorizer:Authorizer"
_OBJECTS: Final[Mapping[str, Any]] = TABLE["objects"]
_MISSING: Final = object()
_UNDECLARED: Final = "no component declares it"
_ADDED: Final = "no component declares it, and it adds to {}"
_UNSTATED: Final = "a transform changes its statement, or another version of the package wrote it"
_KEPT: Final = "option ignoreChanges"


class Unread(NamedTuple):
    """A resource that is not served, or a part of one."""

    resource: str
    type: str
    """The last part of the type: `RestApi`."""
    part: str = ""
    """The input or the key; empty for the whole resource."""
    reason: str = ""

    def __str__(self) -> str:
        """`own (RestApi) is not served: no component declares it`."""
        place = f"{self.resource} ({self.type})" + (f": {self.part}" if self.part else "")
        return f"{place} is not served" + (f": {self.reason}" if self.reason else "")


@functools.cache
def _list_rules(kind: str) -> Mapping[str, Any]:
    """The rules for the inputs of a type."""
    row = TABLE["types"][kind]
    free = dict.fromkeys((*TABLE["ofEveryType"], *row["withoutEffect"]))
    return {**free, **row["served"], **TABLE["fixed"].get(kind, {})}


def list_faults_of_resource(resource: Resource) -> list[str]:
    """Inputs of a resource that nothing reads, and values that are not served. Of other types, those of a transform."""
    kind = resource.type.removeprefix("aws:")
    kept = [f"{_KEPT}, which a transform changes"] if _KEPT in resource.altered else []
    if kind not in TABLE["types"]:
        return [*kept, *(f"{key}, which a transform changes" for key in sorted(resource.altered) if " " not in key)]
    given = {key: value for key, value in resource.inputs.items() if reveal(value) or key in _list_rules(kind)}
    return [*kept, *_list_faults(_list_rules(kind), given)]


def list_faults_of_document(document: Mapping[str, Any]) -> list[str]:
    """Keys and values of an OpenAPI document that are not served, without those of its methods and schemes."""
    return [*_list_faults(_OBJECTS["document"], document)]


def list_faults_of_operation(operation: Any) -> list[str]:
    """The same of a method."""
    return [*_list_faults(_OBJECTS["operation"], operation)]


def list_faults_of_scheme(name: str, scheme: Any) -> list[str]:
    """The same of a security scheme."""
    if not isinstance(scheme, Mapping):
        return [f"{name}, which the document does not define"]
    return [f"{name}: {fault}" for fault in _list_faults(_OBJECTS["scheme"], scheme)]


def _list_faults(rules: Mapping[str, Any], holder: Any, place: str = "") -> Iterator[str]:
    for key, given in as_mapping(holder).items():
        value, rule = reveal(given), _find_rule(rules, str(key))
        if rule is _MISSING:
            yield f"{place}{key}"
        elif rule is None or value is None:
            continue
        elif rule.startswith("@"):
            for part in as_list(value):
                yield from _list_faults(_OBJECTS[rule[1:]], part, f"{place}{key}.")
        else:
            wrong = [part for part in as_list(value) if not re.fullmatch(rule, str(part), re.DOTALL)]
            yield from (f"{place}{key}: {part}" for part in wrong)


def _find_rule(rules: Mapping[str, Any], key: str) -> Any:
    if key in rules:
        return rules[key]
    patterns = (pattern for pattern in rules if pattern.startswith("^") and re.fullmatch(pattern, key))
    return rules[found] if (found := next(patterns, None)) is not None else _MISSING


def list_unread(graph: Graph, statements: Statements, served: Iterable[Resource]) -> Iterator[Unread]:
    """Resources that no component declares, and what nothing reads of the `served` ones: each once."""
    yield from (Unread(part.name, part.kind, reason=_UNSTATED) for part in list_unstated(graph))
    members = {urn: part.name for part in statements.all for urn in statements.list_members(part)}
    for resource in graph:
        kind = resource.type.removeprefix("aws:")
        if resource.is_of_component or read_statement(resource) is not None:
            continue
        if kind in TABLE["named"]:
            yield Unread(resource.name, resource.kind, reason=_UNDECLARED)
        elif kind in TABLE["adding"] and (owner := _find_owner(resource, members)):
            yield Unread(resource.name, resource.kind, reason=_ADDED.format(owner))
    for resource in {one.urn: one for one in served}.values():
        for part in list_faults_of_resource(resource):
            reason = "" if resource.type not in types.FUNCTION or resource.is_of_component else "nothing here reads it"
            yield Unread(resource.name, resource.kind, part, reason)


def _find_owner(resource: Resource, members: Mapping[str, str]) -> str:
    """The name of a component with a resource that another one names. Empty if there is none."""
    named = (urn for urns in resource.property_dependencies.values() for urn in urns)
    return next((members[urn] for urn in named if urn in members), "")
