"""A stack that is served: its gateways, functions and backends, with a server for each API."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..aws import access, types
from ..aws.api import ApiKind
from ..aws.model import AwsModel
from ..cost.estimate import estimate
from ..cost.usage import Usage
from ..graph import Graph, Resource
from ..reach import trace
from ..report.diagram import draw
from ..report.render.drawing import svg
from .apis import served_apis
from .application import Application
from .asgi import Application as AsgiApplication
from .asgi import Server, application
from .authorization import Authorization
from .aws_endpoint import AwsEndpoint
from .backends import Backends, echo
from .containers import Containers, container_of
from .functions import Function, UnsupportedRuntimeError
from .gateway import Gateway
from .integrations import Integrations
from .issuer import Issuer
from .keys import Keys
from .network import Network, Relays
from .notices import Say, Told
from .request import SOURCE_IP, VPC, VPC_ENDPOINT, Request, Response
from .route_line import RouteLine
from .served_api import AuthorizerKind, Route, ServedApi
from .throttle import Buckets, Quotas
from .webhooks import Webhook

_PAGE: Final = "page"
_TOKENS: Final = (AuthorizerKind.JWT, AuthorizerKind.COGNITO)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a stack is served."""

    backends: Sequence[str] = ()
    containers: bool = False
    """Whether the stack's own images run as backends."""
    port: int = 0
    """Port of the first API, the others follow; 0 takes free ones."""
    lenient: bool = False
    aws_endpoint: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    """Ports by the API's name, of a stack that this one replaces."""
    clock: Callable[[], float] | None = None
    """Clock of throttles and quotas, for tests."""


class Stack:
    """A graph that is served on this machine."""

    def __init__(self, graph: Graph, options: Options, say: Say, told: Told) -> None:
        self.graph, self._options, self._say, self._told = graph, options, say, told
        self.model = AwsModel(graph)
        self.apis = served_apis(self.model)
        self.issuer = Issuer()
        clock = {"clock": options.clock} if options.clock else {}
        self.keys = Keys(self.model, Quotas(**clock))
        self._buckets = Buckets(**clock)
        self._containers = Containers(say)
        self._cleanup: list[Callable[[], Awaitable[None]]] = []
        self._functions: dict[str, Function | str] = {}
        self.gateways: list[Gateway] = []
        self.urls: dict[str, str] = {}
        """`http://127.0.0.1:port` by the API's name."""
        self.page_url = ""
        per_million = estimate(self.model, Usage()).per_million
        self.cost_per_request = None if per_million is None else per_million / 1e6

    async def start(self) -> None:
        """Start everything, or nothing. Raises OSError if a port is in use, UnknownBackendError and ContainerError."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        echoing = await self._serve(echo)
        aws = AwsEndpoint(self.graph, self._options.aws_endpoint, self._options.answers, self._say)
        endpoint = f"http://{await self._serve(application(aws.answer))}"
        network = Network(self.model, lenient=self._options.lenient)
        names = self.backend_names()
        self._cleanup.append(self._containers.stop)
        given = list(self._options.backends)
        if self._options.containers:
            given += [f"{name}=http://{await self._container(one)}" for name, one in names.items()]
        backends = Backends(given, echoing, names, self._say)
        self._cleanup.append(backends.stop)
        relays = Relays(network, backends.address, self._say)
        self._cleanup.append(relays.stop)
        for function in self._needed():
            try:
                variables = await relays.variables(function)
                self._functions[function.urn] = Function(function, variables, self._say, endpoint)
            except UnsupportedRuntimeError as problem:
                self._functions[function.urn] = str(problem)
                self._say(str(problem))
        self._integrations = Integrations(network, backends, self._functions, relays.of)
        self._cleanup.append(self._integrations.stop)
        authorization = Authorization(self.issuer, self._integrations.call_function, self.graph.region)
        for index, api in enumerate(self.apis):
            gateway = Gateway(
                api, self.model, self.keys, authorization, self._integrations, self._buckets,
                lenient=self._options.lenient,
            )  # fmt: skip
            self.gateways.append(gateway)
            wanted = self._options.ports.get(api.name) or (self._options.port + index if self._options.port else 0)
            served = Application(gateway, self._told, self.cost_per_request)
            self.urls[api.name] = f"http://{await self._serve(served, wanted)}"

    async def serve_page(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        """Serve the page on a port of its own."""
        self.page_url = f"http://{await self._serve(application(answer), self._options.ports.get(_PAGE, 0))}/"

    def functions(self) -> list[Function]:
        """The functions that can run here."""
        return [one for one in self._functions.values() if isinstance(one, Function)]

    def ports(self) -> dict[str, int]:
        """The ports by the API's name, and the page's, for a stack that replaces this one."""
        urls = {**self.urls, _PAGE: self.page_url.rstrip("/")}
        return {name: int(url.rpartition(":")[2]) for name, url in urls.items()}

    def picture(self) -> str:
        """The review's picture of the stack, as SVG."""
        return svg(draw(self.graph, trace(self.model).paths, self.model), alone=True)

    def not_served(self) -> Iterator[str]:
        """Features of the stack that this command does not serve."""
        if self.graph.of_type(*types.WEB_ACL):
            yield "the web ACL: its rules are not evaluated"
        if any(api.kind is ApiKind.WEBSOCKET for api in self.model.apis.all):
            yield "WebSocket APIs"
        for urn, found in self._functions.items():
            if isinstance(found, str):
                yield f"{self.graph.resources[urn].name}: {found}"

    def _needed(self) -> Iterator[Resource]:
        """Functions that a route or an authorizer calls."""
        found: dict[str, Resource] = {}
        for api in self.apis:
            for route in api.routes:
                for function in (route.target.function, route.authorizer.function if route.authorizer else None):
                    if function is not None:
                        found[function.urn] = function
        yield from found.values()

    def backend_names(self) -> dict[str, Resource]:
        """Machines and services by the names that the review gives them."""
        kinds = (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)
        return {self.model.names.of(one): one for one in self.graph.of_type(*kinds)}

    async def _container(self, backend: Resource) -> str:
        return await self._containers.start(backend.name, container_of(self.model, backend))

    async def _serve(self, application: AsgiApplication, port: int = 0) -> str:
        server = Server(application)
        self._cleanup.append(server.stop)
        return await server.start(port)

    def routes(self) -> Iterator[RouteLine]:
        """A call for each route, with the key or token that it needs."""
        tokens: dict[Any, str] = {}
        for api in self.apis:
            for stage in api.stages:
                base = self.urls[api.name] + ("" if stage.name == "$default" else f"/{stage.name}")
                for route in api.routes:
                    if route.target.is_mock:
                        continue
                    token = self._token_once(route, tokens)
                    webhook = Webhook.of(route.target.function)
                    headers = self._headers(api, stage.name, route, token)
                    headers |= self._pose(api, route)
                    headers |= webhook.headers(b"", int(time.time())) if webhook else {}
                    host = next(iter(stage.domains), "") if api.api.default_endpoint_closed else ""
                    prefix = self.urls[api.name] + f"/{stage.domains[host]}".rstrip("/") if host else base
                    headers |= {"Host": host} if host else {}
                    path = "/" if route.path == "$default" else _example(route.path)
                    signed = route.authorizer is not None and route.authorizer.kind is AuthorizerKind.IAM
                    yield RouteLine(
                        api=api.name,
                        method=route.method,
                        path=route.path,
                        url=prefix + path,
                        headers=headers,
                        signed=self.graph.region if signed else "",
                        token=token,
                        webhook=webhook,
                    )

    def other_vpcs(self, api: ServedApi) -> Iterator[str]:
        """VPCs without an endpoint in the stack, whose endpoints a private API's policy names."""
        own = {endpoint.vpc for endpoint in self.model.api_endpoints}
        if api.is_private:
            yield from dict.fromkeys(vpc for _, vpc in access.named_endpoints(api.api) if vpc and vpc not in own)

    def _token_once(self, route: Route, tokens: dict[Any, str]) -> str:
        """The token of a route, the same for routes that accept the same. Empty if it takes none."""
        authorizer = route.authorizer
        if authorizer is None or authorizer.kind not in _TOKENS:
            return ""
        key = (authorizer.issuers, authorizer.audiences, route.scopes)
        if key not in tokens:
            tokens[key] = self.token(route)
        return tokens[key]

    def _headers(self, api: ServedApi, stage: str, route: Route, token: str) -> dict[str, str]:
        headers = {}
        if route.key_required:
            headers["x-api-key"] = self.keys.usable(api.id, stage)
        authorizer = route.authorizer
        if token:
            headers["Authorization"] = f"Bearer {token}"
        elif authorizer is not None and authorizer.kind is not AuthorizerKind.IAM:
            headers |= {source.rpartition(".")[2]: "…" for source in authorizer.sources if ".header." in source}
        return headers

    def _pose(self, api: ServedApi, route: Route) -> dict[str, str]:
        """Headers by which a caller is at a place that the route admits."""
        headers: dict[str, str] = {}
        if api.is_private and not self.model.api_endpoints:
            endpoint, vpc = next(access.named_endpoints(api.api), ("", ""))
            headers |= {VPC_ENDPOINT.title(): endpoint} if endpoint else {}
            headers |= {VPC.title(): vpc} if vpc else {}
        if not api.is_private and api.api.policies:
            audience = access.audience(api.api, route.target.call)
            admitted = next((one for one in audience.ranges if ":" not in one), "") if not audience.anyone else ""
            if admitted:
                headers[SOURCE_IP.title()] = admitted.partition("/")[0]
        return headers

    def token(self, route: Route, claims: Mapping[str, Any] | None = None) -> str:
        """A token that the route's authorizer accepts."""
        authorizer = route.authorizer
        assert authorizer is not None
        issuer, audience = next(iter(authorizer.issuers), ""), next(iter(authorizer.audiences), "")
        return self.issuer.mint(issuer, audience, route.scopes, claims)

    def any_token(self, claims: Mapping[str, Any]) -> str:
        """A token with these claims for the first route that takes tokens. Empty if no route does."""
        routes = [
            route for api in self.apis for route in api.routes if route.authorizer and route.authorizer.kind in _TOKENS
        ]
        return self.token(routes[0], claims) if routes else ""

    async def stop(self) -> None:
        """End every process and close every port."""
        await asyncio.gather(*(end() for end in (*(one.stop for one in self.functions()), *self._cleanup)))
        self._cleanup.clear()


def _example(path: str) -> str:
    """A path that fits a route's template: `/orders/{id}` gives `/orders/id`."""
    return re.sub(r"\{([^}+]+)\+?\}", r"\1", path)
