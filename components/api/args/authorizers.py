"""Authorizers of an API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from ...arguments.marks import Some
from ...arguments.names import FunctionName, HeaderName, InvokeArn, Issuer, UserPoolArn
from ...arguments.numbers import CacheSeconds
from ...arguments.words import AuthorizerKind


@dataclass(frozen=True, kw_only=True)
class AuthorizerArgs:
    """An authorizer."""

    kind: AuthorizerKind
    """`jwt` (HTTP), `cognito` (REST, PRIVATE) or `lambda`."""
    issuer: Issuer | None = None
    """jwt: URL of the issuer, exactly as in the tokens."""
    audiences: Sequence[str] = ()
    """jwt: accepted audiences."""
    user_pool_arns: Sequence[UserPoolArn] = ()
    """cognito: the user pools."""
    function_name: FunctionName | None = None
    """lambda: the authorizer function. It returns an IAM policy (REST, PRIVATE) or `{"isAuthorized": true}` (HTTP). See
    docs/security.md."""
    invoke_arn: InvokeArn | None = None
    """lambda: its invoke ARN."""
    identity_headers: Annotated[Sequence[HeaderName], Some] = ("Authorization",)
    """Headers that carry the caller's identity. Defaults to `Authorization`."""
    cache_seconds: CacheSeconds = 0
    """lambda: how long a decision is cached for the same header values, method and path; 0 disables the cache. Defaults
    to 0."""
