"""Rules that hold between settings. Each runs when the sections it names are themselves sound, so that one report
has every mistake."""

from collections.abc import Mapping

from ..mistakes import Mistake
from . import (  # noqa: F401 # importing them registers their rules
    api,
    api_faults,
    authorization,
    backend,
    cors,
    domain,
    ingress,
    liveness,
    network,
    protection,
    proxy,
    streaming,
)
from .rule import INVALID, RULES

__all__ = ["INVALID", "broken"]


def broken(values: Mapping[str, object]) -> list[Mistake]:
    """The mistakes of every rule whose sections are sound."""
    mistakes: list[Mistake] = []
    for rule, sections in RULES.items():
        needed = {name: values[name] for name in sections}
        if INVALID not in needed.values():
            mistakes += rule(**needed)
    return mistakes
