"""The greeter of a stack's settings."""

from ... import Greeter
from ...arguments.connections import TargetArgs
from ..settings.backend import Greeter as Wanted


def greeter_target(wanted: Wanted) -> TargetArgs:
    """Declare it; returns how a route leads there."""
    return Greeter("backend", wanted.given()).target
