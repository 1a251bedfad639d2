"""A project of one's own from an empty folder and two wheels: new, review, try, tests, a second stack, an upgrade."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import urllib.request
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
SYSTEMS = {
    "A": "rest-nlb-ec2.yaml",
    "B": "existing-backend.yaml",
    "C": "http-alb-ec2.yaml",
    "D": "rest-nlb-fargate.yaml",
    "E": "private-greeter.yaml",
}
"""Of the requirements, the stack files that bring them up."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "my shop"
    made.mkdir()
    return made


def environment(installed: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {"PYTHONPATH": str(installed)}


def gatehouse(installed: Path, folder: Path, *arguments: str, status: int = 0) -> str:
    command = [sys.executable, str(installed / "bin" / "gatehouse"), *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(installed),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def reviewed(installed: Path, folder: Path, *arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(gatehouse(installed, folder, "review", *arguments, "--format", "json"))
    return report


@contextmanager
def serving(installed: Path, folder: Path, stack: str) -> Iterator[str]:
    """What `gatehouse try` prints of a stack that it serves."""
    command = [sys.executable, "-u", str(installed / "bin" / "gatehouse"), "try", stack]
    with subprocess.Popen(command, cwd=folder, env=environment(installed), stdout=subprocess.PIPE, text=True) as served:
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


def test_a_new_project_is_reviewed_called_and_tested(installed: Path, folder: Path) -> None:
    said = gatehouse(installed, folder, "new", "shop", *ANSWERS)
    assert "gatehouse review shop" in said
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {
        ".github/workflows/gatehouse.yml",
        ".gitignore",
        "Pulumi.shop.yaml",
        "Pulumi.yaml",
        "README.md",
        "__main__.py",
        "requirements-dev.txt",
        "requirements.txt",
    }
    text = (folder / "README.md").read_text()
    assert "gatehouse review shop " in text
    assert "Pulumi.dev.yaml" not in text
    assert "requirements-dev.txt" in text
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())
    assert project["name"] == "my-shop"
    assert "template" not in project
    report = reviewed(installed, folder, "shop")
    assert report["rules"]["findings"] == []
    with serving(installed, folder, "shop") as printed:
        url = re.search(r"(http://127\.0\.0\.1:\d+/\S*/orders)$", printed, re.MULTILINE)
        key = re.search(r"x-api-key: (\S+)'", printed)
        assert url, printed
        assert key, printed
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url[1])
        with urllib.request.urlopen(urllib.request.Request(url[1], headers={"x-api-key": key[1]})) as answer:
            assert answer.status == 200


def test_a_second_stack_is_one_more_file(installed: Path, folder: Path) -> None:
    gatehouse(installed, folder, "new", "shop", *ANSWERS)
    before = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    gatehouse(installed, folder, "new", "other", "--backend", "greeter", "--caller", "service")
    assert {path.name for path in folder.rglob("*") if path.is_file() and path not in before} == {"Pulumi.other.yaml"}
    assert all(path.read_text() == text for path, text in before.items())
    assert "Pulumi.other.yaml exists" in gatehouse(
        installed, folder, "new", "other", "--backend", "greeter", "--caller", "service", status=2
    )
    assert reviewed(installed, folder, "other")["rules"]["findings"] == []


def test_a_folder_with_a_file_of_that_name_is_left_as_it_is(installed: Path, folder: Path) -> None:
    (folder / "requirements.txt").write_text("flask\n")
    said = gatehouse(installed, folder, "new", "shop", *ANSWERS, status=2)
    assert "requirements.txt exists, and Pulumi.yaml does not" in said
    assert [path.name for path in folder.iterdir()] == ["requirements.txt"]


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


def test_a_program_adds_resources_around_the_stack(installed: Path, folder: Path) -> None:
    gatehouse(installed, folder, "new", "shop", *ANSWERS)
    blocks = (ROOT / "docs" / "library.md").read_text().split("```python\n")
    (program,) = (block.partition("```")[0] for block in blocks if "stack.build()" in block.partition("```")[0])
    (folder / "__main__.py").write_text(f"{program}\nimport pulumi_aws as aws\naws.sns.Topic('more')\n")
    report = reviewed(installed, folder, "shop")
    assert {"group", "apiUrl", "curl"} <= {export["name"] for export in report["exports"]}
    assert report["declared"]["aws:sns/topic:Topic"] == 1


def test_the_projects_own_tests_run_on_the_packages_mocks(installed: Path, folder: Path) -> None:
    (folder / "test_shop.py").write_text(TEST)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shop.py"]
    done = subprocess.run(command, cwd=folder, env=environment(installed), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_template_is_the_stack_of_this_repository() -> None:
    template = ROOT / "template"
    assert (template / "Pulumi.dev.yaml").read_text() == (ROOT / "Pulumi.dev.yaml").read_text()
    projects = [yaml.safe_load((place / "Pulumi.yaml").read_text()) for place in (template, ROOT)]
    assert projects[0]["runtime"] == projects[1]["runtime"]
    assert projects[0]["requiredPulumiVersion"] == projects[1]["requiredPulumiVersion"]


def test_the_template_names_this_version_and_repository() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", ".github/workflows/gatehouse.yml"):
        text = (ROOT / "template" / name).read_text()
        assert f"{REPOSITORY}@v{VERSION}" in text, name


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_systems_of_the_requirements_as_projects(installed: Path, folder: Path, system: str) -> None:
    """The template with the stack file of an example: no question is open, and the first call is right."""
    for name in ("__main__.py", "Pulumi.yaml"):
        (folder / name).write_bytes((ROOT / "template" / name).read_bytes())
    (folder / "Pulumi.dev.yaml").write_bytes((ROOT / "examples" / SYSTEMS[system]).read_bytes())
    # Of D5: a route that is served by a function.
    shutil.copytree(ROOT / "handlers" / "greeter", folder / "handlers" / "greeter")
    report = reviewed(installed, folder, "dev")
    assert report["rules"]["findings"] == []
    with serving(installed, folder, "dev") as printed:
        assert status_of(next(line for line in printed.splitlines() if line.strip().startswith("curl "))) == "200"


def status_of(line: str) -> str:
    """The status of the response to a call as `gatehouse try` prints it for a terminal; curl signs it."""
    command = [*shlex.split(line), "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_an_upgrade_keeps_the_stack(installed: Path, folder: Path, tmp_path: Path) -> None:
    """From the wheels of the commit before to these, with the same files: no output goes, and no rule fails."""
    if subprocess.run(["git", "rev-parse", "--quiet", "--verify", "HEAD~1"], cwd=ROOT, check=False).returncode:
        pytest.skip("a clone without history")
    earlier = tmp_path / "earlier"
    archive = tmp_path / "earlier.tar"
    subprocess.run(["git", "archive", "--output", str(archive), "HEAD~1"], cwd=ROOT, check=True)
    with tarfile.open(archive) as packed:
        packed.extractall(earlier, filter="tar")
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(earlier), str(earlier / "review")], check=True)
    gatehouse(installed, folder, "new", "shop", *ANSWERS)
    before = reviewed(target, folder, "shop")
    after = reviewed(installed, folder, "shop")
    exports = [{export["name"] for export in report["exports"]} for report in (before, after)]
    assert exports[0] <= exports[1]
    assert after["rules"]["findings"] == []
