"""The deadline of a request."""

from time import monotonic

from .refusal import Refused

# Reserved for Lambda's runtime, which writes the result after the handler has returned.
MARGIN_SECONDS = 0.1


class Deadline:
    """One deadline for all waits of a request, so that many short waits cannot add up to a long one."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float, context: object) -> None:
        """The deadline is in `seconds`, or earlier if Lambda would end the invocation before that."""
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        if remaining is not None:
            seconds = min(seconds, remaining() / 1000 - MARGIN_SECONDS)
        self._end = monotonic() + seconds

    def remaining_seconds(self) -> float:
        """Returns the remaining seconds, more than 0. Raises Refused after the deadline."""
        left = self._end - monotonic()
        if left <= 0:
            raise Refused(504, "the backend did not answer in time", "timeout")
        return left
