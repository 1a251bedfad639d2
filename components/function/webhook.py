"""Signatures of webhooks, which the forwarder checks: arguments, mistakes in them, and the function's variables."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pulumi

from ..arguments.errors import as_errors, refuse
from ..arguments.faults import Fault, Unused, find_unused
from ..arguments.names import HeaderName
from ..arguments.numbers import Tolerance
from ..arguments.secrets import SharedSecret
from ..arguments.words import SignatureAlgorithm, SignatureEncoding, WebhookScheme
from ..facts import defaults
from ..facts.limits import WEBHOOK_SECRET_CHARACTERS

_BODY: Final = "{body}"
_TIMESTAMP: Final = "{timestamp}"
_ID: Final = "{id}"
_STANDARD_KEY: Final = "whsec_"
_DESCRIBED: Final = ("header", "algorithm", "encoding", "prefix", "signed", "timestamp_header", "id_header")
_UNUSED_WITHOUT_HMAC: Final[Unused] = dict.fromkeys(
    _DESCRIBED, ("only with scheme hmac: the other schemes name a sender", "take it out, or write scheme: hmac")
)
_UNUSED_WITHOUT_TIMESTAMP: Final[Unused] = {
    "tolerance_seconds": (
        "only with scheme stripe, slack or standard, or with {timestamp} in signed: no timestamp is signed otherwise",
        "take it out",
    )
}


@dataclass(frozen=True, kw_only=True)
class WebhookArgs:
    """Signature that a request must carry, unless its route has IAM, JWT or Cognito authorization."""

    scheme: WebhookScheme = "github"
    """Sender, or the form of its signature (docs/cookbook.md). GitLab sends the secret instead of a signature.
    `standard`: Standard Webhooks. `hmac`: any sender that signs the body with HMAC, as the other keys describe it.
    Defaults to `github`."""
    secret: SharedSecret
    """Secret shared with the sender, of 16 characters or more. standard: after `whsec_`, the key in base64; a secret
    without `whsec_` is the key itself."""
    previous_secret: SharedSecret | None = None
    """Previous secret, also accepted during a rotation."""
    tolerance_seconds: Tolerance = defaults.WEBHOOK_TOLERANCE_SECONDS
    """Oldest signed timestamp that is accepted (stripe, slack, standard, hmac with {timestamp}). Defaults to 300."""
    header: HeaderName | None = None
    """hmac: header with the signature, such as `X-Signature`. Required with hmac."""
    algorithm: SignatureAlgorithm = "sha256"
    """hmac: hash algorithm. Defaults to `sha256`."""
    encoding: SignatureEncoding = "hex"
    """hmac: encoding of the signature; `hex` has small letters. Defaults to `hex`."""
    prefix: str = ""
    """hmac: text before the signature in its header, such as `sha256=`. Defaults to none."""
    signed: str = _BODY
    """hmac: signed text, which ends with {body}, such as `{id}.{timestamp}.{body}`. {timestamp} and {id} are values of
    headers. Defaults to `{body}`."""
    timestamp_header: HeaderName | None = None
    """hmac: header of {timestamp}, in seconds since 1970."""
    id_header: HeaderName | None = None
    """hmac: header of {id}."""

    @property
    def signs_timestamp(self) -> bool:
        """Whether the sender signs a timestamp, so that old requests are refused."""
        return self.scheme in ("stripe", "slack", "standard") or (self.scheme == "hmac" and _TIMESTAMP in self.signed)

    @property
    def unused(self) -> Unused:
        """Arguments that nothing reads with this scheme."""
        described = {} if self.scheme == "hmac" else _UNUSED_WITHOUT_HMAC
        return {**described, **({} if self.signs_timestamp else _UNUSED_WITHOUT_TIMESTAMP)}

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that are not allowed together, and a secret that has no key."""
        yield from find_unused(self, self.unused)
        if self.scheme == "hmac":
            yield from self._find_hmac_faults()
        for key in ("secret", "previous_secret"):
            if self.scheme == "standard" and isinstance(getattr(self, key), str):
                yield from _find_key_faults(key, getattr(self, key))

    def _find_hmac_faults(self) -> Iterator[Fault]:
        if self.header is None:
            yield Fault("header", None, "the header that has the signature", "name it: scheme hmac knows no sender")
        if wrong := _find_template_fault(self.signed):
            yield Fault("signed", self.signed, wrong)
            return
        for key, part in (("timestamp_header", _TIMESTAMP), ("id_header", _ID)):
            given = getattr(self, key)
            if part in self.signed and given is None:
                yield Fault(key, None, f"the header of {part}, which signed has", "name it")
            elif part not in self.signed and given is not None:
                allowed = f"only with {part} in signed: a value that is not signed proves nothing"
                yield Fault(key, given, allowed, "take it out, or write signed as the sender documents it")

    def build_variables(self) -> dict[str, pulumi.Input[str]]:
        """Returns the function's variables."""
        variables: dict[str, pulumi.Input[str]] = {
            "WEBHOOK_SCHEME": self.scheme,
            "WEBHOOK_SECRET": self._build_secret("secret", self.secret),
            "WEBHOOK_TOLERANCE_SECONDS": pulumi.Output.format("{0}", self.tolerance_seconds),
        }
        if self.previous_secret is not None:
            variables["WEBHOOK_PREVIOUS_SECRET"] = self._build_secret("previous_secret", self.previous_secret)
        if self.scheme == "hmac":
            variables |= {f"WEBHOOK_{key.upper()}": getattr(self, key) for key in _DESCRIBED if getattr(self, key)}
        return variables

    def _build_secret(self, key: str, secret: pulumi.Input[str]) -> "pulumi.Output[str]":
        """Returns a secret. One that becomes known later is checked then."""
        kept = pulumi.Output.secret(secret)
        if self.scheme != "standard":
            return kept

        def check(known: str) -> str:
            refuse(as_errors("ServerlessProxy", _find_key_faults(f"webhook.{key}", known)))
            return known

        return kept.apply(check)


def _find_template_fault(signed: str) -> str:
    """Returns what is allowed in place of a text that does not protect the body, as the forwarder refuses it."""
    start = signed.removesuffix(_BODY)
    if start == signed:
        return f"a text that ends with {_BODY}"
    others = start.replace(_TIMESTAMP, "", 1).replace(_ID, "", 1)
    if "{" in others or "}" in others:
        return f"{_TIMESTAMP} and {_ID} once at most, and no other braces"
    after = start.partition(_ID)[2]
    if _ID in start and (not after or after.startswith("{")):
        return f"a text between {_ID} and what follows it, which shows where the ID ends"
    return ""


def _find_key_faults(key: str, secret: Any) -> Iterator[Fault]:
    if not secret.startswith(_STANDARD_KEY):
        return
    try:
        decoded = base64.b64decode(secret.removeprefix(_STANDARD_KEY).strip(), validate=True)
    except ValueError:
        decoded = b""
    # Counted without the text in front, which is no part of the key.
    if len(decoded) < WEBHOOK_SECRET_CHARACTERS:
        allowed = f"{_STANDARD_KEY} and a key in base64 of {WEBHOOK_SECRET_CHARACTERS} bytes or more"
        yield Fault(key, "(not shown)", allowed, "take the sender's own, or make one: `openssl rand -base64 32`")
