"""Any value of an observation that differs is said; another target or value from elsewhere fails `--strict`."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from review.compare.comparison import compare
from review.compare.lines import Group
from review.cost import Usage
from review.evaluate.project_texts import ProjectTexts
from review.graph import UNKNOWN, Graph, Invoke, Options, Secret
from review.recording.resources import COMPONENT
from review.report.described import describe
from review.tests.compare.observation import (
    GRAPH,
    GREETER,
    PREFIX,
    QUEUE,
    READ,
    STACK,
    TEXTS,
    compare_pair,
    put,
)


def _mutate(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The value with each of its leaves changed, once each, by the place of the leaf."""
    match value:
        case Mapping():
            for key in value:
                yield from ((place, {**value, key: changed}) for place, changed in _mutate(value[key], f"{path}.{key}"))
            yield f"{path}.new", {**value, "new": "value"}
        case list() | tuple() | frozenset():
            members = [*value]
            for number, member in enumerate(members):
                for place, changed in _mutate(member, f"{path}[{number}]"):
                    yield place, type(value)([*members[:number], changed, *members[number + 1 :]])
        case Secret():
            yield path, Secret("another")
        case None:
            yield path, "value"
        case bool():
            yield path, not value
        case int():
            yield path, value + 1
        case str():
            yield path, f"{value}-other"
        case Options() | Invoke():
            for each in fields(value):
                if each.name != "made_up":
                    changes = _mutate(getattr(value, each.name), f"{path}.{each.name}")
                    yield from ((place, replace(value, **{each.name: changed})) for place, changed in changes)


_FIELDS: Final = ("inputs", "options", "dependencies", "altered")


def _list_mutations() -> Iterator[tuple[str, Graph, ProjectTexts]]:
    for part in ("config", "ciphertexts", "exports", "invokes", "stack_outputs"):
        for place, changed in _mutate(getattr(GRAPH, part), part):
            yield place, replace(GRAPH, **{part: changed}), TEXTS
    for resource in GRAPH:
        for name in _FIELDS:
            for place, changed in _mutate(getattr(resource, name), f"{resource.name}.{name}"):
                yield place, put(replace(resource, **{name: changed})), TEXTS
        other = replace(resource, provider=f"{PREFIX}pulumi:providers:aws::second::1")
        yield f"{resource.name}.provider", put(other), TEXTS
        declarer = COMPONENT if resource.urn in (QUEUE, GREETER) else resource.declared_by
        yield f"{resource.name}.declared_by", put(replace(resource, declared_by=declarer)), TEXTS
    for urn in (READ, STACK):
        yield f"{urn}.id", put(replace(GRAPH.resources[urn], state={"id": "others"})), TEXTS
    for each in fields(ProjectTexts):
        for place, changed in _mutate(getattr(TEXTS, each.name), each.name):
            yield place, GRAPH, replace(TEXTS, **{each.name: changed})


_SAME: Final = ("invokes[0].provider", "invokes[0].declared_by", "main.provider", "hello.provider")
"""Changes that are none: a made-up ID behind a provider's name, and providers of what no provider handles."""


def test_any_other_value_is_a_difference() -> None:
    silent, seen = [], 0
    for place, graph, texts in _list_mutations():
        if place.endswith(_SAME) or (graph == GRAPH and texts == TEXTS):
            continue
        seen += 1
        for before, after in (((GRAPH, TEXTS), (graph, texts)), ((graph, texts), (GRAPH, TEXTS))):
            found = compare_pair(before, after)
            if found.heading == "Nothing differs":
                silent.append(place)
    assert seen > 120
    assert silent == []


def test_nothing_differs_names_what_was_compared_and_what_was_not() -> None:
    found = compare_pair((GRAPH, TEXTS), (GRAPH, TEXTS))
    assert (found.heading, found.failures) == ("Nothing differs", [])
    for word in ("options", "look-ups", "outputs", "config", "Pulumi.yaml", "packages", "text"):
        assert word in found.scope.partition("Not compared")[0]
    assert "Not compared: what the environments of Pulumi ESC hold and what encrypted values hold" in found.scope
    without = compare(GRAPH, GRAPH, Usage(), "before", describe=describe)
    assert "packages" in without.scope.partition("Not compared")[2]


def test_a_value_that_no_version_knows_is_named_and_nothing_is_called_equal() -> None:
    queue = GRAPH.resources[QUEUE]
    unknown = put(replace(queue, inputs={**queue.inputs, "kmsMasterKeyId": UNKNOWN}))
    found = compare_pair((unknown, TEXTS), (unknown, replace(TEXTS, program={"__main__.py": "other"})))
    assert found.heading.startswith("No difference is known in what the program declares")
    assert "known only after the update (kmsMasterKeyId of jobs)" in found.scope
    labelled = replace(queue, inputs={**unknown.resources[QUEUE].inputs, "tags": {"team": "b"}})
    found = compare_pair((unknown, TEXTS), (put(labelled), TEXTS))
    assert found.heading == "1 resource changes: jobs (Queue)"


def test_an_input_that_is_no_longer_secret_is_said_and_not_shown() -> None:
    queue = GRAPH.resources[QUEUE]
    marked = put(replace(queue, inputs={**queue.inputs, "tags": {"team": Secret("a-team-of-secrets")}}))
    bare = put(replace(queue, inputs={**queue.inputs, "tags": {"team": "a-team-of-secrets"}}))
    found = compare_pair((marked, TEXTS), (bare, TEXTS))
    assert "tags.team: [secret] → [secret] (no longer marked as secret)" in found.lines[0].sentence
    assert not any("a-team-of-secrets" in line.sentence for line in found.lines)


def test_a_replacement_that_is_not_certain_is_not_said_to_delete() -> None:
    cache = replace(GRAPH.resources[QUEUE], type="aws:elasticache/cluster:Cluster")
    small, large = (put(replace(cache, inputs={"nodeType": size})) for size in ("cache.t4g.micro", "cache.m7g.large"))
    found = compare_pair((small, TEXTS), (large, TEXTS))
    assert found.heading.startswith("Perhaps replaces data: jobs (nodeType)")
    (line,) = (line.sentence for line in found.lines if line.topic.group is Group.DATA)
    assert "that would delete" in line


def test_the_order_of_declarations_is_no_difference() -> None:
    reversed_graph = replace(
        GRAPH, resources=dict(reversed(GRAPH.resources.items())), config=dict(reversed([*GRAPH.config.items()]))
    )
    assert compare_pair((GRAPH, TEXTS), (reversed_graph, TEXTS)).heading == "Nothing differs"
