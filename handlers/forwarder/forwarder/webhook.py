"""Checks signatures of webhooks, over the exact bytes of the body, before anything reaches the backend.

Requests that API Gateway accepted by an AWS signature or a token need none.

The current and the previous secret are accepted, so that a rotation interrupts no caller. GitLab signs nothing: it
sends the secret itself.
"""

import hmac
from collections.abc import Callable, Iterable
from time import time

from .headers import Fields, list_values
from .refusal import Refused


def build_check(scheme: str, secrets: list[bytes], tolerance: float) -> Callable[[Fields, bytes], None]:
    """Returns a function that raises Refused with 401 if no secret has signed the headers and body.

    `tolerance`: maximum seconds between a signed timestamp and now, against replayed requests. GitHub signs no
    timestamp.
    """
    read = SCHEMES[scheme]
    proof = "token" if scheme == "gitlab" else "signature"

    def check(headers: Fields, body: bytes) -> None:
        try:
            proven = matches(headers, body)
        except _UnreadableError:
            proven = False
        except _OldError:
            # Only the log distinguishes it: a clock that is wrong or a delivery that is late is no wrong secret.
            raise Refused(401, f"the {proof} is missing or wrong", "timestamp") from None
        if not proven:
            raise Refused(401, f"the {proof} is missing or wrong", proof)

    def matches(headers: Fields, body: bytes) -> bool:
        timestamp, signatures, start = read(headers)
        if timestamp is not None and not _is_recent(timestamp, tolerance):
            raise _OldError
        expected = [
            secret if start is None else hmac.digest(secret, start + body, "sha256").hex().encode()
            for secret in secrets
        ]
        # All pairs are compared, in constant time each, so that the duration reveals nothing.
        compared = [hmac.compare_digest(one, other) for one in expected for other in signatures]
        return any(compared)

    return check


class _UnreadableError(Exception):
    """Headers without the sender's signature or token, or with two."""


class _OldError(Exception):
    """A signed timestamp that is older than the tolerance, in the future, or no number."""


# Parsed headers: timestamp, hexadecimal signatures, and the bytes that are signed in front of the body. None instead of
# the bytes: the headers have the secret itself.
_Signed = tuple[str | None, Iterable[bytes], bytes | None]


def _read_github(headers: Fields) -> _Signed:
    """https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    return None, [_strip_start(_read_single(headers, "x-hub-signature-256"), "sha256=")], b""


def _read_stripe(headers: Fields) -> _Signed:
    """https://docs.stripe.com/webhooks#verify-manually: `t=…,v1=…`, with a `v1` for each secret while one is rolled."""
    items = [item.strip().partition("=") for item in _read_single(headers, "stripe-signature").split(",")]
    times = [value for key, _, value in items if key == "t"]
    if len(times) != 1:
        raise _UnreadableError
    return times[0], [value.encode() for key, _, value in items if key == "v1"], f"{times[0]}.".encode()


def _read_slack(headers: Fields) -> _Signed:
    """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
    when = _read_single(headers, "x-slack-request-timestamp")
    return when, [_strip_start(_read_single(headers, "x-slack-signature"), "v0=")], f"v0:{when}:".encode()


def _read_gitlab(headers: Fields) -> _Signed:
    """https://docs.gitlab.com/user/project/integrations/webhooks/"""
    return None, [_read_single(headers, "x-gitlab-token").encode()], None


SCHEMES = {"github": _read_github, "stripe": _read_stripe, "slack": _read_slack, "gitlab": _read_gitlab}
"""How to read the headers of each sender."""


def _read_single(headers: Fields, name: str) -> str:
    """Returns the single value. With two values, readers could differ on which one counts."""
    found = list_values(headers, name)
    if len(found) != 1:
        raise _UnreadableError
    return found[0]


def _strip_start(value: str, start: str) -> bytes:
    if not value.startswith(start):
        raise _UnreadableError
    return value[len(start) :].encode()


def _is_recent(timestamp: str, tolerance: float) -> bool:
    # Twelve digits last for thirty thousand years; parsing more would only take time.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(time() - int(timestamp)) <= tolerance
