"""Calls that can be pasted into a shell: one for each route, with the key, token or signature that it requires."""

from __future__ import annotations

import base64
import functools
import hmac
import re
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..aws.compute.functions import read_environment
from ..aws.gateway import access, signatures
from ..graph import Resource
from ..graph.reading import as_text
from .apis import AuthorizerKind, Route, ServedApi
from .authorization import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from .proxy import NAME
from .request import SOURCE_IP, VPC_ENDPOINT
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

_ACCEPTED: Final = (AuthorizerKind.IAM, AuthorizerKind.JWT, AuthorizerKind.COGNITO)
"""Authorizations that the forwarder takes in place of a sender's signature."""


def sign_as_sender(function: Resource | None, body: bytes = b"") -> dict[str, str]:
    """Headers by which the sender of a webhook signs a body now, if the function checks signatures."""
    check = signatures.check_of(function)
    if not check.checks:
        return {}
    variables = {name: as_text(value) for name, value in read_environment(function).items()}
    own = {name.removeprefix("WEBHOOK_"): value for name, value in variables.items() if name.startswith("WEBHOOK_")}
    sender = _SENDERS.get(check.scheme, own)
    values = {"timestamp": str(int(time.time())), "id": "msg_1"}
    headers = {
        sender[f"{key.upper()}_HEADER"]: value for key, value in values.items() if f"{key.upper()}_HEADER" in sender
    }
    start = _fill(sender.get("SIGNED", "").removesuffix("{body}"), values)
    signed = _sign(check.scheme, sender, own["SECRET"], start.encode() + body)
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
    route: Route | None = None
    prefix: str = ""
    """The stage's part of the path, `/live`, or a base path."""

    @property
    def curl(self) -> str:
        """A line for a shell. It answers while the stack is served, or as long as its token is valid."""
        return self.call({})

    def call(self, variables: Mapping[str, str]) -> str:
        """A line for a shell with variables in place of tokens: `variables` has their names by token."""
        # With `-X HEAD`, curl waits for the body that the answer's length announces.
        method = {"GET": "", "ANY": "", "HEAD": " --head"}.get(self.method, f" -X {shlex.quote(self.method)}")
        # The stack names headers: curl would read the file of one that begins with @.
        named = ((name, value) for name, value in self.headers.items() if NAME.fullmatch(name))
        quoted = {name: shlex.quote(f"{name}: {value}") for name, value in named}
        if self.token in variables:
            quoted["Authorization"] = f'"Authorization: Bearer ${variables[self.token]}"'
        headers = "".join(f" -H {header}" for header in quoted.values())
        signed = ""
        if "authorization" not in map(str.lower, self.headers) and self.signed:
            scope = shlex.quote(f"aws:amz:{self.signed}:execute-api")
            signed = f" --aws-sigv4 {scope} -u {ACCESS_KEY_ID}:{SECRET_ACCESS_KEY}"
        literal = " -g" if {*"[]{}"} & {*self.url} else ""
        return f"curl{literal}{method}{headers}{signed} {shlex.quote(self.url)}"


def route_lines(stack: Stack) -> Iterator[RouteLine]:
    """A call for each route that is no mock, with the key or token that it needs."""
    # Routes that accept the same share a token.
    mint = functools.cache(stack.issuer.make_token)
    for api in stack.apis:
        for stage in api.stages:
            host = next(iter(stage.domains), "") if api.api.default_endpoint_closed else ""
            prefix = stage.domains[host][0] if host else stage.name.removeprefix("$default")
            for route in api.routes:
                if route.integration.kind == "MOCK":
                    continue
                token = _make_token(route, mint)
                headers = {}
                if route.key_required:
                    headers["x-api-key"] = stack.keys.find_usable_key(api.id, stage.name)
                if token:
                    headers["Authorization"] = f"Bearer {token}"
                elif route.authorizer is not None and route.kind is not AuthorizerKind.IAM:
                    sources = route.authorizer.sources
                    headers |= {source.rpartition(".")[2]: "…" for source in sources if ".header." in source}
                headers |= _build_identity_headers(stack, api, route)
                headers |= {} if route.kind in _ACCEPTED else sign_as_sender(route.integration.function)
                headers |= {"Host": host.replace("*", "any", 1)} if host else {}
                # `/orders/{id}` is called as `/orders/id`.
                path = "/" if route.path == "$default" else re.sub(r"\{([^}+]+)\+?\}", r"\1", route.path)
                yield RouteLine(
                    api=api.name,
                    method=route.method,
                    path=route.path,
                    url=f"{stack.urls[api.name]}/{prefix}".rstrip("/") + path,
                    headers=headers,
                    signed=stack.graph.region if route.kind is AuthorizerKind.IAM else "",
                    token=token,
                    route=route,
                    prefix=f"/{prefix}".rstrip("/"),
                )


def _make_token(route: Route, mint: Callable[..., str]) -> str:
    """A token that the route's authorizer accepts. Empty if it takes none."""
    authorizer = route.authorizer
    if authorizer is None or authorizer.kind not in (AuthorizerKind.JWT, AuthorizerKind.COGNITO):
        return ""
    return mint(next(iter(authorizer.issuers), ""), next(iter(authorizer.audiences), ""), route.scopes)


def make_any_token(stack: Stack, claims: Mapping[str, Any]) -> str:
    """A token with these claims for the first route that takes tokens. Empty if none does."""
    mint = functools.partial(stack.issuer.make_token, claims=claims)
    return next((token for api in stack.apis for route in api.routes if (token := _make_token(route, mint))), "")


def _build_identity_headers(stack: Stack, api: ServedApi, route: Route) -> dict[str, str]:
    """Headers by which a caller is at a place that the route admits."""
    headers: dict[str, str] = {}
    if api.is_private and not stack.model.api_endpoints:
        endpoint, vpc = next(access.list_named_endpoints(api.api), ("", ""))
        headers = {VPC_ENDPOINT: endpoint or vpc}
    elif not api.is_private and api.api.policies:
        audience = access.find_audience(api.api, route)
        admitted = () if audience.anyone else audience.ranges
        headers = {SOURCE_IP: next((address for address in admitted if ":" not in address), "").partition("/")[0]}
    return {name.title(): value for name, value in headers.items() if value}


def name_token_variables(lines: Iterable[RouteLine]) -> dict[str, str]:
    """A name of a shell variable for each token of the lines."""
    tokens = dict.fromkeys(line.token for line in lines if line.token)
    return {token: f"TOKEN_{place}" if place > 1 else "TOKEN" for place, token in enumerate(tokens, 1)}
