"""A route with a call that it answers, as data and as a line for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .authorization import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from .webhooks import Webhook


@dataclass
class RouteLine:
    """One route with a call that it answers."""

    api: str
    method: str
    path: str
    url: str
    headers: dict[str, str]
    signed: str = ""
    """Region of the signature that the route requires; empty if it requires none."""
    token: str = ""
    """The token among the headers."""
    webhook: Webhook | None = None
    """The sender's signature that the route requires."""

    @property
    def curl(self) -> str:
        """A line for a shell. It answers while the stack is served, or as long as its token is valid."""
        return self.call({})

    def call(self, variables: Mapping[str, str]) -> str:
        """The same line with shell variables in place of tokens, whose names `variables` has by token."""
        # With `-X HEAD`, curl waits for the body that the answer's length announces.
        method = {"GET": "", "ANY": "", "HEAD": " --head"}.get(self.method, f" -X {self.method}")
        # The shell signs when the line is pasted: senders sign the time.
        made = self.webhook.headers(b"", 0) if self.webhook else {}
        headers = "".join(
            f" -H {self._written(name, value, variables)}" for name, value in self.headers.items() if name not in made
        )
        signed = ""
        if "authorization" not in map(str.lower, self.headers) and self.signed:
            signed = f" --aws-sigv4 aws:amz:{self.signed}:execute-api -u {ACCESS_KEY_ID}:{SECRET_ACCESS_KEY}"
        before, after = (self.webhook.prepared(), self.webhook.arguments()) if self.webhook else ("", "")
        return f"{before}curl{method}{headers}{after}{signed} {shlex.quote(self.url)}"

    def _written(self, name: str, value: str, variables: Mapping[str, str]) -> str:
        if self.token and self.token in variables and value.endswith(self.token):
            return f'"{name}: {value.removesuffix(self.token)}${variables[self.token]}"'
        return shlex.quote(f"{name}: {value}")


def variables_of(lines: Iterable[RouteLine]) -> dict[str, str]:
    """A name of a shell variable for each token of the lines."""
    found = dict.fromkeys(line.token for line in lines if line.token)
    return {token: f"TOKEN_{place}" if place > 1 else "TOKEN" for place, token in enumerate(found, 1)}
