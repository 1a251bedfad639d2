"""`gatehouse doctor`: each thing that is missing, with programs that stand in for the real ones."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks import ROOT


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine if nothing is wrong: programs in `bin`, a project with a stack, a login and credentials."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("make", "git"):
        program(programs / name, "")
    program(programs / "pulumi", "echo v3.272.0")
    aws(tmp_path, executions=1000, vpcs=[1, 2])
    (tmp_path / "Pulumi.yaml").write_text('name: shop\nrequiredPulumiVersion: ">=3.238.0"\n')
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / ".pulumi").mkdir()
    (tmp_path / ".pulumi" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    environment = tmp_path / ".venv" / "bin"
    environment.mkdir(parents=True)
    program(environment / "python", "")
    return tmp_path


def aws(machine: Path, executions: int, vpcs: list[int]) -> None:
    """Stands in for AWS's command line."""
    answers = {
        "sts": {"Arn": "arn:aws:iam::1:user/u"},
        "lambda": {"AccountLimit": {"UnreservedConcurrentExecutions": executions}},
        "ec2": {"Vpcs": vpcs},
    }
    cases = "\n".join(f"{service}) echo '{json.dumps(answer)}';;" for service, answer in answers.items())
    program(machine / "bin" / "aws", f'case "$1" in\n{cases}\nesac')


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def doctor(machine: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "review" / "doctor.py"), "--project", str(machine), *arguments]
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


@pytest.mark.parametrize("name", ["make", "git", "pulumi"])
def test_a_program_that_is_missing(machine: Path, name: str) -> None:
    (machine / "bin" / name).unlink()
    code, said = doctor(machine)
    assert code == 1
    assert "not on the PATH" in wrong(said)


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


def test_no_login_no_region_and_a_broken_environment(machine: Path) -> None:
    (machine / ".pulumi" / "credentials.json").unlink()
    assert "pulumi login" in wrong(doctor(machine)[1])
    assert doctor(machine, PULUMI_ACCESS_TOKEN="t")[0] == 0
    (machine / ".pulumi" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    (machine / "Pulumi.dev.yaml").write_text("config:\n  topology: x\n")
    assert "Pulumi.dev.yaml has no aws:region" in wrong(doctor(machine)[1])
    assert doctor(machine, AWS_REGION="eu-west-1")[0] == 0
    (machine / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    program(machine / ".venv" / "bin" / "python", "exit 1")
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


def test_an_old_python_takes_a_newer_one_or_is_wrong(machine: Path) -> None:
    program_text = (
        "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv = ['doctor', '--project', sys.argv[1]];"
        f"runpy.run_path({str(ROOT / 'review' / 'doctor.py')!r}, run_name='__main__')"
    )

    def said() -> str:
        whole = {"PATH": str(machine / "bin"), "HOME": str(machine)}
        command = [sys.executable, "-c", program_text, str(machine)]
        return subprocess.run(command, env=whole, capture_output=True, text=True, check=False).stdout

    assert "Python 3.9.2: 3.11 or later is needed" in wrong(said())
    program(machine / "bin" / "python3.13", "")
    assert "Python 3.9.2; make takes python3.13" in said()


def test_the_command_and_make_lead_to_it() -> None:
    command = [sys.executable, "-m", "review.cli", "doctor", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "usage: gatehouse doctor" in done.stdout
    assert "review/doctor.py $(ARGS)" in (ROOT / "Makefile").read_text()
