"""What the review says of a stack file with encrypted values, which it has no key for."""

from typing import Any

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.stack_file import from_document
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import project
from tests.settings.wrong_configs import BASE, EXISTING

SECURE = {"secure": "v1:x"}


def evaluated(config: dict[str, Any]) -> tuple[Any, Any]:
    stack = from_document(project(), "dev", {"config": BASE | config | {"aws:region": "eu-west-1"}})
    return run(project(), stack, reimport=False), stack


def test_every_mistake_is_shown() -> None:
    wrong = {f"key{number}": number for number in range(12)}
    with pytest.raises(ProgramError) as refused:
        evaluated({"proxy": wrong})
    assert [key for key in wrong if f"gatehouse:proxy.{key}" not in str(refused.value)] == []


def test_a_stand_in_that_does_not_fit_leads_to_the_file_that_can_hold_another() -> None:
    with pytest.raises(ProgramError, match=r"write one that fits, by its path, into review\.answers\.yaml"):
        evaluated({"backend": {"image": "nginx:1", "port": SECURE}})


@pytest.mark.parametrize(
    "config",
    [
        EXISTING | {"backend": {"url": SECURE}},
        EXISTING | {"network": {"vpcId": SECURE, "subnetIds": [SECURE, SECURE]}},
        {"backend": {"image": SECURE}},
        {"api": {"domain": {"name": SECURE, "certificateArn": SECURE}}},
        {"protection": {"alarms": {"emails": [SECURE]}, "budget": {"monthlyUsd": 9, "emails": [SECURE]}}},
    ],
    ids=["url", "network", "image", "domain", "emails"],
)
def test_a_value_may_be_encrypted_where_a_form_is_wanted(config: dict[str, Any]) -> None:
    graph, stack = evaluated(config)
    assert graph.resources
    assert "encrypted values are stand-ins here" in "".join(stack.notes)
