"""The listeners of a path and their rules: on which conditions requests are forwarded to its target."""

import itertools
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from ...aws.catalog import types
from ...aws.network.load_balancers import actions, answers_itself, priority, sign_in, takes_every_request
from ...graph import UNKNOWN, Resource
from ...graph.given import held
from ...graph.prose import few
from ...graph.reading import first, integer, peek, within
from ...graph.shown import shown
from ...reach.exposure import Exposure
from ...reach.path import Path, listener_on
from ..engine.side import Side, key_of, lasting
from .other_demands import conditions, is_known
from .paths import by_anyone
from .points import beyond

_Asked = dict[str, dict[Hashable, str]]  # values of the conditions of a rule, by kind
_Answers = dict[str, list[tuple[_Asked, Resource]]]  # by listener, what its rules answer themselves
_OF_REQUESTS: Final = {"host", "path", "method", "query"}  # conditions that anyone may meet
_OTHERS: Final = "other conditions"


def ended(of: tuple[Path, Side], by: tuple[Path, Side]) -> tuple[list[str], bool]:
    """Conditions of a path on which listeners no longer forward to the other's target; whether they do on others."""
    olds, news = ([_asked(holder) for holder in holders(*pair)] for pair in (of, by))
    left = _left(olds, news)
    return left, left == [_OTHERS] or len(left) < len(_texts(olds))


def begun(now: tuple[Path, Side], was: tuple[Path, Side]) -> Iterator[tuple[str, str]]:
    """Conditions on which other rules than before forward to the target of a path, each with its list of `Callers`."""
    before = holders(*was)
    same, olds = {key_of(resource.urn) for resource in before}, [_asked(resource) for resource in before]
    every = "every request" if len([*listeners(*now)]) < 2 else "every other request"
    for holder in holders(*now) if before else ():
        if key_of(holder.urn) not in same:
            asked = _asked(holder)
            known = is_known(holder) or takes_every_request(holder)
            known = known and not any(UNKNOWN in values for demands in (asked, *olds) for values in demands.values())
            texts = _left([asked], olds) if known else ["conditions"]
            texts = (_texts([asked]) or [every]) if texts == [_OTHERS] else texts
            to = "unjudged" if not known else "anyone" if by_anyone(now[0]) else "admitted"
            yield from ((to, f"{text} of {holder.name}") for text in texts)


def answered(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """Requests that rules of listeners no longer keep from a target, by an answer of their own, and those that they do
    from now on."""
    was, now = _answered(before), _answered(after)
    yield from (("admitted", text) for text in _alone(was, now, after, "answered"))
    yield from (("shut_out", text) for text in _alone(now, was, before, "answers"))
    yield from _no_longer_redirected(before, after)


def reordered(before: Side, after: Side, doors: Container[str]) -> Iterator[tuple[str, str]]:
    """Requests on which another rule decides than before, by other priorities: past a sign-in, or shut out by one.

    Not judged are others, and priorities that were not compared. `doors` has the names of rules that anyone gets to.
    """
    rules = lasting(before.graph, after.graph, *types.LISTENER_RULE)
    moved = {key_of(new.urn): (old, new) for old, new in rules if priority(old) != priority(new)}
    for old, new in lasting(before.graph, after.graph, *types.LISTENER) if moved else ():
        was, now = ({key_of(rule.urn): rule for rule in side.reach.model.balancers.ranked(listener)}
                    for side, listener in ((before, old), (after, new)))  # fmt: skip
        settled = set()
        for key in was.keys() & now.keys() if moved.keys() & now.keys() else ():
            at = [_deciding(ranked, key) for ranked in (was, now)]
            if key not in at or (at[0] != at[1] and _asked(was[key]) == _asked(now[key])):
                settled.add(key)
                both = was[at[0]], now[at[1]]
                same = {*_before(now, at[1])} <= {*_before(was, at[0])}
                yield from _decided(*both, _asked(now[key]), new, doors if same else None) if key in at else ()
        for key in moved.keys() & was.keys() & now.keys():
            if key in settled or not ({*_before(was, key)} ^ {*_before(now, key)}) - settled:
                del moved[key]
    for old, new in moved.values():
        yield "unjudged", f"priority {', '.join(shown(held(rule, 'priority')) for rule in (old, new))} of {new.name}"


def _decided(
    old: Resource, new: Resource, asked: _Asked, listener: Resource, doors: Container[str] | None
) -> Iterator[tuple[str, str]]:
    """What it means that another rule decides on requests; without `doors`, rules before it may decide on some."""
    requests = f"{_both(asked)} of {listener.name}"
    signed, signs = (any(map(sign_in, actions(rule))) for rule in (old, new))
    if doors is None or signed is signs or answers_itself(new if signed else old):
        yield "unjudged", f"{requests}, on which {new.name} decides, before {old.name}"
    elif signs:
        yield "shut_out", f"{requests} without the sign-in of {new.name}"
    else:
        to = "anyone" if new.name in doors and asked.keys() <= _OF_REQUESTS else "admitted"
        yield to, f"{requests} without the sign-in of {old.name}, for {new.name} comes first"


def _before(ranked: Mapping[str, Resource], key: str) -> Iterator[str]:
    return itertools.takewhile(lambda other: other != key, ranked)


def _deciding(ranked: Mapping[str, Resource], key: str) -> str:
    """The first rule that takes all requests of this one, perhaps itself."""
    earlier = ((other, _asked(ranked[other])) for other in _before(ranked, key) if is_known(ranked[other]))
    known = ((other, asked) for other, asked in earlier if not any(UNKNOWN in values for values in asked.values()))
    mine = [_asked(ranked[key])]
    return next((other for other, asked in known if is_known(ranked[key]) and not _left(mine, [asked])), key)


def _both(asked: _Asked) -> str:
    return " and ".join(f"{word} {few([*values.values()])}" for word, values in asked.items()) or "every request"


def no_longer_answered(removed: Iterable[Resource], before: Side, after: Side) -> Iterator[str]:
    """Requests that a rule answered by itself, on listeners that stay."""
    for rule in (rule for rule in removed if rule.type in types.LISTENER_RULE and answers_itself(rule)):
        listener = first(before.graph, rule, "listenerArn", types=types.LISTENER)
        if listener is not None and listener.urn in after.graph.resources:
            yield f"{_both(_asked(rule))} of {listener.name}: no longer answered by {rule.name}"


def _no_longer_redirected(before: Side, after: Side) -> Iterator[tuple[str, str]]:
    """Ports of load balancers of both states on which the internet is only redirected, and then gets no answer."""
    answering, lasting = {place for place, *_ in _open_listeners(after)}, {key_of(one.urn) for one in after.graph}
    for place, listener, balancer in _open_listeners(before):
        redirects = answers_itself(listener) and "redirect" in {within(action, "type") for action in actions(listener)}
        forwards = before.reach.model.balancers.groups_of([*before.reach.model.balancers.holders(listener)])
        if redirects and not forwards and place[0] in lasting and place not in answering:
            yield "shut_out", f"internet → tcp {place[1]} → {balancer.name}, where {listener.name} redirects"


def _open_listeners(side: Side) -> Iterator[tuple[tuple[str, int | None], Resource, Resource]]:
    """Listeners that the internet gets to, with the key of their load balancer and their port, and with the former."""
    model, exposure = side.reach.model, Exposure(side.reach.model, side.reach.connections)
    for balancer in side.graph.of_type(*types.LOAD_BALANCER):
        entries = [entry for entry in exposure.from_internet(model.nodes.of(balancer)) if entry.partial.open]
        for listener in model.balancers.listeners(balancer):
            port, protocol = integer(peek(listener, "port")), model.balancers.protocol(listener)
            if any(entry.carries(protocol, port) for entry in entries):
                yield (key_of(balancer.urn), port), listener, balancer


def _alone(mine: _Answers, theirs: _Answers, other: Side, does: str) -> Iterator[str]:
    """What only one state answers, on listeners of both, but for what the other state's same rule forwards."""
    for listener in mine.keys() & other.graph.resources.keys():
        others, name = [asked for asked, _ in theirs.get(listener, ())], other.graph.resources[listener].name
        for asked, rule in mine[listener]:
            same, left = other.graph.resources.get(rule.urn), _left([asked], others)
            sends = same and other.reach.model.balancers.groups_of([same]) and not _left([asked], [_asked(same)])
            apart = left if len(asked) == 1 and left != [_OTHERS] else [_both(asked)] * bool(left)
            yield from (f"{condition} of {name}, which {rule.name} {does} itself" for condition in apart if not sends)


def _answered(side: Side) -> _Answers:
    """Of listeners that somebody gets to, requests that a rule answers before others could forward them."""
    balancers, answers = side.reach.model.balancers, _Answers()
    for listener in {door.urn: door for way in side.reach.paths if way.open for door in doors(way, side)}.values():
        for rule in balancers.rules(listener):
            place = priority(rule)
            later = [holder for holder in balancers.holders(listener)
                     if holder is listener or (place is not None and (priority(holder) or 0) > place)]  # fmt: skip
            if answers_itself(rule) and balancers.groups_of(later) and is_known(rule):
                answers.setdefault(listener.urn, []).append((_asked(rule), rule))
    return answers


def _left(olds: Sequence[_Asked], news: Sequence[_Asked]) -> list[str]:
    """What others do not take, as far as it decides."""
    if any(UNKNOWN in values for new in news for values in new.values()):
        return []
    words = {word for new in news for word in new} or {""}
    left = [old for old in olds if not any(_all_covered(old, news, word) for word in words)]
    there = {word: {key: value for new in news for key, value in new.get(word, {}).items()} for word in words}
    ended = (f"{word} {old[word][key]}" for old in left for word in old if word in words
             for key in beyond(old[word], there[word]))  # fmt: skip
    return [*dict.fromkeys(ended)] or ([_OTHERS] if left else [])


def _texts(asked: Sequence[_Asked]) -> list[str]:
    return [f"{word} {shown}" for terms in asked for word, values in terms.items() for shown in values.values()]


def _all_covered(old: _Asked, news: Sequence[_Asked], word: str) -> bool:
    """Whether conditions take all requests of others: together, if they differ from these in no more than one kind."""
    near = [new for new in news if all(one in old and not beyond(old[one], new[one]) for one in new.keys() - {word})]
    together = {key: shown for new in near for key, shown in new.get(word, {}).items()}
    return any(word not in new for new in near) or (word in old and bool(near) and not beyond(old[word], together))


def _asked(holder: Resource) -> _Asked:
    """The conditions on which a listener, or a rule of it, forwards; none for every request."""
    asked: _Asked = {}
    for point, key, words in () if takes_every_request(holder) else conditions(holder):
        asked.setdefault(point.word, {})[key] = words
    return asked


def holders(way: Path, side: Side) -> list[Resource]:
    """Listeners of a path, and their rules, that forward to its target."""
    model = side.reach.model
    pairs = ((listener, group) for listener in listeners(way, side) for group in model.balancers.groups_of([listener]))
    registered = ((holder, group, [target.resource for target in model.targets.of(group)]) for holder, group in pairs)
    # Without a backend, the end of a path is a group to which others register targets.
    return [holder for holder, group, named in registered
            if (way.backend in named if way.backend is not None else model.names.of(group) == way.target)]  # fmt: skip


def doors(way: Path, side: Side) -> Iterator[Resource]:
    """Listeners of a path: a hop has the load balancer and the listener's port."""
    for hop in way.hops:
        if hop.resource is not None and hop.resource.type in types.LOAD_BALANCER:
            listeners = side.reach.model.balancers.listeners(hop.resource)
            yield from (listener for listener in listeners if hop.rule == listener_on(integer(peek(listener, "port"))))


def listeners(way: Path, side: Side) -> Iterator[Resource]:
    """Listeners of a path, and their rules, as far as their actions count."""
    for listener in doors(way, side):
        yield from side.reach.model.balancers.holders(listener)
