"""Mocks: outputs of resources and results of lookups, shaped as AWS shapes them."""

from typing import Final

ANSWERS_FILE: Final = "review.answers.yaml"
"""In which a project answers lookups, and other things that the review cannot know."""
