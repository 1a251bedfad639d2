"""Defaults of the provider, as the SDK's docstrings have them: one that is written or left out changes nothing."""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from review.aws.catalog import catalog
from review.aws.catalog.catalog import ROWS
from review.tests.graph_builder import Builder
from review.tests.sdk import sdk_class
from review.tests.updates import updated

FILE = Path(catalog.__file__).with_name("defaults.json")
_SAID = re.compile(
    r"\b[Dd]efaults?(?: value)?(?: to| is|:)*(?: to)? (?:`\"?([^`\"]*)\"?`|(true|false)\b)"
    r"(?! (?:for|when|during|unless|if the)\b)"  # 100 for streams, and 10 for queues
)


def documented(token: str) -> dict[str, str]:
    """The defaults of the inputs of a type, as text; none for an input of which the docstring names several."""
    try:
        kind = sdk_class(token)
    except (ImportError, AttributeError):
        return {}
    arguments: Any = getattr(sys.modules[kind.__module__], f"{kind.__name__}Args", None)
    found = {}
    for name, member in vars(arguments).items() if arguments else ():
        text = inspect.getdoc(member.fget) or "" if isinstance(member, property) else ""
        said = {quoted or plain for quoted, plain in _SAID.findall(text)}
        if len(said) == 1:
            found[getattr(member.fget, "_pulumi_name", name)] = said.pop()
    return found


@pytest.mark.slow  # it loads most of the SDK
def test_the_table_is_what_the_sdk_says() -> None:
    found = {token: known for token in sorted(ROWS) if token.startswith("aws:") and (known := documented(token))}
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert json.loads(FILE.read_text(encoding="utf-8")) == found


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("sqs/queue:Queue", {"fifoQueue": False}),
        ("ec2/vpc:Vpc", {"instanceTenancy": "default"}),
        ("kms/key:Key", {"deletionWindowInDays": 30, "keyUsage": "ENCRYPT_DECRYPT"}),
        ("rds/instance:Instance", {"storageEncrypted": False}),
        ("ec2/instance:Instance", {"hibernation": False}),
    ],
)
def test_a_default_that_is_written_or_left_out_changes_nothing(kind: str, inputs: dict[str, Any]) -> None:
    without, written = Builder(), Builder()
    without(kind, "it")
    written(kind, "it", **inputs)
    for pair in ((without, written), (written, without)):
        changes = updated(pair[0].graph(), pair[1].graph(), rules=False)
        assert (changes.changed, changes.consequences) == ((), ())


def test_a_switch_that_was_left_to_aws_perhaps_replaces() -> None:
    without, written = Builder(), Builder()
    without("ebs/volume:Volume", "it")
    written("ebs/volume:Volume", "it", encrypted=False)
    assert [change.replacing for change in updated(without.graph(), written.graph(), rules=False).changed] == [None]


def test_another_value_than_the_default_is_a_change() -> None:
    without, written = Builder(), Builder()
    without("sqs/queue:Queue", "it")
    written("sqs/queue:Queue", "it", fifoQueue=True)
    assert [one.replacing for one in updated(without.graph(), written.graph(), rules=False).changed] == [("fifoQueue",)]
