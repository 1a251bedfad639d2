"""The moment at which the backend's time is over."""

from time import monotonic

from .refusal import Refused

# Left for writing the result, which Lambda's runtime does after the handler has returned.
MARGIN_SECONDS = 0.1


class Deadline:
    """One moment for all waits of a request together, so that many short ones do not add up to a long one."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float, context: object) -> None:
        """`seconds` from now, or less if Lambda would end the invocation before."""
        remaining = getattr(context, "get_remaining_time_in_millis", None)
        if remaining is not None:
            seconds = min(seconds, remaining() / 1000 - MARGIN_SECONDS)
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than none; raises Refused when it is over."""
        left = self._end - monotonic()
        if left <= 0:
            raise Refused(504, "the backend did not answer in time", "timeout")
        return left
