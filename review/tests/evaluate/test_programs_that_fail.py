"""Programs that fail, and what a program sees and prints while it is evaluated."""

import importlib
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from review.evaluate.problems import ProgramError, StackFileError
from review.evaluate.project_file import load
from review.evaluate.record import FORMATTED_OUTPUT
from review.evaluate.stack_file import read_stack
from review.tests.helpers.fixture_types import HEAD, Run, Write
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.stacks import graph_with, project


def refused(run_aws: Run, program: str, **more: str) -> str:
    with pytest.raises(ProgramError) as caught:
        run_aws(program, **more)
    return str(caught.value)


def test_a_message_that_the_program_chose_is_whole(run_aws: Run) -> None:
    mistakes = [f"mistake {number}" for number in range(60)]
    text = "\n".join(mistakes)
    assert refused(run_aws, f"raise pulumi.RunError({text!r})").splitlines()[:60] == mistakes
    assert refused(run_aws, f"raise ValueError({text!r})").splitlines()[-2].endswith("more lines)")


def test_a_package_that_is_not_installed_has_the_command(run_aws: Run, tmp_path: Path) -> None:
    assert refused(run_aws, "import nowhere").splitlines()[-1].startswith("  at ")
    (tmp_path / "uv.lock").touch()
    assert refused(run_aws, "import nowhere").splitlines()[-1] == "nowhere is not installed: run `uv sync`"


def test_modules_of_the_project_run_again_each_time_and_leave_nothing_behind(write_project: Write) -> None:
    project = write_project(
        "import pieces", pieces="import pulumi_aws as aws\naws.ec2.Vpc('v', cidr_block='10.0.0.0/16')"
    )
    stack = read_stack(project, "dev")
    before = (dict(os.environ), list(sys.path), Path.cwd(), set(sys.modules))
    assert len(run(project, stack).resources) == len(run(project, stack).resources) == 1
    after = (dict(os.environ), list(sys.path), Path.cwd(), set(sys.modules))
    assert before[:3] == after[:3]
    assert "pieces" not in after[3]


def test_the_program_sees_what_a_real_run_shows_it(run_aws: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", '{"small:leak": "from the shell"}')
    graph = run_aws("""
import os, sys
from pathlib import Path
pulumi.export("leak", pulumi.Config().get("leak") or "none")
pulumi.export("here", Path.cwd() == Path(__file__).parent and sys.path[0] == str(Path(__file__).parent))
pulumi.export("who", f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}")
pulumi.export("root", pulumi.get_root_directory() == str(Path(__file__).parent))
pulumi.export("dry", pulumi.runtime.is_dry_run())
print("to the reader, not to the report")
pulumi.log.warn("careful")
""")
    assert graph.exports == {"leak": "none", "here": True, "who": "organization/small/dev", "root": True, "dry": True}
    assert "the program warned: careful" in graph.notes


def test_an_output_in_an_f_string_is_named_once(run_aws: Run) -> None:
    graph = run_aws("""
bucket = aws.s3.Bucket("bucket")
for name in ("one", "two"):
    aws.iam.Policy(name, policy=f'{{"Resource": "{bucket.arn}"}}')
""")
    assert [note for note in graph.notes if "formats an output as text" in note] == [FORMATTED_OUTPUT]
    assert not [note for note in graph.notes if "[output]" in note]


def test_what_a_program_prints_does_not_reach_standard_output(
    run_program: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run_program("print('hello')")
    assert capsys.readouterr().out == ""


def test_main_may_be_a_folder_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text(HEAD + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')")
    (tmp_path / "Pulumi.dev.yaml").write_text("")
    for main in ("app", "app/__main__.py"):
        (tmp_path / "Pulumi.yaml").write_text(f"name: small\nruntime: python\nmain: {main}\n")
        project = load(tmp_path)
        assert len(run(project, read_stack(project, "dev")).resources) == 1


def test_a_region_that_nobody_set_is_an_error(run_program: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(StackFileError, match="aws:region: it is not set"):
        run_program("", config="config: {}")
    # What the program says of its config comes with it; what else fails may follow from it.
    with pytest.raises(ProgramError, match=r"(?s)aws:region: it is not set.*Missing required configuration variable"):
        run_program("import pulumi\npulumi.Config().require('size')", config="config: {}")
    with pytest.raises(StackFileError, match="aws:region: it is not set"):
        run_program("raise KeyError('region')", config="config: {}")
    with pytest.raises(StackFileError, match="aws:region: it is empty; write"):
        run_program("", config="config: {aws:region: ''}")
    with pytest.raises(StackFileError, match="it is not set, and aws:regon is no key of the provider; write"):
        run_program("", config="config: {aws:regon: eu-west-1}")


@pytest.mark.parametrize("error", ["OSError(errno.ENETUNREACH, 'unreachable')", "socket.gaierror(-3, 'no name')"])
def test_a_program_that_calls_the_network_hears_that_the_review_is_offline(run_program: Run, error: str) -> None:
    with pytest.raises(ProgramError, match=r"called the network at __main__.py:\d+: .*; the review runs it offline"):
        run_program(f"import errno, socket\nraise {error}")


def test_a_module_of_the_program_is_not_taken_for_one_of_the_same_name_outside_the_project(
    run_aws: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere")
    (outside / "shared.py").write_text("word = 'theirs'")
    monkeypatch.syspath_prepend(str(outside))
    theirs = importlib.import_module("shared")
    graph = run_aws("import shared\npulumi.export('word', shared.word)", shared="word = 'the program'")
    assert graph.exports["word"] == "the program"
    assert sys.modules["shared"] is theirs
    del sys.modules["shared"]


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ("prd", "did you mean prod?"),
        ("webhook", "did you mean examples/webhook.yaml?"),
        ("xyz", "those with one are dev, prod"),
        ("a**", "those with one are dev, prod"),
    ],
)
def test_a_config_that_is_missing_for_want_of_a_file_is_one_mistake(stack: str, said: str, tmp_path: Path) -> None:
    """The mistakes of an empty config would lead to another place than the name of the stack."""
    for name in ("dev", "prod"):  # beside them stand those that `make new` has written here
        (tmp_path / f"Pulumi.{name}.yaml").touch()
    ours = replace(project(), stack_dir=tmp_path)
    with pytest.raises(ProgramError) as caught:
        run(ours, read_stack(ours, stack), reimport=False)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"the stack {stack} has no file: ")
    assert said in line


def test_a_name_without_a_file_is_said_before_the_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "Pulumi.prod.yaml").touch()
    ours = replace(project(), stack_dir=tmp_path)
    with pytest.raises(ValueError, match=r"the stack has no file: did you mean prod\?"):
        run(ours, read_stack(ours, "prd"), reimport=False)


def test_another_program_without_a_stack_file_says_so_before_its_own_error(write_project: Write) -> None:
    other = write_project("import pulumi\npulumi.Config().require('size')\n")
    (other.root / "Pulumi.dev.yaml").unlink()
    with pytest.raises(ProgramError) as caught:
        run(other, read_stack(other, "dev"), strict=False)
    first, *rest = str(caught.value).splitlines()
    assert first == "the stack dev has no file: write its config into Pulumi.dev.yaml"
    assert any("size" in line for line in rest)


def test_an_error_that_no_config_would_correct_does_not_lead_to_the_stack_file(write_project: Write) -> None:
    other = write_project("import pulumi\nraise pulumi.RunError('port: got 70000')\n")
    (other.root / "Pulumi.dev.yaml").unlink()
    with pytest.raises(ProgramError) as caught:
        run(other, read_stack(other, "dev"), strict=False)
    assert str(caught.value).startswith("port: got 70000")


@pytest.mark.parametrize("config", ["config: {}\n", "config:\n  aws:region:\n    secure: v1:abc:def\n"])
def test_program_gets_the_region_that_is_assumed(run_aws: Run, config: str) -> None:
    program = "pulumi.export('zones', aws.get_availability_zones().names)\npulumi.export('region', aws.config.region)"
    graph = run_aws(program, config=config, strict=False)
    assert graph.region == "us-east-1"
    assert graph.exports["region"] == "us-east-1" or "secure" in config


def test_a_refusal_that_may_rest_on_an_answer_that_is_made_up_says_so() -> None:
    """The range of the VPC, which is the call's, is the review's own."""
    config = {
        "topology": "public-proxy",
        "network": {
            "vpcId": "vpc-0a1b2c3d4e5f60718",
            "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
            "existingEndpoints": ["logs"],
            "egress": ["nat-gateway"],
        },
        "backend": {
            "image": "traefik/whoami:v1.11.0",
            "port": 80,
            "access": "none",
            "calls": {"peer": {"cidr": "10.0.0.0/16", "port": 443}},
        },
        "api": {"routes": [{"path": "/", "authorization": "iam"}]},
    }
    with pytest.raises(ProgramError) as refused:
        graph_with(config)
    first, *hints = str(refused.value).splitlines()
    assert "calls.peer: got '10.0.0.0/16 port 443'" in first
    assert [hint for hint in hints if "made up" in hint and "aws:ec2/getVpc:getVpc" in hint]
