"""The one way in which a request fails."""


class Refused(Exception):  # noqa: N818 # the caller is refused; nothing need have gone wrong here
    """The caller gets `status` and `reason`, the log `kind`; so `reason` never names an address."""

    def __init__(self, status: int, reason: str, kind: str = "bad-request") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.kind = kind


class Unanswered(Refused):
    """The connection ended before any byte of an answer; `untouched` if it took no byte of the request either."""

    def __init__(self, *, untouched: bool) -> None:
        super().__init__(502, "the backend closed the connection without an answer", "reset")
        self.untouched = untouched


def malformed(what: str) -> Refused:
    """An answer that is no HTTP/1.1."""
    return Refused(502, f"the backend's answer is malformed: {what}", "malformed")
