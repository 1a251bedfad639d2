"""The facts for an answer to a lookup: where the stack is, and the ids that its config names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .location import Location

ANSWERS_FILE: Final = "review.answers.yaml"
"""In which a project answers lookups, and other things that the review cannot know."""


@dataclass(frozen=True)
class LookupContext:
    """The circumstances of a lookup."""

    location: Location
    config: str = ""
    """The stack's config as text: ids in it are of things that exist."""
    vpc_id: str = ""
    """Of the VPC that the program looked up before: a subnet that it looks up next is taken to be in that VPC."""

    def digits(self, what: Any, length: int = 16) -> str:
        return hashlib.sha256(str(what).encode()).hexdigest()[:length]

    def configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))


Arguments = Mapping[str, Any]
Answer = Callable[[LookupContext, Arguments], dict[str, Any]]
