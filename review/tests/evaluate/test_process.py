"""A program in a process of its own declares what it declares in this one."""

import json
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.process import Launcher
from review.evaluate.project_file import Project, load
from review.evaluate.runner import Evaluation, RunJob
from review.evaluate.stack_file import read_stack
from review.graph import Graph, Invoke
from review.tests.helpers.fixture_types import Write
from review.tests.helpers.in_process.evaluation import evaluate, here, run
from review.tests.helpers.stacks import PROGRAM, graph_of, project

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
  small:list: {secure: 'v1:AAA'}
"""


def both(project: Project, which: str, folder: Path, *, strict: bool) -> tuple[Evaluation, Evaluation]:
    stack = read_stack(project, which)
    return evaluate(project, stack, strict=strict), evaluate(project, stack, strict=strict, run_job=Launcher(folder))


def same(graph: Graph, other: Graph) -> None:
    for field in fields(Graph):
        if field.compare and not field.name.startswith("_"):
            here, there = getattr(graph, field.name), getattr(other, field.name)
            assert plain(here) == plain(there), field.name


def plain(value: Any) -> Any:
    """A value in which all that is unknown is equal, and the order of keys and of sets does not count."""
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.compare}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(repr(inner) for inner in value)
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else repr(value)


def in_order(invokes: Iterable[Invoke]) -> list[Invoke]:
    """Lookups run side by side, so their order is no part of the graph."""
    return sorted(invokes, key=lambda one: json.dumps([one.token, one.arguments], sort_keys=True, default=repr))


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("which", ["prod", *(f"examples/{name}.yaml" for name in ("functions", "private-greeter"))])
def test_a_stack_file_has_the_same_graph(which: str, known: bool, launch_folder: Path) -> None:
    """A topology of each kind: what programs can do besides is in the next test."""
    here = graph_of(which, known=known)
    isolated = run(project(), read_stack(project(), which), known=known, run_job=Launcher(launch_folder))
    assert list(here.resources) == list(isolated.resources)
    assert [resource.source for resource in here] == [resource.source for resource in isolated]
    assert in_order(here.invokes) == in_order(isolated.invokes)
    assert here.notes[:1] == isolated.notes[:1]


def test_transforms_lookups_secrets_and_hooks_have_the_same_graph(write_project: Write, launch_folder: Path) -> None:
    here, isolated = both(write_project(EVERYTHING, CONFIG), "dev", launch_folder, strict=False)
    same(here.known, isolated.known)
    same(here.unknown, isolated.unknown)
    assert {resource.inputs.get("tags", {}).get("by") for resource in isolated.known if not resource.existing} == {
        "transform"
    }


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False])
def test_an_error_names_the_line(write_project: Write, launch_folder: Path, known: bool) -> None:
    project = write_project("import pulumi\npulumi.Config().require('absent')\n")
    messages = []
    ways: tuple[RunJob, ...] = (here, Launcher(launch_folder))
    for launcher in ways:
        with pytest.raises(ProgramError) as raised:
            run(project, read_stack(project, "dev"), strict=False, known=known, run_job=launcher)
        messages.append(str(raised.value))
    assert messages[0] == messages[1]
    assert "at __main__.py:2" in messages[0]


def reviewed(project: Project, folder: Path) -> Graph:
    return run(project, read_stack(project, "dev"), strict=False, run_job=Launcher(folder))


@pytest.mark.slow
def test_a_program_gets_the_variables_that_are_named(
    write_project: Write, launch_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "not-a-secret")
    monkeypatch.setenv("STAGE", "blue")
    program = "import os, pulumi\npulumi.export('seen', dict(os.environ))\nos.environ['STAGE']\n"
    project = write_project(program)
    stack = read_stack(project, "dev")
    with pytest.raises(ProgramError, match="--env STAGE passes this one"):
        run(project, stack, run_job=Launcher(launch_folder))
    seen = run(project, stack, run_job=Launcher(launch_folder, ["STAGE"])).exports["seen"]
    assert seen["STAGE"] == "blue"
    assert "GITHUB_TOKEN" not in seen
    assert seen["HOME"].startswith(str(launch_folder))


@pytest.mark.slow
def test_a_run_waits_for_outputs_and_for_no_other_task_of_the_program(
    write_project: Write, launch_folder: Path
) -> None:
    project = write_project(
        """
        import asyncio, pulumi, pulumi_aws as aws

        forever = asyncio.get_running_loop().create_task(asyncio.sleep(3600))
        late = pulumi.Output.from_input(asyncio.sleep(0.6, "late"))
        late.apply(lambda name: aws.sns.Topic(name))
        """
    )
    assert [resource.name for resource in reviewed(project, launch_folder)] == ["late"]


@pytest.mark.slow
def test_requests_that_no_sdk_sends_end_in_no_traceback(write_project: Write, launch_folder: Path) -> None:
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
        reviewed(project, launch_folder)


@pytest.mark.slow
def test_an_export_that_comes_after_the_last_line_is_none(write_project: Write, launch_folder: Path) -> None:
    project = write_project("import pulumi\npulumi.Output.from_input(1).apply(lambda _: pulumi.export('late', 1))\n")
    assert [*reviewed(project, launch_folder).exports] == []


@pytest.mark.slow
def test_the_end_of_the_run_with_outputs_unknown_is_reported(write_project: Write, launch_folder: Path) -> None:
    """Both runs are in copies of one process."""
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
    with Launcher(launch_folder) as launcher:
        launcher.prepare(project)
        evaluation = evaluate(project, read_stack(project, "dev"), strict=False, run_job=launcher)
    assert evaluation.hidden == []
    ended = "the program ended its process with status 3 before its run was complete"
    assert evaluation.known.notes[-1] == f"with outputs unknown, as in a first preview, the program fails: {ended}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("os.kill(os.getpid(), 9)", "the signal SIGKILL ended the program's process"),
        ("os._exit(0)", "the program ended its process with status 0 before its run was complete"),
        ("raise KeyboardInterrupt", "^KeyboardInterrupt\n  at __main__.py:"),
        ("[os.write(n, b'result 5\\nabcde') for n in range(3, 30) if stat.S_ISSOCK(mode(n))]", "did not report"),
        (
            "[os.write(n, b'result 999999999999\\n') for n in range(3, 30) if stat.S_ISSOCK(mode(n))]",
            "what the program declares has 953674 MiB; the review reads 256 MiB",
        ),
    ],
)
def test_a_program_that_ends_its_process_is_said_to(
    write_project: Write, launch_folder: Path, ending: str, said: str
) -> None:
    """The last one writes what is no result to the connection to the review."""
    mode = "def mode(n):\n    try:\n        return os.fstat(n).st_mode\n    except OSError:\n        return 0\n"
    project = write_project(f"import os, stat\n{mode}{ending}\n")
    with pytest.raises(ProgramError, match=said):
        reviewed(project, launch_folder)


@pytest.mark.slow
def test_an_older_version_of_the_program_runs_with_its_own_modules(launch_folder: Path) -> None:
    """The process has imported those of today's version, of which both runs are copies."""
    older = launch_folder / "older"
    for name in ("components", "handlers"):
        shutil.copytree(PROGRAM / name, older / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml"):
        shutil.copy(PROGRAM / name, older)
    module = older / "components" / "stack" / "__init__.py"
    module.write_text("raise RuntimeError('the older version')\n" + module.read_text(encoding="utf-8"))
    today, before = project(), load(older)
    with Launcher(launch_folder) as launcher:
        launcher.prepare(today)
        ours = [
            one for one in run(today, read_stack(today, "dev"), run_job=launcher) if one.type.startswith("gatehouse:")
        ]
        # A wrapper of each constructor is nearer, and says nothing to a reader.
        assert {str(Path(one.source).parent) for one in ours} == {"components/stack/topologies"}
        with pytest.raises(ProgramError, match="the older version"):
            run(before, read_stack(before, "dev"), run_job=launcher)


@pytest.mark.slow
@pytest.mark.parametrize("folders", [("today/libraries", "older/libraries"), ("environment", "older/app")])
def test_an_older_version_has_the_components_of_its_repository(
    launch_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: tuple[str, str]
) -> None:
    """And what these import."""
    program = "import pulumi\nfrom gatehouse import stack\npulumi.export('version', stack.VERSION)\n"
    projects = []
    for version, folder in zip(("today", "older"), folders, strict=True):
        (components := tmp_path / folder / "gatehouse").mkdir(parents=True)
        (components / "__init__.py").touch()
        (components / "stack.py").write_text("from versions import VERSION\n")
        (components.parent / "versions.py").write_text(f"VERSION = {version!r}\n")
        (app := tmp_path / version / "app").mkdir(parents=True, exist_ok=True)
        (app / "__main__.py").write_text(program)
        (app / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
        projects.append(load(app))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / folders[0]))
    today, older = projects[0], replace(projects[1], older=(tmp_path / "today", tmp_path / "older"))
    with Launcher(launch_folder) as launcher:
        launcher.prepare(today)
        graphs = [run(each, read_stack(each, "dev"), run_job=launcher) for each in (today, older)]
    assert [graph.exports["version"] for graph in graphs] == ["today", "older"]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["gatehouse.py", "gatehouse/__init__.py"])
def test_a_program_with_a_module_of_the_components_name_declares_what_that_declares(
    write_project: Write, launch_folder: Path, place: str
) -> None:
    """Imported before the run, it would declare nothing in it."""
    made = write_project("import gatehouse")
    own = made.program / place
    own.parent.mkdir(exist_ok=True)
    own.write_text("import pulumi_aws as aws\naws.sns.Topic('own')\n")
    with Launcher(launch_folder) as launcher:
        launcher.prepare(made)
        graph = run(made, read_stack(made, "dev"), run_job=launcher)
    assert [resource.name for resource in graph if resource.type == "aws:sns/topic:Topic"] == ["own"]


@pytest.mark.slow
def test_a_program_that_finds_its_components_itself_has_those(write_project: Write, launch_folder: Path) -> None:
    made = write_project("import sys, pulumi\nsys.path.insert(0, 'src')\nimport gatehouse.stack")
    (own := made.program / "src" / "gatehouse").mkdir(parents=True)
    (own / "__init__.py").touch()
    (own / "stack.py").write_text("import pulumi_aws as aws\naws.sns.Topic('own')\n")
    with Launcher(launch_folder) as launcher:
        launcher.prepare(made)
        graph = run(made, read_stack(made, "dev"), run_job=launcher)
    assert [resource.name for resource in graph if resource.type == "aws:sns/topic:Topic"] == ["own"]


@pytest.mark.slow
def test_a_run_leaves_nothing_to_the_next_and_may_end_the_process_of_both(
    write_project: Write, launch_folder: Path
) -> None:
    made = write_project(
        """
        import os, pathlib, signal, tempfile
        import pulumi

        left = pathlib.Path(tempfile.gettempdir(), "left")
        pulumi.export("found", left.exists())
        left.touch()
        if pulumi.Config().get_bool("ends"):
            os.kill(os.getppid(), signal.SIGTERM)
        """
    )
    (made.root / "Pulumi.ends.yaml").write_text("config: {'aws:region': eu-west-1, 'small:ends': true}\n")
    with Launcher(launch_folder) as launcher:
        launcher.prepare(made)
        assert run(made, read_stack(made, "dev"), run_job=launcher).exports["found"] is False
        with suppress(ProgramError):
            run(made, read_stack(made, "ends"), run_job=launcher)
        assert run(made, read_stack(made, "dev"), run_job=launcher).exports["found"] is False


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 0.2])
def test_a_review_that_ends_before_its_program_starts_prints_nothing(
    launch_folder: Path, capfd: pytest.CaptureFixture[str], seconds: float
) -> None:
    """A mistake in a stack file is found while the process starts, which is ended then."""
    with Launcher(launch_folder) as launcher:
        launcher.prepare(project())
        time.sleep(seconds)
    assert capfd.readouterr() == ("", "")
