"""`python -m review` from outside: what it prints, where, and with which exit status."""

import html
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import jsonschema
import pytest

from review.cli import command as command_module
from review.cli.command import main
from review.tests.fixtures import HEAD, Write

pytestmark = pytest.mark.usefixtures("in_this_process")
ROOT = Path(__file__).resolve().parents[3]
OPEN = "aws.ec2.Instance('open', ami='a', instance_type='t4g.nano', metadata_options={'http_tokens': 'optional'})"


def command(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "review", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def test_one_stack_by_name_in_the_project_around_the_working_directory(write_project: Write) -> None:
    project = write_project(HEAD + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')\nprint('noise')")
    (project.root / "deeper").mkdir()
    done = command("dev", cwd=project.root / "deeper")
    assert done.returncode == 0
    assert done.stdout.startswith("small · dev · eu-west-1")
    assert "\x1b[" not in done.stdout
    # What the program prints is no part of the report.
    assert set(done.stderr.splitlines()) == {"noise"}
    assert "noise" not in done.stdout


def test_colour_where_it_is_asked_for(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write_project().root)
    assert main(["dev", "--color", "always"]) == 0
    assert "\x1b[" in capsys.readouterr().out


def test_a_failing_rule_matters_only_when_strict(write_project: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_project(HEAD + OPEN).root)
    assert main(["dev"]) == 0
    assert main(["dev", "--strict"]) == 1


@pytest.mark.parametrize(
    ("program", "arguments", "said"),
    [
        ("raise pulumi.RunError('not like this')", ["dev"], "dev: not like this\n"),
        ("raise pulumi.RunError('\\x1b[2Jgone')", ["dev"], "dev: \N{REPLACEMENT CHARACTER}[2Jgone\n"),
        ("1 / 0", ["dev"], "dev: ZeroDivisionError: division by zero\n  at __main__.py:3, in <module>: 1 / 0\n"),
        ("", ["dev", "--usage", "request=1"], "did you mean 'requests'"),
        ("", ["dev", "--against", "nothing"], "no stack, folder or git revision of that name"),
        ("", ["dev", "--against", "./nothing"], "got './nothing'; there is no such folder"),
        ("", ["dev", "--against", "/"], "got '/'; that folder has no Pulumi.yaml"),
        ("", ["--project", "nowhere"], "there is no Pulumi.yaml here"),
    ],
)
def test_faults_end_with_2_and_their_own_message(
    write_project: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: str,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(write_project(HEAD + program).root)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "Traceback" not in printed.err


def test_an_interrupt_that_the_program_raises_is_an_error_of_it(write_project: Write) -> None:
    done = command("dev", cwd=write_project("raise KeyboardInterrupt").root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dev: KeyboardInterrupt" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_folder(number: signal.Signals, write_project: Write, tmp_path: Path) -> None:
    # Another one, in which a run's socket may be.
    with tempfile.TemporaryDirectory() as folder:
        project = write_project("import time\nprint('runs', flush=True)\ntime.sleep(600)").root
        whole = [sys.executable, str(ROOT / "review/launch.py"), "dev"]
        environment = {**os.environ, "TMPDIR": folder}
        # Under `nohup` the tests ignore a hang-up, and what they start inherits that, as it should.
        own = signal.signal(number, signal.SIG_DFL)
        with subprocess.Popen(whole, cwd=project, env=environment, stdout=-3, stderr=-1) as started:
            signal.signal(number, own)
            assert started.stderr is not None
            for _ in range(2):  # of both runs: with outputs that are made up, and unknown
                while b"runs" not in started.stderr.readline():
                    assert started.poll() is None
            started.send_signal(number)
            assert started.wait(60) == 128 + number
        assert [*Path(folder).iterdir()] == []
    for _ in range(100):
        if not (left := _running_in(project)):
            break
        time.sleep(0.1)
    assert left == []


def test_a_copy_ends_with_a_review_that_is_killed(write_project: Write) -> None:
    project = write_project("import os, time\nprint('runs', os.getpid(), flush=True)\ntime.sleep(600)").root
    whole = [sys.executable, str(ROOT / "review/launch.py"), "dev"]
    runs: list[int] = []
    with subprocess.Popen(whole, cwd=project, stdout=-3, stderr=-1) as started:
        assert started.stderr is not None
        while len(runs) < 2:
            line = started.stderr.readline()
            assert line, "it ended"
            runs += [int(line.split()[-1])] if b"runs" in line else []
        started.kill()
    first, copy = sorted(runs)
    try:
        for _ in range(100):
            if str(copy) not in _running_in(project):
                break
            time.sleep(0.1)
        assert str(copy) not in _running_in(project)
    finally:
        for each in (first, copy):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def _running_in(folder: Path) -> list[str]:
    """The processes in a folder, where the system lists them."""
    return [path.parent.name for path in Path("/proc").glob("[0-9]*/cwd") if _leads_to(path, folder)]


def _leads_to(path: Path, folder: Path) -> bool:
    try:
        return path.readlink() == folder.resolve()
    except OSError:
        return False


def test_a_signal_ends_the_command_whatever_a_library_makes_of_that(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`threading` releases a lock that it does not hold if it is ended while it takes one."""

    def evaluated(*_: object, **__: object) -> None:
        with suppress(SystemExit), monkeypatch.context() as patch:
            # Whatever is interrupted may hold the lock that this takes.
            patch.setattr("threading.Thread.start", lambda _: pytest.fail("a thread is started"))
            command_module._ends(signal.SIGTERM, None)
        raise RuntimeError("release unlocked lock")

    monkeypatch.setattr("review.evaluate.runner.evaluate", evaluated)
    monkeypatch.setattr(command_module, "_ending", [])
    alarms: list[int] = []
    monkeypatch.setattr("signal.alarm", alarms.append)
    # What would outlive the test.
    for name in ("signal.signal", "atexit.register", "gc.set_threshold"):
        monkeypatch.setattr(name, lambda *_: None)
    monkeypatch.chdir(write_project().root)
    with pytest.raises(SystemExit) as ended:
        command_module.process(["dev"])
    assert (ended.value.code, *capsys.readouterr()) == (128 + signal.SIGTERM, "", "")
    # Sent again after a second, and not while Python ends.
    assert alarms == [1, 0]


def test_a_caller_that_ignores_the_end_of_its_processes_gets_the_status(write_project: Write) -> None:
    """Some supervisors do, and what they start inherits that: nobody can then wait for a process."""
    program = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN);"
        "os.execv(sys.executable, [sys.executable, '-m', 'review', 'dev'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=write_project().root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("small · dev")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("output", "message"), [("closed pipe", ""), ("/dev/full", "the output: No space left on device\n")]
)
def test_a_report_that_nobody_takes_is_a_fault_without_a_traceback(
    write_project: Write, output: str, message: str
) -> None:
    project = write_project()
    if output == "closed pipe":
        read, write = os.pipe()
        os.close(read)
    else:
        write = os.open(output, os.O_WRONLY)
    done = subprocess.run(
        [sys.executable, "-m", "review", "dev", "--format", "markdown"],
        cwd=project.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (2, message)


@pytest.mark.slow
def test_an_exit_handler_does_not_change_the_status(write_project: Write) -> None:
    project = write_project(f"{HEAD}import atexit, os\natexit.register(os._exit, 0)\n{OPEN}")
    done = command("dev", "--strict", cwd=project.root)
    assert (done.returncode, done.stdout.startswith("small · dev")) == (1, True)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_every_form_names_a_foreign_environment_and_answers_that_are_made_up(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    monkeypatch.setenv("HOME", str(Path(sys.prefix).parent))
    lookups = "aws.ec2.get_ami(owners=['amazon'])\naws.get_region()\naws.mq.get_broker(broker_id='b')"
    monkeypatch.chdir(write_project(HEAD + lookups).root)
    assert main(["dev", "--format", form]) == 0
    said = " ".join(html.unescape(capsys.readouterr().out).replace("\\", "").split())
    assert f"the project has no virtual environment of its own: the program ran in ~/{Path(sys.prefix).name}" in said
    assert "answers of lookups are made up: aws:ec2/getAmi:getAmi; review.answers.yaml can hold real ones" in said
    assert "aws:mq/getBroker:getBroker: the review has no answer for this lookup, so its result is unknown" in said


def test_nothing_is_noted_of_an_environment_that_is_the_projects_own(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = write_project().root
    (root / ".venv").symlink_to(sys.prefix)
    monkeypatch.chdir(root)
    assert main(["dev", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_a_failure_names_a_foreign_environment(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(Path(sys.prefix).parent))
    monkeypatch.chdir(write_project("import nothing_of_this_name").root)
    assert main(["dev"]) == 2
    assert f"the program ran in ~/{Path(sys.prefix).name}" in capsys.readouterr().err


def test_against_a_stack(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(HEAD + "if pulumi.get_stack() == 'b':\n    aws.sns.Topic('t')")
    monkeypatch.chdir(project.root)
    (project.root / "Pulumi.b.yaml").write_text("config: {'aws:region': eu-west-1}")
    assert main(["b", "--against", "dev", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text()))
    assert [urn.split("::")[-1] for urn in document["changes"]["added"]] == ["t"]
    assert main(["b", "--against", "dev"]) == 0
    assert "WHAT CHANGES   1 added" in capsys.readouterr().out


OPEN = """
api = aws.apigatewayv2.Api("front", protocol_type="HTTP")
to = aws.apigatewayv2.Integration("to", api_id=api.id, integration_type="HTTP_PROXY", integration_method="ANY",
    integration_uri="https://example.com")
kind = "NONE" if pulumi.get_stack() == "b" else "AWS_IAM"
aws.apigatewayv2.Route("get", api_id=api.id, route_key="GET /jobs", authorization_type=kind,
    target=pulumi.Output.concat("integrations/", to.id))
aws.apigatewayv2.Stage("stage", api_id=api.id, name="$default", auto_deploy=True)
"""


def test_only_changes_leaves_the_report_out_and_strict_fails_for_what_became_worse(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = write_project(HEAD + OPEN)
    monkeypatch.chdir(project.root)
    (project.root / "Pulumi.b.yaml").write_text("config: {'aws:region': eu-west-1}")
    for form, whole in (("text", "WHAT IT COSTS"), ("markdown", "The whole report"), ("json", '"cost"')):
        command = ["b", "--against", "dev", "--format", form]
        assert main(command) == 0
        assert whole in capsys.readouterr().out
        assert main([*command, "--only-changes", "--strict"]) == 1
        shown = capsys.readouterr().out
        assert "Opens to anyone: GET /jobs of front" in shown
        assert whole not in shown
    # What failed before and still does fails no comparison.
    assert main(["b", "--strict"]) == 1
    assert main(["b", "--against", "b", "--strict"]) == 0
    capsys.readouterr()
    assert main(["b", "--only-changes"]) == 2
    assert "give --against or --plan as well" in capsys.readouterr().err


def other_project(folder: Path, program: str, *more: str) -> str:
    """A project beside the one under review, with further stacks."""
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (folder / "__main__.py").write_text(HEAD + program)
    for stack in ("dev", *more):
        (folder / f"Pulumi.{stack}.yaml").write_text("config: {'aws:region': eu-west-1}")
    return str(folder)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_what_was_there_before_and_failed_does_not_keep_the_review_from_what_mends_it(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    monkeypatch.chdir(write_project(HEAD + "aws.sns.Topic('t')").root)
    before = other_project(tmp_path / "before", "raise pulumi.RunError('`no` ```such``` thing')")
    assert main(["dev", "--against", before, "--format", form, "--strict"]) == 0
    printed = capsys.readouterr()
    assert "such``` thing" in printed.out
    assert "small" in printed.out
    if form == "json":
        document = json.loads(printed.out)
        jsonschema.validate(document, json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text()))
        assert document["changes"] is None
    if form == "markdown":
        assert "\n    " in printed.out.partition("`no`")[0]


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_a_stack_whose_file_is_gone_is_told(
    write_project: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    root = write_project(HEAD).root
    before = other_project(tmp_path / "before", "", "shop")
    assert main(["--project", str(root), "--against", before, "--format", form]) == 0
    printed = capsys.readouterr()
    said = "The file of stack shop is gone"
    assert said in (printed.err if form == "json" else printed.out)
    assert "pulumi destroy --stack shop" in printed.err + printed.out
    if form != "json":
        assert printed.out.index(said) < printed.out.rindex("small · dev · eu-west-1")
    # Who names stacks asks about these alone.
    assert main(["dev", "--project", str(root), "--against", before]) == 0
    assert said not in capsys.readouterr().out


def test_help_says_what_it_is_and_is_not() -> None:
    said = " ".join(command("--help").stdout.split())
    assert "AWS is not called" in said
    assert "exit status: 0, 1 if --strict finds a rule that failed (with" in said
