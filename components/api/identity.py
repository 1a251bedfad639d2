"""Request headers that an integration behind a VPC link sets: who called, and under which prefix.

HTTP APIs: names have no upper and lower case there, so every name is overwritten or removed on every route, and a
caller's own never reaches the backend. Only values that are never empty are mapped: AWS does not say whether an empty
one replaces the caller's.
REST APIs: names are case-sensitive, and a mapping replaces only its own spelling. So nothing there names a caller.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from ..facts import identity_headers as headers
from .api_spec import ApiSpec
from .args.routes import IAM, NONE, RouteArgs
from .route_operations import Operation, strip_path_prefix


def build_rest_parameters(spec: ApiSpec, operation: Operation) -> dict[str, str]:
    """Returns the request parameters of a REST API's integration. An empty prefix is not sent."""
    prefix = _find_stripped_prefix(spec, operation)
    return {f"integration.request.header.{headers.PREFIX}": f"'{prefix}'"} if prefix else {}


def build_http_parameters(spec: ApiSpec, operation: Operation) -> dict[str, str]:
    """Returns the request parameters of an HTTP API's integration.

    AWS reserves `x-amzn-*`, which can be neither set nor removed.
    """
    known = _list_known_headers(spec, operation.route) if spec.passes_identity else {}
    if prefix := _find_stripped_prefix(spec, operation):
        known[headers.PREFIX] = prefix
    return {f"overwrite:header.{name}": value for name, value in known.items()} | {
        f"remove:header.{name}": "''" for name in (*headers.SINGLE, headers.SCOPES, headers.PREFIX) if name not in known
    }


def find_caller_key(spec: ApiSpec, route: RouteArgs) -> tuple[str, ...]:
    """Returns the key by which routes share an integration: the authorizer if backends get its identity headers."""
    return (route.authorization,) if spec.passes_identity and route.authorization != NONE else ()


def _list_known_headers(spec: ApiSpec, route: RouteArgs) -> dict[str, str]:
    """Returns the headers whose values are never empty. A Lambda authorizer's simple response has no principal."""
    values = {headers.SOURCE: "$context.identity.sourceIp", headers.REQUEST: "$context.requestId"}
    authorizer = spec.authorizers.get(route.authorization)
    if authorizer is not None and authorizer.kind == "jwt":
        values[headers.SUBJECT] = f"{headers.SUBJECT_START}${{context.authorizer.claims.sub}}"
    elif route.authorization == IAM:
        values[headers.PRINCIPAL] = "$context.identity.userArn"
    return values


def _find_stripped_prefix(spec: ApiSpec, operation: Operation) -> str:
    """Returns the part of the caller's path that the backend does not get."""
    under = strip_path_prefix(operation.path, spec.strip_prefix) != operation.path
    return spec.mount + (spec.strip_prefix.rstrip("/") if under else "")
