"""Which resources of two graphs are the same one to the engine: by URN, or by an alias."""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...graph import Graph, Resource, Unseen, texts
from ...graph.graph import grouped
from .fresh import DIGEST, is_distinct, with_new_values
from .side import Evaluated, each_text, key_of

Pair = tuple[Resource, Resource]
place_of = partial(re.compile(r":\d+").sub, "")  # code in words without its line, which changes with those before it


def joined(before: Graph, after: Graph) -> list[Pair]:
    """Resources that go on living: the same one, or one that an alias names."""
    old = {key_of(resource.urn): resource for resource in managed(before)}
    pairs: list[Pair] = []
    for new in managed(after):
        names = [key_of(new.urn), *(key_of(alias) for alias in new.options.aliases), *_inherited(new, after)]
        match = next((old[name] for name in names if name in old and old[name].type == new.type), None)
        if match is not None:
            pairs.append((match, new))
    return pairs


def named_as_later(before: Evaluated, after: Graph) -> Evaluated:
    """An evaluation in which what an alias renames has the URN, the name and the made-up texts of later already."""
    kept = {key_of(resource.urn) for resource in after}
    pairs = joined(before.graph, after)
    moved = [(old, new) for old, new in pairs if key_of(old.urn) not in kept]
    urns = {old.urn: new.urn for old, new in moved}
    for old, new in moved:
        was, now = before.graph.resources.get(old.parent or ""), after.resources.get(new.parent or "")
        while was and now and key_of(was.urn) not in kept:
            urns[was.urn] = now.urn
            was, now = before.graph.resources.get(was.parent or ""), after.resources.get(now.parent or "")
    # A component of the same type has another name, and the URN of what is in it does not show that.
    parents = {
        old.urn: new.parent
        for old, new in pairs
        if key_of(old.parent or "") != key_of(new.parent or "") and _is_component(after, new.parent)
    }
    texts = {was: now for old, new in moved for now, was in made_up(new, old)}
    pattern = re.compile("|".join(sorted(map(re.escape, texts), key=len, reverse=True)) or "(?!)")

    later = partial(pattern.sub, lambda hit: texts[hit[0]])

    def now_of(named: Sequence[str]) -> tuple[str, ...]:
        return tuple(urns.get(urn, urn) for urn in named)

    resources = {
        urns.get(urn, urn): replace(
            resource,
            urn=urns.get(urn, urn),
            name=urns.get(urn, resource.name).rpartition("::")[2],
            parent=parents.get(urn, urns.get(resource.parent or "", resource.parent)),
            inputs=each_text(resource.inputs, later),
            state=each_text(resource.state, later),
            dependencies=now_of(resource.dependencies),
            property_dependencies={key: now_of(named) for key, named in resource.property_dependencies.items()},
        )
        for urn, resource in before.graph.resources.items()
    }
    for _, new in pairs:  # names come from the components that are around it from now on
        owner = after.resources.get(new.parent or "")
        while owner is not None and not owner.custom and owner.urn not in resources:
            inside = owner.parent if _is_component(after, owner.parent) else None
            resources[owner.urn] = replace(owner, parent=inside)
            owner = after.resources.get(inside or "")
    names = {now: was for was, now in urns.items()}
    graph = replace(before.graph, unseen=tuple(_on_later_lines(before.graph, after)))
    return replace(before, graph=replace(graph, resources=resources) if urns or parents else graph, renamed=names)


def at_home(before: Evaluated, home: Path) -> Evaluated:
    """With paths of the later version's folder in place of its own, which a revision has elsewhere."""
    was, now = before.program.resolve(), home.resolve()
    while was != now and was.name == now.name:
        was, now = was.parent, now.parent
    if was == now:
        return before
    later = partial(re.compile(rf"{re.escape(str(was))}(?=/|$)").sub, str(now))
    resources = {urn: replace(old, inputs=each_text(old.inputs, later)) for urn, old in before.graph.resources.items()}
    return replace(before, graph=replace(before.graph, resources=resources))


def _on_later_lines(before: Graph, after: Graph) -> Iterator[Unseen]:
    """Code that was not run, by its later lines: as many pieces of a file, of the same types, are the same ones."""
    apart, later = (grouped((place_of(piece.code), piece) for piece in graph.unseen) for graph in (before, after))
    for place, pieces in apart.items():
        alike = [piece.types for piece in pieces] == [piece.types for piece in later.get(place, ())]
        yield from later[place] if alike else pieces


def _is_component(graph: Graph, urn: str | None) -> bool:
    """Whether it is one, or the stack."""
    resource = graph.resources.get(urn or "")
    return resource is None or not resource.custom


def twins(removed: Sequence[Resource], added: Sequence[Resource], pairs: Sequence[Pair]) -> list[Pair]:
    """Resources that go and come with another name or parent only, and name the same ones, or twins of these."""
    # In components of other types, they have one name: roles of machines are alike whatever the machines are for.
    now = {old.urn: new.urn for old, new in pairs}
    gone, come = (
        grouped((_likeness(resource, {one.urn: one for one in (*each, *lasting)}, urns), resource) for resource in each)
        for each, lasting, urns in ((removed, [old for old, _ in pairs], now), (added, [new for _, new in pairs], {}))
    )
    both = ((gone[likeness], come[likeness]) for likeness in gone if likeness in come)
    alike = [pair for olds, news in both if len(olds) == len(news) for pair in zip(olds, news, strict=True)]
    same = [(old, new) for old, new in alike if old.name == new.name or _within(old) == _within(new)]
    more = {old.urn: new.urn for old, new in same}
    return same if more.items() <= now.items() else twins(removed, added, [*pairs, *same])


def _within(resource: Resource) -> str:
    """The type of the component that it is in, after those that this one is in."""
    return key_of(resource.parent or "").rpartition("::")[0]


def _likeness(resource: Resource, others: Mapping[str, Resource], now: Mapping[str, str]) -> Hashable:
    """The type and the inputs without names. What another resource gives is that resource's output."""
    named = resource.property_dependencies
    keys = {urn: key_of(now.get(urn, urn)) for urns in named.values() for urn in urns}
    outputs = {
        urn: {text: f"{key} {output}" for output, text in others[urn].state.items() if is_distinct(text)}
        for urn, key in keys.items()
        if urn in others
    }
    return resource.type, *sorted(
        (key, DIGEST.sub("", str(value)), *sorted(keys[urn] for urn in named.get(key, ())))
        for key, value in with_new_values(resource, outputs).items()
        if key not in ("name", "tags", "tagsAll")
    )


def managed(graph: Graph) -> list[Resource]:
    """Resources that the stack makes, and components whose own ones are not seen."""
    return [resource for resource in graph if (resource.custom or resource.remote) and not resource.existing]


def _inherited(resource: Resource, graph: Graph) -> Iterator[str]:
    """Keys that a resource had under its parents' aliases: the engine derives a child's alias from its parent's."""
    parent = graph.resources.get(resource.parent) if resource.parent else None
    if parent is None:
        return
    for alias in [*(key_of(alias) for alias in parent.options.aliases), *_inherited(parent, graph)]:
        chain, _, name = alias.rpartition("::")
        own = name + resource.name.removeprefix(parent.name) if resource.name.startswith(parent.name) else resource.name
        yield f"{chain}${resource.type}::{own}"


def made_up(new: Resource, old: Resource) -> Iterator[tuple[str, str]]:
    """Made-up values follow from names, so a renamed resource's differ without anything having changed."""
    for output in (new.state.keys() & old.state.keys()) - new.inputs.keys():
        now, was = ([*texts(resource.state[output])] for resource in (new, old))
        if len(now) == len(was):
            yield from (pair for pair in zip(now, was, strict=True) if is_distinct(pair[0]))
