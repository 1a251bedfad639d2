"""Inputs in three values, and code that forgets the third one."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import review.graph.evidence
from review.graph import UNKNOWN, Options, Resource, Secret
from review.graph.evidence import (
    get_deployed_input,
    get_deployed_inputs,
    get_list,
    list_references,
    list_with_unknown_owner,
    read_flag,
)
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stacks import REVIEW, ROOT

KIND = "ec2/securityGroup:SecurityGroup"
HEAD = """
from review.graph import Graph, Resource
from review.graph.answers import No, refuse
from review.graph.evidence import KnownInput, get_list, list_references, make_input_evidence, make_reference_evidence

def is_open(graph: Graph, one: Resource) -> bool:
"""


def resource(options: Options | None = None, *, existing: bool = False, **inputs: Any) -> Resource:
    build = Builder()
    made = build(KIND, "one", options=options, **inputs)
    return replace(build.resources[made.urn], existing=existing)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (resource(), "absent"),
        (resource(name=None), "absent"),
        (resource(name=UNKNOWN), "unknown"),
        (resource(name=Secret(UNKNOWN)), "unknown"),
        (resource(name=""), ""),
        (resource(name=Secret("known")), "known"),
        (resource(name="known", existing=True), "unknown"),
        (resource(existing=True), "unknown"),
        (resource(Options(ignore_changes=("name",)), name="known"), "unknown"),
        (resource(Options(ignore_changes=("*",)), name="known"), "unknown"),
        (resource(Options(ignore_changes=("tags", "nam")), name="known"), "known"),
    ],
)
def test_the_three_values(one: Resource, expected: str) -> None:
    value = get_deployed_input(one, "name")
    assert ("absent" if value is None else "unknown" if value is UNKNOWN else value) == expected


@pytest.mark.parametrize(
    ("one", "some", "complete"),
    [
        (resource(), (), True),
        (resource(tags=["a"]), ("a",), True),
        (resource(tags=["a", UNKNOWN]), ("a",), False),
        (resource(tags=UNKNOWN), (), False),
        (resource(tags=["a"], existing=True), ("a",), False),
        (resource(Options(ignore_changes=("tags[0]",)), tags=["a"]), ("a",), False),
    ],
)
def test_lists_know_whether_they_are_complete(one: Resource, some: tuple[str, ...], complete: bool) -> None:
    found = get_list(one, "tags")
    assert (found.known, found.is_complete) == (some, complete)


@pytest.mark.parametrize("known", [True, False])
def test_references_know_whether_they_resolve(known: bool) -> None:
    build = Builder(known=known)
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    for name, value, found, complete in (
        ("declared", vpc.id, ["vpc"], True),
        ("none", None, [], True),
        ("literal", "vpc-0123456789abcdef0", [], False),
        ("unknown", UNKNOWN, [], False),
        ("both", [vpc.id, "vpc-0123456789abcdef0"], ["vpc"], False),
    ):
        made = build.resources[build(KIND, name, vpcId=value).urn]
        references = list_references(build.graph(), made, "vpcId", types=("aws:ec2/vpc:Vpc",))
        assert [one.name for one in references.known] == found, name
        assert references.is_complete is complete, name


REFUSED = [
    ('return True if get_list(one, "ingress") else False', "truthy-bool"),
    ('return len(get_list(one, "ingress")) > 0', "arg-type"),
    ('return any(get_list(one, "ingress"))', "arg-type"),
    ('return any(list_references(graph, one, "vpcId", types=()))', "arg-type"),
    # No rests on facts, which only a known input gives.
    ('return bool(No("closed", (make_input_evidence(one, "ingress"),)).because)', "arg-type"),
    ('return bool(No("closed", (make_reference_evidence(graph, one, "vpcId", types=()),)).because)', "arg-type"),
    ('return bool(No("closed", (KnownInput(one, "ingress", None),)).because)', "call-arg"),
    ('return bool(No("closed").because)', "call-arg"),
    ('return bool(refuse("closed", [make_input_evidence(one, "ingress")]).because)', "union-attr"),
    ('return not refuse("closed", [make_input_evidence(one, "ingress")])', "truthy-bool"),
]

TAKEN = """
    rest = get_list(one, "ingress")
    closed = refuse("closed", [make_input_evidence(one, "ingress")])
    if isinstance(closed, No):
        return False
    others = any(list_references(graph, one, "a", types=()).known)
    return rest.is_complete and len(rest.known) > 0 and others
"""


def test_mypy_refuses_code_that_takes_unknown_for_absent(tmp_path: Path) -> None:
    """And takes code that says whether the known members are all. One run of mypy reads every function."""
    head, _, signature = HEAD.rpartition("def ")
    functions = [f"def {signature}    {code}\n" for code, _ in REFUSED] + [f"def {signature}{TAKEN}"]
    reader = tmp_path / "reader.py"
    reader.write_text(head + "".join(one.replace("is_open", f"is_open_{at}") for at, one in enumerate(functions)))
    cache = str(ROOT / ".mypy_cache")
    command = [sys.executable, "-m", "mypy", "--cache-dir", cache, "--no-error-summary", str(reader)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    lines = reader.read_text().splitlines()
    found = {
        lines[int(at) - 1].strip(): error for at, error in re.findall(r"reader\.py:(\d+): error: .*\[([a-z-]+)\]", said)
    }
    assert found == dict(REFUSED), said


DECLARED_ONLY = {
    "architecture", "containers", "functions", "images", "machines", "names", "naming", "unseen_callers", "user_data",
}  # fmt: skip
"""Modules of the model that read what the program declares, pays for or replaces, which decides on no access."""


def test_paths_and_the_model_read_inputs_as_aws_holds_them() -> None:
    """No answer about access rests on `get_declared_input`, which does not see that AWS may hold another value."""
    readers = [path for folder in ("aws", "paths") for path in (REVIEW / folder).rglob("*.py")]
    using = {path.stem for path in readers if re.search(r"\b(?:get|require)_declared_input\(", path.read_text())}
    assert using == DECLARED_ONLY


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (resource(), False),
        (resource(name=True), True),
        (resource(name="true"), True),
        (resource(name="False"), False),
        (resource(name=UNKNOWN), None),
        (resource(Options(ignore_changes=("name",)), name=True), None),
        (resource(existing=True), None),
    ],
)
def test_flags(one: Resource, expected: bool | None) -> None:
    assert read_flag(one, "name", absent=False) is expected


def test_all_inputs_as_aws_holds_them() -> None:
    ignored = resource(Options(ignore_changes=("tags", "ingress[0].cidrBlocks")), name="a", tags={})
    assert get_deployed_inputs(ignored) == {"name": "a", "tags": UNKNOWN, "ingress": UNKNOWN}
    assert get_deployed_inputs(resource(existing=True, name="a")) == {"name": UNKNOWN}
    assert get_deployed_input(ignored, "tags") is UNKNOWN
    assert get_deployed_input(ignored, "name") == "a"


def test_a_question_about_the_whole_graph_is_answered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack of 5,000 resources asks it for each of its functions."""
    build = Builder()
    for number in range(5):
        build(KIND, f"one-{number}", vpcId=UNKNOWN)
    graph, asked = build.graph(), []
    token = next(iter(graph)).type

    def counted(*arguments: Any, **named: Any) -> bool:
        asked.append(arguments)
        return True

    monkeypatch.setattr(review.graph.evidence, "may_reference_any", counted)
    answers = [list_with_unknown_owner(graph, (token,), "vpcId", types=()) for _ in range(9)]
    assert (len(asked), {len(answer) for answer in answers}) == (5, {5})
