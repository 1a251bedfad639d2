"""What neither version knows is as before if both are written alike; else it is not judged, since code makes it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from review.compare.changes import compare_update
from review.compare.engine.side import Evaluated
from review.compare.engine.sources import alike
from review.cost import Usage
from review.graph import UNKNOWN, Unseen
from review.rules.check import judged
from review.tests.fixtures import Compare
from review.tests.graph_builder import Builder
from review.tests.parts import machine, network

NOT_JUDGED = "policy of shop, known only after deployment in both versions"
WRITTEN: dict[str, dict[str, str]] = {
    "alike": {},
    "alike, with what a build made": {"dist.js": "built"},
    "alike, with another stack": {"Pulumi.prod.yaml": "config: {}"},
    "alike, with other packages": {"node_modules/other/index.js": "2"},
    "the program differs": {"__main__.py": "actions = ['iam:PassRole']"},
    "a template of the program differs": {"policies/shop.json": "{}"},
    "a template comes beside others": {"policies/more.json": "{}"},
    "a module comes that may hide a package": {"json.py": "1"},
}


@pytest.mark.parametrize("how", WRITTEN)
def test_code_that_differs_may_make_another_value_of_what_is_unknown(how: str, tmp_path: Path) -> None:
    build = Builder()
    build("iam/rolePolicy:RolePolicy", "shop", role="shop", policy=UNKNOWN)
    graph = build.graph()
    written = {
        "Pulumi.yaml": "",
        "__main__.py": "actions = []",
        "policies/shop.json": "[]",
        "node_modules/other/index.js": "1",
    }
    for side, files in (("old", written), ("new", written | WRITTEN[how])):
        for name, text in files.items():
            (file := tmp_path / side / name).parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    # A pipe would be waited for.
    for side in ("old", "new"):
        os.mkfifo(tmp_path / side / "pipe")
    sides = Evaluated(graph, tmp_path / "old"), Evaluated(graph, tmp_path / "new")
    changes, _ = compare_update(*sides, Usage(), judged, "old")
    assert changes.callers.unjudged == (() if how.startswith("alike") else (NOT_JUDGED,))


@pytest.mark.parametrize(
    ("code", "is_same"), [("the function of apply at __main__.py:{}", True), ("request {}", False)]
)
def test_code_that_was_not_run_is_the_same_on_another_line(code: str, is_same: bool, tmp_path: Path) -> None:
    build = Builder()
    machine(build, "web", subnetId=network(build).public.id)
    graph = build.graph()
    old, new = (replace(graph, unseen=(Unseen(code.format(number), None),)) for number in (8, 9))
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    sides = Evaluated(old, tmp_path / "old"), Evaluated(new, tmp_path / "new")
    changes, _ = compare_update(*sides, Usage(), judged, "old")
    assert (not [*changes.altered, *changes.opened, *changes.closed]) is is_same
    assert (not [text for text in changes.callers.unjudged if "web" in text]) is is_same


def test_a_link_to_another_folder_is_another_program(tmp_path: Path) -> None:
    build = Builder()
    build("iam/rolePolicy:RolePolicy", "shop", role="shop", policy=UNKNOWN)
    graph, sides = build.graph(), (tmp_path / "old", tmp_path / "new")
    for side in sides:
        for folder in ("wide", "narrow"):
            (side / folder).mkdir(parents=True)
            (side / folder / "policy.json").write_text(folder)
        # Which is a file of its own in each worktree.
        (side / ".git").write_text(side.name)
        (side / "used").symlink_to("narrow")
    assert alike(*(Evaluated(graph, side) for side in sides))
    (tmp_path / "new/used").unlink()
    (tmp_path / "new/used").symlink_to("wide")
    assert not alike(*(Evaluated(graph, side) for side in sides))


LONG_POLICY = """
import json
statement = {{"Effect": "Allow", "Principal": {{"AWS": [one * 12 for one in "{}"]}}, "Action": "sqs:SendMessage",
    "Resource": [f"arn:aws:sqs:*:*:{{n}}" for n in range(101)]}}
queue = aws.sqs.Queue("queue")
document = json.dumps({{"Version": "2012-10-17", "Statement": [statement]}})
aws.sqs.QueuePolicy("policy", queue_url=queue.id, policy=document)
"""


def test_a_statement_too_long_to_be_taken_apart_is_not_judged(changes: Compare) -> None:
    found = changes(LONG_POLICY.format("12345"), LONG_POLICY.format("12346")).callers
    assert found.unjudged == ("long statement of queue",)
    assert (*found.admitted, *found.shut_out) == ()
