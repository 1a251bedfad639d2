"""The words of statements are a contract: a renamed key changes the next preview of every stack.

`tests/oracle/test_mutants.py` collects them. After a change that is meant: another `VERSION`,
`UPDATE_SNAPSHOTS=1 make test ARGS=tests/oracle/test_mutants.py`, and the reason in CHANGELOG.md.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.facts.statements import WORDS
from components.recording.values import Secret
from components.testing.values import open_value
from tests.helpers.stacks import ALL, FIRST_PREVIEWS, ROOT, graph_of
from tests.oracle.stack import Stack

SNAPSHOT = Path(__file__).with_name("reach.txt")


def test_every_word_is_in_the_schema_and_on_the_page() -> None:
    words = [line.split(".") for line in SNAPSHOT.read_text().splitlines()[1:]]
    humps = {re.sub("_([a-z])", lambda hump: hump[1].upper(), word) for word in WORDS}
    assert {word for _, word, *_ in words} == humps
    page = (ROOT / "docs" / "reach.md").read_text()
    assert sorted(word for line in words for word in line[1:] if word not in page and word != "*") == []


@pytest.mark.parametrize("name", FIRST_PREVIEWS)
def test_a_first_preview_declares_and_states_the_same(name: str) -> None:
    """Values that only a provider gives are referred to, so that they are known in every preview."""
    known, unknown = (graph_of(name, known=one) for one in (True, False))
    assert [*known.resources] == [*unknown.resources]
    assert Stack(known).statements == Stack(unknown).statements


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
