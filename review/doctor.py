"""`gatehouse doctor` and `make doctor`: what a machine lacks for a review and a deployment, each with its remedy.

It runs before anything is installed and under any Python 3, so it uses the standard library and old syntax alone. It
calls AWS only with `--aws`, through the aws command line, and names each call.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import List, Optional, Sequence, Tuple

Answer = Tuple[str, str, str]
"""How it is, what it is about, and its remedy."""

FINE, WRONG, UNSEEN, LATER = "fine", "wrong", "not looked at", "for pulumi up"
OLDEST_PYTHON = (3, 11)
SECONDS = 20
CLI = "https://www.pulumi.com/docs/iac/download-install/"
# A new account may run far fewer than the usual 1,000 functions at once, and reserves none of the last 100.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
UNRESERVED_EXECUTIONS = 100
# By default, and each can be raised: amazon-vpc-limits, load-balancer-limits, limits of API Gateway.
COUNTED = (
    ("VPCs", "ec2 describe-vpcs", 5),
    ("Elastic IP addresses", "ec2 describe-addresses", 5),
    ("interface endpoints", "ec2 describe-vpc-endpoints", 50),
    ("load balancers", "elbv2 describe-load-balancers", 50),
    ("VPC links", "apigatewayv2 get-vpc-links", 10),
)
CALLS = "1 call, and {} for each region of the stack files".format(1 + len(COUNTED))  # of --aws, by the aws CLI


def main(arguments: Sequence[str], name: str) -> int:
    """Prints an answer for each thing; returns 1 if one of them is wrong."""
    parser = argparse.ArgumentParser(prog=name, description="Report what this machine lacks, each with its remedy.")
    parser.add_argument("--aws", action="store_true", help="ask AWS about credentials and quotas ({})".format(CALLS))
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="folder of Pulumi.yaml; else here")
    given = parser.parse_args(arguments)
    config = _read(given.project / "Pulumi.yaml")
    answers = [
        _check_python(),
        _check_program("make"),
        _check_program("git"),
        _check_pulumi(config),
        _check_state(),
        _check_region(given.project),
    ]
    answers += _check_aws(given.aws, given.project, name)
    for answer, text, remedy in answers:
        print("{:{}}  {}".format(answer, len(UNSEEN), text))
        if remedy:
            print(" " * (len(UNSEEN) + 2) + "do: " + remedy)
    wrong = sum(answer == WRONG for answer, _, _ in answers)
    print("\n" + ("{} wrong, of {}".format(wrong, len(answers)) if wrong else "nothing is wrong"))
    return 1 if wrong else 0


def _check_python() -> Answer:
    version = "Python {}.{}.{}".format(*sys.version_info[:3])
    if sys.version_info >= OLDEST_PYTHON:
        return FINE, version, ""
    return WRONG, version + ": 3.11 or later is needed", "install one, or name it: make PYTHON=/path/to/python3.12"


def _check_program(name: str) -> Answer:
    executable = shutil.which(name)
    if executable:
        return FINE, "{}: {}".format(name, executable), ""
    return WRONG, name + " is not on the PATH", "apt install {}, or your system's own way".format(name)


def _check_pulumi(config: str) -> Answer:
    least = re.search(r'^requiredPulumiVersion:\s*"?>=\s*(\d+(?:\.\d+)*)', config, re.MULTILINE)
    code, output = _run(["pulumi", "version"])
    match = re.search(r"\d+(\.\d+)+", output)
    if code is None:
        return LATER, "the Pulumi CLI: " + output, CLI
    if code or not match:
        return WRONG, "the Pulumi CLI does not run: " + _get_last_line(output), "install it again: " + CLI
    if least and [*map(int, match.group().split("."))] < [*map(int, least.group(1).split("."))]:
        text = "Pulumi CLI {}: the project needs {} or later".format(match.group(), least.group(1))
        return WRONG, text, "install a newer one: " + CLI
    return FINE, "Pulumi CLI " + match.group(), ""


def _check_state() -> Answer:
    home = Path(os.environ.get("PULUMI_HOME") or os.path.expanduser("~/.pulumi"))
    logged_in = re.search(r'"current":\s*"([^"]+)"', _read(home / "credentials.json"))
    token = "https://api.pulumi.com" if os.environ.get("PULUMI_ACCESS_TOKEN") else ""
    url = os.environ.get("PULUMI_BACKEND_URL") or (logged_in.group(1) if logged_in else token)
    if not url:
        return LATER, "no place for the state of stacks", "pulumi login, or pulumi login s3://a-bucket-of-yours"
    # A user, a password or a key may be in it.
    return FINE, "state of stacks: " + re.sub(r"//.*@", "//", url.partition("?")[0]), ""


def _check_region(project: Path) -> Answer:
    files = sorted(project.glob("Pulumi.*.yaml"))
    without = [path.name for path in files if not re.search(r"aws:region['\"]?:\s*\S", _read(path))]
    named = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if files and not without:
        return FINE, "region: every stack file names one", ""
    if named:
        return FINE, "region: {}, from the environment".format(named), ""
    missing = ", ".join(without) + " has no aws:region" if without else "no stack file here names one"
    return (WRONG if without else UNSEEN), "region: " + missing, "write `aws:region: eu-west-1` under `config:`"


def _check_aws(ask: bool, project: Path, name: str) -> List[Answer]:
    if not ask:
        return [
            (
                UNSEEN,
                "AWS credentials and quotas",
                "--aws asks AWS for them, in {} ({})".format(
                    CALLS, "make doctor ARGS=--aws" if name.startswith("make") else name + " --aws"
                ),
            )
        ]
    code, output = _run(["aws", "sts", "get-caller-identity", "--output", "json"])
    if code is None:
        return [(WRONG, "AWS credentials: the aws CLI: " + output, "install it")]
    if code:
        text = "AWS credentials: {} (asked: sts get-caller-identity)".format(_get_last_line(output))
        return [(WRONG, text, "aws sso login, aws configure, or AWS_PROFILE=...")]
    arn = re.search(r'"Arn":\s*"([^"]+)"', output)
    answers = [(FINE, "AWS credentials: {}".format(arn.group(1) if arn else "an answer without Arn"), "")]
    credentials = (
        re.search(r"aws:region['\"]?:\s*['\"]?([a-z0-9-]+)", _read(path)) for path in project.glob("Pulumi.*.yaml")
    )
    regions = sorted({match.group(1) for match in credentials if match}) or [os.environ.get("AWS_REGION", "")]
    for region in regions:
        answers += _check_quotas(
            ["--output", "json"] + (["--region", region] if region else []), region or "your region"
        )
    return answers


def _check_quotas(options: List[str], region: str) -> List[Answer]:
    output = _run(["aws", "lambda", "get-account-settings"] + options)[1]
    free = re.search(r'"UnreservedConcurrentExecutions":\s*(\d+)', output)
    call = " in {} (asked: {})".format
    if free is None:
        answers = [
            (UNSEEN, "Lambda's concurrency" + call(region, "lambda get-account-settings"), _get_last_line(output))
        ]
    else:
        text = "Lambda runs {} at once".format(free.group(1)) + call(region, "lambda get-account-settings")
        enough = int(free.group(1)) > UNRESERVED_EXECUTIONS
        remedy = "" if enough else "proxy.reservedConcurrency cannot be set: ask Service Quotas for more"
        answers = [(FINE if enough else WRONG, text, remedy)]
    for title, command, most in COUNTED:
        output = _run(["aws"] + command.split() + options)[1]
        try:
            used = len(next(iter(json.loads(output).values())))
        except (ValueError, StopIteration, AttributeError, TypeError):
            answers.append((UNSEEN, title + call(region, command), _get_last_line(output)))
            continue
        text = "{} {}, of {} by default".format(used, title, most) + call(region, command)
        remedy = "ask Service Quotas whether your account's quota is higher; else delete one"
        answers.append((FINE, text, "") if used < most else (UNSEEN, text, remedy))
    return answers


def _run(command: List[str]) -> Tuple[Optional[int], str]:
    """Exit status and output of a program; None and the reason if it does not run."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    except OSError:
        return None, "not on the PATH"
    except subprocess.TimeoutExpired:
        return None, "no answer in {} s".format(SECONDS)
    return done.returncode, done.stdout.decode(errors="replace")


def _get_last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no output"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], "make doctor"))
