"""A stack file as components: `run()` is a whole Pulumi program."""

import pulumi

from .settings import load
from .topologies import build

__all__ = ["build", "run"]


def run() -> None:
    """Declare the stack of the stack file and export its outputs.

    Raises ConfigError with every mistake in the stack file, before anything is declared.
    """
    for name, value in build(load()).items():
        pulumi.export(name, value)
