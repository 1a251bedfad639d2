"""Text in place of a value that the review cannot know: as a number it is 0, as JSON a mapping that has every key."""

from __future__ import annotations

import functools
import json
from contextlib import AbstractContextManager
from typing import Any, Final

from .modules import replace_attributes

TEXT: Final = "secretThatTheReviewCannotOpen"
"""A stand-in for an encrypted value: printable, letters only, and long enough for an API key."""


class StandIn(str):
    """Text that is also 0, false, and a mapping of stand-ins."""

    __slots__ = ()

    def __eq__(self, value: object) -> bool:
        return value == "false" or str.__eq__(self, value)  # `pulumi.Config` reads a boolean by comparing

    def __ne__(self, value: object) -> bool:
        return not self == value

    __hash__ = str.__hash__

    def __int__(self) -> int:
        return 0

    def __float__(self) -> float:
        return 0.0

    def __getitem__(self, key: Any) -> Any:
        return self if isinstance(key, str) else str.__getitem__(self, key)

    def get(self, _key: str, _default: Any = None) -> StandIn:
        return self


class StandInMapping(dict[str, Any]):
    """A mapping of which nothing is known: each key has the same stand-in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._member = StandIn(text)

    def __missing__(self, _key: str, _default: Any = None) -> StandIn:
        return self._member

    get = __missing__

    def __contains__(self, _key: object) -> bool:
        return True


def parse_stand_ins() -> AbstractContextManager[None]:
    """Within, `json.loads` takes a stand-in for a mapping, which is unknown as an input; JSON is read as always."""
    from pulumi import output  # here, as a stack file is read before the SDK is loaded
    from pulumi.runtime import rpc

    serialize: Any = rpc.serialize_property

    def serialized(value: Any, *arguments: Any, **options: Any) -> Any:
        # A mapping may stand for a list as well, which the SDK would refuse.
        return serialize(output.UNKNOWN if isinstance(value, StandInMapping) else value, *arguments, **options)

    loads: Any = json.loads

    @functools.wraps(loads)
    def lenient(text: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return loads(text, *arguments, **options)
        except json.JSONDecodeError:
            if isinstance(text, str) and (TEXT in text or rpc.UNKNOWN in text):
                return StandInMapping(text)
            raise

    return replace_attributes((json, "loads", lenient), (rpc, "serialize_property", serialized))
