"""Instance types and Lambda runtimes that AWS has. `aws_names.json` is written by `make docs`, from the pinned SDK."""

import difflib
import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

BLOCKED_RUNTIMES: Final = frozenset(
    (  # noqa: SIM905 # a list of literals would fill a page
        "python2.7 python3.6 python3.7 java8 go1.x ruby2.5 ruby2.7 provided nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 "
        "nodejs8.10 nodejs10.x nodejs12.x nodejs14.x dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1"
    ).split()
)
"""Runtimes of which Lambda creates no function any more."""
ENDED_RUNTIMES: Final[Mapping[str, str]] = {
    "dotnet8": "2026-11-10",
    "python3.10": "2026-10-31",
    "provided.al2": "2026-07-31",
    "nodejs20.x": "2026-04-30",
    "ruby3.2": "2026-03-31",
    "python3.9": "2025-12-15",
    "nodejs18.x": "2025-09-01",
    "dotnet6": "2024-12-20",
    "python3.8": "2024-10-14",
    "nodejs16.x": "2024-06-12",
}
"""Runtimes whose support has ended, each with the day: AWS mends nothing in them any more. Functions can still be
created; AWS has moved the day until when, and names 1 February 2027 for python3.10.

As on 29 November 2026. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, as
https://github.com/terraform-linters/tflint-ruleset-aws/blob/master/rules/aws_lambda_function_deprecated_runtime.go
quotes it, and AWS's messages: https://github.com/aws-samples/iam-identity-center-team/issues/535 (python3.10),
https://github.com/awslabs/ssosync/issues/297 (provided.al2).
"""


def is_instance_type(name: str) -> bool:
    """Whether AWS has this type in some region. A type that is newer than the installed SDK is not known."""
    family, _, size = name.partition(".")
    return size in _load()["instance types"].get(family, "").split()


def suggest_instance_type(name: str) -> str:
    """A remedy that names the types most like `name`."""
    families = _load()["instance types"]
    family, _, size = name.partition(".")
    if family in families:
        return f"{family} has the sizes {families[family].replace(' ', ', ')}"
    same_size = [f"{each}.{size}" for each, sizes in families.items() if size in sizes.split()]
    near = difflib.get_close_matches(name, same_size, n=2)
    return f"did you mean {' or '.join(near)}?" if near else "`aws ec2 describe-instance-types` lists them"


def is_runtime(name: str) -> bool:
    """Whether Lambda has, or had, this runtime. A runtime that is newer than the installed SDK is not known."""
    return name in _load()["runtimes"].split() and name != "custom"


def suggest_runtime(name: str) -> str:
    """A remedy that names the runtimes most like `name`."""
    supported = [each for each in _load()["runtimes"].split() if each not in {*ENDED_RUNTIMES, *BLOCKED_RUNTIMES}]
    near = difflib.get_close_matches(name, supported, n=2)
    return f"did you mean {' or '.join(near)}?" if near else ""


@functools.cache
def _load() -> Any:
    return json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
