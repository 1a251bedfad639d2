"""Which versions of a function go, when, and what happens when they cannot."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.facts.defaults import KEPT_VERSIONS
from components.function import version_pruning
from components.function.version_pruning import build_pruning_hooks, find_outdated
from components.resource_hooks.boto3_clients import MissingModuleError
from tests.helpers.stacks import ROOT

versions = st.lists(st.integers(1, 500), unique=True)


@given(versions, versions, st.integers(1, 9))
def test_what_goes_is_older_than_all_that_stay_but_the_aliased(found: list[int], held: list[int], kept: int) -> None:
    gone = {int(version) for version in find_outdated(map(str, found), map(str, held), kept)}
    stay = set(found) - gone
    assert len(stay) >= min(kept, len(found))
    assert not gone & set(held)
    assert all(old < new for old in gone for new in stay - set(held))
    assert set(sorted(found)[-kept:]) <= stay


class Client:
    """Lambda's, with two pages of each list."""

    def __init__(self, published: list[str], aliases: list[dict[str, Any]]) -> None:
        self._pages = {
            "list_versions_by_function": [{"Versions": [{"Version": one}]} for one in published],
            "list_aliases": [{"Aliases": [alias]} for alias in aliases],
        }
        self.deleted: list[dict[str, str]] = []
        self.asked: list[str] = []

    def get_paginator(self, operation_name: str, /) -> Any:
        client = self

        class Paginator:
            def paginate(self, **arguments: str) -> Iterator[dict[str, Any]]:
                client.asked.append(arguments["FunctionName"])
                yield from client._pages[operation_name]

        return Paginator()

    def delete_function(self, **arguments: str) -> None:
        self.deleted.append(arguments)


ALIAS = {"functionName": "proxy-1", "arn": "arn:aws:lambda:eu-west-1:123456789012:function:proxy-1:live"}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The messages of the deployment."""
    found: dict[str, list[str]] = {"info": [], "warn": []}
    for level, said in found.items():
        monkeypatch.setattr(pulumi.log, level, said.append)
    return found


def run(connect: version_pruning.Connect) -> None:
    args = pulumi.ResourceHookArgs("urn", "id", "proxy-alias", "aws:lambda/alias:Alias", new_outputs=ALIAS)
    version_pruning._prune(KEPT_VERSIONS, connect, args)


def test_old_versions_are_deleted_in_the_aliass_region(heard: dict[str, list[str]]) -> None:
    client = Client(
        ["$LATEST", "1", "2", "3", "4", "5", "6"],
        [
            {"FunctionVersion": "6", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}},
            {"FunctionVersion": "1", "RoutingConfig": None},
        ],
    )
    regions: list[str] = []

    def connect(region: str) -> Client:
        regions.append(region)
        return client

    run(connect)
    assert regions == ["eu-west-1"]
    assert set(client.asked) == {"proxy-1"}
    assert client.deleted == [{"FunctionName": "proxy-1", "Qualifier": "3"}]
    assert heard == {"info": ["proxy-1: pruned version 3; the newest 3 stay"], "warn": []}


def test_what_goes_wrong_is_a_warning(heard: dict[str, list[str]]) -> None:
    run(lambda _: Client(["1"], [{"FunctionVersion": "1"}]))
    assert heard == {"info": [], "warn": []}

    def connect(_: str) -> Client:
        raise RuntimeError("Unable to locate credentials")

    run(connect)
    assert heard["warn"] == [
        "proxy-1: old versions were not pruned and stay until the next change: Unable to locate credentials"
    ]


def test_a_client_is_made_with_the_stacks_profile_and_the_aliass_region(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []

    def session(**arguments: Any) -> Any:
        made.append(arguments)
        return SimpleNamespace(client=lambda name: name)

    monkeypatch.setattr("boto3.Session", session)
    pulumi.runtime.set_config("aws:profile", "work")
    try:
        assert version_pruning._make_client("eu-west-1") == "lambda"  # type: ignore[comparison-overlap] # a stand-in
    finally:
        pulumi.runtime.set_all_config({})
    (arguments,) = made
    assert (arguments["profile_name"], arguments["region_name"]) == ("work", "eu-west-1")


def test_a_missing_boto3_ends_the_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingModuleError, match="pip install boto3"):
        version_pruning._make_client("eu-west-1")
    outputs = {"functionName": "f", "arn": "arn:aws:lambda:eu-west-1:123456789012:function:f:live"}
    asked: Any = SimpleNamespace(new_outputs=outputs)
    with pytest.raises(MissingModuleError):
        version_pruning._prune(3, version_pruning._make_client, asked)
    assert "boto3==" in (ROOT / "components" / "requirements.txt").read_text()


def test_the_hook_never_runs_in_a_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def hook(*given: Any, opts: Any) -> Any:
        made.append((*given, opts))
        return made[-1]

    monkeypatch.setattr(pulumi, "ResourceHook", hook)
    binding = build_pruning_hooks("proxy", 3, lambda _: Client([], []))
    ((name, _, options),) = made
    assert (name, options.on_dry_run) == ("proxy-prunes-versions", False)
    assert binding.after_create == binding.after_update == made
    assert not [hook for hook in (binding.before_update, binding.before_delete, binding.after_delete) if hook]
