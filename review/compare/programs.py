"""Whom a backend admits, who logs in, where components lead and where calls go, and rights: what came and went."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..callers.calls import find_way, list_calls
from ..callers.order import Order, is_unknown
from ..graph import reveal_all
from ..reach.statements import Part, Statements, list_urns
from .callers import Call, format_calls
from .facts import Facts, Later, find_unstated, pair_parts
from .lines import Line, Sign, Topic

_LEADS: Final = ("leads", "out", "gateways", "endpoints", "existingEndpoints", "routes", "opens")
_OF_PROXY: Final = ("url", "port", "group", "ranges", "vpc")
"""Where a forwarder leads."""
_KEYS: Final[Mapping[Topic, tuple[str, ...]]] = {
    Topic.ADMITS: ("admits",),
    Topic.PEOPLE: ("people",),
    Topic.RIGHTS: ("rights",),
    Topic.LEADS: _LEADS,
    Topic.PAGES: ("preflight",),
}
"""Parts of a statement by what they are about."""
_WORDS: Final[Mapping[Topic, Mapping[Order, str]]] = {
    Topic.ADMITS: {Order.FEWER: "Admits fewer: {}", Order.OTHER: "Admits others: {}"},
    Topic.PEOPLE: {Order.FEWER: "Lets fewer people log in: {}", Order.OTHER: "Lets other people log in: {}"},
    Topic.RIGHTS: {Order.FEWER: "Gets fewer rights: {}", Order.OTHER: "Gets other rights: {}"},
    Topic.LEADS: {Order.FEWER: "Leads to fewer places: {}", Order.OTHER: "Leads to other places: {}"},
    Topic.PAGES: {
        Order.FEWER: "Lets pages of fewer sites read answers: {}",
        Order.OTHER: "Lets pages of other sites read answers: {}",
    },
}
_OF_NEW: Final = (Topic.PEOPLE, Topic.RIGHTS, Topic.LEADS)
"""What is said of a component that is new."""
_BY_CONTENT: Final = frozenset(("admits", "groups", "secrets", "keys", "policies", "prefixLists"))
"""Sets whose members have names that mean nothing to AWS."""
_NOT_SAID: Final = ("network", "identity", "rate")
_MARK: Final = "\0"
"""Stands before and behind a URN in an atom."""
_WIDE: Final = "whatever its gateway endpoints lead to"
_UNLABELED: Final = ("admits", "people", "rights", "leads", "preflight", "url", "group", "ranges")
_LABELS: Final = {"existingEndpoints": "existing endpoints"}
_EVERY_SITE: Final = "origins *"
Atoms = dict[str, bool]
"""What a part of a statement allows, each with whether it is known."""


def list_program_lines(before: Facts, after: Facts, later: Later) -> Iterator[Line]:
    """A line for each component and topic."""
    unstated = find_unstated(before, after, later)
    for old, new in pair_parts(before, after, later):
        part = new or old
        if part is not None and part.kind == "ServiceCall" and None in (old, new):
            yield _make_service_line(part, after if old is None else before, is_new=old is None)
        if new is None or new.resource.urn in unstated:
            continue
        sides = (old, before.reach.statements, later), (new, after.reach.statements, Later())
        for topic, keys in _KEYS.items():
            if old is None and topic not in _OF_NEW:
                continue
            was, now = (_list_of_part(*side, keys) for side in sides)
            if line := _compare(topic, new, was, now, after):
                yield line
        if old is not None and new.kind == "ApiFront":
            yield from _list_routes(old, new, later)


def _make_service_line(call: Part, facts: Facts, *, is_new: bool) -> Line:
    """A call from one service of the stack to another."""
    sign, words = (Sign.NEW, "") if is_new else (Sign.GONE, _WORDS[Topic.LEADS][Order.FEWER])
    came = f"{'+' if is_new else '−'} tcp {call.get('port')} of {call.get('service')}"
    subject = f"{facts.reach.statements.name(call.get('from'))} ({came})"
    return Line(topic=Topic.LEADS, sign=sign, words=words, subject=subject, resources=(call.resource.urn,))


def _list_of_part(part: Part | None, statements: Statements, later: Later, keys: tuple[str, ...]) -> Atoms:
    if part is None or (part.kind == "ApiFront" and keys is _LEADS):
        return {}
    own = part.statement
    if part.kind == "ServerlessProxy" and keys is _LEADS:
        own, keys = {**part.get_map("to")}, _OF_PROXY
    if is_unknown(own.get("url")):  # A plain value beside a secret is marked too; the words are masked at the end.
        own = {**own, "url": reveal_all(part.resource.inputs.get("url")) or own["url"]}
    atoms: Atoms = {}
    for key in keys:
        atoms |= _list_atoms(own.get(key), "" if key in _UNLABELED else _LABELS.get(key, key), key)
    if keys is _LEADS and part.get("gateways") and not part.get("only"):
        atoms[_WIDE] = True
    elif keys is _LEADS:
        atoms |= _list_atoms(part.get("only"), "endpoint policies for", "only")
    return {_name(atom, statements, later): known for atom, known in atoms.items()}


def _name(atom: str, statements: Statements, later: Later) -> str:
    """An atom with the names of components in place of URNs."""
    words = atom.split(_MARK)
    for at in range(1, len(words), 2):
        part = statements.find({"of": [words[at]]})
        urn = later.find_urn(part.resource.urn if part is not None else words[at])
        words[at] = urn.rpartition("::")[2]
    return "".join(words)


def _list_atoms(value: Any, label: str, key: str = "") -> Atoms:
    """`ports 443`, `put on bucket orders`. URNs stand between zeros."""
    if value is None or value is False:
        return {}
    if is_unknown(value) or value == "unknown":
        return {f"{label} a value that is not known".strip(): False}
    if urns := list_urns(value):
        named = " or ".join(_MARK + urn + _MARK for urn in urns)
        return {f"{label} {named}".strip(): True}
    if not isinstance(value, Mapping):
        return {label if value is True else f"{label} {value}".strip(): True}
    atoms: Atoms = {}
    for name, part in value.items():
        if name in _NOT_SAID:
            continue
        if key == "permissions":
            atoms |= _list_rights(part)
        elif key == "calls" and isinstance(part, Mapping):
            atoms |= _join(part.get("group") or part.get("range"), part.get("port"))
        else:
            inner = (
                "anything in"
                if (key, name) == ("admits", "vpc")
                else label
                if key in _BY_CONTENT and part is not True
                else f"{label} {name}"
            )
            atoms |= _list_atoms(part, inner.strip(), name)
    return atoms


def _list_rights(permission: Mapping[str, Any]) -> Atoms:
    on = _list_atoms(permission.get("name"), f"on {permission.get('kind')}")
    key = "".join(f" {words}" for words in _list_atoms(permission.get("key"), "with key"))
    return {f"{allowed} {place}{key}": known for allowed in permission.get("allow", {}) for place, known in on.items()}


def _join(server: Any, port: Any) -> Atoms:
    where, through = _list_atoms(server, ""), _list_atoms(port, "tcp")
    return {f"{tcp} of {place}": all((*where.values(), *through.values())) for place in where for tcp in through}


def compare_atoms(was: Atoms, now: Atoms) -> tuple[Order, str]:
    """The order of what two parts allow, and what came and went."""
    came, went = [each for each in now if each not in was], [each for each in was if each not in now]
    # A star is every site.
    came = [each for each in came if not (_EVERY_SITE in was and each.startswith("origins "))]
    went = [each for each in went if not (_EVERY_SITE in now and each.startswith("origins "))]
    words = ", ".join([*(f"+ {each}" for each in came), *(f"− {each}" for each in went)])
    narrowed = _WIDE in went and all(each == _WIDE or each.startswith("endpoint policies") for each in (*came, *went))
    widened = _WIDE in came and all(each == _WIDE or each.startswith("endpoint policies") for each in (*came, *went))
    if not came and not went:
        return Order.EQUAL, ""
    if not all((*(now[each] for each in came), *(was[each] for each in went))):
        return Order.UNKNOWN, words
    if narrowed or widened:
        return Order.FEWER if narrowed else Order.MORE, words
    return Order.OTHER if came and went else Order.MORE if came else Order.FEWER, words


def _compare(topic: Topic, part: Part, was: Atoms, now: Atoms, after: Facts) -> Line | None:
    order, words = compare_atoms(was, now)
    if order is Order.EQUAL:
        return None
    subject, urns = f"{part.name} ({words})", (part.resource.urn,)
    if order is Order.UNKNOWN:
        what = {Topic.ADMITS: "whom it admits", Topic.PEOPLE: "who logs in", Topic.RIGHTS: "its rights"}
        subject = f"{part.name}: {what.get(topic, 'where it leads')} ({words})"
        return Line(topic=Topic.CANNOT, subject=subject, place=subject, resources=urns)
    names = {each.name for each in after.reach.statements.all} | {
        each.resource.name for each in after.reach.statements.all
    }
    outside = [each for each in now if each not in was and each not in names]
    fails = topic is Topic.ADMITS and order in (Order.MORE, Order.OTHER) and bool(outside)
    return Line(
        topic=topic,
        sign=Sign.NEW if order is Order.MORE else Sign.GONE if order is Order.FEWER else Sign.CHANGED,
        subject=subject,
        words=_WORDS[topic].get(order, ""),
        place=subject,
        fails=fails,
        resources=urns,
    )


def _list_routes(old: Part, new: Part, later: Later) -> Iterator[Line]:
    """Calls that another target answers."""
    alike: dict[str, list[Call]] = {}
    for call in dict.fromkeys((*list_calls(old.statement), *list_calls(new.statement))):
        ways = find_way(old.statement, *call), find_way(new.statement, *call)
        if ways[0] is None or ways[1] is None:
            continue
        was, now = later.translate(old.get("to", ways[0]["to"])), Later().translate(new.get("to", ways[1]["to"]))
        words = [_describe_target(target) for target in (was, now)]
        if was != now and words[0] != words[1]:
            alike.setdefault(" → ".join(words), []).append(call)
    for both, calls in alike.items():
        subject = f"{format_calls(calls)} of {new.name} ({both})"
        yield Line(topic=Topic.ROUTES, subject=subject, resources=(new.resource.urn,))


def _describe_target(target: Mapping[str, Any]) -> str:
    known = (target.get(key) for key in ("function", "listener", "url", "link") if target.get(key))
    atoms = _list_atoms(next(known, None), "")
    return " ".join("".join(part.rpartition("::")[2] for part in atom.split(_MARK)) for atom in atoms) or "nothing"
