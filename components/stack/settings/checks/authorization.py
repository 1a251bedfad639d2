"""Rules of who may call: authorizers, API keys with their usage plans, and what makes an API public."""

import json
from collections.abc import Iterator, Mapping

from ....api.args.routes import NONE
from ....arguments.words import AuthorizerKind
from ....callers.operations import VariablesClashError
from ....facts.route_paths import merge_routes, shorten_routes, split_route
from ..api import Api
from ..backend import Backend
from ..ingress import Ingress
from ..mistakes import Mistake, did_you_mean
from ..protection import SWITCHES, Protection
from ..proxy import Proxy
from ..services import Services
from ..topology import Topology
from ..unknown import as_far_as_known, require_known
from .proxy import is_forwarded
from .rule import make_mistake, refuse_fields, register

_FIELDS_OF_KIND: Mapping[AuthorizerKind, tuple[str, ...]] = {
    "jwt": ("issuer", "audiences"),
    "cognito": ("user_pool_arns",),
    "lambda": ("function", "cache_seconds"),
}


@register
def check_authorizer_keys(api: Api) -> Iterator[Mistake]:
    for name, authorizer in api.authorizers.items():
        for kind, fields in _FIELDS_OF_KIND.items():
            if kind != authorizer.kind:
                yield from refuse_fields(f"api.authorizers.{name}", authorizer, fields, f"only with kind: {kind}")


@register
def check_public_routes(
    topology: Topology,
    api: Api,
    protection: Protection,
    proxy: Proxy,
    backend: Backend,
    ingress: Ingress | None,
    services: Services,
) -> Iterator[Mistake]:
    if api.throttle is not None or _is_guarded(api, protection):
        return
    routes = _find_open_routes(topology, api, proxy, backend, ingress, services)
    for index, route in enumerate(api.routes):
        missing = [call for call in routes.get(index, []) if call not in protection.acknowledged]
        if missing and route.throttle is None:
            allowed = "a public route with a throttle, an authorization, a key or a policy"
            remedy = f"add one of them, or add to protection.acknowledgePublic: {_format_routes(missing)}"
            yield make_mistake(f"api.routes[{index}]", f"{' '.join(route.methods)} {route.path}", allowed, remedy)


@register
def check_acknowledged_routes(
    api: Api,
    protection: Protection,
    services: Services,
    *,
    topology: Topology,
    proxy: Proxy,
    backend: Backend,
    ingress: Ingress | None,
) -> Iterator[Mistake]:
    """Of names, which are of resources that a stack file does not have, the review judges whether they are open."""
    # Beside sections that are wrong, all that these could leave open.
    opened = _find_open_routes(
        Topology.PUBLIC_PROXY, api, Proxy(vpc_id="", subnet_ids=(), url=""), backend, ingress, services
    )
    with as_far_as_known():
        opened = _find_open_routes(
            require_known(topology), api, require_known(proxy), require_known(backend), require_known(ingress), services
        )
    routes = [route for some in opened.values() for route in some]
    for index, entry in enumerate(protection.acknowledge_public):
        if entry.route in SWITCHES:
            needed = routes and entry.route not in SWITCHES[3:] and not _is_guarded(api, protection)
            remedy = f"write {_format_routes(routes)}" if needed else "take it out"
            allowed = "a list of the routes that anyone may call"
            yield make_mistake("protection.acknowledgePublic", entry.route, allowed, remedy)
            continue
        for route in split_route(entry.route):
            if ("/" in route or route.startswith("$")) and route not in routes:
                allowed = f"a route that anyone may call: {', '.join(merge_routes(routes)) or 'there is none'}"
                remedy = did_you_mean(route, routes) or "take it out, so that it does not acknowledge a later route"
                yield make_mistake(f"protection.acknowledgePublic[{index}]", route, allowed, remedy)


def _is_guarded(api: Api, protection: Protection) -> bool:
    """Whether addresses or client certificates decide who may call any route."""
    firewall = protection.waf is not None and protection.waf.allow
    return bool(api.policy or (api.domain and api.domain.truststore) or firewall)


def _find_open_routes(
    topology: Topology, api: Api, proxy: Proxy, backend: Backend, ingress: Ingress | None, services: Services
) -> dict[int, list[str]]:
    """Operations of each route, by its index, that require neither credentials, a key nor a webhook's signature."""
    routes: dict[int, list[str]] = {}
    declared = api.spec
    try:
        operations = declared.operations if topology is not Topology.PRIVATE_API else []
    except VariablesClashError:
        # Another rule names it.
        return {}
    for operation in operations:
        index = next(index for index, route in enumerate(declared.routes) if route is operation.route)
        route = api.routes[index]
        webhook = services[route.service].webhook if route.service in services else proxy.webhook
        signed = webhook and is_forwarded(topology, backend, ingress, route)
        if route.authorization == NONE and not route.key_required and not signed:
            routes.setdefault(index, []).append(operation.key)
    return routes


def _format_routes(routes: list[str]) -> str:
    return f"[{', '.join(map(json.dumps, shorten_routes(merge_routes(routes))))}]"
