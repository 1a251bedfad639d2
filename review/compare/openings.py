"""Whom the policies of resources let in, and switches that keep the public out: what a change adds and takes off."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from ..aws.catalog import types
from ..aws.identity.callers import list_principals
from ..graph import Resource, reveal_all
from ..graph.json_parsing import parse_nested_json
from ..graph.prose import abbreviate_names, join_names
from ..graph.reading import as_list, as_mapping, as_text
from .lines import Group, Head, Line, Sign, Topic
from .resources import Resources
from .wording import format_title

EVERYBODY: Final = "everybody"
_BUT_SOME: Final = f"{EVERYBODY} but some"
_SWITCHES: Final[Mapping[str, bool]] = {
    "publiclyAccessible": False,
    **dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True),
}
"""Inputs that keep the public out, with the value that does."""
_OTHERS: Final = (*types.APIS, *types.ENDPOINT)
"""Types whose callers are among the calls, and types that only callers in the network reach, whatever a policy says."""
_PUBLIC_LISTS: Final = ("public-read", "public-read-write", "authenticated-read")


class _Caller(NamedTuple):
    name: str
    condition: str  # as JSON; empty if there is none


def list_opening_lines(resources: Resources) -> Iterator[Line]:
    """Callers that a policy admits and did not admit before, and what becomes public."""
    for new in resources.added:
        yield from _compare(None, new)
    for change in resources.changes:
        yield from _compare(change.old, change.new)
    for old in resources.removed:
        if switches := [key for key, closed in _SWITCHES.items() if closed and reveal_all(old.inputs).get(key) is True]:
            yield _make_public_line(old, switches, Sign.GONE)


def _compare(old: Resource | None, new: Resource) -> Iterator[Line]:
    inputs = reveal_all(new.inputs)
    earlier = reveal_all(old.inputs) if old is not None else {}
    if switches := [*_list_opened(earlier if old is not None else None, inputs)]:
        yield _make_public_line(new, switches, Sign.NEW)
    if new.type in _OTHERS or (old is None and (new.is_of_component or new.type in types.ROLE)):
        return  # Paths have a new role, and a component says what it is made for.
    before = {*_list_callers(earlier)}
    come = [caller for caller in dict.fromkeys(_list_callers(inputs)) if caller not in before]
    names = {caller.name for caller in before}
    others = [caller for caller in come if caller.name not in names or not caller.condition]
    for some, words in (
        (others, ""),
        ([one for one in come if one not in others], "Accepts callers on other conditions: {}"),
    ):
        if some:
            shown = [f"{one.name}, on a condition" if one.condition else one.name for one in some]
            other = ", on another condition than before" if words else ""
            text = f"{format_title(new)} lets in {join_names(shown)}{other}"
            head = Head(Topic.CALLERS, f"{new.name} ({abbreviate_names(shown)})", words)
            fails = any(one.name in (EVERYBODY, _BUT_SOME) and not one.condition for one in some)
            yield Line(Group.PATHS, Sign.NEW, text, (head,), (new.urn,), fails, place=new.name)


def _make_public_line(resource: Resource, switches: list[str], sign: Sign) -> Line:
    text = f"{format_title(resource)} no longer keeps the public out: {join_names(switches)}"
    head = Head(Topic.CALLERS, f"{resource.name} ({abbreviate_names(switches)})", "No longer keeps the public out: {}")
    return Line(Group.PATHS, sign, text, (head,), (resource.urn,), fails=True, place=resource.name)


def _list_opened(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Iterator[str]:
    for key, closed in _SWITCHES.items():
        # A block that is new closes what it names; an address that is new may be public.
        was = not closed if before is None and closed else closed if before is None else before.get(key, False)
        if was == closed and after.get(key, False) != closed:
            yield key
    if after.get("acl") in _PUBLIC_LISTS and (before or {}).get("acl") != after.get("acl"):
        yield f"acl: {after['acl']}"


def _list_callers(inputs: Mapping[str, Any]) -> Iterator[_Caller]:
    """The callers that policies among the inputs allow something."""
    for value in inputs.values():
        for statement in as_list(as_mapping(parse_nested_json(value)).get("Statement")):
            one = as_mapping(statement)
            if one.get("Effect") == "Allow":
                condition = json.dumps(one["Condition"], sort_keys=True, default=str) if one.get("Condition") else ""
                for name in _list_names(one):
                    yield _Caller(name, condition)


def _list_names(statement: Mapping[str, Any]) -> Iterator[str]:
    if "NotPrincipal" in statement:
        yield _BUT_SOME
        return
    for kind, name in list_principals(statement):
        yield EVERYBODY if (kind, name) == ("AWS", "*") else as_text(name)
