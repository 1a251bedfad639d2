"""Request headers that an integration behind a VPC link sets: who called, and under which prefix.

The names are the forwarder's. Every name is set or cleared on every route, so that a caller's own never reaches the
backend. A variable is mapped only where it should have a value. Whether the caller's own header survives if it has none
(a token without `sub`, or with its scopes in `scp`) is not known: AWS does not document it.
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-parameter-mapping-sources.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

from typing import Final

from ..facts import identity_headers as headers
from .api_spec import ApiSpec
from .routes import IAM, NONE, Operation, Route, stripped

# REST APIs clear no header: an empty one takes the place of the caller's.
_EMPTY: Final = "''"


def rest_parameters(spec: ApiSpec, operation: Operation) -> dict[str, str]:
    """The request parameters of a REST API's integration."""
    values = {headers.CONTEXT: _EMPTY, **dict.fromkeys(headers.SINGLE, _EMPTY)}
    if spec.passes_identity:
        values |= _known(operation.route, _kind(spec, operation))
        # A caller can choose `requestId`.
        values |= {headers.REQUEST: "context.extendedRequestId"}
    values[headers.PREFIX] = f"'{_prefix(spec, operation)}'"
    return {f"integration.request.header.{name}": value for name, value in values.items()}


def http_parameters(spec: ApiSpec, operation: Operation) -> dict[str, str]:
    """The request parameters of an HTTP API's integration.

    AWS reserves `x-amzn-*`, which can be neither set nor removed. A function's simple response has no principal.
    """
    kind = _kind(spec, operation)
    values = {**_known(operation.route, kind), headers.REQUEST: "context.requestId"} if spec.passes_identity else {}
    if kind == "lambda":
        values.pop(headers.PRINCIPAL, None)
    found = {name: f"${value}" for name, value in values.items()}
    if prefix := _prefix(spec, operation):
        found[headers.PREFIX] = prefix
    return {f"overwrite:header.{name}": value for name, value in found.items()} | {
        f"remove:header.{name}": _EMPTY for name in (*headers.SINGLE, headers.PREFIX) if name not in found
    }


def differs_by(spec: ApiSpec, route: Route) -> tuple[str, ...]:
    """Key by which routes share an integration: the authorizer, and whether a token must have scopes."""
    if not spec.passes_identity or route.authorization == NONE:
        return ()
    return (route.authorization, *(["scoped"] if route.scopes else []))


def _known(route: Route, kind: str | None) -> dict[str, str]:
    found = {headers.SOURCE: "context.identity.sourceIp"}
    if kind in ("jwt", "cognito"):
        found[headers.SUBJECT] = "context.authorizer.claims.sub"
        if route.scopes:
            # A token without a scope is refused there, and may pass elsewhere.
            found[headers.SCOPES] = "context.authorizer.claims.scope"
    elif kind == "lambda":
        found[headers.PRINCIPAL] = "context.authorizer.principalId"
    elif route.authorization == IAM:
        found[headers.PRINCIPAL] = "context.identity.userArn"
    if route.key_required:
        found[headers.KEY] = "context.identity.apiKeyId"
    return found


def _kind(spec: ApiSpec, operation: Operation) -> str | None:
    """The kind of the route's authorizer; None if it has none."""
    authorizer = spec.authorizers.get(operation.route.authorization)
    return None if authorizer is None else authorizer.kind


def _prefix(spec: ApiSpec, operation: Operation) -> str:
    """The part of the caller's path that the backend does not see."""
    under = stripped(operation.path, spec.strip_prefix) != operation.path
    return spec.mount + (spec.strip_prefix.rstrip("/") if under else "")
