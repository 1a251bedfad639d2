"""Rules of who may call: authorizers, and the resource policy beside them."""

from collections.abc import Iterator, Mapping

from components.argument_types import AuthorizerKind

from ..api import Api, Authorizer, Route
from ..backend import Backend
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake, did_you_mean
from ..protection import Protection
from ..proxy import Proxy
from ..topology import Topology
from .proxy import is_forwarded
from .rule import given, mistake, rule


@rule
def authorization_names_something(api: Api) -> Iterator[Mistake]:
    known = ["none", "iam", *api.authorizers]
    for index, route in enumerate(api.routes):
        if route.authorization not in known:
            yield mistake(
                f"api.routes[{index}].authorization",
                route.authorization,
                f"one of {', '.join(known)}",
                did_you_mean(route.authorization, known) or "describe it in api.authorizers",
            )
        if route.scopes and not _takes_scopes(api, route):
            yield mistake(
                f"api.routes[{index}].scopes", ", ".join(route.scopes), "scopes only with a jwt or cognito authorizer"
            )
    for name in api.authorizers.keys() - {route.authorization for route in api.routes}:
        yield mistake(
            f"api.authorizers.{name}",
            "set",
            "an authorizer that some route uses",
            "add it to the route, or take it out",
        )


def _takes_scopes(api: Api, route: Route) -> bool:
    authorizer = api.authorizers.get(route.authorization)
    return authorizer is not None and authorizer.kind != "lambda"


@rule
def accounts_call_with_a_signature(api: Api) -> Iterator[Mistake]:
    if api.caller_account_ids and not any(route.authorization == "iam" for route in api.routes):
        yield mistake(
            "api.callerAccountIds",
            ", ".join(api.caller_account_ids),
            "accounts only beside a route with authorization: iam, which identifies them",
            "add authorization: iam, or take it out",
        )


@rule
def authorizers_are_complete(api: Api) -> Iterator[Mistake]:
    for name, authorizer in api.authorizers.items():
        key = f"api.authorizers.{name}"
        yield from _complete(key, authorizer)


_FIELDS_OF_KIND: Mapping[AuthorizerKind, tuple[str, ...]] = {
    "jwt": ("issuer", "audiences"),
    "cognito": ("user_pool_arns",),
    "lambda": ("function", "cache_seconds"),
}


@rule
def authorizers_have_no_keys_of_another_kind(api: Api) -> Iterator[Mistake]:
    for name, authorizer in api.authorizers.items():
        for kind, fields in _FIELDS_OF_KIND.items():
            for key in given(authorizer, *fields) if kind != authorizer.kind else ():
                yield mistake(f"api.authorizers.{name}.{key}", "set", f"only with kind: {kind}", "take it out")


def _complete(key: str, authorizer: Authorizer) -> Iterator[Mistake]:
    match authorizer.kind:
        case "jwt" if not authorizer.issuer or not authorizer.audiences:
            yield mistake(
                key,
                "jwt",
                "issuer and audiences with kind: jwt",
                "without an audience every token of the issuer would pass",
            )
        case "cognito" if not authorizer.user_pool_arns:
            yield mistake(f"{key}.userPoolArns", NOTHING, "one user pool or more with kind: cognito")
        case "lambda" if authorizer.function is None:
            yield mistake(f"{key}.function", NOTHING, "a function with kind: lambda", "function: {folder: authorizer}")


@rule
def jwt_stands_in_one_place(api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html (identitySource)"""
    for name, authorizer in api.authorizers.items():
        if authorizer.kind != "lambda" and len(authorizer.identity_headers) > 1:
            yield mistake(
                f"api.authorizers.{name}.identityHeaders",
                ", ".join(authorizer.identity_headers),
                f"one header with kind: {authorizer.kind}",
                "name the one that carries the token, or use kind: lambda, which reads several",
            )


@rule
def public_is_meant(
    topology: Topology, api: Api, protection: Protection, proxy: Proxy, backend: Backend, ingress: Ingress | None
) -> Iterator[Mistake]:
    if topology is Topology.PRIVATE_API or protection.acknowledge_public or api.policy or api.throttle is not None:
        return
    if api.domain and api.domain.truststore:
        return
    for index, route in enumerate(api.routes):
        open_to_all = route.authorization == "none" and not route.key_required and route.throttle is None
        if open_to_all and not (proxy.webhook and is_forwarded(topology, backend, ingress, route)):
            yield mistake(
                f"api.routes[{index}]",
                f"{' '.join(route.methods)} {route.path}",
                "a public route with a throttle, an authorization, a key or a policy",
                "add one of them, or set protection.acknowledgePublic: true",
            )
