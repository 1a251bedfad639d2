"""A project of one's own from an empty folder and two wheels: new, review, try, tests and a second stack."""

import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.facts.version import REPOSITORY, VERSION
from tests.helpers.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
ANSWERS = ("--backend", "ec2", "--image", "traefik/whoami:v1.11.0", "--port", "80", "--platform", "linux/arm64",
           "--caller", "partner", "--partners", "acme", "--path", "/orders")  # fmt: skip
SECOND = ("new", "other", "--backend", "greeter", "--caller", "service")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "my shop"
    made.mkdir()
    return made


def ran(installed: Path, folder: Path, *words: str, status: int = 0) -> str:
    """What Python prints in the folder, where it has nothing but the two packages."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    options: dict[str, Any] = {"env": kept | {"PYTHONPATH": str(installed)}, "stdin": subprocess.DEVNULL}
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=folder, **options, capture_output=True, text=True, check=False)
    said: str = done.stdout + done.stderr
    assert done.returncode == status, said
    return said


def gatehouse(installed: Path, folder: Path, *arguments: str, status: int = 0) -> str:
    return ran(installed, folder, str(installed / "bin" / "gatehouse"), *arguments, status=status)


def reviewed(installed: Path, folder: Path, stack: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(gatehouse(installed, folder, "review", stack, "--format", "json"))
    return report


@contextmanager
def serving(installed: Path, folder: Path, stack: str) -> Iterator[str]:
    """What `gatehouse try` prints of a stack that it serves."""
    command = [sys.executable, "-u", str(installed / "bin" / "gatehouse"), "try", stack]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        printed = ""
        for line in served.stdout:
            printed += line
            if line.startswith("Different from AWS"):
                break
        try:
            yield printed
        finally:
            served.send_signal(signal.SIGINT)
            served.stdout.read()


def files(folder: Path) -> dict[str, str]:
    """Texts of the files, and digests of the wheels."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.suffix == ".whl"
        else path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_project_is_reviewed_and_called_and_a_second_stack_is_one_more_file(
    installed: Path, folder: Path
) -> None:
    assert "gatehouse review shop" in gatehouse(installed, folder, "new", "shop", *ANSWERS)
    made = files(folder)
    wheels = {name for name in made if name.startswith("wheels/")}
    assert {re.sub(r"\+[dg][0-9a-f]{12}-", "-", name) for name in wheels} == {
        *("wheels/gatehouse-0.1.0-py3-none-any.whl", "wheels/gatehouse_review-0.1.0-py3-none-any.whl")
    }
    (program,) = (name for name in wheels if "review" not in name)
    assert {"gatehouse/docs/settings.md", "gatehouse/docs/upgrading.md"} <= {
        *zipfile.ZipFile(folder / program).namelist()
    }
    assert made.keys() - wheels == {
        *(".github/workflows/gatehouse.yml", ".gitignore", ".pulumi.version", "Pulumi.shop.yaml", "Pulumi.yaml"),
        *("README.md", "__main__.py", "renovate.json", "requirements-dev.txt", "requirements.lock", "requirements.txt"),
        *("stack.schema.json", "test_stack.py"),
    }
    assert "gatehouse review shop " in made["README.md"]
    # Nothing in it names this machine, or a repository that does not exist.
    assert [name for name, text in made.items() if "OWNER" in text or "file:///" in text or str(ROOT) in text] == []
    ran(installed, folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_stack.py")
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    assert "Pulumi.dev.yaml" not in made["README.md"]
    project = yaml.safe_load(made["Pulumi.yaml"])
    assert (project["name"], "template" in project) == ("my-shop", False)
    assert reviewed(installed, folder, "shop")["rules"]["findings"] == []
    with serving(installed, folder, "shop") as printed:
        url = re.search(r"(http://127\.0\.0\.1:\d+/\S*/orders)$", printed, re.MULTILINE)
        key = re.search(r"x-api-key: (\S+)'", printed)
        assert url, printed
        assert key, printed
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url[1])
        with urllib.request.urlopen(urllib.request.Request(url[1], headers={"x-api-key": key[1]})) as answer:
            assert answer.status == 200
    gatehouse(installed, folder, *SECOND)
    both = files(folder)
    assert both == {**made, "Pulumi.other.yaml": both["Pulumi.other.yaml"]}
    assert "Pulumi.other.yaml exists" in gatehouse(installed, folder, *SECOND, status=2)
    assert reviewed(installed, folder, "other")["rules"]["findings"] == []


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@x.invalid")
    command = ["git", *who, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this repository, as it is here, without an origin."""
    clone = tmp_path / "clone"
    for name in ("components", "docs", "handlers", "review", "template"):
        shutil.copytree(ROOT / name, clone / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore"):
        shutil.copy(ROOT / name, clone / name)
    git(clone, "init", "--quiet", "--initial-branch", "main")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "First")
    return clone


def make_new(clone: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "components.stack.new_project", *arguments]
    done = subprocess.run(command, cwd=clone, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def list_ci_lines(folder: Path) -> list[str]:
    """The lines that the review of a pull request runs."""
    workflow = yaml.safe_load((folder / ".github/workflows/gatehouse.yml").read_text())
    return [step["run"] for step in workflow["jobs"]["review"]["steps"] if "run" in step]


def test_a_project_of_a_clone_without_an_origin_is_green_in_another_folder_by_its_own_lines(
    clone: Path, folder: Path, tmp_path: Path
) -> None:
    make_new(clone, "shop", "--project", str(folder), *ANSWERS)
    elsewhere = shutil.copytree(folder, tmp_path / "else where")
    shutil.rmtree(clone)
    git(elsewhere, "init", "--quiet", "--initial-branch", "main")
    git(elsewhere, "add", ".")
    git(elsewhere, "commit", "--quiet", "--message", "First")
    for line in list_ci_lines(elsewhere):
        done = run_ci_line(elsewhere, line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    python = elsewhere / ".venv" / "bin" / "python"
    commit = git(elsewhere, "grep", "--only-matching", "commit [0-9a-f]\\{40\\}", "requirements.txt")[-40:]
    printed = subprocess.run(
        [str(python.parent / "gatehouse"), "--version"], capture_output=True, text=True, check=True
    )
    assert printed.stdout == f"gatehouse {VERSION}+g{commit[:12]}\n"
    subprocess.run([str(python), "-m", "pytest", "-q"], cwd=elsewhere, check=True)
    # A wheel that is not the locked one is refused.
    lock = elsewhere / "requirements.lock"
    lock.write_text(
        re.sub(r"(gatehouse @ .* \\\n    --hash=sha256:)[0-9a-f]{64}", r"\g<1>" + "0" * 64, lock.read_text())
    )
    shutil.rmtree(elsewhere / ".venv")
    assert "Hash mismatch" in run_ci_line(elsewhere, list_ci_lines(elsewhere)[0]).stderr


def run_ci_line(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the workflow with this Python: setup-uv brings another version, which this machine may not have."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "BASE": "HEAD", "VIRTUAL_ENV": ""}
    command = ["bash", "-e", "-c", line.replace("--python 3.13", f"--python {shlex.quote(sys.executable)}")]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_newer_clone_renews_a_project_and_prints_what_the_changelog_says_between_the_two(
    clone: Path, folder: Path
) -> None:
    make_new(clone, "shop", "--project", str(folder), *ANSWERS)
    before = files(folder)
    (folder / "requirements.txt").write_text(before["requirements.txt"] + "requests==2.32.0\n")
    (folder / "requirements.lock").write_text(
        before["requirements.lock"] + "requests==2.32.0 \\\n    --hash=sha256:1\n"
    )
    changelog = clone / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("### Added\n", "### Added\n\n- A new key.\n", 1))
    git(clone, "commit", "--quiet", "--all", "--message", "Second")
    printed = make_new(clone, "--project", str(folder), "--renew")
    assert "The changelog since then:\n- A new key.\n" in printed
    after, commit = files(folder), git(clone, "rev-parse", "HEAD")
    assert len([name for name in after if name.startswith("wheels/")]) == 2
    assert f"commit {commit}" in after["requirements.txt"]
    assert (
        f"./wheels/gatehouse-{VERSION}+g{commit[:12]}-py3-none-any.whl\nrequests==2.32.0\n" in after["requirements.txt"]
    )
    assert "requests==2.32.0" in after["requirements.lock"]
    assert after["requirements.lock"].count("gatehouse @ ") == 1
    assert {name for name in before if before[name] != after.get(name)} == {
        *("requirements.txt", "requirements-dev.txt", "requirements.lock"),
        *(name for name in before if name.startswith("wheels/")),
    }


def test_a_folder_with_a_file_of_that_name_is_left_as_it_is(installed: Path, folder: Path) -> None:
    (folder / "requirements.txt").write_text("flask\n")
    said = gatehouse(installed, folder, "new", "shop", *ANSWERS, status=2)
    assert "requirements.txt exists, and Pulumi.yaml does not" in said
    assert files(folder) == {"requirements.txt": "flask\n"}


TEST = """
import pulumi
from gatehouse.testing import Mocks

def test_every_route_needs_a_key():
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, project="shop", stack="test")
    config = {"shop:topology": "private-api", "shop:backend": '{"kind": "greeter"}', "aws:region": "eu-west-1"}
    pulumi.runtime.set_all_config(config)

    @pulumi.runtime.test
    def declare():
        from gatehouse import stack
        stack.build()

    declare()
    assert mocks.inputs("RestApi")
"""


def test_a_program_adds_resources_around_the_stack_and_is_tested_on_the_packages_mocks(
    installed: Path, folder: Path
) -> None:
    gatehouse(installed, folder, "new", "shop", *ANSWERS)
    blocks = (ROOT / "docs" / "library.md").read_text().split("```python\n")
    (program,) = (block.partition("```")[0] for block in blocks if "stack.build()" in block.partition("```")[0])
    (folder / "__main__.py").write_text(f"{program}\nimport pulumi_aws as aws\naws.sns.Topic('more')\n")
    report = reviewed(installed, folder, "shop")
    assert {"group", "apiUrl", "curl"} <= {export["name"] for export in report["exports"]}
    assert report["declared"]["aws:sns/topic:Topic"] == 1
    (folder / "test_shop.py").write_text(TEST)
    ran(installed, folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py")


def test_the_template_is_the_stack_of_this_repository_and_names_its_version() -> None:
    template = ROOT / "template"
    # The first line names the schema, which has another place here.
    ours, own = ((place / "Pulumi.dev.yaml").read_text().partition("\n") for place in (template, ROOT))
    assert ours[2] == own[2]
    mine, theirs = (yaml.safe_load((place / "Pulumi.yaml").read_text()) for place in (template, ROOT))
    for key in ("runtime", "requiredPulumiVersion"):
        assert mine[key] == theirs[key]
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert f"{REPOSITORY}@v{VERSION}" in (template / name).read_text(), name


@pytest.mark.parametrize("example", ["rest-nlb-fargate", "private-greeter"])
def test_an_example_is_a_stack_of_a_project(installed: Path, folder: Path, example: str) -> None:
    """No question is open, and the first call that is printed is right: curl signs it."""
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / "template" / name, folder)
    shutil.copy(ROOT / f"examples/{example}.yaml", folder / "Pulumi.dev.yaml")
    # Of a route that is served by a function.
    shutil.copytree(ROOT / "handlers" / "greeter", folder / "handlers" / "greeter")
    assert reviewed(installed, folder, "dev")["rules"]["findings"] == []
    with serving(installed, folder, "dev") as printed:
        line = next(line for line in printed.splitlines() if line.strip().startswith("curl "))
        command = [*shlex.split(line), "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "200"
