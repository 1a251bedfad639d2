"""The greeter of a stack's settings."""

from ... import Greeter
from ...arguments.connections import TargetArgs
from ..settings.backend import Greeter as Wanted


def declare_greeter(wanted: Wanted) -> TargetArgs:
    """Declare it; returns how a route leads there."""
    return Greeter("backend", wanted.read_arguments()).target
