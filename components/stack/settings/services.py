"""`gatehouse:backends`: further services behind the same API, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args

from ...arguments.marks import NEVER_OFF, Sized, passes_check
from ...arguments.names import Name
from ...facts import limits
from . import backend
from .api import Api, Route
from .backend import Backend, Ec2, Fargate, Url
from .mistakes import ENCRYPTED, HIDDEN, Mistake, find_near_key, qualify
from .proxy import Proxy, Webhook
from .reading import read
from .section import Section
from .unknown import Unknown, make_if_known

SECTION: Final = "backends"
KINDS: Final = ("ec2", "fargate", "url")
MOST_CHARACTERS: Final = 16
"""Of a name: AWS limits the name of a target group, `orders-targets-1a2b3c4`, to 32."""
_LONGEST_HOST: Final = f"internal-{'b' * 32}-1234567890.ap-southeast-1.elb.amazonaws.com"
"""Of a load balancer, whose name AWS limits to 32 characters."""
_UNKNOWN: Final[Any] = Unknown()
RESERVED: Final = ("backend", "proxy")


@dataclass(frozen=True, kw_only=True)
class OwnKeys(Section):
    """Keys of a service besides those of `backend`."""

    webhook: Annotated[Webhook | None, NEVER_OFF] = None
    """public-proxy: check a webhook's signature before anything reaches this service, as `proxy.webhook` does for
    `backend`."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service besides `backend`. Its resources have its name."""

    backend: Backend
    webhook: Webhook | None = None

    def configure_proxy(self, proxy: Proxy) -> Proxy:
        """The settings of its forwarder: those of all forwarders, with the webhook of its own."""
        return proxy.copy_with(webhook=self.webhook)


Services = Mapping[str, Service]


def read_services(raw: Mapping[str, Any], *, secret: bool) -> tuple[dict[str, Service], list[Mistake]]:
    """Returns the services by name, with Unknown in place of what is wrong in them, and the mistakes."""
    services: dict[str, Service] = {}
    mistakes: list[Mistake] = []
    for name, keys in raw.items():
        mistakes += _find_name_mistakes(name)
        if not isinstance(keys, dict):
            got = ENCRYPTED if secret else HIDDEN
            mistakes.append(Mistake(qualify(f"{SECTION}.{name}"), got, "a map with the keys of a backend"))
            services[name] = Service(backend=_UNKNOWN)
            continue
        own, wrong = read(
            f"{SECTION}.{name}", OwnKeys, {key: keys[key] for key in keys if key == "webhook"}, secret=secret
        )
        made, also_wrong = _read_backend(name, {key: keys[key] for key in keys if key != "webhook"}, secret=secret)
        services[name] = Service(backend=made, webhook=own.webhook)
        mistakes += [*wrong, *also_wrong]
    return services, mistakes


def _find_name_mistakes(name: str) -> Iterator[Mistake]:
    key = qualify(f"{SECTION}.{name}")
    if name in RESERVED:
        remedy = "write it as backend: it is a service too" if name == "backend" else "take another name"
        yield Mistake(key, "set", "a name that is not backend or proxy", remedy)
    elif not is_service_name(name):
        allowed = f"a name of at most {MOST_CHARACTERS} letters, digits and hyphens that begins with a small letter"
        yield Mistake(key, "set", allowed, "take another name")


def is_service_name(name: str) -> bool:
    """Whether a service may have this name, if it is none of RESERVED."""
    check = next(mark for mark in get_args(Name)[1:] if not isinstance(mark, Sized))
    return len(name) <= MOST_CHARACTERS and passes_check(check.run, name)


def _read_backend(name: str, raw: dict[str, Any], *, secret: bool) -> tuple[Any, list[Mistake]]:
    model = backend.choose_model(raw)
    if model is None or model not in (Ec2, Fargate, Url):
        kind = raw.get("kind")
        near = find_near_key(str(kind), KINDS)
        got = ENCRYPTED if secret else kind if isinstance(kind, str) else HIDDEN if model is None else "listener"
        remedy = f"did you mean {near}?" if near and near != kind else "write it as backend, or in a stack of its own"
        mistake = Mistake(qualify(f"{SECTION}.{name}.kind"), got, f"one of {', '.join(KINDS)}", remedy)
        return Unknown(), [mistake]
    made, wrong = read(f"{SECTION}.{name}", model, raw, secret=secret)
    return Unknown() if wrong and not made.fields_in_file else made, wrong


def merge_routes(api: Api, services: Services) -> Api:
    """The API with the routes of services as routes of `backend`, in their places."""

    def rename(route: Route) -> Route:
        # A rule refuses a service with the name of a function.
        named = route.target in services and route.target not in api.functions
        return route.copy_with(target="backend", service=route.target) if named else route

    if not services:
        return api
    return api.copy_with(routes=make_if_known(lambda: tuple(map(rename, api.routes))))


def select_routes(api: Api, services: Services, name: str = "") -> Api:
    """The API with the routes of one service only, as routes of `backend`; without a name, with all that are of no
    service."""
    if not services:
        return api

    def select() -> tuple[Route, ...]:
        if not name:
            return tuple(route for route in api.routes if route.target not in services)
        return tuple(route.copy_with(target="backend") for route in api.routes if route.target == name)

    return api.copy_with(routes=make_if_known(select))


def list_services(backend: Backend, services: Services) -> Mapping[str, Backend]:
    """Returns all services by name, `backend` among them."""
    return {"backend": backend} | {name: one.backend for name, one in services.items()}


def find_place(name: str) -> str:
    """Returns the key of a service in the stack file."""
    return name if name == "backend" else f"{SECTION}.{name}"


def name_url_variable(service: str) -> str:
    """Returns the environment variable in which callers of a service get its URL."""
    return f"{service.upper().replace('-', '_')}_URL"


def find_longest_url(called: Backend) -> str:
    """Returns a URL at least as long as the one that callers of a service get."""
    return f"https://{getattr(called, 'name', None) or _LONGEST_HOST}:{limits.PORTS.stop}"
