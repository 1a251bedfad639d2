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
_TIME, _BODY = "$T", "$BODY"


@dataclass(frozen=True)
class _Scheme:
    """Templates with {time}, {body}, {signature} and {secret}."""

    headers: Mapping[str, str]
    signed: str = ""
    """The signed text. Empty if the sender signs nothing."""


_SCHEMES: Final[Mapping[str, _Scheme]] = {
    "github": _Scheme({"X-Hub-Signature-256": "sha256={signature}"}, "{body}"),
    "stripe": _Scheme({"Stripe-Signature": "t={time},v1={signature}"}, "{time}.{body}"),
    "slack": _Scheme(
        {"X-Slack-Request-Timestamp": "{time}", "X-Slack-Signature": "v0={signature}"}, "v0:{time}:{body}"
    ),
    "gitlab": _Scheme({"X-Gitlab-Token": "{secret}"}),
}


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
        scheme = _SCHEMES[self.scheme]
        start = scheme.signed.format(time=moment, body="").encode()
        signature = hmac.new(self.secret.encode(), start + body, hashlib.sha256).hexdigest()
        return {
            name: value.format(time=moment, signature=signature, secret=self.secret)
            for name, value in scheme.headers.items()
        }

    def prepared(self) -> str:
        """Shell commands before curl: they set the body, the time and the signature."""
        signed = _SCHEMES[self.scheme].signed
        commands = ["BODY='{}'"]
        if "{time}" in signed:
            commands.append("T=$(date +%s)")
        if signed:
            message = signed.format(time="${T}", body=_BODY)
            key = shlex.quote(self.secret)
            commands.append(f'S=$(printf %s "{message}" | openssl dgst -sha256 -hmac {key} -r | cut -c1-64)')
        return "".join(f"{command}; " for command in commands)

    def arguments(self) -> str:
        """Arguments of curl that follow the commands: the headers and the body."""
        written = [
            shlex.quote(f"{name}: {self.secret}")
            if "{secret}" in value
            else f'"{name}: {value.format(time=_TIME, signature="$S")}"'
            for name, value in _SCHEMES[self.scheme].headers.items()
        ]
        return "".join(f" -H {header}" for header in written) + f" -H 'Content-Type: application/json' -d \"{_BODY}\""
