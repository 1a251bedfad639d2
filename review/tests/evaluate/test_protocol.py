"""A program by the engine's protocol, in a process of its own, declares what it declares in this one."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.process import Launcher
from review.evaluate.project_file import Project
from review.evaluate.runner import Evaluation, Run, Start
from review.evaluate.stack_file import read_stack, stacks
from review.graph import Graph
from review.graph.graph import Invoke
from review.tests.fixtures import Write
from review.tests.helpers.in_process.evaluation import evaluate, here, run
from review.tests.helpers.stacks import EXAMPLES, PROGRAM, project

FILES = [*stacks(project()), *(str(PROGRAM / example) for example in EXAMPLES)]
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
    return evaluate(project, stack, strict=strict), evaluate(project, stack, strict=strict, start=Launcher(folder))


def same(graph: Graph, other: Graph) -> None:
    for field in fields(Graph):
        if field.compare and not field.name.startswith("_"):
            here, there = getattr(graph, field.name), getattr(other, field.name)
            assert plain(here) == plain(there), field.name


def plain(value: Any) -> Any:
    """A value in which all that is unknown is equal, and the order of keys does not count."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.compare}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else repr(value)


def in_order(invokes: Iterable[Invoke]) -> list[Invoke]:
    """Lookups run side by side, so their order is no part of the graph."""
    return sorted(invokes, key=lambda one: json.dumps([one.token, one.arguments], sort_keys=True, default=repr))


@pytest.mark.slow
@pytest.mark.parametrize("which", FILES)
def test_every_stack_file_has_the_same_graph(which: str, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, apart = both(project(), which, short, strict=True)
    for one, other in ((here.known, apart.known), (here.unknown, apart.unknown)):
        assert list(one.resources) == list(other.resources)
        assert [resource.source for resource in one] == [resource.source for resource in other]
        assert in_order(one.invokes) == in_order(other.invokes)
        assert one.notes[:1] == other.notes[:1]


def test_transforms_lookups_secrets_and_hooks_have_the_same_graph(write_project: Write, short: Path) -> None:
    here, apart = both(write_project(EVERYTHING, CONFIG), "dev", short, strict=False)
    same(here.known, apart.known)
    same(here.unknown, apart.unknown)
    assert {resource.inputs.get("tags", {}).get("by") for resource in apart.known if not resource.existing} == {
        "transform"
    }


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
def test_an_error_names_the_line(write_project: Write, short: Path, known: bool) -> None:
    project = write_project("import pulumi\npulumi.Config().require('absent')\n")
    messages = []
    starts: tuple[Start, ...] = (here, Launcher(short))
    for start in starts:
        with pytest.raises(ProgramError) as raised:
            run(project, read_stack(project, "dev"), strict=False, known=known, start=start)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]
    assert "at __main__.py:2" in messages[0]


def test_a_request_that_the_engine_refuses_ends_in_its_sentence(write_project: Write, short: Path) -> None:
    project = write_project("import pulumi_aws as aws\naws.sns.Topic('a')\naws.sns.Topic('a')\n")
    with pytest.raises(ProgramError, match="Duplicate resource URN"):
        run(project, read_stack(project, "dev"), start=Launcher(short))


def reviewed(project: Project, folder: Path) -> Graph:
    return run(project, read_stack(project, "dev"), strict=False, start=Launcher(folder))


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is not in the project's."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.mark.slow
def test_a_program_gets_the_variables_that_are_named(
    write_project: Write, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "not-a-secret")
    monkeypatch.setenv("STAGE", "blue")
    program = "import os, pulumi\npulumi.export('seen', dict(os.environ))\nos.environ['STAGE']\n"
    project = write_project(program)
    stack = read_stack(project, "dev")
    with pytest.raises(ProgramError, match="--env STAGE passes this one"):
        run(project, stack, start=Launcher(elsewhere))
    seen = run(project, stack, start=Launcher(elsewhere, ["STAGE"])).exports["seen"]
    assert seen["STAGE"] == "blue"
    assert "GITHUB_TOKEN" not in seen
    assert seen["HOME"].startswith(str(elsewhere))


@pytest.mark.slow
def test_a_run_waits_for_outputs_and_for_no_other_task_of_the_program(write_project: Write, short: Path) -> None:
    project = write_project(
        """
        import asyncio, pulumi, pulumi_aws as aws

        forever = asyncio.get_running_loop().create_task(asyncio.sleep(3600))
        late = pulumi.Output.from_input(asyncio.sleep(0.6, "late"))
        late.apply(lambda name: aws.sns.Topic(name))
        """
    )
    assert [resource.name for resource in reviewed(project, short)] == ["late"]


@pytest.mark.slow
def test_messages_that_no_report_shows_are_no_requests(write_project: Write, short: Path) -> None:
    project = write_project(
        """
        import pulumi, pulumi_aws as aws

        aws.sns.Topic("topic")
        pulumi.log.debug("seen by nobody")
        pulumi.log.warn("seen")
        """
    )
    logged: list[Any] = []

    def counted(run: Run) -> None:
        run.log = logged.append  # type: ignore[method-assign, assignment] # in place of the report
        Launcher(short)(run)

    assert run(project, read_stack(project, "dev"), strict=False, start=counted).resources
    assert [request.message for request in logged] == ["seen"]


@pytest.mark.slow
def test_requests_that_no_sdk_sends_end_in_no_traceback(write_project: Write, short: Path) -> None:
    project = write_project(
        """
        import contextlib, itertools
        from pulumi.runtime import settings
        from pulumi.runtime.proto import resource_pb2

        monitor = settings.get_monitor()
        monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn="x"))
        kinds = ("", "a", "aws:x", "a:b:c:d", "pulumi:providers:aws", "aws:ec2/instance:Instance")
        for kind, name, parent in itertools.product(kinds, ("", "a::b", "a$b"), ("", "x", "a::b::c::d")):
            made = resource_pb2.RegisterResourceRequest(type=kind, name=name, parent=parent, custom=True, provider="x")
            made.aliases.add().spec.parentUrn = "x"
            made.object.update({"a": {"4dabf18193072939515e22adb298388d": "x"}, "tags": 1, "subnetId": [None]})
            with contextlib.suppress(Exception):
                monitor.RegisterResource(made)
        """
    )
    with pytest.raises(ProgramError, match=r"^could not find parent resource x$"):
        reviewed(project, short)


@pytest.mark.slow
def test_error_that_an_sdk_logs_is_why_its_process_ends(write_project: Write, short: Path) -> None:
    """As Node.js does, with status 32."""
    project = write_project(
        """
        import os
        from pulumi.runtime import settings
        from pulumi.runtime.proto import engine_pb2

        settings.get_engine().Log(engine_pb2.LogRequest(severity=3, message="Missing required variable 'a:b'"))
        os._exit(32)
        """
    )
    with pytest.raises(ProgramError, match=r"^Missing required variable 'a:b'$"):
        run(project, read_stack(project, "dev"), start=Launcher(short))


@pytest.mark.slow
def test_an_export_that_comes_after_the_last_line_is_none(write_project: Write, short: Path) -> None:
    project = write_project("import pulumi\npulumi.Output.from_input(1).apply(lambda _: pulumi.export('late', 1))\n")
    assert [*reviewed(project, short).exports] == []


@pytest.mark.slow
def test_the_end_of_the_run_with_outputs_unknown_is_told(write_project: Write, short: Path) -> None:
    """Both runs are in processes that are started together."""
    project = write_project(
        """
        import os, pulumi, pulumi_aws as aws

        topic = aws.sns.Topic("topic")

        async def end():
            if not await topic.arn.is_known():
                print("unknown")
                os._exit(3)

        pulumi.export("ended", pulumi.Output.from_input(end()))
        """
    )
    start = Launcher(short)
    with start.prepared(project):
        evaluation = evaluate(project, read_stack(project, "dev"), strict=False, start=start)
    assert evaluation.hidden == []
    ended = "the program ended its process before its run was complete"
    assert evaluation.known.notes[-1] == f"with outputs unknown, as in a first preview, the program fails: {ended}"
