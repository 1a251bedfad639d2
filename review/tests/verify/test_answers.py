"""One leaf of an answer of our own calls changed, a member more or less: the verification is another."""

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from review.tests.verify.fake_aws import FakeAws, deployed
from review.verify.cloud import Cloud
from review.verify.verification import _asked
from tests.helpers.draws import draws
from tests.helpers.stacks import graph_of

DATA = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text())
IGNORED = {(call, name) for calls in DATA["ignored"].values() for call, names in calls.items() for name in names}


class Replayed(Cloud):
    held: dict[tuple[str, str, str], Any]

    def ask(self, call: str, arguments: Any, region: str) -> Any:
        asked = (f"{call} {min(arguments, default='')}", json.dumps(arguments, sort_keys=True), region)
        self.held[asked] = self.held[asked] if asked in self.held else super().ask(call, arguments, region)
        return self.held[asked]


def known(aws: FakeAws, held: dict[tuple[str, str, str], Any]) -> Any:
    cloud = Replayed(aws)
    cloud.held = held
    return _asked(aws.graph, cloud)[:3]


def variants(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each with one leaf or one member changed, and its name."""
    if isinstance(value, dict):
        keys = value.keys() - {"ResponseMetadata"}
        yield from ((its, {**value, key: new}) for key in sorted(keys) for its, new in variants(value[key], key))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            texts = {key for key in one if type(one[key]) is str} - {"Origin"} if isinstance(one, dict) else set()
            more = {**one, **dict.fromkeys(texts, "new")} if isinstance(one, dict) else "new"
            changed = [*((its, [new]) for its, new in variants(one, name)), (f"less {name}", [])]
            for its, new in (*changed, (f"more {name}", [one, more])):
                yield its, [*value[:at], *new, *value[at + 1 :]]
    elif isinstance(value, str) and value.startswith("{"):
        yield from ((its, json.dumps(new)) for its, new in variants(json.loads(value)))
    else:
        yield name, not value if isinstance(value, bool) else "new" if isinstance(value, str) else 0 if value else 4321


@functools.cache
def sound(stack: str) -> Any:
    aws, held = FakeAws(deployed(graph_of(f"examples/{stack}.yaml"))), dict[tuple[str, str, str], Any]()
    aws.more.update(DATA["answers"])
    first = known(aws, held)
    changed = [(asked, *each) for asked, answer in held.items() for each in variants(answer) if asked[0][:4] != "sts."]
    return (
        aws,
        held,
        first,
        [one for one in changed if not IGNORED & {(one[0][0], one[1]), (one[0][0].split()[0], one[1])}],
    )


@settings(max_examples=draws(100))
@given(st.sampled_from(["partner-api", "nat-instance", "jwt-http", "http-alb-ec2", "own-domain"]), st.integers(0, 9999))
def test_any_leaf_of_an_answer_that_is_changed_changes_the_verification(stack: str, number: int) -> None:
    aws, held, first, changed = sound(stack)
    asked, name, answer = changed[number % len(changed)]
    assert known(aws, {**held, asked: answer}) != first, (asked, name)
