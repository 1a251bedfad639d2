"""Rules that hold between settings. Each runs when the sections it names are themselves sound, so that one report
has every mistake."""

import inspect
from collections.abc import Mapping

from ..mistakes import Mistake
from . import api, backend, ingress, liveness, network, proxy, streaming
from .rule import INVALID, RULES

__all__ = ["INVALID", "broken"]
assert all((api, backend, ingress, liveness, network, proxy, streaming))  # importing them is what registers their rules


def broken(values: Mapping[str, object]) -> list[Mistake]:
    """The mistakes of every rule whose sections are sound."""
    mistakes: list[Mistake] = []
    for rule in RULES:
        needed = {name: values[name] for name in inspect.signature(rule).parameters}
        if INVALID not in needed.values():
            mistakes += rule(**needed)
    return mistakes
