"""The AWS provider's treatment of inputs by type: which replace the resource, which keep their value if omitted.

`make provider-facts` writes provider_facts.json from terraform-provider-aws, of which pulumi-aws is made, for every
type of the SDK.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from .catalog import normalize_token

_FILE: Final = Path(__file__).with_name("provider_facts.json")
# A resource cannot move to another region.
# https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/
_EVERYWHERE: Final = "region"


@dataclass(frozen=True)
class ProviderFacts:
    """Of one type. Inputs of blocks are dotted (`rootBlockDevice.encrypted`); a block includes all inputs in it."""

    replaces: frozenset[str]
    """Inputs whose change replaces the resource."""
    kept: tuple[str, ...]
    """Inputs that keep their value if they are left out. Names are not among them: Pulumi makes them up."""
    unknown: frozenset[str]
    """Inputs of which it is not known whether they replace the resource."""
    counted: tuple[str, ...]
    """Blocks that replace it where their number differs, and not by all that is in them."""


@cache
def _load_types() -> Mapping[str, Mapping[str, Sequence[str]]]:
    types: Mapping[str, Mapping[str, Sequence[str]]] = json.loads(_FILE.read_text(encoding="utf-8"))["types"]
    return types


@cache
def find_provider_facts(token: str) -> ProviderFacts | None:
    """The facts of a type; None if nothing is known of it."""
    facts = _load_types().get(normalize_token(token))
    if facts is None:
        return None
    return ProviderFacts(
        frozenset({*facts.get("replaces", ()), _EVERYWHERE}),
        tuple(facts.get("kept", ())),
        frozenset(facts.get("unknown", ())),
        tuple(facts.get("counted", ())),
    )
