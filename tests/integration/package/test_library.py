"""The components in other people's programs: both wheels in an environment without the checkout."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

import components
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.rules import check
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
LIBRARY = ROOT / "examples" / "library"
PROGRAMS = sorted(path.parent.name for path in LIBRARY.glob("*/__main__.py"))
WITHOUT_VERSION = """
from gatehouse import Ec2Backend, PrivateNetwork

network = PrivateNetwork("network", {"zones": ["eu-west-1a", "eu-west-1b"], "egress": ["ipv6"]})
place = {"vpc_id": network.vpc_id, "subnet_ids": network.private_subnet_ids, "egress": ["ipv6"]}
Ec2Backend("backend", {**place, "image": "public.ecr.aws/docker/library/nginx:latest", "port": 80})
"""


@pytest.fixture(scope="module")
def gatehouse(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The installed command of an environment with the pinned packages, the two wheels and no checkout."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    (packages,) = (home / "lib").glob("python*/site-packages")
    pinned = Path(sys.prefix, "lib", packages.parent.name, "site-packages")
    (packages / "installed.pth").write_text(f"{installed}\n{pinned}\n")
    return [str(home / "bin" / "python"), str(installed / "bin" / "gatehouse")]


def review(gatehouse: list[str], project: Path) -> set[tuple[str, str]]:
    """The rules that do not pass, each with its status."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = [*gatehouse, "review", "--format", "json"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return {(one["rule"], one["status"]) for one in document["rules"]["findings"]}


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_installed_program_is_reviewed_as_from_its_source_and_breaks_no_rule(
    name: str, gatehouse: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / name
    shutil.copytree(LIBRARY / name, project)
    monkeypatch.setitem(sys.modules, "gatehouse", components)
    source = load(LIBRARY / name)
    graph = evaluate(source, read_stack(source, "dev"), strict=False).known
    from_source = {(one.rule.id, one.status.value) for one in check(graph)}
    assert review(gatehouse, project) == from_source
    assert [rule for rule, status in from_source if status == "failed"] == []
    if name == "transforms":
        # An input that no argument has.
        (function,) = graph.list_by_type("aws:lambda/function:Function")
        assert function.inputs["ephemeralStorage"] == {"size": 1024}


def test_a_rule_finds_its_fault_in_an_installed_package(gatehouse: list[str], tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: planted\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / "__main__.py").write_text(WITHOUT_VERSION)
    found = review(gatehouse, tmp_path)
    assert found == {("BOOT-10", "failed")}


FOLDERS = {"components": "", "docs": "docs", "handlers": "handlers", "template": "stack/template"}
CHECKOUT_ONLY = {Path(name) for name in ("__main__.py", "PulumiPlugin.yaml", "requirements.txt")}


def _is_left_out(path: Path) -> bool:
    """Pictures and schemas of the documents."""
    return path.is_relative_to(ROOT / "docs") and path.suffix in (".png", ".json")


def test_the_package_brings_every_file_of_its_folders_and_no_other(installed: Path) -> None:
    wanted = {
        Path(inner, path.relative_to(ROOT / folder))
        for folder, inner in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not _is_left_out(path)
    }
    home = installed / "gatehouse"
    brought = {path.relative_to(home) for path in home.rglob("*") if path.suffix != ".pyc" and path.is_file()}
    assert brought == wanted - CHECKOUT_ONLY


BROUGHT = {
    "botocore": "boto3", "grpcio": "pulumi", "h11": "uvicorn", "protobuf": "pulumi",
    "referencing": "jsonschema", "urllib3": "boto3",
}  # fmt: skip
"""Packages that another package brings, which is declared."""
OPTIONAL = {"awslambdaric", "pytest"}
"""Packages that are imported only where they are installed, and by the fixture for pytest."""


@pytest.mark.parametrize(
    ("folder", "home", "extras"), [("components", "", ()), ("review", "review", ("try", "verify"))]
)
def test_a_distribution_declares_every_package_that_it_imports(folder: str, home: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / home / "pyproject.toml").read_text())["project"]
    listed = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    declared = {re.split(r"[><=\[]", one)[0].lower() for one in listed}
    names, imported = packages_distributions(), set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse("" if {"tests", "policy"} & {*path.parts} else path.read_text())):
            if isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module))
            elif isinstance(node, ast.Import):
                imported |= {one.name for one in node.names}
    tops = {name.partition(".")[0] for name in imported} & names.keys()
    brought = {name for name, by in BROUGHT.items() if by in declared}
    assert {names[top][0].lower().replace("_", "-") for top in tops} - declared - brought <= OPTIONAL


def test_what_an_argument_takes_can_be_imported() -> None:
    offered = {name: getattr(components, name) for name in components.__all__}
    named = {name: re.findall(r"\w+Args\b", str(getattr(one, "__annotations__", ""))) for name, one in offered.items()}
    assert {name: {*args} - offered.keys() for name, args in named.items() if {*args} - offered.keys()} == {}


def test_each_package_has_facts_of_its_own(installed: Path) -> None:
    """A program may use a version of the components that is not the review's."""
    code = "import sys, gatehouse_review.facts.limits as one, gatehouse.facts.limits as other\n"
    code += "assert one is not other and 'facts' not in sys.modules"
    environment = os.environ | {"PYTHONPATH": str(installed)}
    subprocess.run([sys.executable, "-P", "-c", code], cwd=installed, env=environment, check=True)


def unit_tests() -> list[str]:
    """The tests that the page shows: of a program, and of a stack file."""
    blocks = (ROOT / "docs" / "library.md").read_text().split("```python\n")
    return [text for block in blocks if "def test_" in (text := block.partition("```")[0])]


def run_unit_tests(installed: Path, folder: Path, text: str) -> str:
    (folder / "test_program.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_program.py"]
    environment = os.environ | {"PYTHONPATH": str(installed)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def test_the_unit_test_of_the_library_page_passes_and_can_fail(installed: Path, tmp_path: Path) -> None:
    text, _ = unit_tests()
    wider = text.replace('backend_cidrs=["10.20.30.40/32"]', 'backend_cidrs=["10.20.30.0/24"]')
    said = run_unit_tests(installed, tmp_path, f"{text}\n\n{wider.replace('test_the_forwarder', 'test_a_wider_one')}")
    assert "1 failed, 1 passed" in said, said
    assert "FAILED test_program.py::test_a_wider_one" in said


def test_the_unit_test_of_a_stack_file_passes_with_that_of_the_template_and_can_fail(
    installed: Path, tmp_path: Path
) -> None:
    _, text = unit_tests()
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copy(ROOT / "template" / name, tmp_path)
    document = yaml.safe_load((tmp_path / "Pulumi.dev.yaml").read_text())
    document["config"]["api"] |= {"routes": [{"path": "/open", "methods": ["GET"]}], "plans": {}}
    (tmp_path / "Pulumi.open.yaml").write_text(yaml.safe_dump(document))
    opened = text.replace("Pulumi.dev.yaml", "Pulumi.open.yaml").replace("call_dev", "call_open")
    said = run_unit_tests(installed, tmp_path, f"{text}\n\n{opened}")
    assert "1 failed, 1 passed" in said, said
    assert "FAILED test_program.py::test_only_callers_with_a_key_may_call_open" in said
