"""References of statements: resources of one name are different members of a set."""

from typing import Any

import pulumi
import pytest

from components.private_api_endpoint import PrivateApiEndpoint
from components.reach.references import refer_each
from components.recording.values import reveal
from tests.components.test_private_api import ENDPOINT
from tests.helpers.declare import declare

_NAME = "entry-execute-api"
_KIND = "gatehouse:index:PrivateApiEndpoint$aws:ec2/vpcEndpoint:VpcEndpoint"
_OWN, _WITHIN = (f"urn:pulumi:test::gatehouse::{outer}{_KIND}::{_NAME}" for outer in ("", "own:index:Outer$"))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("is_output", [True, False])
@pytest.mark.parametrize("order", [(0, 1, 1), (1, 0, 1)])
def test_resources_of_one_name_are_members_each(order: tuple[int, ...], is_output: bool, known: bool) -> None:
    def program() -> None:
        outer = pulumi.ComponentResource("own:index:Outer", "outer")
        within = PrivateApiEndpoint("entry", ENDPOINT, pulumi.ResourceOptions(parent=outer))
        both = (PrivateApiEndpoint("entry", ENDPOINT).endpoint_id, within.endpoint_id)
        listed: list[Any] = [both[place] for place in order]
        pulumi.export("found", refer_each(pulumi.Output.all(*listed) if is_output else listed, "VpcEndpoint"))

    found = reveal(declare(program, known=known).exports["found"])
    assert found == {_NAME: {"of": [_OWN]}, f"{_NAME}, another": {"of": [_WITHIN]}}


def test_a_text_is_another_member_than_a_resource_of_that_name() -> None:
    def program() -> None:
        made = PrivateApiEndpoint("entry", ENDPOINT).endpoint_id
        pulumi.export("found", refer_each([made, _NAME], "VpcEndpoint"))

    assert declare(program).exports["found"] == {_NAME: True, f"{_NAME}, another": {"of": [_OWN]}}
