"""Mocks: outputs of resources and results of lookups, shaped as AWS shapes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ANSWERS_FILE: Final = "review.answers.yaml"  # in which a project answers what the review cannot know, such as lookups


@dataclass(frozen=True)
class Answered:
    """What the project's answers hold for a lookup."""

    result: Mapping[str, Any]
    complete: frozenset[str]
    """Fields of the result of which AWS has no more than the result."""
