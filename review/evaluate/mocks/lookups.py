"""Answers to the lookups of a program: what AWS would say of zones, images and networks that exist, made up.

Something looked up by an id from the stack's config keeps that id; the rest follows from it or is left unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi import RunError

from . import existing, existing_network
from .lookup_context import Answer, LookupContext
from .placeholders import placeholders

ANSWERS: Final[Mapping[str, Answer]] = {**existing.ANSWERS, **existing_network.ANSWERS}


class UnplannedLookupError(RunError):
    """A lookup that no answer is known for: a guess would be reported as fact."""

    def __init__(self, token: str) -> None:
        super().__init__(
            f"{token}: the review has no answer for this lookup; "
            "add one to review/answers/existing.py, shaped like the provider's"
        )


class Lookups:
    """Answers to the lookups of one run.

    `strict` makes a lookup without an answer an error; otherwise all that it tells is unknown, and its token is kept
    in `unplanned`. `made` is the state of the run's own resources by id, which may be looked up as well.
    """

    def __init__(self, context: LookupContext, made: Mapping[str, Mapping[str, Any]], *, strict: bool = True) -> None:
        self.context, self.made, self.strict = context, made, strict
        self.unplanned: list[str] = []

    def answer(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The lookup's result. Raises UnplannedLookupError when strict and the token is not known."""
        result = placeholders(token)
        result.update({key: value for key, value in arguments.items() if value is not None})
        planned = ANSWERS.get(token)
        if planned is None:
            if self.strict:
                raise UnplannedLookupError(token)
            self.unplanned.append(token)
            return result
        result.update(planned(self.context, arguments))
        own = self.made.get(str(result.get("id")), {})
        result.update({key: value for key, value in own.items() if key in result})
        return result
