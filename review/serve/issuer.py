"""A local issuer of tokens, in place of every user pool and identity provider that the stack names."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

from joserfc import jwk, jwt
from joserfc.errors import JoseError

VALID_SECONDS: Final = 3_600
"""Time for which a token is accepted."""
_ALGORITHM: Final = "RS256"


class TokenError(Exception):
    """A token that an authorizer refuses; the text is the reason."""


class Issuer:
    """Signs and checks tokens with a key made for this run."""

    def __init__(self) -> None:
        self._key = jwk.RSAKey.generate_key(2048)

    def mint(self, issuer: str, audience: str, scopes: Iterable[str], claims: Mapping[str, Any] | None = None) -> str:
        """A token that the authorizers of this run accept for `VALID_SECONDS`."""
        now = int(time.time())
        told = {
            "iss": issuer,
            "aud": audience,
            "client_id": audience,
            "sub": "try-user",
            "iat": now,
            "exp": now + VALID_SECONDS,
            "token_use": "access" if scopes else "id",
            **({"scope": " ".join(scopes)} if scopes else {}),
            **(claims or {}),
        }
        return jwt.encode({"alg": _ALGORITHM, "kid": "gatehouse-try"}, told, self._key)

    def claims(self, token: str, issuers: Iterable[str], audiences: Iterable[str]) -> dict[str, Any]:
        """The claims of a token that is valid now for one of the issuers and audiences. Raises TokenError."""
        try:
            claims = dict(jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims)
        except (JoseError, ValueError):
            raise TokenError("the token's signature or form is invalid") from None
        now = time.time()
        wrong = [name for name in ("exp", "nbf") if not isinstance(claims.get(name, 0), int | float)]
        if wrong:
            raise TokenError(f"the token's {wrong[0]} is no number")
        if claims.get("exp", 0) <= now:
            raise TokenError("the token has expired")
        if claims.get("nbf", 0) > now:
            raise TokenError("the token is not valid yet")
        if claims.get("iss") not in list(issuers):
            raise TokenError("the token's issuer is not the authorizer's")
        named = claims["aud"] if isinstance(claims.get("aud"), list) else [claims.get("aud") or claims.get("client_id")]
        if audiences and not any(one in named for one in audiences):
            raise TokenError("the token's audience is not the authorizer's")
        return claims
