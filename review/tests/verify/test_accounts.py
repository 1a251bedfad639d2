"""Nothing of a state vanishes: what is compared, what is not read, and what is left out with its reason."""

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from review.engine_files.state import read_state
from review.graph import Graph, Resource
from review.report.render import verification as report
from review.tests.engine_files import writer
from review.tests.verify.fake_aws import FakeAws, deployed, refreshed
from review.verify.calls import Caller
from review.verify.check import Status
from review.verify.cloud import Cloud
from review.verify.verification import AccountError, Verification, verify
from tests.helpers.stacks import graph_of

MINE, OTHER = "123456789012", "222222222222"
PROVIDER = "urn:pulumi:test::project::pulumi:providers:aws::other"
REFERENCE = f"{PROVIDER}::0a1b"
ROLE = f'[{{"roleArn":"arn:aws:iam::{OTHER}:role/deploy"}}]'


def stack(names: Mapping[str, dict[str, Any]], provider: dict[str, Any] | None = None) -> Graph:
    """A deployed stack, with changes of the resources that are named, and a provider besides the default one."""
    graph = deployed(graph_of("examples/fortress.yaml"))
    found = {resource.urn: replace(resource, **changed(resource, names.get(resource.name, {}))) for resource in graph}
    if provider is not None:
        (any_of_it, *_) = graph
        made: dict[str, Any] = {"urn": PROVIDER, "type": "pulumi:providers:aws", "name": "other", "parent": None}
        found[PROVIDER] = replace(any_of_it, **made, inputs=provider, state={**provider, "id": "0a1b"}, custom=True)
    return replace(graph, resources=found)


def changed(resource: Resource, change: dict[str, Any]) -> dict[str, Any]:
    more = change.get("state", {})
    return {**change, **({"state": {**resource.state, **more}} if more else {})}


def found_in(graph: Graph, account: str = MINE) -> Verification:
    return verify(refreshed(graph), Cloud(FakeAws(graph, account)), Caller(), offline=True)


@functools.cache
def whole() -> Verification:
    """Of the stack as it is."""
    return found_in(stack({}))


def queue_of(account: str) -> dict[str, Any]:
    return {"provider": REFERENCE, "state": {"arn": f"arn:aws:sns:eu-west-1:{account}:alarms"}}


def topic() -> str:
    return next(one.name for one in deployed(graph_of("examples/fortress.yaml")) if one.kind == "Topic")


def lines(verification: Verification, name: str) -> list[str]:
    return [line for line in verification.unread if line.endswith(f": {name}")]


@pytest.mark.parametrize(
    ("provider", "arn", "reason"),
    [
        ({}, OTHER, f"it is in account {OTHER}"),
        ({"allowedAccountIds": f'["{OTHER}"]'}, "", f"it is in account {OTHER}"),
        ({"assumeRoles": ROLE}, "", f"it is in account {OTHER}"),
        ({"profile": "other"}, "", "its provider has credentials of its own"),
        (None, "", "the state does not have its provider"),
    ],
)
def test_a_resource_of_another_account_is_not_read(provider: Any, arn: str, reason: str) -> None:
    """With these credentials AWS would answer that it is gone."""
    state = {"state": {"arn": f"arn:aws:sns:eu-west-1:{arn}:alarms" if arn else ""}}
    verification = found_in(stack({topic(): {"provider": REFERENCE, **state}}, provider))
    assert any(reason in line for line in lines(verification, topic()))
    assert verification.compared == whole().compared
    assert report.document(verification)["drift"] == []
    # Its subscription has a provider of the stack's own account.
    assert [check.status for check in verification.checks if check.about == topic()] == [Status.NOT_READ]


@pytest.mark.parametrize("provider", [{"region": "us-east-1"}, {"assumeRoles": ROLE.replace(OTHER, MINE)}])
def test_another_region_or_role_of_the_account_is_compared(provider: Any) -> None:
    graph = stack({topic(): {"provider": REFERENCE}}, provider)
    verification = found_in(graph)
    assert (verification.compared, verification.unread) == (whole().compared, ())


def test_credentials_of_the_second_account_compare_its_resources() -> None:
    graph = stack({topic(): queue_of(OTHER)}, {})
    verification = found_in(graph, OTHER)
    assert not lines(verification, topic())
    assert any(f"it is in account {MINE}" in line for line in verification.unread)
    with pytest.raises(AccountError, match=f"the credentials are of account 333333333333, and the stack is in {MINE}"):
        found_in(graph, "333333333333")


def test_what_the_program_only_reads_is_named() -> None:
    """Also if a file was changed so that it says so of a resource of the stack."""
    notes = report.document(found_in(stack({topic(): {"existing": True}})))["notes"]
    assert [one for one in notes if topic() in one and one.endswith(": not compared, for the program only reads them")]


def test_what_an_old_provider_left_has_the_region_of_that_provider(tmp_path: Any) -> None:
    """An update that moves a provider to another region and is interrupted leaves both."""
    graph = stack({topic(): {"provider": REFERENCE}}, {})
    document = writer.state(graph)
    resources = document["deployment"]["resources"]
    for one in [one for one in resources if one["urn"] == PROVIDER or one.get("provider") == REFERENCE]:
        resources.append({**one, "delete": True})
        one |= {"id": "new"} if one["urn"] == PROVIDER else {"provider": f"{PROVIDER}::new"}
    for resource in resources:
        if resource["urn"] == PROVIDER:
            resource["inputs"] = {"region": "us-east-1" if resource.get("delete") else "us-west-2"}
    found = read_state(writer.saved(document, tmp_path / "state.json"), lambda *_: ({}, []))
    assert sorted(resource.region for resource in found if resource.kind == "Topic") == ["us-east-1", "us-west-2"]
    assert not [line for line in found_in(found).unread if "does not have its provider" in line]
