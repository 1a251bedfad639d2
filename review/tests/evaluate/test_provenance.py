"""Who declared a resource, what transforms of both kinds changed of it, and which options it has."""

import importlib
import sys
from collections.abc import Mapping

import pytest

from review.evaluate.stack_file import read_stack
from review.recording.resources import COMPONENT, PROGRAM
from review.tests.helpers.fixture_types import Run, Write
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import EXAMPLES, project
from review.tests.helpers.stacks import PROGRAM as ROOT

HEAD = "import pulumi, pulumi_aws as aws\n"
QUEUE = "aws.sqs.Queue('q', tags={'a': 'b'}, opts=pulumi.ResourceOptions(protect=True))\n"
SECRET = "aws.ssm.Parameter('p', type='String', value=pulumi.Output.secret('x'))\n"
BLOCK = "aws.lambda_.Function('f', role='r', environment=aws.lambda_.FunctionEnvironmentArgs(variables={'A': '1'}))\n"


def _transform(body: str, *, old: bool = False) -> str:
    """A program's transform of all resources, of either kind."""
    kind, register = (
        ("Transformation", "register_stack_transformation") if old else ("Transform", "register_resource_transform")
    )
    steps = "\n    ".join(body.splitlines())
    result = f"pulumi.Resource{kind}Result(args.props, args.opts)"
    return f"def change(args):\n    {steps}\n    return {result}\npulumi.runtime.{register}(change)\n"


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize(
    ("body", "declares", "altered"),
    [
        ("pass", QUEUE, set()),
        ("pass", SECRET, set()),
        ("args.props = {**args.props, 'fifoQueue' if NEW else 'fifo_queue': True}", QUEUE, {"fifoQueue"}),
        ("args.props['tags']['a'] = 'c'", QUEUE, {"tags"}),
        ("args.props = {k: v for k, v in args.props.items() if k != 'tags'}", QUEUE, {"tags"}),
        ("args.opts.protect = False", QUEUE, {"option protect"}),
        ("args.opts.ignore_changes = ['tags']", QUEUE, {"option ignoreChanges"}),
        ("args.opts.retain_on_delete = True", QUEUE, {"option retainOnDelete"}),
        ("args.props['environment']['variables']['A'] = '2'", BLOCK, {"environment"}),
    ],
)
def test_what_a_transform_changes_is_noted(
    run_program: Run, body: str, declares: str, altered: set[str], *, old: bool
) -> None:
    if old and declares is BLOCK:
        body = "args.props['environment'].variables['A'] = '2'"
    graph = run_program(f"{HEAD}NEW = {not old}\n{_transform(body, old=old)}{declares}", known=True)
    (resource,) = graph
    assert resource.altered == altered


def test_the_outputs_that_a_program_reads_of_another_stack_are_noted(run_program: Run) -> None:
    reads = "s = pulumi.StackReference('o/net/prod')\npulumi.export('a', s.get_output('b'))\n"
    graph = run_program(f"{HEAD}{reads}pulumi.export('c', s.require_output('d'))")
    assert graph.stack_outputs == (("o/net/prod", "b"), ("o/net/prod", "d"))


def test_a_transform_of_one_resource_alters_no_other(run_program: Run) -> None:
    only = "if args.name == 'q':\n    args.props['fifoQueue'] = True"
    graph = run_program(f"{HEAD}{_transform(only)}{QUEUE}{SECRET}")
    assert {resource.name: resource.altered for resource in graph} == {"q": {"fifoQueue"}, "p": frozenset()}


_UNDER: Mapping[str, str] = {
    "of the program": "aws.sqs.Queue('q')",
    "under a component": "aws.sqs.Queue('q', opts=pulumi.ResourceOptions(parent=hello))",
    "in an apply": "hello.invoke_arn.apply(lambda arn: aws.sqs.Queue('q', name=arn[:5]))",
}


@pytest.mark.parametrize("how", _UNDER)
def test_a_resource_of_the_program_is_no_component_s(
    run_program: Run, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gatehouse", importlib.import_module("components"))
    graph = run_program(f"{HEAD}from gatehouse import Greeter\nhello = Greeter('hello', {{}})\n{_UNDER[how]}")
    declared = {resource.name: resource.declared_by for resource in graph}
    assert declared.pop("q") == PROGRAM
    assert {*declared.values()} == {COMPONENT}
    assert len(declared) > 3


def test_a_component_of_the_program_with_the_type_of_ours_is_the_program_s(run_program: Run) -> None:
    program = (
        "class Own(pulumi.ComponentResource):\n    def __init__(self, name):\n"
        "        super().__init__('gatehouse:index:Greeter', name)\n"
        "        aws.sqs.Queue(f'{name}-q', opts=pulumi.ResourceOptions(parent=self))\nOwn('o')\n"
    )
    assert {resource.declared_by for resource in run_program(HEAD + program)} == {PROGRAM}


@pytest.mark.parametrize("name", ["dev", *map(str, (ROOT / example for example in EXAMPLES))][:3])
def test_no_transform_alters_the_components_of_a_stack_file(name: str) -> None:
    graph = run(project(), read_stack(project(), name), known=True)
    assert [resource.urn for resource in graph if resource.altered] == []
    assert {resource.declared_by for resource in graph} == {COMPONENT}


OPTIONS: Mapping[str, tuple[str, object]] = {
    "version='7.1.0'": ("version", "7.1.0"),
    "plugin_download_url='https://plugins.invalid'": ("pluginDownloadURL", "https://plugins.invalid"),
    "hide_diffs=['name']": ("hideDiffs", ["name"]),
    "replacement_trigger='one'": ("replacementTrigger", "one"),
    "env_var_mappings={'A': 'B'}": ("envVarMappings", {"A": "B"}),
    "replace_with=[first]": ("replaceWith", ["urn:pulumi:dev::small::aws:sqs/queue:Queue::first"]),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_each_other_option_of_a_resource_is_recorded(run_program: Run, option: str) -> None:
    key, value = OPTIONS[option]
    graph = run_program(
        f"{HEAD}first = aws.sqs.Queue('first')\naws.sqs.Queue('q', opts=pulumi.ResourceOptions({option}))"
    )
    first, second = (resource.options.others for resource in graph)
    assert second[key] == value
    assert first.get(key) != value


def test_the_files_of_the_program_are_those_that_it_imported(write_project: Write) -> None:
    written = write_project("import own\n")
    (written.root / "own.py").write_text("")
    (written.root / "other.py").write_text("")
    graph = run(written, read_stack(written, "dev"), known=True)
    assert "own.py" in graph.files
    assert "other.py" not in graph.files
