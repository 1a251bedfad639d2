"""Both wheels in an environment without the checkout: the review knows the components wherever they lie."""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.rules import Status, check
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
LIBRARY = ROOT / "examples" / "library"
PROGRAMS = sorted(path.parent.name for path in LIBRARY.glob("*/__main__.py"))
WITHOUT_EGRESS = """
from gatehouse import Ec2Backend, PrivateNetwork

network = PrivateNetwork("network", {"zones": ["eu-west-1a", "eu-west-1b"], "egress": []})
place = {"vpc_id": network.vpc_id, "subnet_ids": network.private_subnet_ids, "egress": ["nat-instance"]}
Ec2Backend("backend", {**place, "image": "public.ecr.aws/docker/library/nginx:1.29", "port": 80})
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
def test_an_installed_program_is_reviewed_as_from_its_source(
    name: str, gatehouse: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / name
    shutil.copytree(LIBRARY / name, project)
    monkeypatch.setitem(sys.modules, "gatehouse", __import__("components"))
    source = load(LIBRARY / name)
    graphs = evaluate(source, read_stack(source, "dev"), strict=False)
    from_source = {(one.rule.id, one.status.value) for one in check(graphs.known)}
    assert review(gatehouse, project) == from_source
    assert [rule for rule, status in from_source if status == Status.FAILED.value] == []


def test_a_missing_egress_fails(gatehouse: list[str], tmp_path: Path) -> None:
    """A backend that is told of a NAT which its network lacks: neither its image nor a session gets through."""
    (tmp_path / "Pulumi.yaml").write_text("name: planted\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / "__main__.py").write_text(WITHOUT_EGRESS)
    found = review(gatehouse, tmp_path)
    assert {("BOOT-01", "failed"), ("BOOT-02", "failed"), ("BOOT-04", "failed")} <= found
    assert {rule for rule, status in found if status == "inconclusive"} <= {"FIT-19"}
