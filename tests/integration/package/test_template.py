"""A project as `pulumi new` leaves it: another name, other words, no `template:`, and no repository yet."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from review.tests.helpers.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("template")]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "build", "Pulumi.*.yaml")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, in a folder whose name has a space. The CLI writes Pulumi.yaml in its own style."""
    folder = tmp_path_factory.mktemp("made") / "my shop"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT, symlinks=True)
    for path in ROOT.glob("Pulumi.*.yaml"):
        shutil.copy(path, folder)
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    del project["template"]
    project |= {"name": "shop", "author": "Somebody", "description": "The shop"}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False, indent=4))
    return folder


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


REFERENCE = """
import sys
from pathlib import Path
from components.stack.settings.reference import main

def status(*arguments):
    sys.argv = ["", *arguments]
    return main()

project = Path("Pulumi.yaml")
own = status("--check")
project.write_text(project.read_text().replace("The VPC and its egress", "Something"))
print(own, status("--check"), status(), status("--check"))
"""


def test_the_reference_is_its_own_and_finds_what_is_out_of_date(made: Path) -> None:
    project = made / "Pulumi.yaml"
    before = project.read_text()
    assert run(made, "-c", REFERENCE).split() == ["0", "1", "0", "0"]
    assert yaml.safe_load(project.read_text()) == yaml.safe_load(before)


def test_its_documents_and_pack_are_its_own(made: Path) -> None:
    chosen = "reference or links or listed or schema or interface or serves_every or names_this_machine"
    run(made, "-m", "pytest", "-n0", "-p", "no:cacheprovider", "tests/integration/docs", "tests/package/test_schema.py",
        "review/tests/policy/test_running_pack.py", "-k", chosen)  # fmt: skip


def test_its_stacks_are_reviewed_under_its_name(made: Path) -> None:
    assert run(made, "-m", "review", "dev", "--format", "markdown").startswith("## shop")
    run(made, "-m", "components.stack.new", "trial", "--backend", "greeter", "--caller", "service")
    text = (made / "Pulumi.trial.yaml").read_text()
    assert re.search(r"^  topology: public-proxy$", text, re.MULTILINE)
    # A stack of somebody's own has no snapshot, so no test of ours may ask for one.
    assert "trial" not in run(made, "-m", "pytest", "-n0", "-p", "no:cacheprovider", "--collect-only", "tests/package")
