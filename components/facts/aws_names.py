"""Instance types and Lambda runtimes that AWS has. `aws_names.json` is written by `make docs`, from the pinned SDK."""

import difflib
import functools
import json
from pathlib import Path
from typing import Any, Final

BLOCKED_RUNTIMES: Final = frozenset(
    (  # noqa: SIM905 # a list of literals would fill a page
        "python2.7 python3.6 python3.7 java8 go1.x ruby2.5 ruby2.7 provided nodejs nodejs4.3 nodejs4.3-edge nodejs6.10 "
        "nodejs8.10 nodejs10.x nodejs12.x nodejs14.x dotnetcore1.0 dotnetcore2.0 dotnetcore2.1 dotnetcore3.1"
    ).split()
)
"""Runtimes of which Lambda creates no function any more.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated"""
ENDED_RUNTIMES: Final = BLOCKED_RUNTIMES | {
    *("python3.8", "python3.9", "nodejs16.x", "nodejs18.x", "dotnet5.0", "dotnet6", "dotnet7"),
    "dotnet8",  # on 10 November 2026
}
"""Runtimes whose support has ended, as of November 2026: AWS mends nothing in them."""


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
    supported = [each for each in _load()["runtimes"].split() if each not in ENDED_RUNTIMES]
    near = difflib.get_close_matches(name, supported, n=2)
    return f"did you mean {' or '.join(near)}?" if near else ""


@functools.cache
def _load() -> Any:
    return json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
