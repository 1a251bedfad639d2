"""Webhooks as their senders sign them, for calls that this command prints and that a shell signs when they are pasted.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
https://docs.stripe.com/webhooks#verify-manually
https://docs.slack.dev/authentication/verifying-requests-from-slack
https://docs.gitlab.com/user/project/integrations/webhooks/
"""

from __future__ import annotations

import hashlib
import hmac
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..graph import Resource
from ..graph.reading import mapping, text, within

_SCHEME, _SECRET = "WEBHOOK_SCHEME", "WEBHOOK_SECRET"
_DEFAULT: Final = "github"


_SCHEMES: Final[Mapping[str, tuple[Mapping[str, str], str]]] = {
    "github": ({"X-Hub-Signature-256": "sha256={signature}"}, "{body}"),
    "stripe": ({"Stripe-Signature": "t={time},v1={signature}"}, "{time}.{body}"),
    "slack": ({"X-Slack-Request-Timestamp": "{time}", "X-Slack-Signature": "v0={signature}"}, "v0:{time}:{body}"),
    "gitlab": ({"X-Gitlab-Token": "{signature}"}, ""),
}
"""Headers and signed text. A sender that signs nothing sends the secret as its signature."""


@dataclass(frozen=True)
class Webhook:
    """The signature that a function checks."""

    scheme: str
    secret: str

    @classmethod
    def of(cls, function: Resource | None) -> Webhook | None:
        """The signature that a function's environment names. None if it names none."""
        variables = mapping(within(function.inputs, "environment", "variables")) if function is not None else {}
        scheme, secret = text(variables.get(_SCHEME)) or _DEFAULT, text(variables.get(_SECRET))
        return cls(scheme, secret) if secret and scheme in _SCHEMES else None

    def headers(self, body: bytes, moment: int) -> dict[str, str]:
        """Headers of a body that is sent at a moment, in seconds since 1970."""
        headers, signed = _SCHEMES[self.scheme]
        message = signed.format(time=moment, body="").encode() + body
        signature = hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest() if signed else self.secret
        return {name: value.format(time=moment, signature=signature) for name, value in headers.items()}

    def shell(self) -> tuple[str, str]:
        """Shell commands before curl, which set body, time and signature, and curl's arguments that use them."""
        headers, signed = _SCHEMES[self.scheme]
        key, message = shlex.quote(self.secret), signed.format(time="${T}", body="$BODY")
        signature = f'$(printf %s "{message}" | openssl dgst -sha256 -hmac {key} -r | cut -c1-64)' if signed else key
        moment = "T=$(date +%s); " if "{time}" in signed else ""
        written = [f'"{name}: {value.format(time="$T", signature="$S")}"' for name, value in headers.items()]
        arguments = "".join(f" -H {one}" for one in [*written, "'Content-Type: application/json'"])
        return f"BODY='{{}}'; {moment}S={signature}; ", f'{arguments} -d "$BODY"'
