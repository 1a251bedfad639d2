"""Arguments that tag the resources of a component."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, kw_only=True)
class TaggedArgs:
    """Arguments of a component whose resources carry tags."""

    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Tags of every resource."""
