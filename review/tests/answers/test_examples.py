"""With AWS's answers no critical rule of an example that adopts something stays undecided, and no way in a doubt."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.evaluate.answers import Answers, Asked, read
from review.evaluate.project_file import Project
from review.evaluate.runner import Evaluation
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.reach.path import Kind
from review.report.render.outside import describe_outside
from review.report.render.verdict import make_banner
from review.report.report import Report, report
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import PROGRAM, project

FILE = Path(__file__).with_name("examples.answers.yaml")
"""What moto's server answered to `gatehouse answers`, with the IDs of the examples."""
EXISTING = ["existing-vpc", "existing-balancer", "second-stack", "private-cross-account"]
BEHIND = "whether its load balancer admits the link, and what answers behind it"
BALANCER = "aws:lb/getLoadBalancer:getLoadBalancer"


def read_entries(tmp_path: Path) -> tuple[Asked, ...]:
    (tmp_path / "review.answers.yaml").write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    return read(tmp_path, "gatehouse").asked


def evaluate(name: str, asked: tuple[Asked, ...], **config: Any) -> Graph:
    own: Project = replace(project(), answers=Answers(asked=asked))
    stack = read_stack(own, str(PROGRAM / "examples" / f"{name}.yaml"))
    stack = replace(stack, parsed={**stack.parsed, **config})
    return run(own, stack, reimport=False)


def review(name: str, asked: tuple[Asked, ...]) -> Report:
    graph = evaluate(name, asked)
    return report(Evaluation(graph, graph))


@pytest.mark.parametrize("name", EXISTING)
def test_each_has_a_verdict(tmp_path: Path, name: str) -> None:
    found = review(name, read_entries(tmp_path))
    assert not found.undecided
    assert not found.list_findings("failed")
    assert [path for path in found.paths if path.open and path.kind is Kind.INBOUND]
    doubts = {path.uncertainty for path in found.paths if path.kind is Kind.INBOUND and path.uncertainty}
    assert doubts == ({BEHIND} if name == "existing-balancer" else set())
    assert describe_outside(found) == f"1 way in of this stack from outside{': 1 undecided' if doubts else ''}"


def test_what_nobody_can_know_is_said(tmp_path: Path) -> None:
    said = {name: {line.sentence for line in make_banner(review(name, ())).callers} for name in EXISTING}
    assert "other callers of an existing load balancer (shop) are not known" in said["existing-balancer"]
    assert "what else runs in an existing VPC (vpc-0a1b2c3d4e5f60718) is not known" in said["existing-vpc"]
    assert "what else runs in an existing VPC (vpc-0a1b2c3d4e5f60718) is not known" in said["second-stack"]
    assert (
        "who can call an existing VPC endpoint (vpce-0f1e2d3c4b5a69788) is not known" in said["private-cross-account"]
    )


def test_a_balancer_of_other_groups_is_refused_by_the_program(tmp_path: Path) -> None:
    entries = tuple(
        replace(one, result={**one.result, "securityGroups": ["sg-00000001"]}) if one.lookup == BALANCER else one
        for one in read_entries(tmp_path)
    )
    with pytest.raises(Exception, match="a security group of the load balancer, which has sg-00000001"):
        evaluate("existing-balancer", entries)


def test_answers_of_another_region_or_account_are_not_taken(tmp_path: Path) -> None:
    entries = read_entries(tmp_path)
    assert evaluate("existing-vpc", entries, **{"aws:allowedAccountIds": ["111122223333"]}).list_by_type(
        "aws:ec2/subnet:Subnet"
    )
    elsewhere = tuple(replace(one, region="eu-central-1") for one in entries)
    for others, config in ((elsewhere, {}), (entries, {"aws:allowedAccountIds": ["444455556666"]})):
        graph = evaluate("existing-vpc", others, **config)
        assert not graph.list_by_type("aws:ec2/subnet:Subnet")
        assert any(invoke.made_up for invoke in graph.invokes)


def test_a_section_with_a_mistake_is_refused(tmp_path: Path) -> None:
    broken = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    del broken["asked"][0]["region"]
    (tmp_path / "review.answers.yaml").write_text(yaml.safe_dump(broken), encoding="utf-8")
    with pytest.raises(Exception, match="`gatehouse answers` writes this section"):
        read(tmp_path, "gatehouse")
