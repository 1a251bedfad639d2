"""Starts the review by its file, under a name that no reviewed program uses: `python …/review/launch.py dev`.

A program's own Python runs this as well. It may be too old, so this file keeps to what any Python 3 can read.
"""

import importlib.util
import os
import sys
from typing import List

NAME = "gatehouse_review"
PROGRAM = "--program"  # instead of a review: run the program that the standard input describes
REBUILD = "--rebuild"  # instead of a review: build the components again that the standard input describes
OLDEST_PYTHON = (3, 11)
OLDEST_SDK = (3, 272)


def explain_unusable_python() -> str:
    """One line on why this Python cannot run the review, or a program; empty if it can."""
    here = "{} (Python {}.{})".format(sys.executable, *sys.version_info[:2])
    if sys.version_info < OLDEST_PYTHON:
        return "{}: the review needs Python {}.{} or later in the program's environment".format(here, *OLDEST_PYTHON)
    version = _find_sdk_version()
    if not version:
        return "{}: the program's requirements are not installed here: there is no pulumi".format(here)
    if tuple(map(int, version.split(".")[:2])) < OLDEST_SDK:
        return "{}: pulumi {} is too old: the review needs {}.{} or later".format(here, version, *OLDEST_SDK)
    return ""


def _find_sdk_version() -> str:
    """The version of the SDK; empty without one."""
    sdk = importlib.util.find_spec("pulumi")
    if sdk is not None and sdk.origin:
        # By the name of a folder: to import `importlib.metadata` takes as long as most of what is before the program.
        for name in os.listdir(os.path.dirname(os.path.dirname(sdk.origin))):
            if name.startswith("pulumi-") and name.endswith(".dist-info"):
                return name[len("pulumi-") : -len(".dist-info")]
    from importlib import metadata

    return next((distribution.version for distribution in metadata.distributions(name="pulumi")), "")


def load(name: str, folder: str) -> None:
    spec = importlib.util.spec_from_file_location(name, os.path.join(folder, "__init__.py"))
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[name] = package
    spec.loader.exec_module(package)


def main(arguments: List[str]) -> int:
    home = os.path.dirname(os.path.abspath(__file__))
    program = arguments[:1] == [PROGRAM]
    reason = explain_unusable_python()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    # Python put the review's folder first on the import path, where its modules would hide the program's.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != home]
    load(NAME, home)
    if arguments[:1] == [REBUILD]:
        return int(importlib.import_module(NAME + ".plan_files.rebuild").main())
    if program:
        return int(importlib.import_module(NAME + ".evaluate.program_process").main(*arguments[1:]))
    return int(importlib.import_module(NAME + ".cli.command").process(arguments))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
