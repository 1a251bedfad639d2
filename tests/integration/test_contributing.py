"""CONTRIBUTING's recipes, followed to the letter: each is complete."""

import json
import shutil
import subprocess
import sys
from pathlib import Path as Folder

import pytest

from review.tests.fixtures import Write
from review.tests.helpers.stacks import ROOT

_RULE = '''
"""Topics."""

from collections.abc import Iterator

from ..graph import Resource
from ..graph.reading import read
from .registry import Severity, rule


@rule("TOPIC-01", Severity.HIGH, on=("aws:sns/topic:Topic",))
def topics_have_owners(resource: Resource) -> Iterator[str]:
    """Topics have an owner.

    Why: Nobody finds them.
    Remedy: Tag them.
    https://docs.aws.amazon.com/sns/latest/dg/sns-tags.html
    """
    if not read(resource, "tags", "Owner"):
        yield f"{resource.name} has no owner"
'''
_PROGRAM = "import pulumi_aws as aws\naws.sns.Topic('lost')\naws.sns.Topic('mine', tags={'Owner': 'me'})\n"


@pytest.mark.slow
def test_a_rule_is_a_function_in_a_module_of_its_own(write_project: Write, tmp_path: Folder) -> None:
    """In a copy: the report comes out with its finding, the list of rules has it, and the pack a policy of its kind."""
    copy = tmp_path / "copy"
    for name in ("review", "components"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    (copy / "review" / "rules" / "topics.py").write_text(_RULE.lstrip())

    def ran(*words: str) -> str:
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=120)
        assert done.stderr == ""
        return done.stdout

    project = write_project(_PROGRAM)
    reported = json.loads(ran("review/launch.py", "dev", "--project", str(project.root), "--format", "json"))
    found = {(one["resource"], one["message"]) for one in reported["rules"]["findings"] if one["rule"] == "TOPIC-01"}
    assert [message for _, message in found] == ["lost has no owner"]
    ran("-m", "review.rules.reference")
    assert (
        "| [TOPIC-01](#topic-01) | high | resource | Topics have an owner |"
        in (copy / "review/docs/rules.md").read_text()
    )
    kinds = "print({one.name: type(one).__name__ for one in policies()}['TOPIC-01'])"
    assert ran("-c", f"from review.policy.pack import policies; {kinds}").strip() == "ResourceValidationPolicy"
