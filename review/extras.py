"""Extras of the distribution `gatehouse-review`: packages that a plain installation leaves out."""

import shlex
import sys


def describe_missing_extra(extra: str, missing: ModuleNotFoundError) -> str:
    """One line that names the package that is not installed, and the command that installs the extra."""
    # Another environment's pip would take a package of this name from PyPI, which is not ours.
    install = f'{shlex.quote(sys.executable)} -m pip install "gatehouse-review[{extra}]"'
    return f"gatehouse {extra} needs {missing.name}: {install}"
