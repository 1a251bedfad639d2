"""Answers to the lookups of a program: results for zones, images and networks that exist, made up.

Something looked up by an id from the stack's config keeps that id; the rest follows from it or is left unknown.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi import RunError

from ...aws.catalog.catalog import token_of
from . import ANSWERS_FILE
from .existing import ANSWERS, Arguments, LookupContext
from .sdk_types import converted, result

_CERTAIN: Final = {*map(token_of, ("iam.getPolicyDocument", "index.getPartition", "index.getRegion"))}
"""Lookups whose answers follow from their arguments or the config; those to all others are made up."""

_REGION: Final = re.compile(r"[a-z]+(?:-[a-z]+)+-\d+")
_VPC: Final = token_of("ec2.getVpc")
NO_ANSWER: Final = "the review has no answer for this lookup"

Given = Callable[[str, Arguments], Mapping[str, Any] | None]
"""A token and arguments to the fields of the result that the project's own answers hold; None if they hold none."""


@dataclass
class Lookups:
    """Answers to the lookups of one run."""

    context: LookupContext
    made: Mapping[str, Mapping[str, Any]]
    """State of the run's own resources by id, which may be looked up as well."""
    given: Given = lambda _token, _arguments: None
    """The project's own answers, which win."""
    strict: bool = field(default=True, kw_only=True)
    """Whether a lookup without an answer is an error. Otherwise its result is unknown."""
    unplanned: list[str] = field(default_factory=list, init=False)
    """Tokens of lookups without an answer."""
    invented: list[str] = field(default_factory=list, init=False)
    """Tokens of lookups whose answers are made up."""
    _looked_at: str = field(default="", init=False)
    _vpcs: dict[tuple[str, str], str] = field(default_factory=dict, init=False)
    """By token and id of a lookup, the VPC that the program looked up before it."""

    @property
    def notes(self) -> list[str]:
        remedy = f"{NO_ANSWER}, so its result is unknown; {ANSWERS_FILE} can hold one"
        said = [f"{token}: {remedy}" for token in dict.fromkeys(self.unplanned)]
        if tokens := ", ".join(sorted(set(self.invented))):
            said.append(f"answers of lookups are made up: {tokens}; {ANSWERS_FILE} can hold real ones")
        return said

    def asked(self, token: str, identity: Any) -> None:
        """Note a lookup when the program makes it. Requests come in another order, also those of several VPCs."""
        if token == _VPC:
            self._looked_at = identity if isinstance(identity, str) else ""
        elif isinstance(identity, str) and self._looked_at:
            self._vpcs[token, identity] = self._looked_at

    def answer(self, token: str, arguments: Mapping[str, Any], region: str = "") -> dict[str, Any]:
        """The lookup's result in a region, the stack's unless given.

        Raises RunError when strict and the token is not known: a guess would be reported as fact.
        """
        types, answer = result(token)
        answer.update(converted({key: value for key, value in arguments.items() if value is not None}, types))
        given, planned = self.given(token, arguments), ANSWERS.get(token)
        if given is None and planned is None:
            if self.strict:
                where = "review/evaluate/mocks/existing.json, shaped like the provider's"
                raise RunError(f"{token}: {NO_ANSWER}; add one to {where}, or to {ANSWERS_FILE}")
            self.unplanned.append(token)
            return answer
        if given is None and token not in _CERTAIN:
            self.invented.append(token)
        if planned is not None:
            if region and not _REGION.fullmatch(region):
                raise RunError(f"{token}: region: got {region!r}, which is no region of AWS")
            location = replace(self.context.location, region=region or self.context.location.region)
            vpc_id = self._vpcs.get((token, str(arguments.get("id"))), self.context.vpc_id)
            context = replace(self.context, location=location, vpc_id=vpc_id)
            answer.update(context.filled(planned, arguments))
        own = self.made.get(str(answer.get("id")), {})
        answer.update({key: value for key, value in own.items() if key in answer})
        for key in given or {}:
            if types and key not in types:
                known = ", ".join(sorted(types))
                raise RunError(f"{ANSWERS_FILE}: lookups.{token}: no field {key!r}; known: {known}")
        answer.update(given or {})
        if token == _VPC:
            self.context = replace(self.context, vpc_id=answer["id"])
        return answer
