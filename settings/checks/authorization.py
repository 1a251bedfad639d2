"""Rules of who may call: authorizers, API keys with their usage plans, and what makes an API public."""

from collections.abc import Iterator, Mapping

from components.argument_types import AuthorizerKind

from ..api import Api
from ..backend import Backend
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake
from ..protection import Protection
from ..proxy import Proxy
from ..topology import Topology
from .proxy import is_forwarded
from .rule import mistake, only_with, rule


@rule
def authorizers_are_used(api: Api) -> Iterator[Mistake]:
    for name in api.authorizers.keys() - {route.authorization for route in api.routes}:
        allowed = "an authorizer that some route uses"
        yield mistake(f"api.authorizers.{name}", "set", allowed, "add it to the route, or take it out")


_FIELDS_OF_KIND: Mapping[AuthorizerKind, tuple[str, ...]] = {
    "jwt": ("issuer", "audiences"),
    "cognito": ("user_pool_arns",),
    "lambda": ("function", "cache_seconds"),
}


@rule
def authorizers_have_no_keys_of_another_kind(api: Api) -> Iterator[Mistake]:
    for name, authorizer in api.authorizers.items():
        for kind, fields in _FIELDS_OF_KIND.items():
            if kind != authorizer.kind:
                yield from only_with(f"api.authorizers.{name}", authorizer, fields, f"only with kind: {kind}")


@rule
def keys_belong_to_a_plan(api: Api) -> Iterator[Mistake]:
    if api.kind == "http":
        return
    required = [index for index, route in enumerate(api.routes) if route.key_required]
    for index in required if not api.plans else []:
        allowed = "keyRequired only with a usage plan that has a key"
        yield mistake(f"api.routes[{index}].keyRequired", True, allowed, "add api.plans: {callers: {keys: [first]}}")
    for name, plan in api.plans.items():
        if not required:
            allowed = "a usage plan only where some route has keyRequired"
            yield mistake(f"api.plans.{name}", "set", allowed, "set keyRequired: true on the route")
        if not plan.keys and not plan.key_values:
            yield mistake(f"api.plans.{name}.keys", NOTHING, "a plan with one key or more", "keys: [first]")


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
            allowed = "a public route with a throttle, an authorization, a key or a policy"
            remedy = "add one of them, or set protection.acknowledgePublic: true"
            yield mistake(f"api.routes[{index}]", f"{' '.join(route.methods)} {route.path}", allowed, remedy)
