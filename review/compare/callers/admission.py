"""The difference of two states in who may call: let in, kept out, or not judged, call by call."""

import re
from collections.abc import Collection, Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any, Final, NamedTuple

from ...graph import UNKNOWN
from ...graph.graph import grouped
from ...graph.prose import NOW_DENIED, few
from ...graph.shown import cut, one_line
from .demands import METHODS, Demands, Sample, sampled
from .points import ADDRESS, WHERE, Countries, Pattern, Point, Points, Range, Recent, Sense, Values, beyond
from .policy_terms import EVERYBODY, Statement, settle

_MOST, _LEAD = 160, 30  # letters of a value that are shown, and of them those before the first that differs
_CALL: Final = "whole call"
_POLICY: Final = ("", "denial", "denied right")  # words of what policies say
_RIGHTS: Final = ("right", "denied right")
"""Kinds of differences whose subjects are callers, and whose values are what they may do."""
_WHO: Final = ("", "permission", "peer", "denial", *_RIGHTS)
"""Kinds of differences whose values are callers, or whose subjects are."""
_PLAIN: Final = (*_WHO, _CALL, "requirement", "signature")  # kinds whose values say by themselves what they are
Told = tuple[str, str]  # a list of `Callers`, by its name, and a text in it


class _Words(NamedTuple):
    """What a difference is in, the values that differ, and what there is instead of them in the other state."""

    word: str
    values: tuple[str, ...]
    instead: tuple[str, ...] = ()
    lacking: bool = False  # whether it is about calls without these values


@dataclass(frozen=True, kw_only=True)
class Callers:
    """Callers whom a change lets in or keeps out, and what differs and may do either. Each text names its subject."""

    anyone: tuple[str, ...] = ()  # what the change opens to anyone on the internet
    admitted: tuple[str, ...] = ()
    shut_out: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    undenied: tuple[str, ...] = ()  # what a policy without permissions denies no longer: the callers' own decide
    granted: tuple[str, ...] = ()  # calls of the program's own machines and roles, of which no path begins or ends
    revoked: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()  # addresses that become others, of what stays open to the same callers
    covered: frozenset[str] = frozenset()  # paths that come or go whose callers others have, or are the program's own

    @classmethod
    def of(cls, told: Iterable[Told], covered: frozenset[str] = frozenset()) -> "Callers":
        lists: dict[str, Any] = grouped(told)
        for which, others in (("admitted", lists.get("anyone", ())), ("shut_out", lists.pop("said", ()))):
            lists[which] = [text for text in lists.get(which, ()) if text not in others]
        return cls(**{which: tuple(dict.fromkeys(texts)) for which, texts in lists.items()}, covered=covered)


def difference(
    before: Demands, after: Demands, followed: Collection[str], public: Collection[str], doors: Collection[str]
) -> Iterator[Told]:
    """The difference of two states, call by call.

    `followed` has the balancers that only the program calls, `public` what a policy lets anyone use in both states, and
    `doors` the listeners, and rules of these, that anyone gets to.
    """
    samples: dict[str, list[Sample]] = {}
    for address in (addresses := {*before.entries, *after.entries}):
        apis = [demands.entries[address][0] for demands in (before, after) if address in demands.entries]
        paths = {sampled(path): path for api in apis for path in sorted({call.path for call in api.calls})}
        samples[address] = [(m, path) for path in paths.values() for m in METHODS[: None if path != "$default" else 1]]
    old, new = before.points(samples), after.points(samples)
    _read_addresses((before, old), (after, new))
    _part_countries(old, new)
    _read_policies((before, after), old, new)
    _drop_own((old, after, new), (new, before, old))
    lines: list[tuple[str, _Words, str]] = []
    whole = set()
    for subject in {**before.who, **after.who}:
        for which, words in _other_requirements(subject, (before, old), (after, new)):
            whole.add(subject)
            # With one address there is none to tell it from.
            lines.append((which, words, subject if len(addresses) > 1 else subject.rpartition(" at ")[0]))
    for point in dict.fromkeys((*old, *new)):
        call, at, address = point.subject.rpartition(" at ")
        if point.subject in whole or address in before.entries.keys() ^ after.entries.keys():
            continue  # the address itself comes or goes
        if at and not all(call in points.get(Point(address, "call", Sense.ADMITS), ()) for points in (old, new)):
            continue  # the call does
        if point.word == "peer" and Point(point.subject, "traced", Sense.DETAIL) in {**old, **new}:
            continue  # paths have the callers of machines
        there = Point(point.subject, "conditions", Sense.DETAIL)
        if old.get(there) != new.get(there) and point.sense in (Sense.ASKS, Sense.LIMITS):
            continue  # likewise, of a domain, a listener or a rule: addresses and paths follow it
        if point.sense is Sense.SPEAKS and after.balancers_of(point.subject) & {*followed}:
            continue  # only the program calls it, and follows
        was, now = old.get(point, {}), new.get(point, {})
        sense = Sense.EITHER if UNKNOWN in (*was, *now) else point.sense
        for which, lacking, values, instead in _judged(sense, was, now):
            admits = which == "admitted"
            if point.word == "call" and admits:
                gone = [_needs(f"{value} at {point.subject}", old) for value in beyond(was, now)]
                for value in values:  # each by itself: some may need nothing
                    needs, scopes = _needs(at := f"{value} at {point.subject}", new)
                    lost = [had[bool(needs)] for had in gone] if not (needs and scopes) else []
                    missing = f", without {few([*dict.fromkeys(lost)])}" if lost and all(lost) else ""
                    subject = point.subject + (f", with {needs}" if needs else "") + missing
                    to = "anyone" if after.who.get(at) == "" and not needs else "admitted"
                    lines.append((to, _Words("call", (value,)), subject))
            else:
                to = _admitting(point, {**old, **new}, doors, lacking) if admits else which
                both = zip(beyond(now, was), values, strict=False) if admits and point.subject in public else ()
                free = {text for key, text in both if isinstance(key, Statement) and key.is_for_anyone}
                for heading, of in ((to, {*values} - free), ("anyone", free)):
                    words = _Words(point.word, tuple(sorted(of)), instead, lacking)
                    lines += [(heading, words, point.subject)] if of else []
    return _sentences(lines)


def _read_addresses(was: tuple[Demands, Points], now: tuple[Demands, Points]) -> None:
    """Settles calls that only one state answers, APIs of which only one has a policy, and stages in the path."""
    (before, old), (after, new) = was, now
    for state, mine, other, theirs in ((before, old, after, new), (after, new, before, old)):
        for address, call in state.unanswered - other.unanswered:
            point = Point(address, "call", Sense.ADMITS)
            if call in theirs.get(point, ()):  # answered there
                del mine[point][call]
        for address, bare in state.bare.items():
            unread = any(point.subject == address and point.sense is Sense.EITHER for point in theirs)
            if bare and not unread and address in other.entries and address not in other.bare:
                mine.setdefault(bare, {})[EVERYBODY] = "anyone (execute-api:Invoke)"
    for address in before.entries.keys() - after.entries.keys():
        if after.takes_inside(address):
            old[ADDRESS][address] = f"{address} as a stage, whose name is a part of the path for $default"


def _part_countries(old: Points, new: Points) -> None:
    """Leaves of the countries of callers those that only one state has."""
    for point in [point for point in {**old, **new} if point.word == WHERE]:
        was, now = (points.pop(point, {}) for points in (old, new))
        sets = [key for key in (*was, *now) if isinstance(key, Countries)]
        if len(sets) > 1:
            for points, rest in ((old, sets[0].without(sets[1])), (new, sets[1].without(sets[0]))):
                points[point] = {rest: str(rest)} if str(rest) else {}
        elif was and now:
            old[point], new[point] = was, now


def _admitting(point: Point, points: Container[Point], doors: Collection[str], lacking: bool) -> str:
    """The list for calls that a difference lets in."""
    if lacking and point.sense is Sense.LIMITS and point.subject in doors:
        return "anyone"
    only_denies = point.word == "denial" and Point(point.subject, "", Sense.ADMITS) not in points
    return "undenied" if only_denies else "admitted"


def _read_policies(sides: tuple[Demands, Demands], old: Points, new: Points) -> None:
    """Settles what policies of both states say, and takes out those of which one is not known."""
    had, has = ({point.subject for point in points if point.word in _POLICY} for points in (old, new))
    for subject in sides[0].open_alone & sides[1].open_alone & (had ^ has):
        (old if subject in had else new)[Point(subject, "policy", Sense.EITHER)] = {"the only one": ""}
    of_unread = {point.subject for point in {**old, **new} if point.word == "policy"}
    for point in [point for point in {**old, **new} if point.word in _POLICY]:
        if point.subject in of_unread:
            for points in (old, new):  # what is not known neither lets in nor keeps out
                points.pop(point, None)
        elif point.word:
            settle(point, old, new)


def _drop_own(*sides: tuple[Points, Demands, Points]) -> None:
    """Takes out what principals of the own accounts may do in the other state too, by policies of their own.

    Each side, the one before first, has its points, and the demands and points of the other.
    """
    own = {other.account for _, other, _ in sides} - {""}
    statements = ((side, point) for side in sides for point in [*side[0]] if point.word in ("", "permission"))
    for (points, other, theirs), point in statements:
        for key in beyond(points[point], theirs.get(point, {})):
            lets = isinstance(key, Statement) and other.lets(point.subject, key, own)
            handed = isinstance(key, Statement) and key.is_handed_to(theirs.get(point, ()), own)
            if lets or ((lets is None or handed) and points is sides[0][0]):
                shown = points[point].pop(key)
                # What the other state has of it would be found new, or gone.
                for part in [one for one in theirs.get(point, ()) if isinstance(one, Statement) and one.covered([key])]:
                    del theirs[point][part]
                points.setdefault(point._replace(sense=Sense.EITHER), {}).update({} if lets else {key: shown})


def _needs(subject: str, points: Points) -> tuple[str, str]:
    """What a call requires, in words: `JWT of login.example.com`, and `scope read`; empty for nothing."""
    mine = {point.word: list(values.values()) for point, values in points.items() if point.subject == subject}
    requirements = " and ".join([*mine.get("requirement", ()), *mine.get("signature", ())])
    by = [name for word in ("issuer", "user pool", "authorizer function") for name in mine.get(word, ())]
    named = few([name.removeprefix("https://") for name in by])
    scopes = f"scope {few(mine['scope'])}" if mine.get("scope") else ""
    return (f"{requirements} of {named}" if requirements and by else requirements), scopes


def _other_requirements(
    subject: str, before: tuple[Demands, Points], after: tuple[Demands, Points]
) -> Iterator[tuple[str, _Words]]:
    """A call that needs nothing any more, something at last, or something else altogether, in one sentence each."""
    (old, was), (new, now) = before, after
    kinds = [{*points.get(Point(subject, "requirement", Sense.ASKS), ())} for points in (was, now)]
    if subject not in old.who or subject not in new.who or UNKNOWN in set.union(*kinds):
        return
    (had, _), (has, _) = _needs(subject, was), _needs(subject, now)
    if had and has:
        if all(kinds) and not set.intersection(*kinds):
            yield "admitted", _Words(_CALL, (has,), (had,))
            yield "shut_out", _Words(_CALL, (had,), (has,))
    elif has:
        yield "shut_out", _Words(_CALL, (has,), lacking=True)
    elif not had and new.who[subject] == "" and re.match("callers from (?!addresses)", old.who[subject]):
        yield "anyone", _Words(_CALL, (), (old.who[subject],))
    elif had:
        sender = new.who[subject]
        yield ("admitted" if sender else "anyone"), _Words(f"{_CALL} for {sender}" if sender else _CALL, (), (had,))


def _judged(sense: Sense, was: Values, now: Values) -> Iterator[tuple[str, bool, list[str], tuple[str, ...]]]:
    """Which of the lists a difference is for, whether calls lack its values, these, and others of the same kind."""
    more, fewer = beyond(now, was), beyond(was, now)
    come, gone = _distinct(more, now, was), _distinct(fewer, was, now)
    # What a reader cannot see, such as the value of a key, may be all that differs.
    same = {*come} & {*gone} - {""}
    come, gone = ([f"{text} ({age})" if text in same else text for text in texts]
                  for age, texts in (("new", come), ("old", gone)))  # fmt: skip
    if sense in (Sense.EITHER, Sense.DETAIL):
        if (more or fewer) and (sense is Sense.EITHER or (was and now)):
            yield "unjudged", False, [*gone, *come], ()
    elif sense is Sense.SPEAKS:
        if more and fewer:
            yield "shut_out", False, gone, ()
    elif sense is not Sense.MEETS or (was and now):
        required = sense is Sense.ASKS or (sense is Sense.LIMITS and not (was and now))
        if more:
            yield "shut_out" if required else "admitted", required, come, _kin(more, was, required)
        if fewer:
            yield "admitted" if required else "shut_out", required, gone, _kin(fewer, now, required)


def _kin(keys: Sequence[Hashable], others: Values, required: bool) -> tuple[str, ...]:
    """Statements and patterns of the other state that the keys include, or ranges that meet theirs."""
    ranges = [] if required else [key for key in keys if isinstance(key, Range)]
    inner = {key for key in others if isinstance(key, Statement | Recent | Pattern) and key.covered(keys)}
    return tuple(text for key, text in others.items() if key in inner or any(peer.meets(key) for peer in ranges))


def _distinct(keys: Sequence[Hashable], mine: Values, theirs: Values) -> list[str]:
    """Values in words. Long ones are cut around what they have and the other state's nearest value has not."""
    texts = []
    for text in (one_line(mine[key]) for key in keys):
        others = map(one_line, theirs.values())
        near = max((len(commonprefix([text, other])) for other in others), default=0)  # noqa: RUF071 # texts, no paths
        start = near - _LEAD if len(text) > _MOST and near > _MOST - _LEAD else 0
        who, opens, _ = text[:start].partition(" (")
        texts.append((f"{who}{opens}…" if opens else "…" if start else "") + cut(text[start:], _MOST))
    return texts


def _sentences(lines: Iterable[tuple[str, _Words, str]]) -> Iterator[Told]:
    """A text for each difference, with all subjects that it is of."""
    same = ((which, words._replace(values=()) if words.word == "call" else words) for which, words, _ in lines)
    for (which, words), pairs in grouped(zip(same, ((words, at) for _, words, at in lines), strict=True)).items():
        if words.word == "call":
            yield which, few(_folded([f"{call} at {at}" for words, at in pairs for call in words.values]))
        else:
            yield which, _text(which, words, few(_folded([at for _, at in pairs])), is_call=" at " in pairs[0][1])


def _text(which: str, words: _Words, subjects: str, *, is_call: bool) -> str:
    """A difference in the words of its list: `GET /orders at front without scope admin`."""
    kind, _, extent = words.word.partition(" for ")
    # Who speaks none from 1.1 on speaks none from 1.2 on either.
    values = few([value for value in words.values if value][-1 if kind == "TLS version" else 0 :])
    when = "now" if (which == "shut_out") is not words.lacking else "before"
    instead = f" ({when}: {few(words.instead)})" if words.instead else ""
    if kind == _CALL and not values:
        return f"{extent}: {subjects}{instead}" if extent else f"{subjects}{instead}"
    name = "" if kind in _PLAIN and which != "unjudged" else f"{kind} "
    text = f"{name}{values}".strip() + (f" for {extent}" if extent else "") + instead
    of_callers = kind in _WHO or kind.startswith("callers")
    if which == "anyone" and kind in ("", "permission"):
        return f"{subjects} {few([value.removeprefix('anyone ') for value in words.values])}"
    pair = "{1} → {0}" if kind in _RIGHTS else "{} → {}"
    if words.lacking and kind in ("denial", "denied right"):
        fate = {"shut_out": f", {NOW_DENIED}", "admitted": ", no longer denied"}.get(which, "")
        return f"{pair.format(values, subjects)}{fate}{instead}"
    if words.lacking and of_callers:
        return pair.format(f"others than {text}", subjects)
    if words.lacking and kind == "source range":
        return f"{subjects} from " + (f"outside {values}" if which == "shut_out" else f"any address (before: {values})")
    if words.lacking:
        # A web ACL lets some pass.
        passes = f"unless {text} allows it" if (kind, which) == ("web ACL", "shut_out") else f"without {text}"
        return f"{subjects} {passes}"
    if which == "unjudged" or not (is_call or of_callers or kind == _CALL):
        return f"{text} of {subjects}" if subjects else text
    return pair.format(text, subjects) if of_callers else f"{subjects} with {text}"


def _folded(subjects: Sequence[str]) -> list[str]:
    """`ANY /z at front` in place of every method of a path, and each address once."""
    parts = [(name.partition(" ")[::2] if name.partition(" ")[0] in METHODS else ("", name)) for name in subjects]
    texts = (
        rest if methods == [""] else f"{'ANY' if len(methods) == len(METHODS) else '/'.join(methods)} {rest}"
        for rest, methods in grouped((rest, method) for method, rest in parts).items()
    )
    by_address = grouped(reversed(text.rpartition(" at ")[::2]) for text in texts)
    return [address if calls == [""] else f"{few(calls)} at {address}" for address, calls in by_address.items()]
