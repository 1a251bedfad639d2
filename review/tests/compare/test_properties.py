"""Properties of comparisons: of all stack files and moves, of drawn settings, and of the pairs."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from review.compare.comparison import Comparison
from review.compare.kept import with_kept
from review.compare.lines import Group, Sign
from review.compare.render import FIRST_SCREEN, document, markdown_blocks, text_lines
from review.compare.resources import Change, compare_resources
from review.evaluate.problems import ProgramError
from review.graph import Graph, Resource, Secret
from review.report.render.markdown import safe
from review.tests.compare.pairs import PAIRS, graphs
from review.tests.updates import compared
from tests.helpers.draws import draws
from tests.helpers.stacks import EXAMPLES, STACKS, graph_of, graph_with
from tests.topologies.drawn_configs import configs

FILES = [*STACKS, *EXAMPLES]
NEIGHBOURS = [*itertools.pairwise(FILES)]
MIRRORED = {Sign.NEW: Sign.GONE, Sign.GONE: Sign.NEW}
STATED = {Group.OPEN, Group.PATHS, Group.CALLS, Group.RULES, Group.MONEY}


def rendered(found: Comparison) -> str:
    """All three forms."""
    text = "\n".join(f"{sign} {line}" for sign, line in text_lines(found))
    return "\n".join([text, *markdown_blocks(found, str), json.dumps(document(found), ensure_ascii=False)])


def unstated(found: Comparison) -> Iterator[str]:
    """Inputs that differ, and resources that come or go, of which no line tells."""
    by_resource: dict[str, str] = {}
    for line in found.lines:
        for urn in line.resources:
            by_resource[urn] = f"{by_resource.get(urn, '')}\n{line.text}"
    others = "\n".join(line.text for line in found.lines if line.group in (Group.CALLS, Group.RULES))
    for change in found.resources.changes:
        said = by_resource.get(change.new.urn, "") + by_resource.get(change.old.urn, "")
        for part in change.inputs:
            name = re.sub(r"^body\.paths\.[^.]*\.[a-z-]+\.", "", part.name)
            words = found.wording.of_input(part._replace(name=name), replace(change, kept=frozenset()))
            told = found.wording.masked(words) in said or is_in_calls(part.name, others)
            if not told and "is deployed again" not in said:
                yield f"{change.new.name}: {words}"
        if not said and not change.inputs and not change.follows:
            yield f"{change.new.name} is renamed"
    for resource in (*found.resources.added, *found.resources.removed):
        if resource.name not in by_resource.get(resource.urn, "") and resource.kind not in ("Route", "Method"):
            yield f"{resource.name} ({resource.kind})"


COLUMNS = {
    "requires": r"authorization|authorizationType|apiKeyRequired|security",
    "authorizer": r"authorizerId|security",
    "scopes": r"authorizationScopes|security",
    "goes to": r"uri|type|httpMethod|connection\w+|integration\w+|integration-target",
    "timeout": r"timeoutInMillis|timeoutMilliseconds",
    "response": r"responseTransferMode",
    "throttle": r"throttling\w+Limit",
    "address": r"disableExecuteApiEndpoint|domainName",
    "API ": r"paths\..*|\w+",
}


def is_in_calls(name: str, lines: str) -> bool:
    last = re.sub(r"\[.*?\]", "", name).rpartition(".")[2]
    return any(
        column in lines and re.fullmatch(names, name.removeprefix("body.") if column == "API " else last)
        for column, names in COLUMNS.items()
    )


def faults(before: Graph, after: Graph) -> list[str]:
    """Where the comparison of two versions, or its mirror image, breaks a property."""
    found, mirror = compared(before, after), compared(after, before)
    texts = [f"{line.sign.value} {line.text}" for line in found.lines]
    wrong = [f"twice: {text}" for text in texts if texts.count(text) > 1]
    wrong += [f"no line: {text}" for text in unstated(found)]
    wrong += [] if texts or not found.resources.changes else ["no line at all"]
    return wrong if is_kept(before, after) or is_kept(after, before) else wrong + list(unlike(found, mirror))


def is_kept(before: Graph, after: Graph) -> bool:
    """Whether AWS keeps something, or an alias names it, so that the way back is another one."""
    if any(resource.options.aliases for resource in after):
        return True
    return with_kept(after, compare_resources(before, after)).resources != after.resources


def names_of(change: Change) -> set[str]:
    """The inputs that differ. Lines of scripts are counted by the later version."""
    return {re.sub(r"\[(line |\d+ more).*", "", part.name) for part in change.inputs}


def unlike(found: Comparison, mirror: Comparison) -> Iterator[str]:
    """Where the comparison the other way round is not the mirror image."""
    resources, others = found.resources, mirror.resources
    for mine, theirs in ((resources.added, others.removed), (resources.removed, others.added)):
        if {resource.name for resource in mine} != {resource.name for resource in theirs}:
            yield "other resources come and go"
    forth, back = (
        {(one.new.type, one.new.name): names_of(one) for one in side.changes} for side in (resources, others)
    )
    yield from (f"{key} has other inputs: {forth[key]}" for key in forth if forth[key] != back.get(key, set()))
    for group in STATED:
        signs = sorted(MIRRORED.get(line.sign, line.sign).value for line in found.of_group(group))
        if group is not Group.RULES and signs != sorted(line.sign.value for line in mirror.of_group(group)):
            yield f"{group.name} is no mirror image: {[line.text for line in found.of_group(group)]}"


@pytest.mark.parametrize("stack", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in FILES])
def test_a_stack_file_does_not_differ_from_itself(stack: str) -> None:
    found = compared(graph_of(stack), graph_of(stack))
    assert (found.lines, found.heading, found.failures) == ((), "Nothing differs", [])


@pytest.mark.parametrize("pair", NEIGHBOURS, ids=str)
def test_stack_files_against_each_other(pair: tuple[str, str]) -> None:
    assert faults(graph_of(pair[0]), graph_of(pair[1])) == []


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_keep_the_properties(name: str) -> None:
    assert faults(*graphs(name)) == []


def built(config: dict[str, Any]) -> Graph | None:
    try:
        return graph_with(config)
    except ProgramError:
        return None


@settings(max_examples=draws(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(configs(), st.data())
def test_drawn_settings_keep_the_properties(config: dict[str, Any], data: st.DataObject) -> None:
    """A config, and one in which a section is that of another one."""
    other = data.draw(configs())
    section = data.draw(st.sampled_from(sorted(other)))
    before, after = built(config), built({**config, section: other[section]})
    if before is not None:
        assert compared(before, before).lines == ()
        if after is not None:
            assert faults(before, after) == []


SECRET_NAMES = ("password", "apiKey", "DB_PASSWORD", "GITHUB_TOKEN", "clientSecret", "privateKey")


def planted(graph: Graph, word: str) -> Graph:
    """A version of a stack with secrets: some marked, and others only by the names of inputs and variables."""

    def plant(number: int, resource: Resource) -> Resource:
        own = f"{word}{number:04}"
        names = {name: f"{name[:2]}{own}" for name in SECRET_NAMES}
        variables = [{"name": name, "value": value} for name, value in names.items()]
        document = json.dumps([{"name": "app", "environment": variables}])
        script = f"#!/bin/bash\nexport API_TOKEN=to{own}\ncurl https://user:{own}@example.com\nAKIA{own[-16:]:A>16}"
        planted = {"description": Secret(f"ma{own}"), "variables": names, "definitions": document, "userData": script}
        return replace(resource, inputs={**resource.inputs, **planted})

    resources = {urn: plant(at, one) if one.custom else one for at, (urn, one) in enumerate(graph.resources.items())}
    return replace(graph, resources=resources)


@pytest.mark.parametrize("stack", FILES[:6])
def test_no_secret_is_printed(stack: str) -> None:
    graph = graph_of(stack)
    first, second = planted(graph, "ONEHIDDEN"), planted(graph, "TWOHIDDEN")
    for before, after in ((graph, first), (first, second), (second, graph)):
        found = compared(before, after)
        assert found.lines
        assert re.findall(r"\S*(?:ONE|TWO)HIDDEN\d*", rendered(found)) == []


@pytest.mark.parametrize(
    ("name", "fails"),
    [
        ("a route opened", ["GET /orders (and below) of front", "API-01 (high)", "API-01 (high)"]),
        ("a table removed", ["one (Table) is deleted"]),
        ("a retained table removed", []),
        ("a protected table removed", []),
        ("a bucket removed", []),
        ("logs kept for less", []),
        ("another image", []),
        ("a NAT gateway", []),
        ("another throttle", []),
        ("perhaps a replacement", []),
    ],
)
def test_what_strict_makes_an_error(name: str, fails: list[str]) -> None:
    found = compared(*graphs(name)).failures
    assert [text.startswith(start) for text, start in zip(found, fails, strict=True)] == [True] * len(fails), found


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        (
            "a route opened",
            "Opens to anyone: GET /orders (and below) of front; Newly fails: API-01 (high); Changes calls",
        ),
        ("a table removed", "Deletes data: one"),
        ("another image", "Replaces data: backend-instance (8 GB)"),
        ("a resource added", "1 resource changes; no data, calls, rules or costs differ"),
        ("a set in another order", "Nothing differs"),
        ("another throttle", "Changes calls: GET /orders (and below); Costs: $2,724.22 → $278.39 a month for calls"),
    ],
)
def test_the_heading_has_the_gravest_facts(name: str, heading: str) -> None:
    assert compared(*graphs(name)).heading.startswith(heading)


def test_the_first_screen_has_thirty_lines_and_the_others_are_folded() -> None:
    found = compared(graph_of("dev"), graph_of("examples/private-cross-account.yaml"))
    assert len(found.lines) > FIRST_SCREEN
    shown, folded = "\n".join(markdown_blocks(found, safe)).split("<details>")
    assert shown.count("\n- `") == FIRST_SCREEN
    assert folded.count("\n- `") == len(found.lines) - FIRST_SCREEN
    text = [line for _, line in text_lines(found)]
    assert f"The other {len(found.lines) - FIRST_SCREEN} lines:" in text
    groups = [line.group for line in found.lines]
    assert groups == sorted(groups, key=list(Group).index)
    assert "<" not in re.sub(r"</?(details|summary|span)>|<!-- -->", "", "".join(markdown_blocks(found, safe)))
