"""What an answer to a lookup may be made from: where the stack is, and the ids that its config names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .location import Location

ANSWERS_FILE: Final = "review.answers.yaml"
"""In which a project answers lookups, and other things that the review cannot know."""

ZONE_LETTERS: Final[Mapping[str, str]] = {
    "us-east-1": "abcdef",
    "us-west-1": "ab",
    "us-west-2": "abcd",
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ca-central-1": "abd",
}
"""Zones that an account of today sees, where they are not a, b and c.

https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
"""


@dataclass(frozen=True)
class LookupContext:
    """The circumstances of a lookup."""

    location: Location
    config: str = ""
    """The stack's config as text: ids in it are of things that exist."""

    def digits(self, what: Any, length: int = 16) -> str:
        return hashlib.sha256(str(what).encode()).hexdigest()[:length]

    def configured(self, prefix: str) -> list[str]:
        """Ids of one kind that the stack's config names, in its order."""
        return list(dict.fromkeys(re.findall(rf"\b{prefix}-[0-9a-f]{{8,17}}\b", self.config)))

    def letters(self) -> str:
        return ZONE_LETTERS.get(self.location.region, "abc")

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.location.partition}:{service}:{self.location.region}:{self.location.account}:{resource}"


Arguments = Mapping[str, Any]
Answer = Callable[[LookupContext, Arguments], dict[str, Any]]
