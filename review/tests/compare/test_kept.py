"""Values that AWS keeps although the program wants others: what is said of them, and what is not shown."""

from __future__ import annotations

from typing import Any

import pytest

from review.graph import Graph, Options, Secret
from review.tests.graph_builder import Builder
from review.tests.updates import updated

HIDDEN = "a-value-that-nobody-may-read"


def key(options: Options | None = None, **inputs: Any) -> Graph:
    build = Builder()
    build("apigateway/apiKey:ApiKey", "key", options=options, **inputs)
    return build.graph()


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (key(), "key: value is left out and keeps its value, [secret]; write the value that is wanted"),
        (
            key(Options(ignore_changes=("value",)), value=Secret("another")),
            "key: value is ignored now and keeps its value, [secret]; use `pulumi up --replace`",
        ),
    ],
)
def test_a_secret_that_keeps_its_value_is_not_shown(after: Graph, said: str) -> None:
    assert updated(key(value=Secret(HIDDEN)), after).kept == (said,)


def test_a_part_of_a_secret_that_keeps_its_value_is_not_shown() -> None:
    def function(variable: str, options: Options | None = None) -> Graph:
        build = Builder()
        environment = Secret({"variables": {"KEY": variable}})
        build("lambda/function:Function", "function", options=options, environment=environment)
        return build.graph()

    ignoring = Options(ignore_changes=("environment.variables.KEY",))
    found = updated(function(HIDDEN), function("another", ignoring))
    assert found.kept
    assert HIDDEN not in str(found.kept)


def test_nothing_changes_in_a_resource_of_which_everything_is_ignored() -> None:
    found = updated(key(description="a"), key(Options(ignore_changes=("*",)), description="b"))
    assert found.changed == ()
    assert "keeps its value" in found.kept[0]
