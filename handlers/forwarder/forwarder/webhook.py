"""Signatures of webhooks, over the exact bytes of the body, checked before anything reaches the backend.

A secret counts as much as the one before it, so that a rotation refuses nobody.
"""

import hmac
from collections.abc import Callable, Iterable
from time import time

from .headers import Fields, values
from .refusal import Refused


def checker(scheme: str, secrets: list[bytes], tolerance: float) -> Callable[[Fields, bytes], None]:
    """A function that raises Refused with 401 for headers and a body that no secret has signed.

    `tolerance`, in seconds, is how far a signed timestamp may be from now, so that a request overheard once cannot be
    sent again at any time; GitHub signs none.
    """
    read = {"github": _github, "stripe": _stripe, "slack": _slack}[scheme]

    def check(headers: Fields, body: bytes) -> None:
        timestamp, signatures, start = read(headers)
        if timestamp is not None and not _recent(timestamp, tolerance):
            raise _refusal()
        expected = [hmac.digest(secret, start + body, "sha256").hex().encode() for secret in secrets]
        # Every pair is compared, so that the time taken reveals nothing (hmac.compare_digest sees to each).
        matches = [hmac.compare_digest(one, other) for one in expected for other in signatures]
        if not any(matches):
            raise _refusal()

    return check


# What a scheme's headers hold: when it was signed, the signatures in hexadecimal, and what is signed before the body.
_Signed = tuple[str | None, Iterable[bytes], bytes]


def _github(headers: Fields) -> _Signed:
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    return None, [_after(_only(headers, "x-hub-signature-256"), "sha256=")], b""


def _stripe(headers: Fields) -> _Signed:
    """https://docs.stripe.com/webhooks#verify-manually: `t=…,v1=…`, with a `v1` for each secret while one is rolled."""
    items = [item.strip().partition("=") for item in _only(headers, "stripe-signature").split(",")]
    times = [value for key, _, value in items if key == "t"]
    if len(times) != 1:
        raise _refusal()
    return times[0], [value.encode() for key, _, value in items if key == "v1"], f"{times[0]}.".encode()


def _slack(headers: Fields) -> _Signed:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    when = _only(headers, "x-slack-request-timestamp")
    return when, [_after(_only(headers, "x-slack-signature"), "v0=")], f"v0:{when}:".encode()


def _only(headers: Fields, name: str) -> str:
    """With two of them it would be open which one another reader takes."""
    found = values(headers, name)
    if len(found) != 1:
        raise _refusal()
    return found[0]


def _after(value: str, start: str) -> bytes:
    if not value.startswith(start):
        raise _refusal()
    return value[len(start) :].encode()


def _recent(timestamp: str, tolerance: float) -> bool:
    # Twelve digits last for thirty thousand years; more would only cost time to read.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(time() - int(timestamp)) <= tolerance


def _refusal() -> Refused:
    return Refused(401, "the signature is missing or wrong", "signature")
