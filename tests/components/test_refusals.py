"""Arguments that AWS, a browser or another argument would refuse: each named, with what to do, before a declaration."""

import ast
import functools
import sys
from typing import Any

import pytest

from components.arguments.faults import Fault
from tests.components import refusals_of_an_api, refusals_of_others
from tests.components.arguments_of_each import BASE
from tests.components.front import front, made
from tests.helpers.declare import changed, refusal
from tests.helpers.stacks import ROOT

CASES = {**refusals_of_an_api.CASES, **refusals_of_others.CASES}


@functools.cache
def refused(component: Any, number: int) -> tuple[str, frozenset[tuple[str, int]]]:
    """What a case is refused with, and the lines of the source that made a fault."""
    reached: set[tuple[str, int]] = set()
    made = Fault.__new__

    def noted(cls: type, *args: Any, **keys: Any) -> Any:
        frame = sys._getframe(1)
        reached.add((frame.f_code.co_filename, frame.f_lineno))
        return made(cls, *args, **keys)

    changes, _, _ = CASES[component][number]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fault, "__new__", noted)
        error = refusal(lambda: component("made", changed(BASE[component], changes)))
    return str(error), frozenset(reached)


@pytest.mark.parametrize(
    ("component", "number", "key", "want"),
    [
        pytest.param(component, number, key, want, id=f"{component.__name__}-{key}-{want[:30]}")
        for component, cases in CASES.items()
        for number, (_, key, want) in enumerate(cases)
    ],
)
def test_a_mistake_is_refused(component: Any, number: int, key: str, want: str) -> None:
    error, _ = refused(component, number)
    assert f"{component.__name__}: {key}: " in error
    assert want in error
    assert "hunter2" not in error


@pytest.mark.parametrize(
    ("origin", "meant"),
    [
        ("app.example.com", "https://app.example.com"),
        ("https://app.example.com/app", "https://app.example.com"),
        ("HTTPS://App.example.com", "https://app.example.com"),
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80", "http://app.example.com"),
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str, meant: str) -> None:
    for kind in ("rest", "http"):
        assert f"did you mean {meant}?" in str(refusal(lambda kind=kind: made(kind=kind, cors={"origins": [origin]})))  # type: ignore[misc] # bound now


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://[::1]:8443", "capacitor://localhost", "*"])
def test_an_origin_that_browsers_send_is_taken(origin: str) -> None:
    assert front(cors={"origins": [origin]}).resources


def test_a_policy_is_refused_with_a_provider_that_loses_its_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(version: str) -> None:
        monkeypatch.setattr("importlib.metadata.version", lambda _: version)

    installed("7.9.1")
    error = refusal(lambda: made(allow_cidrs=["203.0.113.0/24"]))
    assert "got 'pulumi-aws 7.9.1'; pulumi-aws 7.51 or newer" in str(error)
    assert front().resources
    installed("8.0.0")
    assert front(allow_cidrs=["203.0.113.0/24"]).resources


TESTED_IN_OTHER_FILES = {
    "handler.py": ("Fault(",),
    "accepted_options.py": ("opts.",),
    "api_function.py": ("_SMALLER",),
    "private_api_endpoint.py": ("found.",),
    "existing_ingress.py": ("found.", "want)", "link_vpc", "load balancer, which has"),
    "serverless_proxy.py": ("which is an output", "'precompiled'"),
}
"""Rules that need a lookup, an output, large files or another Python: test_existing_ingress.py, test_functions.py,
test_names_and_options.py, test_private_api.py and test_serverless_proxy.py."""


def test_every_rule_between_arguments_has_a_row() -> None:
    """Compares the lines that made a fault with those of the source."""
    reached = {
        line for each, cases in CASES.items() for number in range(len(cases)) for line in refused(each, number)[1]
    }
    unreached = []
    for path in sorted((ROOT / "components").rglob("*.py")):
        if "stack" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault":
                if {"*lack", "lack[0]", "*found", "*refused"} & {ast.unparse(one) for one in node.args}:
                    continue  # test_regions.py
                if any(said in ast.unparse(node) for said in TESTED_IN_OTHER_FILES.get(path.name, ())):
                    continue
                lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
                if not any((str(path), line) in reached for line in lines):
                    unreached.append(f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)[:90]}")
    assert unreached == [], "\n".join(unreached)
