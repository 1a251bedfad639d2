"""Errors that end a request."""


class Refused(Exception):  # noqa: N818 # the caller is refused; nothing may have failed here
    """The caller gets `status` and `reason`, so `reason` never contains an address. The log gets `kind`."""

    def __init__(self, status: int, reason: str, kind: str = "bad-request") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.kind = kind


class Unanswered(Refused):
    """The connection ended before the first byte of a response. `untouched`: it also took no byte of the request."""

    def __init__(self, *, untouched: bool) -> None:
        super().__init__(502, "the backend closed the connection without an answer", "reset")
        self.untouched = untouched


def malformed(what: str) -> Refused:
    """The response is not valid HTTP/1.1."""
    return Refused(502, f"the backend's answer is malformed: {what}", "malformed")


def too_large() -> Refused:
    """The body exceeds the limit of Lambda."""
    return Refused(502, "the backend's answer is larger than the 6 MB that Lambda can return", "too-large")
