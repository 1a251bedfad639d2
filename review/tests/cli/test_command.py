"""`python -m review` from outside: what it prints, where, and with which exit status."""

import html
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from review.tests.cli.conftest import LAUNCH, Reviewed, command
from review.tests.helpers.fixture_types import HEAD, Write
from review.tests.helpers.stacks import ROOT
from review.tests.helpers.waiting import SECONDS, until

REGION = "config: {'aws:region': eu-west-1}"
PLAIN = """
given = "h4Zq8vLw2XkT" if pulumi.get_stack() in {stacks} else "none"
aws.lambda_.Function("worker", role="arn:aws:iam::123456789012:role/r", runtime="python3.13", handler="a.b",
    code=pulumi.AssetArchive({{"a.py": pulumi.StringAsset("")}}), environment={{"variables": {{"DB_PASSWORD": given}}}})
"""
"""A function with a password in its variables, in some stacks."""


def test_one_stack_by_name_in_the_project_around_the_working_directory(write_project: Write) -> None:
    project = write_project(HEAD + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\nprint('noise')")
    (project.root / "deeper").mkdir()
    done = command("dev", cwd=project.root / "deeper")
    assert (done.status, done.out.startswith("small · dev · eu-west-1"), "\x1b[" in done.out) == (0, True, False)
    # What the program prints is no part of the report.
    assert (set(done.err.splitlines()), "noise" in done.out) == ({"noise"}, False)


def test_a_failing_rule_matters_only_when_strict_and_colour_where_it_is_asked_for(reviewed: Reviewed) -> None:
    for arguments, status in (((), 0), (("--strict",), 1), (("--color", "always"), 0)):
        done = reviewed(HEAD + PLAIN.format(stacks=["dev"]), "dev", *arguments)
        assert (done.status, "\x1b[" in done.out) == (status, "--color" in arguments)


@pytest.mark.parametrize(
    ("program", "arguments", "said"),
    [
        ("raise pulumi.RunError('\\x1b[2Jgone')", ["dev"], "dev: \N{REPLACEMENT CHARACTER}[2Jgone\n"),
        ("1 / 0", ["dev"], "dev: ZeroDivisionError: division by zero\n  at __main__.py:3, in <module>: 1 / 0\n"),
        ("", ["dev", "--usage", "request=1"], "did you mean 'requests'"),
        ("", ["dev", "--against", "nothing"], "no stack, folder or git revision of that name"),
        ("", ["dev", "--against", "./nothing"], "got './nothing'; there is no such folder"),
        ("", ["dev", "--against", "/"], "got '/'; that folder has no Pulumi.yaml"),
        ("", ["--project", "nowhere"], "there is no Pulumi.yaml here"),
        ("", ["dev", "--only-changes"], "give --against or --plan as well"),
    ],
)
def test_faults_end_with_2_and_their_own_message(
    reviewed: Reviewed, program: str, arguments: list[str], said: str
) -> None:
    done = reviewed(HEAD + program, *arguments)
    assert (done.status, done.out, said in done.err, "Traceback" in done.err) == (2, "", True, False)


def test_an_interrupt_that_the_program_raises_is_an_error_of_it(write_project: Write) -> None:
    done = command("dev", cwd=write_project("raise KeyboardInterrupt").root)
    assert (done.status, done.out, "Traceback" in done.err) == (2, "", False)
    assert "dev: KeyboardInterrupt" in done.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_folder_and_no_process(number: signal.Signals, write_project: Write) -> None:
    # Another folder, in which a run's socket may be.
    with tempfile.TemporaryDirectory() as folder:
        project = write_project("import time\nprint('runs', flush=True)\ntime.sleep(600)").root
        # Under `nohup` the tests ignore a hang-up, and what they start inherits that, as it should.
        own = signal.signal(number, signal.SIG_DFL)
        environment = {**os.environ, "TMPDIR": folder}
        with subprocess.Popen(LAUNCH, cwd=project, env=environment, stdout=-3, stderr=-1) as started:
            signal.signal(number, own)
            assert started.stderr is not None
            for _ in range(2):  # of both runs: with outputs that are made up, and unknown
                while b"runs" not in started.stderr.readline():
                    assert started.poll() is None
            started.send_signal(number)
            assert started.wait(SECONDS) == 128 + number
        assert [*Path(folder).iterdir()] == []
    until(lambda: not _running_in(project))


def test_a_copy_ends_with_a_review_that_is_killed(write_project: Write) -> None:
    project = write_project("import os, time\nprint('runs', os.getpid(), flush=True)\ntime.sleep(600)").root
    runs: list[int] = []
    with subprocess.Popen(LAUNCH, cwd=project, stdout=-3, stderr=-1) as started:
        assert started.stderr is not None
        while len(runs) < 2:
            line = started.stderr.readline()
            assert line, "it ended"
            runs += [int(line.split()[-1])] if b"runs" in line else []
        started.kill()
    try:
        until(lambda: str(max(runs)) not in _running_in(project))
    finally:
        for each in runs:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def _running_in(folder: Path) -> list[str]:
    """The processes in a folder, where the system lists them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            found += [path.parent.name] if path.readlink() == folder.resolve() else []
    return found


def test_a_caller_that_ignores_the_end_of_its_processes_gets_the_status(write_project: Write) -> None:
    """Some supervisors do, and what they start inherits that: nobody can then wait for a process."""
    program = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN);"
        "os.execv(sys.executable, [sys.executable, '-m', 'review', 'dev'])"
    )
    done = command(cwd=write_project().root, program=program)
    assert (done.status, done.err, done.out[:11]) == (0, "", "small · dev")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "message"), [("closed pipe", ""), ("/dev/full", "the output: No space left on device\n")]
)
def test_a_report_that_nobody_takes_is_a_fault_without_a_traceback(
    write_project: Write, output: str, message: str
) -> None:
    if output == "closed pipe":
        read, write = os.pipe()
        os.close(read)
    else:
        write = os.open(output, os.O_WRONLY)
    whole, environment = [sys.executable, "-m", "review", "dev"], {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(whole, cwd=write_project().root, env=environment, stdout=write, stderr=-1, text=True)
    os.close(write)
    assert (done.returncode, done.stderr) == (2, message)


@pytest.mark.slow
def test_an_exit_handler_does_not_change_the_status(write_project: Write) -> None:
    project = write_project(HEAD + "import atexit, os\natexit.register(os._exit, 0)\n" + PLAIN.format(stacks=["dev"]))
    done = command("dev", "--strict", cwd=project.root)
    assert (done.status, done.out[:11]) == (1, "small · dev")


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_every_form_names_a_foreign_environment_and_answers_that_are_made_up(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("HOME", str(Path(sys.prefix).parent))
    lookups = "aws.ec2.get_ami(owners=['amazon'])\naws.get_region()\naws.mq.get_broker(broker_id='b')"
    done = reviewed(HEAD + lookups, "dev", "--format", form)
    said = " ".join(html.unescape(done.out).replace("\\", "").split())
    assert f"the project has no virtual environment of its own: the program ran in ~/{Path(sys.prefix).name}" in said
    assert "answers of lookups are made up: aws:ec2/getAmi:getAmi; `gatehouse answers` asks AWS for real ones" in said
    assert "aws:mq/getBroker:getBroker: the review has no answer for this lookup, so its result is unknown" in said


def test_a_failure_names_a_foreign_environment(reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path(sys.prefix).parent))
    done = reviewed("import nothing_of_this_name", "dev")
    assert (done.status, f"the program ran in ~/{Path(sys.prefix).name}" in done.err) == (2, True)


def test_nothing_is_noted_of_an_environment_that_is_the_projects_own(reviewed: Reviewed, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (document,) = reviewed("", "dev", "--format", "json").documents
    assert document["notes"] == []


@pytest.mark.parametrize(
    ("form", "whole"), [("text", "WHAT IT COSTS"), ("markdown", "The whole report"), ("json", '"cost"')]
)
def test_only_changes_leaves_the_report_out_and_strict_fails_for_what_became_worse(
    reviewed: Reviewed, form: str, whole: str
) -> None:
    def against(*arguments: str) -> tuple[int, str]:
        done = reviewed(HEAD + PLAIN.format(stacks=["b"]), "b", *arguments, "--format", form, stacks={"b": REGION})
        return done.status, done.out

    status, shown = against("--against", "dev")
    assert (status, whole in shown) == (0, True)
    status, shown = against("--against", "dev", "--only-changes", "--strict")
    assert (status, whole in shown, "SEC-01" in shown) == (1, False, True)
    # What failed before and still does fails no comparison.
    assert [against("--strict")[0], against("--against", "b", "--strict")[0]] == [1, 0]


@pytest.fixture
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """`earlier(program, "shop")` writes a project to compare with, with further stacks."""

    def write(program: str, *more: str) -> str:
        folder = tmp_path_factory.mktemp("before")
        (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
        (folder / "__main__.py").write_text(HEAD + program)
        for name in ("dev", *more):
            (folder / f"Pulumi.{name}.yaml").write_text(REGION)
        return str(folder)

    return write


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_fault_of_the_old_revision_does_not_prevent_the_review_of_its_correction(
    reviewed: Reviewed, earlier: Callable[..., str], form: str
) -> None:
    before = earlier("raise pulumi.RunError('`no` ```such``` thing')")
    done = reviewed(HEAD + "aws.sns.Topic('t')", "dev", "--against", before, "--format", form, "--strict")
    assert (done.status, "such``` thing" in done.out, "small" in done.out) == (0, True, True)
    assert form != "json" or done.documents[0]["changes"] is None
    # No text ends a block that is indented.
    assert form != "markdown" or "\n    " in done.out.partition("`no`")[0]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_stack_whose_file_is_gone_is_reported(reviewed: Reviewed, earlier: Callable[..., str], form: str) -> None:
    before, said = earlier("", "shop"), "The file of stack shop is gone"
    done = reviewed(HEAD, "--against", before, "--format", form)
    told = done.err if form == "json" else done.out
    assert (done.status, said in told, "pulumi destroy --stack shop" in told) == (0, True, True)
    assert form == "json" or told.index(said) < told.rindex("small · dev · eu-west-1")
    # Who names stacks asks about these alone.
    assert said not in reviewed(HEAD, "dev", "--against", before).out
