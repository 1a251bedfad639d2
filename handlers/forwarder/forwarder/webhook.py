"""Checks signatures of webhooks, over the exact bytes of the body, before anything reaches the backend.

Requests that API Gateway accepted by an AWS signature or a token need none.

The current and the previous secret are accepted, so that a rotation interrupts no caller. GitLab signs nothing: it
sends the secret itself.
"""

import hmac
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterable
from time import time

from .headers import Fields, list_values
from .refusal import Refused

BODY = "{body}"
TIMESTAMP = "{timestamp}"
ID = "{id}"


class _UnreadableError(Exception):
    """Headers without the sender's signature or token, or with two."""


class _OldError(Exception):
    """A signed timestamp that is older than the tolerance, in the future, or no number."""


# Parsed headers: timestamp, signatures, and the bytes that are signed in front of the body.
_Signed = tuple[str | None, Iterable[bytes], bytes]


class Hmac:
    """A sender that signs with HMAC.

    - `header`: of the signature, which `prefix` precedes.
    - `signed`: the signed text, which ends with `{body}`.
    - `timestamp_header`, `id_header`: values of `{timestamp}` and `{id}` in it.
    """

    proof = "signature"

    def __init__(
        self,
        header: str,
        *,
        algorithm: str = "sha256",
        encoding: str = "hex",
        prefix: str = "",
        signed: str = BODY,
        timestamp_header: str = "",
        id_header: str = "",
    ) -> None:
        self._header, self._prefix = header.lower(), prefix
        self._algorithm, self._encoding = algorithm, encoding
        self._timestamp_header, self._id_header = timestamp_header.lower(), id_header.lower()
        self._start = signed.removesuffix(BODY)
        # The text between the ID and what follows it.
        self._end_of_id = self._start.partition(ID)[2].partition("{")[0]

    def read(self, headers: Fields) -> _Signed:
        """Returns what the headers say. Raises _UnreadableError."""
        timestamp, start = None, self._start
        if self._timestamp_header:
            timestamp = _read_single(headers, self._timestamp_header)
            start = start.replace(TIMESTAMP, timestamp)
        if self._id_header:
            name = _read_single(headers, self._id_header)
            # An ID with this text could take in bytes of the body: the signed text would be the same.
            if self._end_of_id in name:
                raise _UnreadableError
            start = start.replace(ID, name)
        return timestamp, self._read_signatures(_read_single(headers, self._header)), start.encode()

    def _read_signatures(self, value: str) -> list[bytes]:
        if not value.startswith(self._prefix):
            raise _UnreadableError
        return [value.removeprefix(self._prefix).encode()]

    def sign(self, key: bytes, data: bytes) -> bytes:
        """Returns the signature as the sender writes it."""
        digest = hmac.digest(key, data, self._algorithm)
        return digest.hex().encode() if self._encoding == "hex" else b2a_base64(digest, newline=False)

    def read_key(self, secret: str) -> bytes:
        """Returns the key of a secret. Raises ValueError if it has none."""
        return secret.encode()


class _Standard(Hmac):
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""

    def _read_signatures(self, value: str) -> list[bytes]:
        """Several have spaces between them. Those without the prefix are of other versions."""
        return [one.removeprefix(self._prefix).encode() for one in value.split(" ") if one.startswith(self._prefix)]

    def read_key(self, secret: str) -> bytes:
        """After `whsec_` the key is in base64. A secret without that is the key itself."""
        if not secret.startswith("whsec_"):
            return secret.encode()
        key = a2b_base64(secret.removeprefix("whsec_").strip(), strict_mode=True)
        if not key:
            raise ValueError("it has no key")
        return key


class _Stripe(Hmac):
    """https://docs.stripe.com/webhooks#verify-manually: `t=…,v1=…`, with a `v1` for each secret while one is rolled."""

    def read(self, headers: Fields) -> _Signed:
        items = [item.strip().partition("=") for item in _read_single(headers, self._header).split(",")]
        times = [value for key, _, value in items if key == "t"]
        if len(times) != 1:
            raise _UnreadableError
        return times[0], [value.encode() for key, _, value in items if key == "v1"], f"{times[0]}.".encode()


class _GitLab(Hmac):
    """https://docs.gitlab.com/user/project/integrations/webhooks/"""

    proof = "token"

    def sign(self, key: bytes, _data: bytes) -> bytes:
        return key


SCHEMES = {
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    "github": Hmac("x-hub-signature-256", prefix="sha256="),
    "stripe": _Stripe("stripe-signature"),
    # https://docs.slack.dev/authentication/verifying-requests-from-slack
    "slack": Hmac(
        "x-slack-signature",
        prefix="v0=",
        signed="v0:{timestamp}:{body}",
        timestamp_header="x-slack-request-timestamp",
    ),
    "gitlab": _GitLab("x-gitlab-token"),
    "standard": _Standard(
        "webhook-signature",
        encoding="base64",
        prefix="v1,",
        signed="{id}.{timestamp}.{body}",
        timestamp_header="webhook-timestamp",
        id_header="webhook-id",
    ),
}
"""How each sender signs."""


def build_check(sender: Hmac, secrets: list[str], tolerance: float) -> Callable[[Fields, bytes], None]:
    """Returns a function that raises Refused with 401 if no secret has signed the headers and body.

    `tolerance`: maximum seconds between a signed timestamp and now, against replayed requests. Not every sender signs
    a timestamp. Raises ValueError if a secret has no key.
    """
    keys = [sender.read_key(secret) for secret in secrets]

    def check(headers: Fields, body: bytes) -> None:
        try:
            proven = matches(headers, body)
        except _UnreadableError:
            proven = False
        except _OldError:
            # Only the log distinguishes it: a clock that is wrong or a delivery that is late is no wrong secret.
            raise Refused(401, f"the {sender.proof} is missing or wrong", "timestamp") from None
        if not proven:
            raise Refused(401, f"the {sender.proof} is missing or wrong", sender.proof)

    def matches(headers: Fields, body: bytes) -> bool:
        timestamp, signatures, start = sender.read(headers)
        if timestamp is not None and not _is_recent(timestamp, tolerance):
            raise _OldError
        expected = [sender.sign(key, start + body) for key in keys]
        # All pairs are compared, in constant time each, so that the duration reveals nothing.
        compared = [hmac.compare_digest(one, other) for one in expected for other in signatures]
        return any(compared)

    return check


def find_template_fault(signed: str) -> str:
    """Returns why a signed text does not protect the body. Empty if it does."""
    start = signed.removesuffix(BODY)
    if start == signed:
        return f"a text that ends with {BODY}"
    others = start.replace(TIMESTAMP, "", 1).replace(ID, "", 1)
    if "{" in others or "}" in others:
        return f"{TIMESTAMP} and {ID} once at most, and no other braces"
    after = start.partition(ID)[2]
    if ID in start and (not after or after.startswith("{")):
        return f"a text between {ID} and what follows it, which shows where the ID ends"
    return ""


def _read_single(headers: Fields, name: str) -> str:
    """Returns the single value. With two values, readers could differ on which one counts."""
    found = list_values(headers, name)
    if len(found) != 1:
        raise _UnreadableError
    return found[0]


def _is_recent(timestamp: str, tolerance: float) -> bool:
    # Twelve digits last for thirty thousand years; parsing more would only take time.
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(time() - int(timestamp)) <= tolerance
