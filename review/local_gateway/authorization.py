"""Authorizers as API Gateway runs them: signatures, tokens and functions, with their caches.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
"""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ..aws.identity.callers import ANONYMOUS
from ..aws.identity.iam import Decision, evaluate_policy
from ..facts import limits
from ..graph.reading import as_list
from .apis import Authorizer, AuthorizerKind
from .call import Call, Identity, as_text, parse_account
from .claims import format_jwt_claims, format_user_pool_claims, read_scopes
from .errors import FunctionFailure, GatewayError
from .issuer import Issuer
from .proxy import build_event
from .request import Request
from .signing import ACCESS_KEY_ID, SERVICE, compute_signature

_ACTION: Final = "execute-api:Invoke"
_SKEW_SECONDS: Final = 300

_USER_ID: Final = "AIDAGATEHOUSETRY00000"
_SENT_PLAIN: Final = re.compile(r"[*'()!]")
_HASH: Final = re.compile(r"[0-9a-f]{64}")

_UNAUTHORIZED: Final = "Unauthorized"
"""The error by which a function makes the gateway return 401.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html"""
_UNCACHED: Final = "; AWS documents the 401 without a call of the function also for one without a cache"
"""A function is called only if all sources are present, says the reference (`identitySource`). The developer guide says
so of authorizers with a cache, and nothing of others. The stricter one is served, so that no function admits such a
request. https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
"""
_EXPLICIT: Final = "User is not authorized to access this resource with an explicit deny"
_BODY: Final = ("body", "isBase64Encoded")
_DIRECTIONS: Final = ("Allow", "Deny")
_MOST_JUDGED: Final = 64 << 10
"""Bytes of a policy that a function returns."""

Invoke = Callable[[Authorizer, Mapping[str, Any]], Awaitable[Any]]
"""Calls an authorizer's function. Returns its result, or raises GatewayError."""


class Authorization:
    """Runs authorizers, and keeps what the functions among them decided."""

    def __init__(self, issuer: Issuer, invoke: Invoke, region: str) -> None:
        self._issuer, self._invoke, self._region = issuer, invoke, region
        self._kept: dict[tuple[str, ...], tuple[float, bool | str, Identity]] = {}
        """Decisions of functions, and until when they hold."""

    async def identify(self, call: Call, *, allowed: bool = False) -> Identity:
        """The caller's identity. Raises GatewayError if the route's authorizer does not admit it.

        `allowed`: the resource policy allows the call, which is enough where a function's policy is silent.
        """
        authorizer = call.route.authorizer
        if authorizer is None:
            return Identity()
        match authorizer.kind:
            case AuthorizerKind.IAM:
                return self._check_signature(call)
            case AuthorizerKind.JWT | AuthorizerKind.COGNITO:
                return self._check_token(call, authorizer)
            case _:
                return await self._ask_function(call, authorizer, allowed=allowed)

    def _check_signature(self, call: Call) -> Identity:
        request = call.request
        header = request.find_header("authorization")
        if header and not header.startswith("AWS4-HMAC-SHA256 ") and call.api.is_rest:
            note = "the Authorization header is no signature of AWS Signature Version 4"
            raise GatewayError("INCOMPLETE_SIGNATURE", note)
        if not header:
            kind = "MISSING_AUTHENTICATION_TOKEN" if call.api.is_rest else "FORBIDDEN"
            raise GatewayError(kind, "the route requires a request signed by AWS Signature Version 4")
        parts = dict(part.strip().split("=", 1) for part in header.partition(" ")[2].split(",") if "=" in part)
        scope = parts.get("Credential", "").split("/")
        if scope[0] != ACCESS_KEY_ID:
            raise GatewayError("UNRECOGNIZED_CLIENT", f"sign with the access key that try printed, {ACCESS_KEY_ID}")
        named = parts.get("SignedHeaders", "").split(";")
        if len(scope) < 5 or scope[3] != SERVICE or scope[2] != self._region:
            wrong = f"the signature is for {'/'.join(scope[2:4])}; sign for {self._region}/{SERVICE}"
        elif "host" not in named:
            wrong = "the signature must cover the header Host"
        elif not _is_current(request.find_header("x-amz-date"), scope[1]):
            wrong = "X-Amz-Date must be within 5 minutes of now, and the scope's date"
        elif not _is_whole(request):
            wrong = "X-Amz-Content-SHA256 is not the body's"
        elif parts.get("Signature") != self._sign(request, named):
            wrong = "the signature does not fit the request"
        else:
            arn = call.signer
            known = {"accountId": parse_account(arn) or call.account, "userArn": arn, "accessKey": ACCESS_KEY_ID}
            known |= {"callerId": _USER_ID, "userId": _USER_ID}
            unknown = dict.fromkeys(("cognitoIdentity", "principalOrgId"))
            return Identity(arn, _USER_ID, ACCESS_KEY_ID, context_2={"iam": {**known, **unknown}})
        raise GatewayError("INVALID_SIGNATURE", wrong)

    def _sign(self, request: Request, named: list[str]) -> str:
        """The signature that fits a request."""
        # A signature is of the encoded characters, also of those that clients may send as they are.
        query = _SENT_PLAIN.sub(lambda match: f"%{ord(match[0]):02X}", request.raw_query)
        url = f"https://{request.host}{request.raw_path}" + (f"?{query}" if query else "")
        headers = {name: request.assumed.get(name) or request.find_header(name) for name in named}
        moment = request.find_header("x-amz-date")
        return compute_signature(request.method, url, headers, request.body, self._region, moment)

    def _check_token(self, call: Call, authorizer: Authorizer) -> Identity:
        header, scopes = call.find_value(authorizer.sources[0]) or "", call.route.scopes

        def refused(kind: str, note: str, error: str = "", setting: str = "") -> GatewayError:
            challenge = f'Bearer scope="{" ".join(scopes)}" error={error}' if error else "Bearer"
            headers = [] if call.api.is_rest else [("www-authenticate", challenge)]
            return GatewayError(kind, note, headers=headers, setting=setting)

        token = header.removeprefix("Bearer ").removeprefix("bearer ").strip()
        if not token:
            raise refused("UNAUTHORIZED", f"the route requires a token of {authorizer.name}")
        try:
            claims = self._issuer.verify_token(token, authorizer.issuers, authorizer.audiences)
        except GatewayError as problem:
            error = f'"invalid_token" error_description="{problem.note}"'
            raise refused(problem.kind, problem.note, error) from None
        if authorizer.kind is AuthorizerKind.COGNITO and not scopes and claims.get("token_use") == "access":
            raise GatewayError("UNAUTHORIZED", "a route without scopes takes ID tokens, and this is an access token")
        granted = read_scopes(claims)
        if scopes and not set(scopes) & set(granted):
            kind = "UNAUTHORIZED" if call.api.is_rest else "FORBIDDEN"
            note = f"the token has none of the scopes {', '.join(scopes)}"
            raise refused(kind, note, '"insufficient_scope"', "route.scopes")
        if authorizer.kind is AuthorizerKind.COGNITO:
            return Identity(context={"claims": format_user_pool_claims(claims)})
        # A route without scopes passes none on.
        context = {"claims": format_jwt_claims(claims), "scopes": list(granted) if scopes else None}
        return Identity(context=context, context_2={"jwt": context})

    async def _ask_function(self, call: Call, authorizer: Authorizer, *, allowed: bool) -> Identity:
        is_rest = call.api.is_rest
        if is_rest and len(call.arn.encode()) > limits.AUTHORIZED_ARN_BYTES:
            note = f"{call.arn} is longer than the {limits.AUTHORIZED_ARN_BYTES} bytes that authorizers take"
            raise GatewayError("URL_TOO_LONG", note)
        values = [call.find_value(source) or "" for source in authorizer.sources]
        if not all(values):
            note = f"authorizer {authorizer.name} requires {', '.join(authorizer.sources)}"
            raise GatewayError("UNAUTHORIZED", note + ("" if authorizer.cache_seconds or not is_rest else _UNCACHED))
        # Each stage of each API has a cache of its own.
        key = (*call.arn.split("/", 2)[:2], authorizer.name, *values)
        until, verdict, identity = self._kept.get(key, (0.0, False, Identity()))
        if until <= time.monotonic():
            verdict, identity = await self._invoke_function(call, authorizer, values)
            if authorizer.cache_seconds:
                self._kept[key] = (time.monotonic() + authorizer.cache_seconds, verdict, identity)
        decision = await asyncio.to_thread(_decide, verdict, call)
        if decision is Decision.ALLOW or (decision is Decision.SILENT and allowed):
            return identity
        why = " explicitly" if decision is Decision.DENY else ""
        note = f"authorizer {authorizer.name} denies {call.arn}{why}"
        if decision is Decision.UNKNOWN:
            note = f"cannot tell whether the policy of authorizer {authorizer.name} allows {call.arn}"
        message = _EXPLICIT if decision is Decision.DENY else None
        raise GatewayError("ACCESS_DENIED" if is_rest else "FORBIDDEN", note, message)

    async def _invoke_function(
        self, call: Call, authorizer: Authorizer, values: list[str]
    ) -> tuple[bool | str, Identity]:
        """The function's answer, or the policy that gives it, and the caller's identity."""
        event = build_event(call)
        sent: dict[str, Any] = {**{key: value for key, value in event.items() if key not in _BODY}, "type": "REQUEST"}
        sent |= {"methodArn": call.arn} if call.api.is_rest else {"routeArn": call.arn, "identitySource": values}
        try:
            answer = await self._invoke(authorizer, sent)
        except FunctionFailure as failure:
            if failure.reported == _UNAUTHORIZED:
                raise GatewayError("UNAUTHORIZED", f"the function of authorizer {authorizer.name} refuses") from None
            raise GatewayError("AUTHORIZER_FAILURE", failure.note) from None
        if problem := _find_fault(answer, rest=call.api.is_rest):
            note = f"the function of authorizer {authorizer.name} {problem}"
            raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR", note)
        principal = str(answer["principalId"]) if call.api.is_rest else ""
        context = dict(answer.get("context") or {})
        texts = {key: as_text(value) for key, value in context.items()}
        verdict = json.dumps(answer["policyDocument"]) if call.api.is_rest else answer["isAuthorized"]
        own = {"principalId": principal, **texts, "integrationLatency": 0}
        return verdict, Identity(context=own, context_2={"lambda": context})


def _is_whole(request: Request) -> bool:
    """Whether the body is the one whose hash the client signed, if it signed one."""
    digest = request.find_header("x-amz-content-sha256")
    return not _HASH.fullmatch(digest) or digest == hashlib.sha256(request.body).hexdigest()


def _find_fault(answer: Any, *, rest: bool) -> str:
    """The fault of an authorizer's answer, as the end of a sentence. Empty for a good answer."""
    if not isinstance(answer, Mapping):
        return "returned no object"
    context = answer.get("context")
    if not isinstance(context, Mapping | None):
        return "returned a context that is no object"
    if rest and (nested := [key for key, value in (context or {}).items() if isinstance(value, dict | list)]):
        return f"returned an object or a list in its context, which REST APIs refuse: {', '.join(nested)}"
    if not rest:
        return "" if isinstance(answer.get("isAuthorized"), bool) else "must return isAuthorized as true or false"
    if not (answer.get("principalId") and "policyDocument" in answer):
        return "must return principalId and policyDocument"
    policy = answer["policyDocument"]
    statements = as_list(policy.get("Statement")) if isinstance(policy, Mapping) else []
    complete = (
        isinstance(part, Mapping) and part.get("Effect") in _DIRECTIONS and {"Action", "NotAction"} & part.keys()
        and {"Resource", "NotResource"} & part.keys()
        for part in statements
    )  # fmt: skip
    if not statements or not all(complete):
        return "returned a policyDocument without complete statements"
    resources = [part.get(key) for part in statements for key in ("Resource", "NotResource")]
    if max(len(str(arn)) for value in resources for arn in as_list(value)) > limits.AUTHORIZER_RESOURCE_CHARACTERS:
        return f"returned a resource of more than {limits.AUTHORIZER_RESOURCE_CHARACTERS} characters"
    large = len(json.dumps(policy)) > _MOST_JUDGED
    return f"returned a policyDocument of more than {_MOST_JUDGED >> 10} KB, which is not judged here" if large else ""


def _is_current(moment: str, day: str) -> bool:
    """Whether a signature's time is close to now, and its day that of the scope.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    """
    try:
        signed = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return moment.startswith(day) and abs(time.time() - signed.timestamp()) <= _SKEW_SECONDS


def _decide(verdict: bool | str, call: Call) -> Decision:
    """The decision about a call of an answer or a policy."""
    if isinstance(verdict, bool):
        return Decision.ALLOW if verdict else Decision.SILENT
    request = call.request
    places = {"aws:SourceVpce": request.vpc_endpoint, "aws:SourceVpc": request.vpc}
    key = "aws:VpcSourceIp" if call.api.is_private else "aws:SourceIp"
    context = {key: request.source_ip, **{name: value for name, value in places.items() if value}}
    context |= {"aws:SecureTransport": "true", "aws:UserAgent": request.find_header("user-agent")}
    return evaluate_policy(verdict, caller=ANONYMOUS, action=_ACTION, resource=call.arn, context=context)
