"""`review.answers.yaml` gives a program what the review cannot know; other stacks of the repository are evaluated."""

from pathlib import Path
from typing import Any

import pytest

from review.evaluate.problems import StackFileError
from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.tests.helpers.fixture_types import HEAD, Write
from review.tests.helpers.in_process.evaluation import run


def answered(project: Project, answers: str, **options: Any) -> Graph:
    (project.root / "review.answers.yaml").write_text(answers)
    again = load(project.root)
    return run(again, read_stack(again, "dev"), **options)


def test_an_answer_that_nothing_takes_is_named(write_project: Write) -> None:
    project = write_project(
        HEAD + "pulumi.Config().require_secret('token')\npulumi.export('vpc', aws.ec2.get_vpc(id='vpc-1').cidr_block)",
        config="config: {token: {secure: v1:x}}",
    )
    text = "lookups: {'aws:ec2/getVpc:getVpc': [{arguments: {id: vpc-2}, result: {}}]}\nsecrets: {tokn: a}"
    notes = answered(project, text).notes
    name = f"{project.name}:token"
    assert f"review.answers.yaml: secrets.{name[:-2]}n is the key of no encrypted value; did you mean {name}?" in notes
    other = answered(project, text.replace("tokn", "certificate")).notes
    assert not any("is the key of" in note for note in other)
    assert "review.answers.yaml: no lookup aws:ec2/getVpc:getVpc has the arguments {'id': 'vpc-2'}" in notes
    misspelt = answered(project, text.replace("getVpc'", "getVpcs'")).notes
    near = "nothing is looked up by aws:ec2/getVpc:getVpcs; did you mean aws:ec2/getVpc:getVpc?"
    assert f"review.answers.yaml: {near}" in misspelt
    right = text.replace("vpc-2", "vpc-1").replace("tokn", "token")
    assert not any("review.answers.yaml" in note for note in answered(project, right).notes)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("lookups: {'a:b': {}}", "lookups.a:b: want a whole token, such as aws:ec2/getVpc:getVpc"),
        ("lookups: {1: {}}", "lookups.1: want a whole token"),
        ("secret: {}", "secret: unknown section; known: secrets, lookups, stacks"),
        ("secrets: [a]", "secrets: got ['a']; want a mapping"),
        ("stacks: {a/b/c: x}", "stacks.a/b/c: got 'x'; want a mapping of the stack's outputs"),
        ("lookups: {'a:b:c': x}", "lookups.a:b:c: got 'x'; want a result as a mapping"),
        ("lookups: {'a:b:c': [{result: 1}]}", "lookups.a:b:c: got {'result': 1}; want a result as a mapping"),
        ("- a", "want a mapping of keys"),
    ],
)
def test_mistakes_are_named(write_project: Write, answers: str, message: str) -> None:
    with pytest.raises(StackFileError) as caught:
        answered(write_project(), answers)
    assert message in str(caught.value)


def repository(tmp_path: Path, **programs: str) -> Path:
    (tmp_path / ".git").mkdir(parents=True)
    for name, program in programs.items():
        folder = tmp_path / "stacks" / name
        folder.mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n")
        (folder / "__main__.py").write_text("import pulumi\n" + program)
    return tmp_path / "stacks"


def test_answers_in_a_folder_that_is_a_link_out_of_the_repository_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/answers.yaml").write_text("lookups: {tok: private}")
    top = repository(tmp_path / "own", app="")
    (top / "app/review").symlink_to(tmp_path / "other")
    with pytest.raises(StackFileError, match="outside of the repository") as error:
        load(top / "app")
    assert "private" not in str(error.value)


def test_outputs_of_a_stack_without_an_answer_are_unknown(write_project: Write) -> None:
    project = write_project("import pulumi\npulumi.export('x', pulumi.StackReference('o/net/dev').get_output('x'))")
    graph = run(project, read_stack(project, "dev"))
    assert repr(graph.exports["x"]) == "unknown"
    assert [note for note in graph.notes if note.startswith("outputs of the stack o/net/dev are not known: ")]
