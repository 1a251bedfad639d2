"""A revision runs in today's environment, with its own version of packages that are of the repository."""

import os
import sysconfig
import venv
from pathlib import Path

import pytest
from review.evaluate.node import link_installed
from review.tests.evaluate.test_node import written

from review.cli.command import main
from review.evaluate.baseline import baseline
from review.evaluate.project_file import load
from review.tests.evaluate.test_baseline import committed

FINDER = """
import importlib.util, sys
MAPPING, NAMESPACES = {"shared": %r}, {}
class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        file = MAPPING.get(name, "") + "/__init__.py"
        return importlib.util.spec_from_file_location(name, file) if name in MAPPING else None
def install():
    sys.meta_path.append(Finder)
"""
"""As setuptools writes it for an editable installation of a package beside others."""
ONE, TWO = (f"import pulumi_aws as aws\ndef declare():\n    aws.sns.Topic('{name}')\n" for name in ("old", "new"))
PROJECT = "name: small\nruntime: {name: python, options: {virtualenv: %s}}\n"


def environment(folder: Path, repository: Path, way: str) -> None:
    """An environment with this one's packages, into which a package of the repository is installed to be edited."""
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    lines = [sysconfig.get_paths()["purelib"], str(repository / "src")]
    if way == "finder":
        lines[1] = "import __editable___shared_finder; __editable___shared_finder.install()"
        (packages / "__editable___shared_finder.py").write_text(FINDER % str(repository / "src/shared"))
    (packages / "here.pth").write_text("\n".join(lines))


@pytest.mark.parametrize("way", ["path", "finder"])
@pytest.mark.parametrize("place", ["inside", "named", "active"])
def test_packages_of_the_repository_are_those_of_the_revision(
    way: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "repository"
    home = root / "infra/.venv" if place == "inside" else root / ".venv" if place == "named" else tmp_path / "venv"
    written(
        root,
        {
            ".gitignore": ".venv",
            "pyproject.toml": "[project]\nname = 'shared'\n",
            "src/shared/__init__.py": ONE,
            "infra/__main__.py": "import shared\nshared.declare()\n",
            "infra/Pulumi.yaml": PROJECT % "../.venv" if place == "named" else "name: small\nruntime: python\n",
            "infra/Pulumi.dev.yaml": "config: {aws:region: eu-west-1}\n",
        },
    )
    environment(home, root, way)
    committed(root)
    (root / "src/shared/__init__.py").write_text(TWO)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    if place == "active":
        monkeypatch.setenv("VIRTUAL_ENV", str(home))
    assert main(["dev", "--project", str(root / "infra"), "--against", "HEAD"]) == 0
    said = capsys.readouterr().out
    assert "1 added, 1 removed" in said, said


def test_a_revision_has_links_to_installed_packages(tmp_path: Path) -> None:
    """And to the revision's own packages of a workspace, not to today's."""
    today, older = tmp_path / "today", tmp_path / "older"
    written(today, {"node_modules/aws/index.js": "", "node_modules/@pulumi/sdk/index.js": "", "lib/package.json": "{}"})
    written(today, {"app/node_modules/other/index.js": "", "node_modules/.package-lock.json": "{}"})
    (today / "node_modules/@shop").mkdir()
    (today / "node_modules/@shop/lib").symlink_to("../../lib")
    (today / "node_modules/store").symlink_to("aws")
    written(older, {"package.json": "{}", "lib/package.json": "{}", "app/index.js": ""})
    assert [*link_installed(today, older)] == [today / "node_modules"]
    links = {path.name: os.path.realpath(path) for path in (older / "node_modules").rglob("*") if path.is_symlink()}
    expected = {"aws": today / "node_modules/aws", "sdk": today / "node_modules/@pulumi/sdk", "lib": older / "lib"}
    assert links == {name: str(path) for name, path in (expected | {"store": today / "node_modules/aws"}).items()}


@pytest.mark.parametrize("link", [True, False])
def test_packages_that_are_not_the_repositorys_are_not_linked(link: bool, tmp_path: Path) -> None:
    today, older, other = (tmp_path / name for name in ("today", "older", "other"))
    written(today, {"package.json": "{}"})
    written(older, {"package.json": "{}"})
    written(other, {"secret/index.js": ""})
    (today / "node_modules").symlink_to(other) if link else (older / "node_modules").symlink_to(other)
    assert [*link_installed(today, older)] == []
    assert (older / "node_modules").exists() is not link


def test_a_program_of_node_runs_at_a_revision(tmp_path: Path) -> None:
    files = {"Pulumi.yaml": "name: small\nruntime: nodejs\n", "package.json": "{}", "Pulumi.dev.yaml": "config: {}\n"}
    written(tmp_path, {**files, ".gitignore": "node_modules\n"})
    committed(tmp_path)
    written(tmp_path, {"node_modules/@pulumi/pulumi/cmd/run/index.js": ""})
    with baseline(load(tmp_path), "dev", "HEAD") as (other, _):
        assert (other.root / "node_modules/@pulumi/pulumi/cmd/run").is_dir()
        assert other.installed == (tmp_path / "node_modules",)


@pytest.mark.parametrize(
    ("more", "said"), [({}, "1 added, 1 removed"), ({"b/Pulumi.yaml": PROJECT % "x"}, "not known")]
)
def test_a_project_that_moves_into_another_folder_is_found(
    more: dict[str, str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"Pulumi.yaml": PROJECT % "x", "Pulumi.dev.yaml": "config: {aws:region: eu-west-1}\n"}
    files["__main__.py"] = f"{ONE}declare()\n"
    written(tmp_path, {f"a/{name}": text for name, text in files.items()} | more)
    committed(tmp_path)
    (tmp_path / "a").rename(tmp_path / "other")
    (tmp_path / "other/__main__.py").write_text(f"{TWO}declare()\n")
    assert main(["dev", "--project", str(tmp_path / "other"), "--against", "HEAD"]) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(("ignored", "said"), [("Pulumi.*.yaml\n", "Nothing differs"), ("", "1 added")])
def test_config_that_git_ignores_is_todays_in_both_versions(
    ignored: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stack whose file no revision ever has is not new; one that is only not committed yet is."""
    project = tmp_path / "café"
    written(project, {".gitignore": f"{ignored}!Pulumi.yaml\n", "Pulumi.yaml": "name: small\nruntime: python\n"})
    (project / "__main__.py").write_text(f"{ONE}declare()\n")
    committed(project)
    written(project, {"Pulumi.dev.yaml": "config: {aws:region: eu-west-1}\n", "README.md": "More."})
    assert main(["dev", "--project", str(project), "--against", "HEAD"]) == 0
    shown = capsys.readouterr().out
    assert said in shown
    assert ("with today's config, whose file git ignores" in shown) is bool(ignored)
    assert ("has no file of the stack: all of it counts as new" in shown) is not bool(ignored)


PATHS = """
import pathlib
import pulumi_aws as aws
here = pathlib.Path(__file__).parent
aws.sns.Topic("topic", display_name=f"{here.parent / 'web'}:{here}-x:%s")
"""


def test_a_path_of_the_repository_is_the_same_at_a_revision(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A revision is written to a folder of its own, and so is the other side of a comparison of folders."""
    for side, text in (("one", "a"), ("two", "a"), ("three", "b")):
        files = {"Pulumi.yaml": PROJECT % "x", "Pulumi.dev.yaml": "config: {aws:region: eu-west-1}\n"}
        written(tmp_path / side, {f"infra/{name}": text for name, text in files.items()})
        (tmp_path / side / "infra/__main__.py").write_text(PATHS % text)
    for side, said in (("two", "Nothing differs"), ("three", "1 changed")):
        against = str(tmp_path / "one/infra")
        assert main(["dev", "--project", str(tmp_path / side / "infra"), "--against", against]) == 0
        assert said in capsys.readouterr().out
