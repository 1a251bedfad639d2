"""Lines on calls: those that come and go, what they require, where they go, and at which addresses."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from ..aws.catalog import types
from ..aws.gateway.api import SLASH_LOST, ApiKind, Call, Requirement
from ..graph.prose import abbreviate_names, join_names
from ..paths.anyone import group_by_path
from .facts import CERTIFICATE, IDENTITY, NO_WEB_ACL, NOT_BLOCKING, NOT_KNOWN, SIGNATURE, CallKey, CallRow, Facts
from .lines import Group, Head, Line, Sign, Topic
from .pairing import make_key
from .resources import Resources, map_later_keys, rename_words

_CALLERS: Final = ("accepts", "callers from")
"""Columns that say who may call, beside what is required."""
_ALL: Final = ("anywhere", "none")  # another value than these admits fewer callers
_USUAL: Final = ("anywhere", "none", "unknown", "whole", "the API's own")  # values of a new call that need no words
_NAMED: Final = {
    Requirement.KEY.value: "a key",
    Requirement.AUTHORIZER.value: "an authorizer",
    SIGNATURE: "a signature",
    CERTIFICATE: "a client certificate",
}
_OWN: Final = "the API's own"
_ADDRESS: Final = frozenset(("address", "stage", "API"))
"""Columns that make up the address of a call."""


class CallLines(NamedTuple):
    lines: Sequence[Line]
    columns: Mapping[str, frozenset[str]]
    """Columns that differ, by the key of a resource that declares such calls. New and gone calls have all columns."""


class _Difference(NamedTuple):
    """How calls of one API and stage differ. Those that differ alike have one line."""

    sign: Sign
    text: str
    columns: frozenset[str]
    lost: frozenset[str] = frozenset()  # requirements
    left: str = ""  # what is required after requirements were lost, in words
    is_certain: bool = True  # whether they are lost for certain
    fails: bool = False
    lost_web_acl: str = ""  # what it blocked, in the report's words; its name if they have none
    keeps_web_acl: bool = False  # whether another line states what differs of it
    callers: str = ""  # `staff → customers` if it accepts others


def list_call_lines(before: Facts, after: Facts, resources: Resources) -> CallLines:
    """The table of calls, as far as it differs."""
    alike: dict[tuple[str, str, _Difference], list[Call]] = {}
    by_resource: dict[str, frozenset[str]] = {}
    moved, olds = _list_moved_apis(before, after, resources), _rename_keys(before, after, resources)
    for key in dict.fromkeys((*olds, *after.calls)):
        old, new = olds.get(key), after.calls.get(key)
        rows = [row for row in (old, new) if row is not None]
        found = _compare_rows(key, old, new, olds, moved=key.api in moved)
        columns = found.columns
        if columns & {"requires", "authorizer", "scopes"}:
            columns |= {"security"}  # An OpenAPI document has these three in one input.
        if columns:
            alike.setdefault((key.api, key.stage, found), []).append(rows[-1].call)
        for resource in frozenset[str]().union(*(row.declared_by for row in rows)):
            by_resource[resource] = by_resource.get(resource, frozenset()) | columns
    lines = []
    for (api, stage, found), calls in alike.items():
        named = abbreviate_names(group_by_path(calls, below=" (and below)"))
        text = f"{named} of {api} ({stage}): {found.text}"
        lines.append(Line(Group.CALLS, found.sign, text, tuple(_list_heads(found, named, api)), fails=found.fails))
    return CallLines(lines, by_resource)


def _list_moved_apis(before: Facts, after: Facts, resources: Resources) -> set[str]:
    """Names of APIs whose own address has another ID: a new API of the name, or one that is replaced."""
    replaced = {make_key(change.new.urn) for change in resources.changes if change.replacing}
    old, new, later = _list_urn_keys(before), _list_urn_keys(after), map_later_keys(resources)
    olds = {name: {later.get(key, key) for key in keys} for name, keys in old.items()}
    return {name for name in olds.keys() & new.keys() if olds[name] != new[name] or new[name] & replaced}


def _list_urn_keys(facts: Facts) -> dict[str, frozenset[str]]:
    apis = {key.api: row for key, row in facts.calls.items()}
    kinds = [resource for resource in facts.graph.list_by_type(*types.APIS) if not resource.existing]
    own = frozenset(make_key(resource.urn) for resource in kinds)
    return {name: row.declared_by & own for name, row in apis.items()}


def _rename_keys(before: Facts, after: Facts, resources: Resources) -> dict[CallKey, CallRow]:
    """The earlier calls by later names: of their API, and of a stage of which the API has one in either version."""
    earlier = {key._replace(api=rename_words(key.api, resources)): row for key, row in before.calls.items()}
    for key, row in earlier.items():
        cells = {column: rename_words(value, resources) for column, value in row.cells.items()}
        earlier[key] = row._replace(cells=cells)
    stages: list[dict[str, set[str]]] = [{}, {}]
    for side, keys in zip(stages, (earlier, after.calls), strict=True):
        for key in keys:
            side.setdefault(key.api, set()).add(key.stage)
    renamed = {
        api: next(iter(stages[1][api]))
        for api, names in stages[0].items()
        if len(names) == len(stages[1].get(api, ())) == 1
    }
    return {key._replace(stage=renamed.get(key.api, key.stage)): row for key, row in earlier.items()}


def _compare_rows(
    key: CallKey, old: CallRow | None, new: CallRow | None, olds: Mapping[CallKey, CallRow], *, moved: bool
) -> _Difference:
    if new is None or old is None:
        row = new or old
        cells = row.cells if row is not None else {}
        words = [f"{column} {value}" for column, value in cells.items() if value not in _USUAL and column != "stage"]
        found = _Difference(Sign.GONE if new is None else Sign.NEW, ", ".join(words), frozenset(cells))
        for served in _list_served_before(key, olds):
            lossy = _add_losses(found, served, new) if new is not None else found
            found = lossy if lossy.fails or not found.fails else found
        return found
    columns = [column for column, value in new.cells.items() if value != old.cells[column]]
    parts = [f"{column}: {old.cells[column]} → {new.cells[column]}" for column in columns]
    if moved and "address" not in columns and _OWN in new.cells["address"]:
        columns.append("address")
        parts.append("address: another ID, because it is another API")
    (old_acl, blocked), (new_acl, blocks) = (_split_web_acl(row.cells["web ACL"]) for row in (old, new))
    without_acl = "web ACL" in columns and (new_acl == NO_WEB_ACL or blocks == NOT_BLOCKING)
    pairs = [(old.cells[column], new.cells[column]) for column in _CALLERS if column in columns]
    callers = next((f"{was} → {now}" for was, now in pairs if was not in _ALL and now != "none"), "")
    found = _Difference(
        Sign.CHANGED,
        "; ".join(parts),
        frozenset(columns),
        lost_web_acl=(blocked or old_acl) if without_acl else "",
        keeps_web_acl=old_acl == new_acl,
        callers=callers,
    )
    return _add_losses(found, old, new)


def _split_web_acl(cell: str) -> tuple[str, str]:
    """The name of a web ACL and what it blocks."""
    name, _, blocked = cell.partition(" (")
    return name, blocked.removesuffix(")")


def _list_served_before(key: CallKey, olds: Mapping[CallKey, CallRow]) -> Iterator[CallRow]:
    """Calls of the earlier version that are a part of a new one: by any method of its path, or as a part of any."""
    method, _, path = key.call.rpartition(" ")
    for other, row in olds.items():
        earlier, _, same = other.call.rpartition(" ")
        if (other.api, other.stage, same) == (key.api, key.stage, path) and "ANY" in (method, earlier):
            yield row


def _add_losses(found: _Difference, old: CallRow, new: CallRow) -> _Difference:
    """With the requirements that the call loses. `--strict` fails if it loses the last one that proves an identity.

    What opens to anyone has a line of its own, by which `--strict` fails unless the stack acknowledges it.
    """
    lost = old.requires - new.requires - NOT_KNOWN
    proof_lost = bool(old.requires & IDENTITY) and not new.requires & (IDENTITY | NOT_KNOWN)
    fails = proof_lost and (old.is_open or not new.is_open)
    is_certain = not new.requires & NOT_KNOWN
    return found._replace(lost=lost, left=_describe_left(old, new) if lost else "", is_certain=is_certain, fails=fails)


def _describe_left(old: CallRow, new: CallRow) -> str:
    """`still requires a key`, or what is required now in place of what was."""
    if new.doubt:
        return new.doubt
    earlier, needs = _list_needs(old), _list_needs(new)
    if not needs:
        return "requires nothing now"
    return f"{'still requires' if {*needs} <= {*earlier} else 'now requires'} {join_names(needs)}"


def _list_needs(row: CallRow) -> list[str]:
    needs = [_NAMED.get(need, need) for need in sorted(row.requires)]
    if row.cells["API"] == ApiKind.PRIVATE.value:
        return [*needs, "a VPC endpoint"]
    return needs if row.cells["callers from"] in ("anywhere", "cannot tell") else [*needs, "an allowed address"]


def _list_heads(found: _Difference, named: str, api: str) -> Iterator[Head]:
    for need in sorted(found.lost):
        no, verb = "No" if found.is_certain else "Perhaps no", "checks" if need == SIGNATURE else "requires"
        yield Head(Topic.LOSES, f"{named} ({found.left})", f"{no} longer {verb} {_NAMED.get(need, need)}: {{}}")
    if found.sign is not Sign.CHANGED:
        yield Head(Topic.REMOVES if found.sign is Sign.GONE else Topic.ADDS, named)
        return
    if found.lost_web_acl:
        yield Head(Topic.FIREWALL, f"{named} of {api} ({found.lost_web_acl})")
    if found.columns & _ADDRESS:
        yield Head(Topic.ADDRESS, api)
    if found.callers:
        yield Head(Topic.CALLERS, f"{named} ({found.callers})")
    said = _ADDRESS | ({"requires", "authorizer"} if found.lost else set())
    said |= {*_CALLERS, "authorizer", "scopes"} if found.callers else set()
    if found.columns - said - ({"web ACL"} if found.lost_web_acl or found.keeps_web_acl else set()):
        yield Head(Topic.CALLS, named)


def list_slash_lines(before: Facts, after: Facts) -> Iterator[Line]:
    """APIs of one version that lose the slash at the end of a path, as in a move from public-proxy to vpc-link."""
    for name in sorted(before.slashes_lost ^ after.slashes_lost):
        sign = Sign.NEW if name in after.slashes_lost else Sign.GONE
        yield Line(Group.CALLS, sign, f"{name}: {SLASH_LOST}", (Head(Topic.CALLS, f"every path of {name}"),))
