"""A stack file as components. `run()` is a whole Pulumi program; `build()` lets a program add resources of its own."""

import pulumi

from . import topologies
from .settings import ConfigError, load
from .topologies import Built

__all__ = ["Built", "ConfigError", "build", "run"]


def build() -> Built:
    """Declare the stack of the stack file, and export nothing.

    Raises ConfigError with every mistake in the stack file, before anything is declared.
    """
    return topologies.build(load())


def run() -> None:
    """Declare the stack of the stack file, and export its outputs. Raises ConfigError as `build` does."""
    for name, value in build().outputs.items():
        pulumi.export(name, value)
