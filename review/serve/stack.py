"""A stack that is served: its gateways, functions and backends, with a server for each API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ssl import SSLContext
from typing import Any, Final

import httpx

from ..aws.catalog import types
from ..aws.gateway.api import ApiKind
from ..aws.model.model import AwsModel
from ..confine.folders import repositories
from ..evaluate.project_file import Project
from ..graph import Graph, Resource
from ..graph.given import held
from ..graph.reading import peek
from ..reach import trace
from ..report.diagram import draw
from ..report.render.drawing import svg
from ..rules import RULES, Severity, Status
from ..rules.check import findings_of
from . import functions_by_arn
from .apis import served_apis
from .asgi import Answer, Server, application, guarded
from .asgi import Application as AsgiApplication
from .authorization import Authorization
from .aws_calls import AwsCaller
from .aws_endpoint import AwsEndpoint
from .backends import Backends, echo, local_client
from .callers import Callers
from .certificate import Certificate
from .functions import Function
from .functions_by_arn import UnjudgedCaller
from .gateway import Gateway
from .inputs import unread_inputs
from .integrations import Integrations
from .issuer import Issuer
from .keys import Buckets, Keys
from .network import Network
from .relays import Relays
from .request import Say, Told
from .sandbox import Sandbox
from .unpacked import Room, Sources, UnsupportedRuntimeError

_PAGE: Final = "page"
_AWS: Final = "AWS of "
WEBHOOK_SECRET: Final = "WEBHOOK_SECRET"  # noqa: S105 # a name
"""Variable of a function that checks the sender's signature."""
_SIGNATURES: Final = (
    "Printed signatures of webhooks are for an empty body. Those of Stripe and Slack are valid for toleranceSeconds. "
    "Sign other bodies yourself."
)
_OTHER_CALLS: Final = (
    "Connections of functions to addresses that are not in their environment are not judged, and leave this machine. "
    "Of some AWS services a request does not say which operation it is: such a call is judged by the network alone."
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a stack is served."""

    backends: Sequence[str] = ()
    functions: Sequence[str] = ()
    """`NAME=FOLDER` for functions that the stack names only by ARN."""
    port: int = 0
    """Port of the first API, the others follow; 0 takes free ones."""
    aws_endpoint: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    project: Project | None = None
    """Functions do not see its repository, except the SDK in the `node_modules` of the program."""
    tls: Certificate | None = None
    """If set, the APIs are served by `https` with it."""
    clock: Callable[[], float] | None = None
    """Clock of throttles, for tests."""


class Stack:
    """A graph that is served on this machine."""

    def __init__(self, graph: Graph, options: Options, say: Say, told: Told, replaced: Stack | None = None) -> None:
        """`replaced` is an earlier version of the stack, whose ports, keys and tokens stay."""
        self.graph, self._options, self._say, self._told = graph, options, say, told
        self.model = AwsModel(graph)
        self.apis = served_apis(self.model)
        self._reach = trace(self.model)
        self.issuer: Issuer = replaced.issuer if replaced else Issuer()
        self._ports = replaced.ports() if replaced else {}
        self._first_port = 0 if replaced else options.port
        clock = {"clock": options.clock} if options.clock else {}
        self.keys: Keys = Keys(self.model, replaced.keys if replaced else None)
        self._buckets = Buckets(**clock)
        self._cleanup: list[Callable[[], Awaitable[None]]] = []
        self._functions: dict[str, Function | str] = {}
        self._named_by_arn = functions_by_arn.names(self.apis)
        self._by_arn: dict[str, Resource] = {}
        """Those that folders of this machine serve."""
        self.unread = unread_inputs(self.model, self.apis)
        """Inputs that are set and that no answer here depends on."""
        self.gateways: list[Gateway] = []
        self.urls: dict[str, str] = {}
        """`http://127.0.0.1:port`, or `https://` with TLS, by the API's name."""
        self.aws_urls: dict[str, str] = {}
        """Addresses of AWS's API for backends, each of which judges by the backend's network and role."""
        self.page_url = ""

    async def start(self, page: Answer | None = None) -> None:
        """Start everything, or nothing. `page` answers on a port of its own.

        Raises OSError if a port is in use, and BackendError.
        """
        try:
            await self._start()
            if page is not None:
                served = guarded(application(page), pages=True)
                self.page_url = f"http://{await self._serve(served, self._ports.get(_PAGE, 0))}/"
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        options = self._options
        network = Network(self._reach)
        # Each call has its route's own time-out.
        client = local_client()
        self._cleanup.append(client.aclose)
        backends = Backends(options.backends, await self._serve(echo), self.backend_names(), client)
        relays = Relays(network, backends.address, self._say)
        self._cleanup.append(relays.stop)
        self._by_arn = functions_by_arn.from_folders(options.functions, self._named_by_arn, self.graph.region)
        aws = AwsEndpoint(self.graph, options.aws_endpoint, options.answers, self._say)
        await self._start_functions(relays, aws)
        for name, resource in self.backend_names().items():
            if any(self._reach.granted.paths(self.model.nodes.of(resource))):
                port = self._ports.get(f"{_AWS}{name}", 0)
                served = guarded(aws.for_caller(AwsCaller(self._reach, resource)))
                self.aws_urls[name] = f"http://{await self._serve(served, port)}"
        sandbox = Sandbox()
        self._cleanup.append(sandbox.stop)
        integrations = Integrations(network, backends, self._functions, self._by_arn, relays.of, client, sandbox)
        authorization = Authorization(self.issuer, integrations.call_authorizer, self.graph.region, sandbox)
        for index, api in enumerate(self.apis):
            callers = Callers(api, self._reach)
            gateway = Gateway(
                api, self.graph.account, callers, self.keys, authorization, integrations, self._buckets, self._told,
                secure=options.tls is not None,
            )  # fmt: skip
            self.gateways.append(gateway)
            wanted = self._ports.get(api.name) or (self._first_port and self._first_port + index)
            scheme, context = ("https", options.tls.context) if options.tls else ("http", None)
            self.urls[api.name] = f"{scheme}://{await self._serve(gateway, wanted, context)}"

    async def _start_functions(self, relays: Relays, aws: AwsEndpoint) -> None:
        """Prepare each function that a route or an authorizer calls."""
        routes = [api.in_stage(route, stage) for api in self.apis for route in api.routes for stage in api.stages]
        called = [
            function
            for route in routes
            for function in (route.integration.function, route.authorizer and route.authorizer.function)
        ]
        callers = [AwsCaller(self._reach, resource) for resource in {one.urn: one for one in called if one}.values()]
        callers += [UnjudgedCaller(self._reach, resource) for resource in self._by_arn.values()]
        apart = [source for function in self._by_arn.values() for source in functions_by_arn.sources(function)]
        project = self._options.project
        apart += [*repositories(project.root), project.program] if project else []
        sources = Sources(project.program if project else None, hidden=apart)
        for caller in callers:
            function = caller.function
            relays.of.setdefault(function.urn, []).append(caller)
            try:
                endpoint = f"http://{await self._serve(guarded(aws.for_caller(caller)))}"
                named = self._by_arn.get(function.name) is function
                own = replace(sources, roots=functions_by_arn.sources(function) if named else self.graph.roots)
                prepared = await Function.prepared(function, await relays.variables(function), self._say, endpoint, own)
            except UnsupportedRuntimeError as problem:
                self._functions[function.urn] = str(problem)
                self._say(str(problem))
            else:
                self._functions[function.urn] = prepared
                self._cleanup.append(prepared.stop)

    async def reload(self) -> None:
        """Start every function again, with its code as it is now."""
        room = Room()
        for urn, function in self._functions.items():
            if isinstance(function, Function):
                try:
                    fresh = self._functions[urn] = await function.again(room)
                except UnsupportedRuntimeError as problem:
                    self._say(f"not taken over: {problem}")
                    continue
                self._cleanup[self._cleanup.index(function.stop)] = fresh.stop
                await function.stop()

    async def _serve(self, served: AsgiApplication, port: int = 0, tls: SSLContext | None = None) -> str:
        server = Server(served, tls)
        self._cleanup.append(server.stop)
        return await server.start(port)

    @property
    def tls(self) -> Certificate | None:
        return self._options.tls

    def client(self, seconds: float | None = None) -> httpx.AsyncClient:
        """A client that calls the APIs."""
        return local_client(seconds, self.tls.trusted() if self.tls else None)

    def ports(self) -> dict[str, int]:
        """The ports by the API's name, and the page's, for a stack that replaces this one."""
        endpoints = {f"{_AWS}{name}": url for name, url in self.aws_urls.items()}
        urls = {**self.urls, **endpoints, _PAGE: self.page_url.rstrip("/")}
        return self._ports | {name: int(url.rpartition(":")[2]) for name, url in urls.items()}

    def picture(self) -> str:
        """The review's picture of the stack, as SVG."""
        return svg(draw(self.graph, self._reach.paths, self.model), alone=True)

    def not_served(self) -> Iterator[str]:
        """Sentences on what differs here from AWS."""
        if self.graph.of_type(*types.WEB_ACL):
            yield "The rules of the web ACL are not evaluated."
        if any(api.kind is ApiKind.WEBSOCKET for api in self.model.apis.all):
            yield "WebSocket APIs are not served."
        if names := ", ".join(resource.name for resource in self.graph if resource.remote):
            yield f"The program does not show the resources of {names}, which another process declares."
        hosts = {way.target for way in self._reach.inbound if way.backend is None and "://" in way.target}
        if (names := ", ".join([*self.backend_names(), *sorted(hosts)])) and not self._options.backends:
            yield f"Requests to {names} are returned as JSON. Start your backend, and name it with --backend."
        if not self.apis:
            yield "No API is served: this stack declares none that can be served."
        yield from (f"{function}." for function in self._functions.values() if isinstance(function, str))
        yield from functions_by_arn.differences(self._named_by_arn, self._by_arn)
        functions = self.graph.of_type(*types.FUNCTION)
        if any(peek(function, "environment", "variables", WEBHOOK_SECRET) for function in functions):
            yield _SIGNATURES
        if any(isinstance(function, Function) for function in self._functions.values()):
            yield _OTHER_CALLS
        asked = (rule for rule in RULES.values() if rule.id.startswith("FIT-") and rule.severity is Severity.HIGH)
        for finding in (finding for rule in asked for finding in findings_of(rule, self._reach, [])):
            if finding.status is Status.FAILED:
                yield f"{finding.message}: AWS refuses it, or it does not work there ({finding.rule.id} of the review)."
        private = any(api.is_private for api in self.apis)
        for resource in (endpoint.resource for endpoint in self.model.api_endpoints if private):
            if held(resource, "privateDnsEnabled") is not True:
                yield f"{resource.name} has no private DNS: on AWS, call the endpoint's own host name."
        yield from (f"{part['resource']}: {part['input']} is not served." for part in self.unread)

    def backend_names(self) -> dict[str, Resource]:
        """Machines and services at which requests end, by the names that the review gives them."""
        kinds = (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)
        return {self.model.names.of(end): end for end in self._reach.backends.values() if end.type in kinds}

    async def stop(self) -> None:
        """End every process and close every port."""
        await asyncio.gather(*(end() for end in self._cleanup))
        self._cleanup.clear()
