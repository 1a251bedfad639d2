"""A misspelt keyword of a component, or of its arguments, is refused like a misspelt key of a mapping."""

import dataclasses
from typing import Any

import pytest

import components
from components import ArgumentError, ArgumentErrors, PrivateNetwork, PrivateNetworkArgs, RouteArgs, ServerlessProxy

ARGUMENTS = [getattr(components, name) for name in components.__all__ if name.endswith("Args")]


@pytest.mark.parametrize("kind", [*components.COMPONENTS, *ARGUMENTS], ids=lambda kind: kind.__name__)
def test_an_unknown_keyword_is_refused_by_every_class_that_programs_call(kind: Any) -> None:
    with pytest.raises(ArgumentError, match=r"qqq: got \(not shown\)") as refused:
        kind(qqq="hunter2")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "keyword", "message"),
    [
        (PrivateNetworkArgs, "cdir", "PrivateNetwork: cdir: got (not shown); did you mean 'cidr'?"),
        (RouteArgs, "metods", "Route: metods: got (not shown); did you mean 'methods'?"),
        (
            PrivateNetwork,
            "cdir",
            "PrivateNetwork: cdir: got (not shown); write PrivateNetworkArgs(…); did you mean 'cidr'?",
        ),
        (PrivateNetwork, "cidr", "PrivateNetwork: cidr: got (not shown); write PrivateNetworkArgs(cidr=…)"),
        (ServerlessProxy, "options", "ServerlessProxy: options: got (not shown); did you mean 'opts'?"),
    ],
)
def test_the_message_has_the_nearest_name(kind: Any, keyword: str, message: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        kind(**{"name": "x"} if kind in components.COMPONENTS else {}, **{keyword: "10.0.0.0/16"})
    assert str(refused.value) == message


def test_all_unknown_keywords_are_refused_together() -> None:
    with pytest.raises(ArgumentErrors) as refused:
        PrivateNetworkArgs(cdir="10.0.0.0/16", zonnes=2)  # type: ignore[call-arg] # the mistakes
    assert [error.property_path for error in refused.value.single] == ["cdir", "zonnes"]


def test_other_mistakes_of_a_call_are_pythons() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'args'"):
        PrivateNetwork("x")  # type: ignore[call-arg] # the mistake
    assert dataclasses.replace(PrivateNetworkArgs(zones=2), zones=3).zones == 3
