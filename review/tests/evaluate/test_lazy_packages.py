"""Packages of the SDK that are imported in part have what they have as a whole."""

import json
import subprocess
import sys
from typing import Any

import pytest

NAMES = """
import importlib, json, pulumi_aws
package = importlib.import_module({package!r})
names = sorted(name for name in dir(package) if name[:1] != "_")
print(json.dumps({{name: str(getattr(package, name)).split(" at 0x")[0] for name in names}}))
"""
MEMBERS = """
import importlib, json, sys
from review.evaluate.host import lazy_packages
lazy_packages.install()
import pulumi_aws
package = importlib.import_module({package!r})
for name in {names!r}:
    getattr(package, name)
print(json.dumps({{name: str(getattr(package, name)).split(" at 0x")[0] for name in {names!r}}}))
print(len([name for name in sys.modules if name.startswith({package!r})]))
"""


def ran(program: str, **values: Any) -> list[Any]:
    command = [sys.executable, "-c", program.format(**values)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("service", ["ec2", "lambda_", "iam"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_member_is_that_of_the_whole_package(service: str, order: int) -> None:
    """In any order: `get_vpc_output` imports the module `get_vpc`, whose function has its name."""
    package = f"pulumi_aws.{service}"
    (whole,) = ran(NAMES, package=package)
    members, _ = ran(MEMBERS, package=package, names=[*whole][::order])
    assert members == whole


def test_only_the_modules_of_a_member_are_imported() -> None:
    """An enumeration is in a module of all enumerations, the type of an answer in that of its function."""
    names = ["Vpc", "InstanceArgs", "get_ami_output", "GetVpcResult", "InstanceType"]
    some, few = ran(MEMBERS, package="pulumi_aws.ec2", names=names)
    assert len(some) == 5
    assert few < 12
