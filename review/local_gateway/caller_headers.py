"""The headers by which a caller proves what it has: token, signature of AWS, key, address, and a sender's signature."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from ..aws.compute.functions import read_environment
from ..graph import Resource
from ..graph.reading import as_text
from .needs import Credentials
from .request import PRINCIPAL, SOURCE_IP, VPC_ENDPOINT
from .signing import sign

if TYPE_CHECKING:
    from .stack import Stack

_SENDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "github": {"HEADER": "X-Hub-Signature-256", "PREFIX": "sha256="},
    "stripe": {"HEADER": "Stripe-Signature", "PREFIX": "t={timestamp},v1=", "SIGNED": "{timestamp}.{body}"},
    "slack": {
        "HEADER": "X-Slack-Signature",
        "PREFIX": "v0=",
        "SIGNED": "v0:{timestamp}:{body}",
        "TIMESTAMP_HEADER": "X-Slack-Request-Timestamp",
    },
    "gitlab": {"HEADER": "X-Gitlab-Token"},
    "standard": {
        "HEADER": "Webhook-Signature",
        "ENCODING": "base64",
        "PREFIX": "v1,",
        "SIGNED": "{id}.{timestamp}.{body}",
        "TIMESTAMP_HEADER": "Webhook-Timestamp",
        "ID_HEADER": "Webhook-Id",
    },
}
"""How each sender signs, as variables of the scheme `hmac` describe it; the forwarder names the senders' pages."""


def build_headers(
    stack: Stack, credentials: Credentials, function: Resource | None, method: str, url: str, body: bytes = b""
) -> dict[str, str]:
    """Headers of a request by this caller. `function` is the forwarder whose sender may sign."""
    headers = {name.title(): value for name, value in _build_places(credentials).items() if value}
    headers |= {name: value for name, value in credentials.headers.items() if value}
    headers |= {"x-api-key": credentials.key} if credentials.key else {}
    if credentials.claims is not None:
        token = stack.issuer.sign_claims(credentials.claims)
        headers[credentials.token_header] = f"Bearer {spoil(token) if credentials.is_forged else token}"
    if credentials.sender:
        is_wrong = credentials.sender != "signed"
        own = sign_as_sender(function, body)
        headers |= {name: spoil(value) if is_wrong else value for name, value in own.items()}
    if credentials.principal:
        signed = sign(method, url, credentials.host, body, stack.graph.region)
        wrong = {"Authorization": spoil(signed["Authorization"])} if credentials.is_forged else {}
        headers |= {**signed, **wrong}
    return headers


def _build_places(credentials: Credentials) -> dict[str, str]:
    """Headers that tell where a request comes from, which this machine reads in place of the network."""
    places = {SOURCE_IP: credentials.address, VPC_ENDPOINT: credentials.endpoint, PRINCIPAL: credentials.principal}
    return {**places, "host": credentials.host}


def spoil(value: str) -> str:
    """A signature or token with another character, which is not one of those at the end that base64 may pass over."""
    at = max(0, len(value) - 8)
    return value[:at] + ("b" if value[at : at + 1] in "aA" else "a") + value[at + 1 :]


def sign_as_sender(function: Resource | None, body: bytes = b"") -> dict[str, str]:
    """Headers by which the sender of a webhook signs a body now, by the variables of the forwarder."""
    variables = {name: as_text(value) for name, value in read_environment(function).items()}
    scheme = variables.get("WEBHOOK_SCHEME", "")
    own = {name.removeprefix("WEBHOOK_"): value for name, value in variables.items() if name.startswith("WEBHOOK_")}
    if not own.get("SECRET"):
        return {}
    sender = _SENDERS.get(scheme, own)
    values = {"timestamp": str(int(time.time())), "id": "msg_1"}
    headers = {
        sender[f"{key.upper()}_HEADER"]: value for key, value in values.items() if f"{key.upper()}_HEADER" in sender
    }
    start = _fill(sender.get("SIGNED", "").removesuffix("{body}"), values)
    signed = _sign(scheme, sender, own["SECRET"], start.encode() + body)
    signature = _fill(sender.get("PREFIX", ""), values) + signed
    return {**headers, sender.get("HEADER", ""): signature}


def _fill(template: str, values: Mapping[str, str]) -> str:
    for key, value in values.items():
        template = template.replace(f"{{{key}}}", value)
    return template


def _sign(scheme: str, sender: Mapping[str, str], secret: str, signed: bytes) -> str:
    """A signature as the sender writes it. GitLab signs nothing, and sends the secret."""
    if scheme == "gitlab":
        return secret
    key = secret.encode()
    if scheme == "standard" and secret.startswith("whsec_"):
        key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, signed, sender.get("ALGORITHM", "sha256"))
    return base64.b64encode(digest).decode() if sender.get("ENCODING") == "base64" else digest.hex()
