"""`gatehouse doctor`: each thing that is missing, with programs that stand in for the real ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from review.tests.helpers.stacks import REVIEW

DOCTOR = REVIEW / "doctor.py"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine where nothing is wrong: programs in `bin`, a project with a stack, a login and credentials."""
    (tmp_path / "bin").mkdir()
    for name in ("make", "git"):
        program(tmp_path, name, "")
    program(tmp_path, "pulumi", "echo v3.272.0")
    aws(tmp_path, executions=1000, vpcs=[1, 2])
    (tmp_path / "Pulumi.yaml").write_text('name: shop\nruntime: python\nrequiredPulumiVersion: ">=3.238.0"\n')
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (tmp_path / ".pulumi").mkdir()
    (tmp_path / ".pulumi" / "credentials.json").write_text('{"current": "https://api.pulumi.com"}')
    return tmp_path


def aws(machine: Path, executions: int, vpcs: list[int]) -> None:
    """Stands in for AWS's command line."""
    answers = {
        "sts": {"Arn": "arn:aws:iam::1:user/u"},
        "lambda": {"AccountLimit": {"UnreservedConcurrentExecutions": executions}},
        "ec2": {"Vpcs": vpcs},
        "elbv2": {"LoadBalancers": []},
        "apigatewayv2": {"Items": []},
    }
    cases = "\n".join(f"{service}) echo '{json.dumps(answer)}';;" for service, answer in answers.items())
    program(machine, "aws", f'case "$1" in\n{cases}\nesac')


def program(machine: Path, name: str, script: str) -> None:
    path = machine / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def doctor(machine: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    command = [sys.executable, str(DOCTOR), "--project", str(machine), *arguments]
    whole = {"PATH": str(machine / "bin"), "HOME": str(machine), **environment}
    done = subprocess.run(command, env=whole, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


def wrong(said: str) -> str:
    """The one thing that is wrong, and its remedy."""
    lines = said.splitlines()
    (at,) = (number for number, line in enumerate(lines) if line.startswith("wrong  "))
    assert lines[at + 1].strip().startswith("do: "), said
    return "\n".join(lines[at : at + 2])


def test_a_machine_that_lacks_nothing(machine: Path) -> None:
    code, said = doctor(machine, "--aws")
    assert (code, said.splitlines()[-1]) == (0, "nothing is wrong")
    assert all(line.startswith("fine  ") for line in said.splitlines()[:-2]), said
    assert "arn:aws:iam::1:user/u" in said
    assert "Lambda runs 1000 at once in eu-west-1 (asked: lambda get-account-settings)" in said


def test_aws_is_asked_only_with_the_option(machine: Path) -> None:
    program(machine, "aws", f"touch {machine}/asked")
    assert doctor(machine)[0] == 0
    assert not (machine / "asked").exists()


def test_it_says_how_many_calls_it_makes(machine: Path) -> None:
    (machine / "Pulumi.prod.yaml").write_text("config:\n  aws:region: eu-central-1\n")
    asked = machine / "asked"
    program(machine, "aws", f'echo "$*" >> {asked}\necho \'{{"None": []}}\'')
    doctor(machine, "--aws")
    calls = asked.read_text().splitlines()
    regions = [sum(f"--region {region}" in call for call in calls) for region in ("eu-west-1", "eu-central-1")]
    assert regions[0] == regions[1]
    said = f"{len(calls) - sum(regions)} call, and {regions[0]} for each region of the stack files"
    assert said in doctor(machine)[1]


@pytest.mark.parametrize("name", ["make", "git"])
def test_a_program_that_is_missing(machine: Path, name: str) -> None:
    (machine / "bin" / name).unlink()
    assert f"{name} is not on the PATH" in wrong(doctor(machine)[1])


def test_what_only_a_deployment_needs_is_not_wrong(machine: Path) -> None:
    (machine / "bin" / "pulumi").unlink()
    (machine / ".pulumi" / "credentials.json").unlink()
    code, said = doctor(machine)
    assert code == 0
    assert "for pulumi up  the Pulumi CLI: not on the PATH" in said
    assert "for pulumi up  no place for the state of stacks" in said


@pytest.mark.parametrize(
    ("script", "message"),
    [("echo v3.100.0", "the project needs 3.238.0 or later"), ("echo broken; exit 1", "does not run: broken")],
)
def test_a_cli_that_will_not_do(machine: Path, script: str, message: str) -> None:
    program(machine, "pulumi", script)
    assert message in wrong(doctor(machine)[1])


def test_a_stack_without_a_region_is_wrong(machine: Path) -> None:
    (machine / "Pulumi.dev.yaml").write_text("config: {}\n")
    code, said = doctor(machine)
    assert code == 1
    assert "Pulumi.dev.yaml has no aws:region" in wrong(said)
    assert doctor(machine, AWS_REGION="eu-west-1")[0] == 0


def test_credentials_that_aws_refuses_and_quotas_that_are_short(machine: Path) -> None:
    aws(machine, executions=10, vpcs=[1, 2, 3, 4, 5])
    said = doctor(machine, "--aws")[1]
    assert "proxy.reservedConcurrency cannot be set" in wrong(said)
    assert "not looked at  5 VPCs, of 5 by default in eu-west-1" in said
    program(machine, "aws", "echo ExpiredToken >&2; exit 255")
    assert "ExpiredToken" in wrong(doctor(machine, "--aws")[1])


def test_a_password_in_the_address_of_the_state_is_not_shown(machine: Path) -> None:
    said = doctor(machine, PULUMI_BACKEND_URL="postgres://user:secret@host/db?key=other")[1]
    assert "state of stacks: postgres://host/db" in said
    assert "secret" not in said


@pytest.mark.parametrize("odd", ["unset HOME", "unset PATH", "echo '[1]' > .pulumi/credentials.json"])
def test_nothing_odd_ends_in_a_traceback(machine: Path, odd: str) -> None:
    command = ["bash", "-c", f'{odd}\nexec "$1" "$2"', "bash", sys.executable, str(DOCTOR)]
    whole = {"PATH": f"{machine / 'bin'}:/usr/bin:/bin", "HOME": str(machine)}
    done = subprocess.run(command, cwd=machine, env=whole, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
