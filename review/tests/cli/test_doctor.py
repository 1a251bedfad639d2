"""`gatehouse doctor`: each thing that is missing, with programs that stand in for the real ones."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.stacks import ROOT

PACKAGES = "lib/python3.12/site-packages"
DOCTOR = ROOT / "review" / "doctor.py"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine where nothing is wrong: programs in `bin`, a copy of ours with a stack, a login and credentials."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("make", "git"):
        program(programs / name, "")
    program(programs / "pulumi", "echo v3.272.0")
    aws(tmp_path, executions=1000, vpcs=[1, 2])
    (tmp_path / "Pulumi.yaml").write_text('name: shop\nruntime: python\nrequiredPulumiVersion: ">=3.238.0"\n')
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / "review").mkdir()
    shutil.copy(DOCTOR, tmp_path / "review")
    (tmp_path / ".pulumi").mkdir()
    (tmp_path / ".pulumi" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    environment = tmp_path / ".venv" / "bin"
    environment.mkdir(parents=True)
    program(environment / "python", "")
    (tmp_path / ".venv" / PACKAGES / "pulumi_aws").mkdir(parents=True)
    return tmp_path


def aws(machine: Path, executions: int, vpcs: list[int], delivered: int = 0) -> None:
    """Stands in for AWS's command line."""
    answers = {
        "sts": {"Arn": "arn:aws:iam::1:user/u"},
        "lambda": {"AccountLimit": {"UnreservedConcurrentExecutions": executions}},
        "ec2": {"Vpcs": vpcs},
        "elbv2": {"LoadBalancers": []},
        "apigateway": {"items": []},
        "apigatewayv2": {"Items": []},
        "logs": {
            "resourcePolicies": [{"policyName": "AWSLogDeliveryWrite20150319", "policyDocument": "x" * delivered}]
        },
        "iam": {"SummaryMap": {"AttachedPoliciesPerRoleQuota": 10}},
    }
    cases = "\n".join(f"{service}) echo '{json.dumps(answer)}';;" for service, answer in answers.items())
    program(machine / "bin" / "aws", f'case "$1" in\n{cases}\nesac')


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def doctor(machine: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    own = machine / "review" / "doctor.py"
    command = [sys.executable, str(own if own.is_file() else DOCTOR), "--project", str(machine), *arguments]
    whole = {"PATH": str(machine / "bin"), "HOME": str(machine), **environment}
    done = subprocess.run(command, env=whole, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_machine_that_lacks_nothing(machine: Path) -> None:
    code, said = doctor(machine, "--aws")
    assert (code, said.splitlines()[-1]) == (0, "nothing is wrong")
    assert all(line.startswith("fine  ") for line in said.splitlines()[:-2]), said
    assert "arn:aws:iam::1:user/u (asked: sts get-caller-identity)" in said
    assert "Lambda runs 1000 at once in eu-west-1 (asked: lambda get-account-settings)" in said


def test_aws_is_not_asked_unless_it_is_wanted(machine: Path) -> None:
    program(machine / "bin" / "aws", f"touch {machine}/asked")
    code, said = doctor(machine, AWS_PROFILE="work")
    assert (code, (machine / "asked").exists()) == (0, False)
    assert "not looked at  AWS credentials: found in AWS_PROFILE, and not tried" in said


def wrong(said: str) -> str:
    """The one thing that is wrong, and its remedy."""
    lines = said.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("wrong  "))
    assert lines[at + 1].strip().startswith("do: "), said
    return "\n".join(lines[at : at + 2])


@pytest.mark.parametrize("name", ["make", "git"])
def test_a_program_that_is_missing(machine: Path, name: str) -> None:
    (machine / "bin" / name).unlink()
    code, said = doctor(machine)
    assert code == 1
    assert "not on the PATH" in wrong(said)


def test_what_a_deployment_alone_needs_is_not_wrong(machine: Path) -> None:
    (machine / "bin" / "pulumi").unlink()
    (machine / ".pulumi" / "credentials.json").unlink()
    code, said = doctor(machine)
    assert code == 0
    assert "for pulumi up  the Pulumi CLI: not on the PATH" in said
    assert "for pulumi up  no place for the state of stacks" in said
    assert said.splitlines()[-1] == "nothing is wrong; pulumi up needs 2 more, a review does not"


def test_a_program_that_this_user_may_not_run(machine: Path) -> None:
    """The same error as for a folder on the PATH that cannot be read, which root can read."""
    (machine / "bin" / "pulumi").chmod(0o644)
    assert "for pulumi up  the Pulumi CLI: not on the PATH" in doctor(machine)[1]


ODD = {
    "no home": "unset HOME",
    "no PATH": "unset PATH",
    "a login that is no map": "echo '[1]' > .pulumi/credentials.json",
    "a login that is no text": "echo '{\"current\": 5}' > .pulumi/credentials.json",
    "a version that is none": "echo 'requiredPulumiVersion: \">=3.\"' > Pulumi.yaml",
    "stdout closed": "exec >&-",
    "stdout full": "exec >/dev/full",
    "a folder that was deleted": 'mkdir gone && cd gone && rmdir ../gone && set -- "$1" "$2" --project .',
    "a project that may not be seen": 'set -- "$1" "$2" --project /proc/1/cwd/x',
}


@pytest.mark.parametrize("odd", ODD)
def test_nothing_odd_ends_in_a_traceback(machine: Path, odd: str) -> None:
    script = f'{ODD[odd]}\nexec "$1" "$2" "${{@:3}}"'
    command = ["bash", "-c", script, "bash", sys.executable, str(DOCTOR)]
    whole = {"PATH": f"{machine / 'bin'}:/usr/bin:/bin", "HOME": str(machine)}
    done = subprocess.run(command, cwd=machine, env=whole, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
    assert done.stdout.strip() or "stdout" in odd


def test_a_pipe_that_nobody_reads_is_no_traceback(machine: Path) -> None:
    command = [sys.executable, str(DOCTOR), "--project", str(machine)]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_program_that_is_none(machine: Path) -> None:
    (machine / "bin" / "pulumi").write_bytes(b"\0")
    assert "the Pulumi CLI: Exec format error" in wrong(doctor(machine)[1])


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo v3.100.0", "Pulumi CLI 3.100.0: the project needs 3.238.0 or later"),
        ("echo broken; exit 3", "the Pulumi CLI does not run: broken"),
    ],
)
def test_a_cli_that_will_not_do(machine: Path, script: str, message: str) -> None:
    program(machine / "bin" / "pulumi", script)
    assert message in wrong(doctor(machine)[1])


@pytest.mark.slow
def test_no_login_no_region_and_a_broken_environment(machine: Path) -> None:
    (machine / ".pulumi" / "credentials.json").unlink()
    assert "do: pulumi login" in doctor(machine)[1]
    assert doctor(machine, PULUMI_ACCESS_TOKEN="t")[0] == 0
    (machine / ".pulumi" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    (machine / "Pulumi.dev.yaml").write_text("config:\n  topology: x\n")
    assert "Pulumi.dev.yaml has no aws:region" in wrong(doctor(machine)[1])
    assert doctor(machine, AWS_REGION="eu-west-1")[0] == 0
    (machine / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    shutil.rmtree(machine / ".venv" / PACKAGES)
    assert "lacks pulumi" in wrong(doctor(machine)[1])
    shutil.rmtree(machine / ".venv")
    assert "not looked at  no virtual environment" in doctor(machine)[1]


def test_a_state_in_files_needs_a_passphrase(machine: Path) -> None:
    code, said = doctor(machine, PULUMI_BACKEND_URL="file://~")
    assert code == 0
    assert "not looked at  passphrase of the stacks' secrets" in said
    assert (
        "passphrase of the stacks' secrets: set"
        in doctor(machine, PULUMI_BACKEND_URL="file://~", PULUMI_CONFIG_PASSPHRASE="")[1]
    )
    # An address may hold a password.
    for url in ("https://u:secret@state.invalid", "https://u:a@sec/ret@state.invalid?key=secret"):
        said = doctor(machine, PULUMI_BACKEND_URL=url)[1]
        assert "state of stacks: https://state.invalid\n" in said


def test_credentials_that_aws_refuses_and_quotas_that_are_short(machine: Path) -> None:
    program(machine / "bin" / "aws", "echo 'An error occurred (ExpiredToken)' >&2; exit 254")
    code, said = doctor(machine, "--aws")
    assert (code, "ExpiredToken" in wrong(said)) == (1, True)
    assert "not looked at  AWS quotas" in said
    aws(machine, executions=10, vpcs=[1, 2, 3, 4, 5])
    code, said = doctor(machine, "--aws")
    assert "Lambda runs 10 at once" in wrong(said)
    assert "not looked at  5 VPCs, of 5 by default" in said


def test_numbers_of_an_old_account_are_read_and_compared_with_the_stack(machine: Path) -> None:
    aws(machine, executions=1000, vpcs=[1, 2, 3], delivered=5000)
    reviewed = json.dumps([{"declared": {"aws:ec2/vpc:Vpc": 1}}, {"declared": {"aws:ec2/vpc:Vpc": 3}}])
    program(machine / ".venv" / "bin" / "python", f"echo '{reviewed}'")
    code, said = doctor(machine, "--aws")
    assert code == 1
    assert "the policy of delivered logs has 5000 characters, of 5120" in wrong(said)
    assert "not looked at  3 VPCs, of 5 by default, and a stack here has 3" in said
    for words in ("0 load balancers, of 50", "0 custom domains", "a role takes 10 managed policies"):
        assert words in said, said
    assert "logs of REST APIs: none, the first stack makes it" in said
    # api.logs.accountRole: false
    aws(machine, executions=1000, vpcs=[])
    program(machine / ".venv" / "bin" / "python", """echo '{"declared": {"aws:apigateway/stage:Stage": 1}}'""")
    assert "logs of REST APIs: none, and a stack here makes none" in wrong(doctor(machine, "--aws")[1])


@pytest.mark.slow
def test_an_old_python_takes_a_newer_one_or_is_wrong(machine: Path) -> None:
    program_text = (
        "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['doctor', '--project', sys.argv[1]];"
        f"runpy.run_path({str(machine / 'review' / 'doctor.py')!r}, run_name='__main__')"
    )

    def said() -> str:
        whole = {"PATH": str(machine / "bin"), "HOME": str(machine)}
        command = [sys.executable, "-c", program_text, str(machine)]
        return subprocess.run(command, env=whole, capture_output=True, text=True, check=False).stdout

    assert "Python 3.9.2: 3.11 or later is needed" in wrong(said())
    program(machine / "bin" / "python3.13", "")
    assert "Python 3.9.2; make takes python3.13" in said()
    # As pyenv's shims of versions that are not active
    program(machine / "bin" / "python3.14", "exit 127")
    assert "Python 3.9.2; make takes python3.13" in said()


@pytest.fixture
def foreign(machine: Path) -> Path:
    """The same machine, with a project that is none of ours: no Makefile, no environment, no region."""
    shutil.rmtree(machine / "review")
    shutil.rmtree(machine / ".venv")
    (machine / "bin" / "make").unlink()
    (machine / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (machine / "Pulumi.dev.yaml").write_text("config: {}\n")
    return machine


OURS = re.compile(r"\bmake\b|api\.logs|proxy\.|keepWarm|pulumi-aws|400 MB")


@pytest.mark.slow
def test_a_foreign_project_gets_no_advice_for_ours(foreign: Path) -> None:
    code, said = doctor(foreign, "--aws")
    assert (code, said.splitlines()[-1]) == (0, "nothing is wrong")
    assert not OURS.search(said), said
    assert "no virtual environment; the review uses the active one, or its own" in said
    assert "do: python3 -m venv .venv, and the program's packages there" in said
    assert "not looked at  AWS region: Pulumi.dev.yaml has no aws:region" in said
    (foreign / "requirements.txt").touch()
    assert "do: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt" in doctor(foreign)[1]
    aws(foreign, executions=10, vpcs=[])
    (foreign / "__main__.py").write_text(
        "import pulumi_aws as aws\naws.apigateway.Stage('s', rest_api='a', deployment='d', stage_name='live')"
    )
    (foreign / "Pulumi.dev.yaml").write_text("config: {'aws:region': eu-west-1}")
    said = doctor(foreign, "--aws")[1]
    assert "logs of REST APIs: none, and a stack here makes none" in said
    assert "logs of REST APIs" not in wrong(said)
    assert not OURS.search(said)


@pytest.mark.parametrize("named", ["env", "venv", ".venv"])
def test_a_foreign_project_has_an_environment_of_any_name(foreign: Path, named: str) -> None:
    options = "" if named != "env" else "\n  options: {toolchain: pip, virtualenv: env}"
    (foreign / "Pulumi.yaml").write_text(f"name: shop\nruntime:\n  name: python{options}\n")
    (foreign / named / "bin").mkdir(parents=True)
    program(foreign / named / "bin" / "python", "")
    assert f"{named} lacks pulumi" in wrong(doctor(foreign)[1])
    (foreign / named / PACKAGES / "pulumi").mkdir(parents=True)
    assert f"fine           virtual environment: {named} has pulumi\n" in doctor(foreign)[1]


def test_nothing_that_a_foreign_project_brings_is_run(foreign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (foreign / ".venv" / "bin").mkdir(parents=True)
    (foreign / "review").mkdir()
    (foreign / "review" / "doctor.py").touch()
    program(foreign / ".venv" / "bin" / "python", f"touch {foreign}/ran")
    for module in ("venv", "ensurepip", "review/__main__"):
        (foreign / f"{module}.py").write_text(f"open({str(foreign / 'ran')!r}, 'w')")
    monkeypatch.chdir(foreign)
    command = [sys.executable, str(DOCTOR), "--aws", "--images"]
    whole = {"PATH": str(foreign / "bin"), "HOME": str(foreign)}
    subprocess.run(command, env=whole, capture_output=True, check=False)
    assert not (foreign / "ran").exists()


@pytest.mark.parametrize("runtime", ["nodejs", "{name: nodejs}", "\n  name: nodejs", "\n  options: {}\n  name: nodejs"])
def test_a_program_in_node(foreign: Path, runtime: str) -> None:
    """Its packages may be beside the program, or in a folder above it."""
    (foreign / "Pulumi.yaml").write_text(f"name: shop\nruntime: {runtime}\nmain: app/src\n")
    assert "wrong          Node.js is not on the PATH" in doctor(foreign, PATH=str(foreign / "nowhere"))[1]
    program(foreign / "bin" / "node", "exit 0")
    code, said = doctor(foreign, PATH=str(foreign / "bin"))
    assert (code, "the program's packages are not installed\n" in said) == (1, True)
    assert "venv/bin" not in said
    (foreign / "app" / "node_modules" / "@pulumi" / "pulumi").mkdir(parents=True)
    (foreign / "app" / "node_modules" / "@pulumi" / "pulumi" / "package.json").touch()
    assert "fine           Node.js, and the program's packages\n" in doctor(foreign, PATH=str(foreign / "bin"))[1]


def test_a_program_in_a_language_that_the_review_does_not_run(foreign: Path) -> None:
    (foreign / "Pulumi.yaml").write_text("name: shop\nruntime: go\n")
    code, said = doctor(foreign)
    assert (code, "not looked at  a program in go: the review does not run it\n" in said) == (0, True)


def test_a_folder_below_and_beside_a_project(foreign: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (foreign / "deeper").mkdir()
    assert "Pulumi.dev.yaml has no aws:region" in doctor(foreign / "deeper", PATH=str(foreign / "bin"))[1]
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    said = doctor(elsewhere, PATH=str(foreign / "bin"), HOME=str(foreign))[1]
    assert "no Pulumi.yaml here or above, so no project was looked at" in said
    assert "region" not in said
    assert said.splitlines()[-1] == "nothing is wrong"


def test_stack_files_in_another_folder(foreign: Path) -> None:
    (foreign / "stacks").mkdir()
    (foreign / "Pulumi.dev.yaml").rename(foreign / "stacks" / "Pulumi.prod.yml")
    (foreign / "Pulumi.yaml").write_text("name: shop\nruntime: python\nstackConfigDir: stacks\n")
    assert "Pulumi.prod.yml has no aws:region" in doctor(foreign)[1]


def test_remedies_name_the_command_that_was_given(foreign: Path) -> None:
    command = [sys.executable, "-m", "review.cli", "doctor", "--project", str(foreign)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "gatehouse doctor --aws asks AWS" in done.stdout
    assert not OURS.search(done.stdout)


def test_the_command_and_make_lead_to_it() -> None:
    command = [sys.executable, "-m", "review.cli", "doctor", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "usage: gatehouse doctor" in done.stdout
    assert "review/doctor.py $(ARGS)" in (ROOT / "Makefile").read_text()
