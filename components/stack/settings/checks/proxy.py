"""Rules of the forwarder."""

import platform
from collections.abc import Iterator, Mapping
from typing import Final

from ....api.args.routes import IAM, RouteArgs
from ....api.route_operations import strip_path_prefix
from ....arguments.faults import find_unused
from ....arguments.words import WebhookScheme
from ....facts import defaults
from ....facts.route_paths import covers_path
from ....function.function_code import compiles_for
from ..api import Api, Route
from ..backend import Backend, Fargate, Greeter, Listener, NoBackend, Url
from ..ingress import Ingress
from ..mistakes import Mistake
from ..proxy import PYTHON, Proxy
from ..section import to_camel
from ..services import Services
from ..topology import Topology
from .rule import convert_faults, format_field, list_keys_in_file, make_mistake, register

_SENDERS_WITHOUT_KEYS: Final[Mapping[WebhookScheme, str]] = {"github": "GitHub", "slack": "Slack", "stripe": "Stripe"}
_SENDERS: Final[Mapping[WebhookScheme, str]] = {**_SENDERS_WITHOUT_KEYS, "gitlab": "GitLab"}
_GITHUBS_LIST: Final = "github-hooks"


def has_forwarder(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> bool:
    """Whether any request passes the Lambda forwarder."""
    return any(is_forwarded(topology, backend, ingress, route) for route in api.routes)


def is_forwarded(topology: Topology, backend: Backend, ingress: Ingress | None, route: Route) -> bool:
    """Whether the requests of a route go through the Lambda forwarder."""
    if route.target != "backend":
        return bool(route.target == "proxy")
    return not isinstance(backend, Greeter | Listener) and (
        topology is Topology.PUBLIC_PROXY or (topology is Topology.PRIVATE_API and ingress is None)
    )


def uses_link(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> bool:
    """Whether any request passes a VPC link."""
    if (ingress is None and not isinstance(backend, Listener)) or topology is Topology.PUBLIC_PROXY:
        return False
    return any(route.target == "backend" for route in api.routes)


def has_forwarder_address(backend: Backend, ingress: Ingress | None) -> bool:
    """Whether the forwarder has an address to call the backend by."""
    looked_up = ingress is not None and ingress.kind == "cloud-map" and isinstance(backend, Fargate)
    return not isinstance(backend, Greeter | Listener | NoBackend) and not looked_up


@register
def check_unused_forwarder(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, proxy: Proxy
) -> Iterator[Mistake]:
    if proxy.fields_in_file and not has_forwarder(topology, backend, ingress, api):
        allowed = "only if a request passes the forwarder"
        remedy = "take it out, or send a route there with target: proxy"
        yield make_mistake("proxy", ", ".join(list_keys_in_file(proxy, *sorted(proxy.fields_in_file))), allowed, remedy)


@register
def check_times(proxy: Proxy) -> Iterator[Mistake]:
    yield from convert_faults("proxy", proxy.find_time_faults())


@register
def check_concurrency(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, proxy: Proxy, services: Services
) -> Iterator[Mistake]:
    """Each service has a forwarder of its own, with the same reservation."""
    forwarding = set()
    for route in api.routes:
        called = services[route.service].backend if route.service else backend
        if is_forwarded(topology, called, None if isinstance(called, Url) else ingress, route):
            forwarding.add(route.service)
    yield from convert_faults("proxy", proxy.find_concurrency_faults(len(forwarding) or 1))


@register
def check_forwarder_timeout(api: Api, proxy: Proxy) -> Iterator[Mistake]:
    quota = api.longest_wait_milliseconds
    milliseconds_by_field = {
        "mean_milliseconds": proxy.mean_milliseconds or 0,
        "timeout_seconds": (proxy.timeout_seconds or 0) * 1000,
    }
    for field, milliseconds in milliseconds_by_field.items():
        if milliseconds > quota:
            most = quota if field == "mean_milliseconds" else quota // 1000
            allowed = f"at most {most}: the API waits no longer"
            raised = ", or set api.timeoutQuotaMilliseconds if AWS raised your account's quota"
            remedy = f"lower it{raised * (api.kind != 'http')}"
            yield make_mistake(f"proxy.{to_camel(field)}", format_field(proxy, field), allowed, remedy)


@register
def check_precompiled(proxy: Proxy) -> Iterator[Mistake]:
    if proxy.precompiled and not compiles_for(defaults.LAMBDA_RUNTIME):
        allowed = f"only with {PYTHON}, which the function runs; this is Python {platform.python_version()}"
        remedy = f"run it with {PYTHON} (make preview PYTHON=…), or take it out"
        yield make_mistake("proxy.precompiled", True, allowed, remedy)


@register
def check_webhook_route(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, proxy: Proxy
) -> Iterator[Mistake]:
    """Senders of webhooks have neither AWS credentials nor tokens of the API's issuer."""
    forwarded = [route for route in api.routes if is_forwarded(topology, backend, ingress, route)]
    if proxy.webhook and forwarded and all(_requires_identity(api, route) for route in forwarded):
        allowed = "only with a forwarder route without IAM, JWT or Cognito authorization, which the sender cannot have"
        remedy = "add the webhook's route with authorization: none, or take it out"
        yield make_mistake("proxy.webhook", proxy.webhook.scheme, allowed, remedy)


@register
def check_webhook_paths(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, proxy: Proxy
) -> Iterator[Mistake]:
    """Backends also serve `/hooks` for `/hooks/`, `/./hooks` or `/hook%73`, which other routes may take."""
    if proxy.webhook is None or isinstance(backend, Greeter):
        return
    unchecked: list[tuple[int, RouteArgs]] = []
    checked: list[RouteArgs] = []
    for index, (route, declared) in enumerate(zip(api.routes, api.spec.routes, strict=True)):
        forwarded = is_forwarded(topology, backend, ingress, route)
        if forwarded and not _requires_identity(api, route):
            checked.append(declared)
        elif forwarded or route.target == "backend":
            unchecked.append((index, declared))
    for index, other in unchecked:
        hooks = dict.fromkeys(hook.path for hook in checked if _covers(other, hook, api.stripped_prefix))
        if hooks:
            yield make_mistake(
                f"api.routes[{index}]",
                f"{', '.join(other.methods)} {other.path}",
                f"a path apart from {', '.join(hooks)}: this route needs no webhook signature, and the backend may read"
                " its requests as the webhook's",
                "use a path of its own, such as /admin; or send it through the forwarder with authorization: none, so"
                " that it needs the signature too; or send it to one of api.functions",
            )


def _covers(route: RouteArgs, hook: RouteArgs, prefix: str) -> bool:
    """Whether a request of `route` can have a path of `hook`, at the API or at the backend."""
    return any(
        covers_path(strip_path_prefix(path, removed), strip_path_prefix(wanted, removed))
        for removed in ("", prefix)
        for path in route.paths
        for wanted in hook.paths
    )


def _requires_identity(api: Api, route: Route) -> bool:
    authorizer = api.authorizers.get(route.authorization)
    return route.authorization == IAM or (authorizer is not None and authorizer.kind != "lambda")


@register
def check_webhook_keys(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, proxy: Proxy
) -> Iterator[Mistake]:
    """GitLab sends headers that people name, and other senders may.

    https://docs.gitlab.com/user/project/integrations/webhooks/#custom-headers
    """
    if proxy.webhook is None or proxy.webhook.scheme not in _SENDERS_WITHOUT_KEYS:
        return
    for index, route in enumerate(api.routes):
        if (
            route.key_required
            and is_forwarded(topology, backend, ingress, route)
            and not _requires_identity(api, route)
        ):
            sender = _SENDERS_WITHOUT_KEYS[proxy.webhook.scheme]
            allowed = f"no key on a route that needs a webhook's signature: {sender} sends no x-api-key"
            remedy = "take keyRequired out; callers with keys need a route with an authorization, or another stack"
            yield make_mistake(f"api.routes[{index}].keyRequired", True, allowed, remedy)


@register
def check_webhook_policy(
    topology: Topology, backend: Backend, ingress: Ingress | None, api: Api, proxy: Proxy
) -> Iterator[Mistake]:
    """GitHub's list has the addresses of GitHub only, and the resource policy applies to all routes."""
    if proxy.webhook is None or proxy.webhook.scheme not in {*_SENDERS} - {"github"} or api.policy is None:
        return
    of_webhooks = (
        is_forwarded(topology, backend, ingress, route) and not _requires_identity(api, route) for route in api.routes
    )
    if set(api.policy.allow) == {_GITHUBS_LIST} and any(of_webhooks):
        sender = _SENDERS[proxy.webhook.scheme]
        allowed = f"ranges of {sender}: {_GITHUBS_LIST} has only those of GitHub, so every webhook of {sender} gets 403"
        remedy = f"name the ranges of {sender}, or take allow out: the signature is checked"
        yield make_mistake("api.policy.allow", _GITHUBS_LIST, allowed, remedy)


@register
def check_unused_of_webhook(proxy: Proxy) -> Iterator[Mistake]:
    """The component cannot see keys that have their default."""
    if proxy.webhook:
        unused = find_unused(proxy.webhook, proxy.webhook.unused, proxy.webhook.fields_in_file)
        yield from convert_faults("proxy.webhook", unused)
