"""The claims of a token as API Gateway passes them to a function or a parameter mapping."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from .call import as_text

_MOMENTS: Final = ("auth_time", "exp", "iat")
"""Claims of user pools that REST APIs write as dates."""


def format_user_pool_claims(claims: Mapping[str, Any]) -> dict[str, str]:
    """Returns claims as events of REST APIs with a Cognito authorizer have them."""
    return {name: _format_user_pool_claim(name, value) for name, value in claims.items()}


def _format_user_pool_claim(name: str, value: Any) -> str:
    """Moments are dates, and the members of a list have commas between them."""
    if name in _MOMENTS and isinstance(value, int | float):
        return f"{datetime.fromtimestamp(value, UTC):%a %b %d %H:%M:%S UTC %Y}"
    return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def format_jwt_claims(claims: Mapping[str, Any]) -> dict[str, str]:
    """Returns claims as events of HTTP APIs with a JWT authorizer have them: texts, without the claims that are null.

    AWS does not document the form. It was measured on live APIs: github.com/floci-io/floci/pull/2011. The form of an
    object, `map[roles:[admin]]`, is that of one report.
    """
    return {name: _format_jwt_claim(value) for name, value in claims.items() if value is not None}


def _format_jwt_claim(value: Any) -> str:
    """A list is `[admin users]`, without quotes and with one space between its members."""
    if isinstance(value, list):
        return f"[{' '.join(map(_format_jwt_claim, value))}]"
    if isinstance(value, Mapping):
        members = (f"{name}:{_format_jwt_claim(value[name])}" for name in sorted(value))
        return f"map[{' '.join(members)}]"
    return as_text(value)


def read_scopes(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the scopes of an access token. `scp` comes before `scope`, and each is a list or a text with spaces.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    """
    granted = claims.get("scp") or claims.get("scope") or ""
    return tuple(map(str, granted)) if isinstance(granted, list) else tuple(str(granted).split())
