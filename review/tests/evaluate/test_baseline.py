"""A revision of a stranger's repository is read without a command that the repository names."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from review.cli.command import main
from review.evaluate import baseline as compared
from review.evaluate.baseline import BaselineError, baseline
from review.evaluate.problems import StackFileError
from review.evaluate.project_file import Project, load
from review.tests.fixtures import Write

COMMIT = ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=one")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def committed(root: Path) -> None:
    """Commits all files of a folder in a repository of its own."""
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, *COMMIT, "--allow-empty")


def with_a_filter(project: Project, ran: Path, *place: str) -> None:
    """A commit of the project, and config of the same repository with commands."""
    (project.root / ".gitattributes").write_text("* filter=x\n")
    git(project.root, *place, "add", "--all")
    git(project.root, *place, *COMMIT)
    git(project.root, *place, "config", "filter.x.smudge", f"touch '{ran}'; cat")


def test_a_filter_of_the_repository_is_not_run(write_project: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    project, ran = write_project("import pulumi\n"), tmp_path_factory.mktemp("ran") / "it"
    git(project.root, "init", "--quiet")
    with_a_filter(project, ran)
    with baseline(project, "dev", "HEAD") as (other, stack):
        assert (other.main.read_text(), stack is not None) == ("import pulumi\n", True)
    assert not ran.exists()


def test_files_of_the_repository_elsewhere_are_a_mistake(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = write_project("import pulumi\n")
    committed(project.root)
    git(project.root, "config", "core.worktree", str(tmp_path_factory.mktemp("other")))
    with pytest.raises(StackFileError, match=r"its core\.worktree is "), baseline(project, "dev", "HEAD"):
        pass


def test_a_folder_that_was_a_link_out_of_the_repository_is_not_read(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, other, top = write_project("import pulumi\n"), *map(tmp_path_factory.mktemp, ("other", "top"))
    shutil.copytree(project.root, other, dirs_exist_ok=True)
    (top / "infra").symlink_to(other)
    committed(top)
    (top / "infra").unlink()
    shutil.copytree(project.root, top / "infra")
    with pytest.raises(StackFileError, match="is a link out of it"), baseline(load(top / "infra"), "dev", "HEAD"):
        pass


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
    with baseline(project, "dev", "HEAD") as (other, _):
        assert os.access(other.root / "made.sh", os.X_OK)
        assert (other.root / "one.py").readlink() == Path("shared/one.py")
        assert (other.root / "one.py").read_text() == "# $Format:%H$\n"
    assert git(root, "diff", "--cached", "--name-only") == "later.py"


def test_a_revision_with_a_link_out_of_it_shows_nothing(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, file = write_project("import pulumi\n"), tmp_path_factory.mktemp("other") / "one"
    file.write_text("not-a-secret")
    (project.root / "Pulumi.dev.yaml").unlink()
    (project.root / "Pulumi.dev.yaml").symlink_to(file)
    committed(project.root)
    with pytest.raises(BaselineError, match="outside of the repository") as error, baseline(project, "dev", "HEAD"):
        pass
    assert "not-a-secret" not in str(error.value)


def test_a_repository_that_a_clone_brings_is_none(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, ran = write_project("import pulumi\n"), tmp_path_factory.mktemp("ran") / "it"
    git(project.root, "init", "--quiet", "--bare", ".")
    git(project.root, "config", "core.bare", "false")
    # What is the repository is no file of it.
    (project.root / "info/exclude").write_text("hooks\nobjects\nrefs\ninfo\nconfig\nHEAD\nindex*\nlogs\n")
    with_a_filter(project, ran, "--git-dir=.", "--work-tree=.")
    git(project.root, "--git-dir=.", "config", "core.worktree", ".")
    with pytest.raises(StackFileError), baseline(project, "dev", "HEAD"):
        pass
    assert not ran.exists()


@pytest.mark.parametrize("way", ["alternates", "quoted", "linked", "gitdir", "link"])
def test_objects_of_another_repository_are_not_shown(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory, way: str
) -> None:
    """An archive may bring a `.git` that names a private repository beside it."""
    project, other = write_project("import pulumi\n"), tmp_path_factory.mktemp("other")
    for root in (project.root, other):
        committed(root)
    own, named = project.root / ".git", other / ".git"
    if way in ("gitdir", "link"):
        shutil.rmtree(own)
        own.write_text(f"gitdir: {named}\n") if way == "gitdir" else own.symlink_to(named)
    elif way == "linked":
        (own / "objects/pack").rmdir()
        (own / "objects/pack").symlink_to(named / "objects/pack")
    else:
        (own / "objects/info/alternates").write_text(
            f'"{named}/objects"\n' if way == "quoted" else f"{named}/objects\n"
        )
    refused = pytest.raises(StackFileError, match="a repository with objects of its own: git reads some of")
    with refused, baseline(project, "dev", "HEAD"):
        pass


def test_git_that_waits_is_given_up(write_project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project("import pulumi\n")
    git(project.root, "init", "--quiet")
    (project.root / ".git/HEAD").unlink()
    os.mkfifo(project.root / ".git/HEAD")
    monkeypatch.setattr(compared, "_PATIENCE", 0.5)
    with pytest.raises(StackFileError, match=r"did not end in 0\.5 seconds"), baseline(project, "dev", "HEAD"):
        pass


def test_missing_objects_are_fetched_from_no_remote(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project, ran = write_project("import pulumi\n"), tmp_path_factory.mktemp("ran") / "it"
    git(project.root, "init", "--quiet")
    with_a_filter(project, ran)
    command = ran.parent / "command"
    command.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    command.chmod(0o755)
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "far"),
        ("remote.far.promisor", "true"),
        ("remote.far.url", f"ext::{command}"),
        ("protocol.ext.allow", "always"),
    ):
        git(project.root, "config", key, value)
    missing = git(project.root, "rev-parse", "HEAD:__main__.py")
    (project.root / ".git/objects" / missing[:2] / missing[2:]).unlink()
    with pytest.raises(StackFileError), baseline(project, "dev", "HEAD"):
        pass
    assert not ran.exists()


def test_git_is_none_that_the_project_brings(
    write_project: Write, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, ran = write_project("import pulumi\n"), tmp_path_factory.mktemp("ran") / "it"
    git(project.root, "init", "--quiet")
    with_a_filter(project, ran)
    brought = project.root / "node_modules/.bin/git"
    brought.parent.mkdir(parents=True)
    brought.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    brought.chmod(0o755)
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("PATH", os.pathsep.join([str(brought.parent), "node_modules/.bin", os.environ["PATH"]]))
    with baseline(project, "dev", "HEAD"):
        pass
    assert not ran.exists()


@pytest.mark.parametrize("name", ["main", "origin/main", "{commit}"])
def test_a_change_cannot_bring_its_own_base(name: str, write_project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_project("base = 1\n")
    committed(project.root)
    git(project.root, "update-ref", "refs/remotes/origin/main", "HEAD")
    name = name.format(commit=git(project.root, "rev-parse", "HEAD"))
    planted = project.root / name
    planted.mkdir(parents=True)
    (planted / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (planted / "__main__.py").write_text("planted = 1\n")
    monkeypatch.chdir(project.root)
    with baseline(project, "dev", name) as (other, _):
        assert other.main.read_text() == "base = 1\n"
    with baseline(project, "dev", f"./{name}") as (other, _):
        assert other.main.read_text() == "planted = 1\n"


def test_a_stack_with_the_name_of_a_revision_is_an_error(write_project: Write) -> None:
    project = write_project()
    committed(project.root)
    file = project.root / "Pulumi.main.yaml"
    file.touch()
    with pytest.raises(StackFileError, match="a stack and a git revision"), baseline(project, "dev", "main"):
        pass
    with baseline(project, "dev", str(file)) as (other, _):
        assert other is project
    with baseline(project, "dev", "refs/heads/main") as (other, _):
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
