"""Importing the package imports no service of the SDK: each is large, and a program uses few of them."""

import subprocess
import sys

from tests.helpers.stacks import ROOT

PROGRAM = """
import sys, components, components.stack
print(*sorted({name.split(".")[1] for name in sys.modules if name.startswith("pulumi_aws.") and name.count(".") > 1}))
"""


def test_no_service_of_the_sdk_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
