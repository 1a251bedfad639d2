"""Authorizers as API Gateway runs them: signatures, tokens and functions, with their caches.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ..aws.iam import allows
from ..graph import Resource
from ..graph.reading import MalformedDocument
from .errors import GatewayError
from .issuer import Issuer, TokenError
from .request import VPC, VPC_ENDPOINT, Request
from .served_api import Authorizer, AuthorizerKind

ACCESS_KEY_ID: Final = "AKIAGATEHOUSETRY0000"
SECRET_ACCESS_KEY: Final = "gatehouse/try/this/key/is/local/and/opens/no"  # noqa: S105 - it opens nothing
_ACTION: Final = "execute-api:Invoke"
_SERVICE: Final = "execute-api"
_SKEW_SECONDS: Final = 300

Invoke = Callable[[Resource, Mapping[str, Any]], Awaitable[Any]]
"""Calls an authorizer's function. Returns its result, or raises GatewayError."""


@dataclass
class Identity:
    """The caller as the authorizer knows it."""

    principal: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    context: dict[str, Any] = field(default_factory=dict)
    """Context that an authorizer's function returned."""
    user_arn: str = ""
    kind: AuthorizerKind | None = None


@dataclass
class _Cached:
    until: float
    policy: Any
    allowed: bool | None
    identity: Identity


class Authorization:
    """Runs authorizers, and keeps what the functions among them decided."""

    def __init__(self, issuer: Issuer, invoke: Invoke, region: str, account: str) -> None:
        self._issuer, self._invoke, self._region, self._account = issuer, invoke, region, account
        self._cache: dict[tuple[str, ...], _Cached] = {}

    async def identify(
        self,
        authorizer: Authorizer,
        scopes: tuple[str, ...],
        request: Request,
        arn: str,
        event: Mapping[str, Any],
        *,
        rest: bool,
    ) -> Identity:
        """The caller's identity. Raises GatewayError if the authorizer does not admit it."""
        match authorizer.kind:
            case AuthorizerKind.IAM:
                return self._signed(request, rest=rest)
            case AuthorizerKind.JWT | AuthorizerKind.COGNITO:
                return self._token(authorizer, scopes, request, rest=rest)
            case _:
                return await self._function(authorizer, request, arn, event, rest=rest)

    def _signed(self, request: Request, *, rest: bool) -> Identity:
        header = request.header("authorization")
        if not header.startswith("AWS4-HMAC-SHA256 "):
            kind = "MISSING_AUTHENTICATION_TOKEN" if rest else "FORBIDDEN"
            raise GatewayError(kind, "the route requires a request signed by AWS Signature Version 4")
        parts = dict(part.strip().split("=", 1) for part in header.partition(" ")[2].split(",") if "=" in part)
        scope = parts.get("Credential", "").split("/")
        if scope[0] != ACCESS_KEY_ID:
            raise GatewayError("UNRECOGNIZED_CLIENT", f"sign with the access key that try printed, {ACCESS_KEY_ID}")
        if len(scope) < 5 or scope[3] != _SERVICE or scope[2] != self._region:
            note = f"the signature is for {'/'.join(scope[2:4])}; sign for {self._region}/{_SERVICE}"
            raise GatewayError("INVALID_SIGNATURE", note)
        named = parts.get("SignedHeaders", "").split(";")
        if "host" not in named:
            raise GatewayError("INVALID_SIGNATURE", "the signature must cover the header Host")
        if not _is_current(request.header("x-amz-date"), scope[1]):
            raise GatewayError("INVALID_SIGNATURE", "X-Amz-Date must be within 5 minutes of now, and the scope's date")
        url = f"https://{request.host}{request.raw_path}" + (f"?{request.raw_query}" if request.raw_query else "")
        headers = {name: request.poses.get(name) or request.header(name) for name in named}
        signed = AWSRequest(request.method, url, headers, request.body)
        signed.context["timestamp"] = request.header("x-amz-date")
        signer = SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), _SERVICE, self._region)
        canonical = signer.canonical_request(signed)
        accepted = {
            signer.signature(signer.string_to_sign(signed, one), signed)
            for one in (canonical, _as_older_curl_sorts(canonical, request))
        }
        if parts.get("Signature") not in accepted:
            raise GatewayError("INVALID_SIGNATURE", "the signature does not fit the request")
        arn = request.principal or f"arn:aws:iam::{self._account}:user/try-user"
        return Identity(principal=arn, user_arn=arn, kind=AuthorizerKind.IAM)

    def _token(self, authorizer: Authorizer, scopes: tuple[str, ...], request: Request, *, rest: bool) -> Identity:
        header = _source(authorizer.sources[0], request, {})
        token = header.removeprefix("Bearer ").removeprefix("bearer ").strip()
        if not token:
            headers = [] if rest else [("www-authenticate", "Bearer")]
            raise GatewayError("UNAUTHORIZED", f"the route requires a token of {authorizer.name}", headers=headers)
        try:
            claims = self._issuer.claims(token, authorizer.issuers, authorizer.audiences)
        except TokenError as problem:
            challenge = f'Bearer scope="" error="invalid_token" error_description="{problem}"'
            kind = "EXPIRED_TOKEN" if "expired" in str(problem) else "UNAUTHORIZED"
            raise GatewayError(kind, str(problem), headers=[] if rest else [("www-authenticate", challenge)]) from None
        if authorizer.kind is AuthorizerKind.COGNITO and not scopes and claims.get("token_use") == "access":
            raise GatewayError("UNAUTHORIZED", "a route without scopes takes ID tokens, and this is an access token")
        granted = tuple(str(claims.get("scope") or claims.get("scp") or "").split())
        if scopes and not set(scopes) & set(granted):
            note = f"the token has none of the scopes {', '.join(scopes)}"
            if rest:
                raise GatewayError("UNAUTHORIZED", note)
            challenge = f'Bearer scope="{" ".join(scopes)}" error="insufficient_scope"'
            raise GatewayError("FORBIDDEN", note, headers=[("www-authenticate", challenge)])
        subject = str(claims.get("sub", ""))
        return Identity(principal=subject, claims=claims, scopes=granted, kind=authorizer.kind)

    async def _function(
        self, authorizer: Authorizer, request: Request, arn: str, event: Mapping[str, Any], *, rest: bool
    ) -> Identity:
        values = [_source(source, request, event) for source in authorizer.sources]
        # With a cache, or with a token, API Gateway refuses a request without its identity sources by itself.
        if not all(values) and (authorizer.cache_seconds or authorizer.kind is AuthorizerKind.TOKEN or not rest):
            raise GatewayError("UNAUTHORIZED", f"authorizer {authorizer.name} requires {', '.join(authorizer.sources)}")
        # Each stage of each API has a cache of its own.
        key = (*arn.split("/", 2)[:2], authorizer.name, *values)
        cached = self._cache.get(key)
        if cached is None or cached.until <= time.monotonic():
            cached = await self._decided(authorizer, values, arn, event)
            if authorizer.cache_seconds:
                self._cache[key] = cached
        allowed = _allowed(cached, arn)
        if not allowed:
            kind = "ACCESS_DENIED" if rest else "FORBIDDEN"
            raise GatewayError(kind, f"authorizer {authorizer.name} denies {arn}")
        return cached.identity

    async def _decided(self, authorizer: Authorizer, values: list[str], arn: str, event: Mapping[str, Any]) -> _Cached:
        if authorizer.function is None:
            raise GatewayError(
                "AUTHORIZER_FAILURE", f"the function of authorizer {authorizer.name} is not in the stack"
            )
        given: dict[str, Any] = {**event, "type": authorizer.kind.name, "methodArn": arn}
        if authorizer.kind is AuthorizerKind.TOKEN:
            given = {"type": "TOKEN", "methodArn": arn, "authorizationToken": values[0]}
        elif authorizer.payload == "2.0":
            given = {**event, "type": "REQUEST", "routeArn": arn, "identitySource": values}
        answer = await self._invoke(authorizer.function, given)
        if not isinstance(answer, Mapping):
            raise GatewayError("AUTHORIZER_FAILURE", f"the function of authorizer {authorizer.name} returned no object")
        context = dict(answer.get("context") or {})
        until = time.monotonic() + authorizer.cache_seconds
        if authorizer.simple:
            identity = Identity(context=context, kind=authorizer.kind)
            return _Cached(until, None, answer.get("isAuthorized") is True, identity)
        if not answer.get("principalId") or "policyDocument" not in answer:
            note = f"the function of authorizer {authorizer.name} must return principalId and policyDocument"
            raise GatewayError("AUTHORIZER_FAILURE", note)
        identity = Identity(principal=str(answer["principalId"]), context=context, kind=authorizer.kind)
        return _Cached(until, json.dumps(answer["policyDocument"]), None, identity)


def _as_older_curl_sorts(canonical: str, request: Request) -> str:
    """The canonical request of a curl that sorts whole lines, in which `-` comes before `:`.

    It matters only for our own two headers, which AWS never sees. https://github.com/curl/curl/pull/14370
    """
    vpc, endpoint = (f"{name}:{request.poses.get(name, '')}\n" for name in (VPC, VPC_ENDPOINT))
    swapped = canonical.replace(f"{vpc}{endpoint}", f"{endpoint}{vpc}")
    return swapped.replace(f"{VPC};{VPC_ENDPOINT}", f"{VPC_ENDPOINT};{VPC}")


def _is_current(moment: str, day: str) -> bool:
    """Whether a signature's time is close to now, and its day that of the scope.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    try:
        signed = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return moment.startswith(day) and abs(time.time() - signed.timestamp()) <= _SKEW_SECONDS


def _allowed(cached: _Cached, arn: str) -> bool:
    if cached.allowed is not None:
        return cached.allowed
    try:
        return allows(cached.policy, action=_ACTION, resource=arn).allowed
    except MalformedDocument:
        return False


def _source(source: str, request: Request, event: Mapping[str, Any]) -> str:
    """The value of an identity source. Empty if the request has none."""
    place, _, name = source.removeprefix("method.request.").removeprefix("$request.").partition(".")
    match place.lower():
        case "header":
            return request.header(name)
        case "querystring":
            return next((value for key, value in request.query if key == name), "")
        case _:
            around = event.get("requestContext") or {}
            found = around.get(source.rpartition(".")[2]) or (event.get("stageVariables") or {}).get(name)
            return str(found or "")
