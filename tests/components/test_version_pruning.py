"""Which versions of a function go, when, and what happens when they cannot."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import sdk_client
from components.facts.defaults import KEPT_VERSIONS
from components.function import version_pruning
from components.function.version_pruning import outdated, pruning

versions = st.lists(st.integers(1, 500), unique=True)


@pytest.mark.parametrize(
    ("published", "aliased", "gone"),
    [
        (["$LATEST"], [], []),
        (["$LATEST", "1", "2", "3"], ["3"], []),
        (["$LATEST", "1", "2", "3", "4"], ["4"], ["1"]),
        (["10", "9", "8", "2", "1"], ["10"], ["1", "2"]),
        (["1", "2", "3", "4", "5"], ["5", "1"], ["2"]),
        ([], [], []),
    ],
)
def test_the_newest_three_stay_and_what_an_alias_leads_to(
    published: list[str], aliased: list[str], gone: list[str]
) -> None:
    assert outdated(published, aliased, KEPT_VERSIONS) == gone


@given(versions, versions, st.integers(1, 9))
def test_what_goes_is_older_than_all_that_stay_but_the_aliased(found: list[int], held: list[int], kept: int) -> None:
    gone = {int(version) for version in outdated(map(str, found), map(str, held), kept)}
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


class Heard:
    """The messages of the deployment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.info: list[str] = []
        self.warnings: list[str] = []
        monkeypatch.setattr(pulumi.log, "info", self.info.append)
        monkeypatch.setattr(pulumi.log, "warn", self.warnings.append)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    return Heard(monkeypatch)


def run(connect: version_pruning.Connect) -> None:
    args = pulumi.ResourceHookArgs("urn", "id", "proxy-alias", "aws:lambda/alias:Alias", new_outputs=ALIAS)
    version_pruning._prune(KEPT_VERSIONS, connect, args)


def test_old_versions_are_deleted_in_the_aliass_region(heard: Heard) -> None:
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
    assert heard.info == ["proxy-1: pruned version 3; the newest 3 stay"]
    assert not heard.warnings


def test_nothing_is_said_where_nothing_goes(heard: Heard) -> None:
    run(lambda _: Client(["1"], [{"FunctionVersion": "1"}]))
    assert (heard.info, heard.warnings) == ([], [])


def test_what_goes_wrong_is_a_warning(heard: Heard) -> None:
    def connect(_: str) -> Client:
        raise RuntimeError("Unable to locate credentials")

    run(connect)
    assert heard.warnings == [
        "proxy-1: old versions were not pruned and stay until the next change: Unable to locate credentials"
    ]


def test_a_client_is_made_with_the_stacks_profile_and_the_aliass_region(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    made: list[dict[str, Any]] = []

    class Session:
        def __init__(self, **arguments: Any) -> None:
            made.append(arguments)

        def client(self, name: str) -> str:
            return name

    monkeypatch.setattr(boto3, "Session", Session)
    pulumi.runtime.set_config("aws:profile", "work")
    try:
        assert version_pruning._boto3("eu-west-1") == "lambda"  # type: ignore[comparison-overlap] # a stand-in
    finally:
        pulumi.runtime.set_all_config({})
    assert made == [{"profile_name": "work", "region_name": "eu-west-1"}]


def test_a_missing_boto3_ends_the_update(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(sdk_client.MissingModuleError, match="pip install boto3"):
        version_pruning._boto3("eu-west-1")
    outputs = {"functionName": "f", "arn": "arn:aws:lambda:eu-west-1:123456789012:function:f:live"}
    asked: Any = SimpleNamespace(new_outputs=outputs)
    with pytest.raises(sdk_client.MissingModuleError):
        version_pruning._prune(3, version_pruning._boto3, asked)
    assert "boto3==" in (Path(sdk_client.__file__).parent / "requirements.txt").read_text()


@pytest.mark.slow
def test_importing_the_components_loads_no_boto3() -> None:
    script = "import sys, components; print('boto3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_hook_never_runs_in_a_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Hook:
        def __init__(self, name: str, func: Any, opts: pulumi.ResourceHookOptions) -> None:
            made.append((name, func, opts))

    monkeypatch.setattr(pulumi, "ResourceHook", Hook)
    binding = pruning("proxy", 3, lambda _: Client([], []))
    ((name, _, options),) = made
    assert name == "proxy-prunes-versions"
    assert options.on_dry_run is False
    assert binding.after_create is not None
    assert binding.after_create == binding.after_update
    assert not binding.before_update
    assert not binding.before_delete
    assert not binding.after_delete
