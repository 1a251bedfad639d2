"""A local issuer of tokens, in place of every user pool and identity provider that the stack names."""

import functools
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from .errors import GatewayError

if TYPE_CHECKING:
    from joserfc import jwk

VALID_SECONDS: Final = 3_600
"""Time for which a token is accepted."""
_ALGORITHMS: Final = ("RS256", "RS384", "RS512")
_KID: Final = "gatehouse-try"
_REASONS: Final = {
    "iss": "the token's issuer is not the authorizer's",
    "aud": "the token does not have a valid audience",
}
"""By claim. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html"""


def make_claims(issuer: str, audience: str, scopes: Iterable[str]) -> dict[str, Any]:
    """Claims that an authorizer with this issuer and audience accepts for `VALID_SECONDS`."""
    now = int(time.time())
    return {
        "iss": issuer,
        "aud": audience,
        "client_id": audience,
        "sub": "try-user",
        "iat": now,
        "exp": now + VALID_SECONDS,
        "token_use": "access" if scopes else "id",
        **({"scope": " ".join(scopes)} if scopes else {}),
    }


class Issuer:
    """Signs and checks tokens with a key made for this run. The first token loads the library, which takes long."""

    @functools.cached_property
    def _keys(self) -> "jwk.KeySet":
        from joserfc import jwk

        return jwk.KeySet([jwk.RSAKey.generate_key(2048, {"kid": _KID})])

    def sign_claims(self, claims: Mapping[str, Any]) -> str:
        """A token with these claims, valid or not."""
        from joserfc import jwt

        return jwt.encode({"alg": _ALGORITHMS[0], "kid": _KID}, dict(claims), self._keys)

    def verify_token(self, token: str, issuers: Sequence[str], audiences: Sequence[str]) -> dict[str, Any]:
        """The claims of a token that is valid now for one of the issuers and audiences. Raises GatewayError."""
        from joserfc import jwt
        from joserfc.errors import ClaimError, ExpiredTokenError, JoseError

        try:
            decoded = jwt.decode(token, self._keys, algorithms=[*_ALGORITHMS])
        except (JoseError, ValueError, TypeError):
            # The library takes a `crit` that is no list of texts for an error of the program.
            raise GatewayError("UNAUTHORIZED", "the token's signature or form is invalid") from None
        # The library takes the only key for a token that names none.
        if decoded.header.get("kid") != _KID:
            raise GatewayError("UNAUTHORIZED", "the token's header names no key of the issuer in kid")
        claims = dict(decoded.claims)
        # Access tokens of user pools name their client in place of an audience.
        checked = {"aud": claims.get("client_id"), **claims} if audiences else claims
        registry = jwt.JWTClaimsRegistry(
            exp={"essential": True},
            iss={"essential": True, "values": list(issuers), "allow_blank": True},
            aud={"values": list(audiences), "allow_blank": True},
        )
        try:
            registry.validate(checked)
        except ExpiredTokenError:
            raise GatewayError("EXPIRED_TOKEN", "the token has expired") from None
        except ClaimError as problem:
            raise GatewayError("UNAUTHORIZED", _REASONS.get(problem.claim, problem.description)) from None
        return claims
