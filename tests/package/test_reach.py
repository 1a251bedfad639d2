"""The words of statements are a contract: a renamed key changes the next preview of every stack.

After a change that is meant: another `VERSION`, `UPDATE_SNAPSHOTS=1 make test ARGS=tests/package`, and the reason in
CHANGELOG.md.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.facts.statements import VERSION, WORDS
from components.recording.values import Secret
from components.testing.values import open_value
from tests.helpers.stacks import ALL, EXAMPLES, ROOT, STACKS, graph_of
from tests.oracle.stack import Stack
from tests.oracle.test_mutants import describe, walk
from tests.oracle.test_statements import CONFIGS, build

SNAPSHOT = Path(__file__).with_name("reach.txt")


def test_no_word_has_another_name() -> None:
    graphs = [*map(graph_of, (*STACKS, *EXAMPLES)), *map(build, CONFIGS.values())]
    stacks = [Stack(graph) for graph in graphs if graph is not None]
    words = {
        describe(stack.graph.resources[urn].kind, place)
        for stack in stacks
        for urn, statement in stack.statements.items()
        for place, _ in walk(statement)
    }
    text = "".join(f"{line}\n" for line in (f"version {VERSION}", *sorted(words)))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text)
    assert SNAPSHOT.read_text() == text, "see the head of this file"


def test_every_word_is_in_the_schema_and_on_the_page() -> None:
    words = [line.split(".") for line in SNAPSHOT.read_text().splitlines()[1:]]
    humps = {re.sub("_([a-z])", lambda hump: hump[1].upper(), word) for word in WORDS}
    assert {word for _, word, *_ in words} == humps
    page = (ROOT / "docs" / "reach.md").read_text()
    assert sorted(word for line in words for word in line[1:] if word not in page and word != "*") == []


@pytest.mark.parametrize("name", ALL)
def test_a_first_preview_states_the_same(name: str) -> None:
    """Values that only a provider gives are referred to, so that they are known in every preview."""
    known, unknown = (Stack(graph_of(name, known=one)).statements for one in (True, False))
    assert known == unknown


def list_secrets(value: Any) -> Iterator[str]:
    """The texts that are secret in inputs."""
    if isinstance(value, Secret):
        yield str(open_value(value))
    elif isinstance(value, Mapping | list):
        yield from (
            text for part in (value.values() if isinstance(value, Mapping) else value) for text in list_secrets(part)
        )


@pytest.mark.parametrize("name", ALL)
def test_no_statement_has_a_secret(name: str) -> None:
    graph = graph_of(name)
    secrets = {text for each in graph for text in list_secrets(each.inputs)}
    for each in graph:
        if "reach" in each.inputs:
            assert list(list_secrets(each.inputs["reach"])) == []
            assert not [text for text in secrets if text in json.dumps(each.inputs["reach"], default=str)]
