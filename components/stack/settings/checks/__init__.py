"""Rules that hold between settings. Each reads all that is sound in the sections it names, so that one report has every
mistake."""

from collections.abc import Iterator, Mapping

from ..mistakes import Mistake
from ..unknown import Unknown
from . import (  # noqa: F401 # importing them registers their rules
    api,
    api_faults,
    authorization,
    backend,
    cors,
    domain,
    foreign_resources,
    ingress,
    liveness,
    network,
    protection,
    proxy,
    streaming,
)
from .rule import RULES, skip_unknown


def find_mistakes(values: Mapping[str, object]) -> Iterator[Mistake]:
    """Yields the mistakes of every rule, as far as they do not depend on what is wrong by itself."""
    for rule, sections in RULES.items():
        if not any(isinstance(values[name], Unknown) and not taken for name, taken in sections.items()):
            yield from skip_unknown(rule(**{name: values[name] for name in sections}))
