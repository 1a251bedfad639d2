"""A program by the engine's protocol, in a process of its own, declares what it declares in this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.confined import Confinement
from review.evaluate.project_file import HOME, Project, load
from review.evaluate.runner import Evaluation, ProgramError, evaluate, run
from review.evaluate.stack_file import read_stack, stacks
from review.graph import Graph
from tests.stacks import ROOT

Write = Callable[..., Project]
FILES = [*stacks(load(HOME)), *sorted(str(path) for path in (ROOT / "examples").glob("*.yaml"))]
EVERYTHING = """
import pulumi, pulumi_aws as aws

def tagged(arguments):
    return pulumi.ResourceTransformResult({**arguments.props, "tags": {"by": "transform"}}, arguments.opts)

async def later(arguments):
    arguments.opts.protect = True
    return pulumi.ResourceTransformResult(arguments.props, arguments.opts)

pulumi.runtime.register_resource_transform(tagged)
config = pulumi.Config()
queue = aws.sqs.Queue("queue", fifo_queue="true", opts=pulumi.ResourceOptions(transforms=[later]))
zones = aws.get_availability_zones()
broker = aws.mq.get_broker_output(broker_id="b")
read = aws.s3.Bucket.get("read", "bucket")
hook = pulumi.ResourceHook("hook", lambda arguments: aws.sns.Topic("by-hook"))
queue.arn.apply(lambda arn: aws.sns.Topic("inside", display_name=arn))
config.require_secret_object("list").apply(lambda found: aws.ssm.Parameter("p", type="String", value=found["key"]))
if not pulumi.runtime.is_dry_run():
    aws.sns.Topic("deployed")
text = f"{queue.arn}"
aws.sns.Topic("formatted", display_name=text)
pulumi.export("zones", zones.names)
pulumi.export("broker", broker.arn)
pulumi.export("secret", config.require_secret("list"))
"""
CONFIG = """
config:
  aws:region: eu-west-1
  aws:defaultTags: {tags: {team: payments}}
  small:list: {secure: AAA}
"""


def both(project: Project, which: str, folder: Path, *, strict: bool) -> tuple[Evaluation, Evaluation]:
    stack = read_stack(project, which)
    apart = evaluate(project, stack, strict=strict, start=Confinement(folder))
    return evaluate(project, stack, strict=strict), apart


def same(one: Graph, other: Graph) -> None:
    for field in fields(Graph):
        if not field.name.startswith("_"):
            here, there = getattr(one, field.name), getattr(other, field.name)
            if field.name == "notes":
                here, there = ([note for note in notes if "not fully isolated" not in note] for notes in (here, there))
            assert plain(here) == plain(there), field.name


def plain(value: Any) -> Any:
    """A value in which all that is unknown is equal, and the order of keys does not count."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.compare}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else repr(value)


@pytest.mark.parametrize("which", FILES)
def test_every_stack_file_has_the_same_graph(which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, apart = both(load(HOME), which, tmp_path, strict=True)
    for one, other in ((here.known, apart.known), (here.unknown, apart.unknown)):
        assert list(one.resources) == list(other.resources)
        assert [resource.source for resource in one] == [resource.source for resource in other]
        assert (one.unseen, one.invokes, one.notes[:1]) == (other.unseen, other.invokes, other.notes[:1])


def test_transforms_lookups_secrets_and_hooks_have_the_same_graph(write_project: Write, tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    here, apart = both(write_project(EVERYTHING, CONFIG), "dev", tmp_path / "apart", strict=False)
    same(here.known, apart.known)
    same(here.unknown, apart.unknown)
    assert {resource.inputs.get("tags", {}).get("by") for resource in apart.known if not resource.existing} == {
        "transform"
    }
    assert apart.known.unseen


@pytest.mark.parametrize("known", [True, False])
def test_an_error_names_the_line(write_project: Write, tmp_path: Path, known: bool) -> None:
    project = write_project("import pulumi\npulumi.Config().require('absent')\n")
    (tmp_path / "apart").mkdir()
    messages = []
    for start in ({}, {"start": Confinement(tmp_path / "apart")}):
        with pytest.raises(ProgramError) as raised:
            run(project, read_stack(project, "dev"), strict=False, known=known, **start)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]
    assert "at __main__.py:2" in messages[0]


def test_a_request_that_the_engine_refuses_ends_in_its_sentence(write_project: Write, tmp_path: Path) -> None:
    project = write_project("import pulumi_aws as aws\naws.sns.Topic('a')\naws.sns.Topic('a')\n")
    with pytest.raises(ProgramError, match="Duplicate resource URN"):
        run(project, read_stack(project, "dev"), start=Confinement(tmp_path))
