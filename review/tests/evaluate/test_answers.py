"""`review.answers.yaml` gives a program what the review cannot know; other stacks of the repository are evaluated."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from review.evaluate.problems import StackFileError
from review.evaluate.process import Launcher
from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import read_stack
from review.graph import Graph, Secret
from review.tests.fixtures import HEAD, Write
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


READ = "pulumi.export('x', pulumi.StackReference('organization/net/dev').get_output('x'))"


def repository(tmp_path: Path, **programs: str) -> Path:
    (tmp_path / ".git").mkdir(parents=True)
    for name, program in programs.items():
        folder = tmp_path / "stacks" / name
        folder.mkdir(parents=True)
        (folder / "Pulumi.yaml").write_text(f"name: {name}\nruntime: python\n")
        (folder / "__main__.py").write_text("import pulumi\n" + program)
    return tmp_path / "stacks"


def test_a_stack_of_the_same_repository_is_evaluated(tmp_path: Path) -> None:
    top = repository(
        tmp_path,
        net="pulumi.export('ids', ['a', pulumi.get_stack()])\npulumi.export('password', pulumi.Output.secret('x'))",
        app="other = pulumi.StackReference(f'{pulumi.get_organization()}/net/{pulumi.get_stack()}')\n"
        "pulumi.export('ids', other.require_output('ids'))\npulumi.export('password', other.get_output('password'))",
    )
    project = load(top / "app")
    graph = run(project, read_stack(project, "prod"))
    assert graph.exports == {"ids": ["a", "prod"], "password": Secret("x")}
    assert any(note.endswith("are those of ../net") for note in graph.notes)


@pytest.mark.parametrize("place", ["../net", "net"])
def test_a_stack_of_another_repository_is_not_evaluated(place: str, tmp_path: Path) -> None:
    app = repository(tmp_path, app=READ, net="pulumi.export('x', 'private')") / "app"
    (tmp_path / ".git").rename(app / ".git")
    net = (app / "../net").rename(app / place)
    (net / ".git").mkdir()
    assert repr(run(load(app), read_stack(load(app), "dev")).exports["x"]) == "unknown"


def test_what_another_program_prints_is_not_taken_for_its_outputs(tmp_path: Path) -> None:
    net = "import subprocess\nsubprocess.run(['echo', 'v1'])\npulumi.export('x', 'a')"
    top = repository(tmp_path, net=net, app=READ)
    project = load(top / "app")
    assert run(project, read_stack(project, "dev")).exports == {"x": "a"}


def test_stacks_that_refer_to_each_other_end(tmp_path: Path) -> None:
    read = "other = pulumi.StackReference('organization/{}/dev')\npulumi.export('x', other.get_output('x'))"
    project = load(repository(tmp_path, one=read.format("two"), two=read.format("one")) / "one")
    graph = run(project, read_stack(project, "dev"))
    assert repr(graph.exports["x"]) == "unknown"


def test_a_program_that_names_another_stack_each_time_ends(tmp_path: Path) -> None:
    program = """
with open({runs!r}, "a") as runs:
    runs.write("x")
    runs.tell() < 60 and pulumi.StackReference(f"organization/one/stack-{runs.tell()}")
"""
    project = load(repository(tmp_path, one=program.replace("{runs!r}", repr(str(tmp_path / "runs")))) / "one")
    run(project, read_stack(project, "dev"))
    assert 20 < (tmp_path / "runs").stat().st_size < 45


def test_answers_in_a_folder_that_is_a_link_out_of_the_repository_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/answers.yaml").write_text("lookups: {tok: private}")
    top = repository(tmp_path / "own", app="")
    (top / "app/review").symlink_to(tmp_path / "other")
    with pytest.raises(StackFileError, match="outside of the repository") as error:
        load(top / "app")
    assert "private" not in str(error.value)


def test_a_reference_reads_no_file_that_is_no_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "private.yaml").write_text("config: {key: private}")
    program = "pulumi.export('x', pulumi.Config().get('key') or "
    program += "[pulumi.StackReference(f'organization/app/{name}').get_output('x') for name in {names}])"
    top = repository(tmp_path / "own", app=program.replace("{names}", "('private.yaml', 'link.yaml', 'x' * 500)"))
    (top / "app/link.yaml").symlink_to(tmp_path / "private.yaml")
    project = load(top / "app")
    monkeypatch.chdir(tmp_path)
    assert "private" not in str(run(project, read_stack(project, "dev")).exports)
    with pytest.raises(StackFileError, match="outside of the repository"):
        read_stack(project, "link.yaml")


@pytest.mark.parametrize(
    ("net", "reason"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os._exit(0)", "ended its process with status 0"),
        pytest.param("import time; time.sleep(99)", "did not finish in time", marks=pytest.mark.slow),
    ],
)
def test_a_stack_of_the_repository_that_cannot_be_evaluated_is_unknown_and_why(
    tmp_path: Path, net: str, reason: str
) -> None:
    project = load(repository(tmp_path, net=net, app=READ) / "app")
    with TemporaryDirectory(prefix="review-") as short:
        graph = run(project, read_stack(project, "dev"), start=Launcher(Path(short).resolve(), seconds=15))
    assert any("../net could not be evaluated" in note and reason in note for note in graph.notes)


def test_a_stack_in_another_language_is_unknown_and_why(tmp_path: Path) -> None:
    top = repository(tmp_path, net="", app=READ)
    (top / "net" / "Pulumi.yaml").write_text("name: net\nruntime: go\n")
    (top / "net" / "__main__.py").unlink()
    project = load(top / "app")
    (note,) = (note for note in run(project, read_stack(project, "dev")).notes if "not known" in note)
    assert note.endswith(
        "missing here: runtime: got 'go'; the review runs Python programs; for others, --plan reads what "
        "`pulumi preview` printed (Pulumi.yaml of ../net)"
    )
