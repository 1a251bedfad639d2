"""Mocks: outputs of resources and results of lookups, shaped as AWS shapes them."""

from typing import Final

ANSWERS_FILE: Final = "review.answers.yaml"  # in which a project answers what the review cannot know, such as lookups
