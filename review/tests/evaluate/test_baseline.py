"""A revision of another owner's repository is read without a command that the repository names."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from review.cli.command import main
from review.evaluate import baseline as compared
from review.evaluate.baseline import BaselineError, open_baseline
from review.evaluate.problems import StackFileError
from review.evaluate.project_file import load
from review.tests.helpers.fixture_types import Write

COMMIT = ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=one")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def committed(root: Path) -> None:
    """Commits all files of a folder in a repository of its own."""
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, *COMMIT, "--allow-empty")


def test_a_revision_is_what_a_checkout_of_it_is(write_project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """With links, rights to run and files that an archive leaves out or fills in. The index of a hook's git stays."""
    project = write_project("import pulumi\n")
    root = project.root
    (root / "made.sh").write_text("#!/bin/sh\n")
    (root / "made.sh").chmod(0o755)
    (root / "shared").mkdir()
    (root / "shared/one.py").write_text("# $Format:%H$\n")
    (root / "one.py").symlink_to("shared/one.py")
    (root / ".gitattributes").write_text("*.sh export-ignore\n*.py export-subst\n")
    committed(root)
    (root / "later.py").write_text("")
    git(root, "add", "later.py")
    monkeypatch.setenv("GIT_INDEX_FILE", str(root / ".git/index"))
    with open_baseline(project, "dev", "HEAD") as (other, _):
        assert os.access(other.root / "made.sh", os.X_OK)
        assert (other.root / "one.py").readlink() == Path("shared/one.py")
        assert (other.root / "one.py").read_text() == "# $Format:%H$\n"
    assert git(root, "diff", "--cached", "--name-only") == "later.py"


def test_what_lies_beside_the_project_is_the_revisions_own(write_project: Write) -> None:
    root = write_project("import pulumi\n").root
    (root / "inner").mkdir()
    for path in [path for path in root.iterdir() if path.is_file()]:
        path.rename(root / "inner" / path.name)
    (root / "code.py").write_text("deny\n")
    committed(root)
    (root / "code.py").write_text("allow\n")
    with open_baseline(load(root / "inner"), "dev", "HEAD") as (other, _):
        assert (other.root.parent / "code.py").read_text() == "deny\n"


def test_a_revision_with_a_link_out_of_it_shows_nothing(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, file = write_project("import pulumi\n"), tmp_path_factory.mktemp("other") / "one"
    file.write_text("not-a-secret")
    (project.root / "Pulumi.dev.yaml").unlink()
    (project.root / "Pulumi.dev.yaml").symlink_to(file)
    committed(project.root)
    with (
        pytest.raises(BaselineError, match="outside of the repository") as error,
        open_baseline(project, "dev", "HEAD"),
    ):
        pass
    assert "not-a-secret" not in str(error.value)


def test_git_that_waits_is_given_up(write_project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project("import pulumi\n")
    git(project.root, "init", "--quiet")
    (project.root / ".git/HEAD").unlink()
    os.mkfifo(project.root / ".git/HEAD")
    monkeypatch.setattr(compared, "_PATIENCE", 0.5)
    with pytest.raises(StackFileError, match=r"did not end in 0\.5 seconds"), open_baseline(project, "dev", "HEAD"):
        pass


@pytest.mark.parametrize("name", ["main", "origin/main", "{commit}"])
def test_a_change_cannot_bring_its_own_base(name: str, write_project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project("base = 1\n")
    committed(project.root)
    git(project.root, "update-ref", "refs/remotes/origin/main", "HEAD")
    name = name.format(commit=git(project.root, "rev-parse", "HEAD"))
    other_project = project.root / name
    other_project.mkdir(parents=True)
    (other_project / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (other_project / "__main__.py").write_text("planted = 1\n")
    monkeypatch.chdir(project.root)
    with open_baseline(project, "dev", name) as (other, _):
        assert other.main.read_text() == "base = 1\n"
    with open_baseline(project, "dev", f"./{name}") as (other, _):
        assert other.main.read_text() == "planted = 1\n"


def test_a_stack_with_the_name_of_a_revision_is_an_error(write_project: Write) -> None:
    project = write_project()
    committed(project.root)
    file = project.root / "Pulumi.main.yaml"
    file.touch()
    with pytest.raises(StackFileError, match="a stack and a git revision"), open_baseline(project, "dev", "main"):
        pass
    with open_baseline(project, "dev", str(file)) as (other, _):
        assert other is project
    with open_baseline(project, "dev", "refs/heads/main") as (other, _):
        assert other is not project


def test_what_one_version_knows_of_lookups_both_know(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else a file of answers that a change brings would look like a change of the network."""
    program = """
    import pulumi_aws as aws
    vpc = aws.ec2.get_vpc(id="vpc-1")
    aws.ec2.SecurityGroup("web", vpc_id=vpc.id, ingress=[
        {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": [vpc.cidr_block]}])
    """
    project, old = write_project(program), tmp_path_factory.mktemp("old")
    shutil.copytree(project.root, old, dirs_exist_ok=True)
    answers = "lookups: {'aws:ec2/getVpc:getVpc': {cidrBlock: 10.7.0.0/16}}"
    (project.root / "review.answers.yaml").write_text(answers)
    assert main(["dev", "--project", str(project.root), "--against", str(old), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"]["changed"] == []
