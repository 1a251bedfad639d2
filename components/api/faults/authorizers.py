"""Mistakes of authorizers, and of the routes that name them."""

from collections.abc import Iterator

from ...arguments.faults import Fault, did_you_mean, make_quota_fault
from ...facts import limits
from ..api_spec import ApiSpec
from ..args.authorizers import AuthorizerArgs
from ..args.routes import IAM, NONE, RouteArgs


def check_authorizers(spec: ApiSpec) -> Iterator[Fault]:
    """Yields mistakes of authorizers, and of the accounts that may call."""
    if len(spec.authorizers) > limits.AUTHORIZERS_PER_API:
        yield make_quota_fault("authorizers", len(spec.authorizers), "Authorizers per API", limits.AUTHORIZERS_PER_API)
    for name, authorizer in spec.authorizers.items():
        key = f"authorizers.{name}"
        if name in (NONE, IAM):
            yield Fault(key, "set", "a name that is not none or iam", "rename it: these two have a meaning")
        yield from _check_kind(key, authorizer, http=spec.kind == "http")
        yield from _check_parts(key, authorizer)
    for name in sorted(spec.authorizers.keys() - {route.authorization for route in spec.routes}):
        yield Fault(
            f"authorizers.{name}", "set", "an authorizer that some route uses", "add it to the route, or take it out"
        )
    if spec.caller_account_ids and not any(route.authorization == IAM for route in spec.routes):
        allowed = "accounts only beside a route with authorization: iam, which identifies them"
        accounts = ", ".join(spec.caller_account_ids)
        yield Fault("caller_account_ids", accounts, allowed, "add authorization: iam, or take it out")


def _check_kind(key: str, authorizer: AuthorizerArgs, *, http: bool) -> Iterator[Fault]:
    kind = authorizer.kind
    if kind == "jwt" and not http:
        remedy = "use kind: http, which checks tokens itself"
        yield Fault(f"{key}.kind", kind, "cognito or lambda with a REST API", remedy)
    if kind == "cognito" and http:
        yield Fault(f"{key}.kind", kind, "jwt or lambda with an HTTP API", "use kind: jwt with the pool as issuer")


def _check_parts(key: str, authorizer: AuthorizerArgs) -> Iterator[Fault]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html (identitySource)"""
    kind, audiences, headers = authorizer.kind, len(authorizer.audiences), authorizer.identity_headers
    if kind == "jwt" and not (authorizer.issuer and audiences):
        remedy = "without an audience every token of the issuer would pass"
        yield Fault(key, kind, "issuer and audiences with kind: jwt", remedy)
    if kind == "cognito" and not authorizer.user_pool_arns:
        yield Fault(f"{key}.user_pool_arns", None, "one user pool or more with kind: cognito")
    if kind == "lambda" and authorizer.invoke_arn is None:
        yield Fault(f"{key}.invoke_arn", None, "a function with kind: lambda")
    if kind != "lambda" and len(headers) > 1:
        remedy = "name the one that carries the token, or use kind: lambda, which reads several"
        yield Fault(f"{key}.identity_headers", ", ".join(headers), f"one header with kind: {kind}", remedy)
    if repeated := sorted({name for name in headers if [*map(str.lower, headers)].count(name.lower()) > 1}):
        allowed = "each header once: names have no case"
        yield Fault(f"{key}.identity_headers", ", ".join(repeated), allowed, "take one out")
    if audiences > limits.AUDIENCES_PER_AUTHORIZER:
        yield make_quota_fault(
            f"{key}.audiences", audiences, "Audiences per authorizer", limits.AUDIENCES_PER_AUTHORIZER
        )


def check_authorization(spec: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    """Refuses a name that no authorizer has. Keys are those of the route."""
    known = [NONE, IAM, *spec.authorizers]
    if route.authorization not in known:
        kinds = "jwt (HTTP; issuer, audiences), cognito (REST; a pool) or lambda (a function)"
        other = f"describe one in authorizers, of kind {kinds}, and write its name; an API key is asked for beside it"
        remedy = did_you_mean(route.authorization, known) or other
        yield Fault("authorization", route.authorization, f"one of {', '.join(known)}", remedy)


def check_scopes(spec: ApiSpec, route: RouteArgs) -> Iterator[Fault]:
    """Refuses scopes without an authorizer that reads them. Keys are those of the route."""
    authorizer = spec.authorizers.get(route.authorization)
    if route.scopes and (authorizer is None or authorizer.kind == "lambda"):
        yield Fault("scopes", ", ".join(route.scopes), "scopes only with a jwt or cognito authorizer")
    for scope in route.scopes:
        if spec.kind == "http" and len(scope) > limits.SCOPE_CHARACTERS:
            allowed = f"at most {limits.SCOPE_CHARACTERS} characters with an HTTP API"
            yield Fault("scopes", scope, allowed, "use kind: rest, or name a shorter scope of the tokens")
