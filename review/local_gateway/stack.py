"""A stack that is served: its gateways, functions and backends, with a server for each API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from ..aws.catalog import types
from ..aws.gateway import signatures
from ..aws.gateway.api import ApiKind
from ..aws.model.model import AwsModel
from ..evaluate.project_file import Project
from ..graph import Graph, Resource
from ..graph.evidence import get_deployed_input
from ..paths import trace_paths
from . import functions_by_arn
from .apis import list_served_apis
from .asgi import Application as AsgiApplication
from .asgi import Ports, Server, guard_application
from .authorization import Authorization
from .backends import Backends, echo, make_local_client, refuse_aws_calls
from .callers import Callers
from .functions import Function
from .gateway import Gateway
from .inputs import list_unread_inputs
from .integrations import Integrations
from .issuer import Issuer
from .keys import Buckets, Keys
from .network import Network
from .relays import Relays
from .request import OnTrace, Say
from .unpacked import UnsupportedRuntimeError

_PAGE: Final = "the page"
_SIGNATURES: Final = (
    "Printed signatures of webhooks are for an empty body. Those with a timestamp are valid for toleranceSeconds. "
    "Sign other bodies yourself."
)
_OTHER_CALLS: Final = (
    "Connections of functions to addresses that are not in their environment are not judged, and leave this machine."
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a served stack."""

    backends: Sequence[str] = ()
    functions: Sequence[str] = ()
    """`NAME=FOLDER` for functions that the stack names only by ARN."""
    port: int = 0
    """Port of the first API, the others follow; 0 takes free ones."""
    aws_endpoint: str = ""
    """Address of an emulator that answers the AWS calls of functions."""
    project: Project | None = None
    """Functions in Node.js find the AWS SDK in the `node_modules` of its program."""
    clock: Callable[[], float] | None = None
    """Clock of throttles, for tests."""


class Stack:
    """A graph that is served on this machine."""

    def __init__(
        self, graph: Graph, options: Options, say: Say, on_trace: OnTrace, replaced: Stack | None = None
    ) -> None:
        """`replaced` is an earlier version of the stack, whose ports, keys and tokens stay."""
        self.graph, self._options, self._say, self._on_trace = graph, options, say, on_trace
        self.model = AwsModel(graph)
        self.apis = list_served_apis(self.model)
        self.reach = trace_paths(self.model)
        self.issuer: Issuer = replaced.issuer if replaced else Issuer()
        self._ports: Ports = replaced._ports if replaced else Ports(options.port)
        self._is_first = replaced is None
        clock = {"clock": options.clock} if options.clock else {}
        self.keys: Keys = Keys(self.model, replaced.keys if replaced else None)
        self._buckets = Buckets(**clock)
        self._cleanup: list[Callable[[], Awaitable[None]]] = []
        self._functions: dict[str, Function | str] = {}
        self._named_by_arn = functions_by_arn.list_undeclared(self.apis)
        self._by_arn: dict[str, Resource] = {}
        """Those that folders of this machine serve."""
        self.unread = list_unread_inputs(self.model, self.apis)
        """Inputs that are set and that no answer here depends on."""
        self.gateways: list[Gateway] = []
        self.urls: dict[str, str] = {}
        """`http://127.0.0.1:port` by the API's name."""
        self.page_url = ""

    async def start(self, page: AsgiApplication | None = None) -> None:
        """Start everything, or nothing. `page` is served on a port of its own.

        Raises OSError if a port is in use, and BackendError.
        """
        try:
            await self._start()
            if page is not None:
                self.page_url = f"http://{await self._serve(page, _PAGE)}/"
            self._ports.keep()
        except BaseException:
            await self.stop(replaced=not self._is_first)
            raise

    async def _start(self) -> None:
        options = self._options
        network = Network(self.reach)
        # Each call has its route's own time-out.
        client = make_local_client()
        self._cleanup.append(client.aclose)
        backends = Backends(options.backends, await self._serve(echo), self.name_backends(), client)
        relays = Relays(network, backends.find_address, self._say)
        self._cleanup.append(relays.stop)
        self._by_arn = functions_by_arn.read_folders(options.functions, self._named_by_arn, self.graph.region)
        await self._start_functions(relays)
        integrations = Integrations(network, backends, self._functions, self._by_arn, relays.of, client)
        authorization = Authorization(self.issuer, integrations.call_authorizer, self.graph.region)
        for place, api in enumerate(self.apis):
            callers = Callers(api, self.reach)
            gateway = Gateway(
                api, self.graph.account, callers, self.keys, authorization, integrations, self._buckets, self._on_trace
            )
            self.gateways.append(gateway)
            self.urls[api.name] = f"http://{await self._serve(gateway, api.name, place)}"

    async def _start_functions(self, relays: Relays) -> None:
        """Prepare each function that a route or an authorizer calls."""
        called: dict[str, Resource] = {}
        for api in self.apis:
            for route in api.routes:
                functions = (route.integration.function, route.authorizer and route.authorizer.function)
                called |= {function.urn: function for function in functions if function}
        called |= {function.urn: function for function in self._by_arn.values()}
        project = self._options.project.program if self._options.project else None
        refusing = (
            "" if self._options.aws_endpoint else await self._serve(guard_application(refuse_aws_calls(self._say)))
        )
        for function in called.values():
            endpoint = self._options.aws_endpoint or f"http://{refusing}/{function.name}"
            variables = await relays.build_variables(function)
            try:
                prepared = await asyncio.to_thread(Function, function, variables, self._say, endpoint, project)
            except UnsupportedRuntimeError as problem:
                self._functions[function.urn] = str(problem)
                self._say(str(problem))
            else:
                self._functions[function.urn] = prepared
                self._cleanup.append(prepared.stop)

    async def _serve(self, served: AsgiApplication, name: str = "", place: int | None = None) -> str:
        """Serve an application: on the port of a name, or on a free one."""
        server = Server(served)
        self._cleanup.append(server.stop)
        return await server.start(self._ports.listen(name, place) if name else None)

    def make_client(self, seconds: float | None = None) -> httpx.AsyncClient:
        """A client that calls the APIs."""
        return make_local_client(seconds)

    def describe_unserved(self) -> Iterator[str]:
        """Sentences on what differs here from AWS."""
        if self.graph.list_by_type(*types.WEB_ACL, *types.ACL_ASSOCIATION):
            yield "The rules of the web ACL are not evaluated."
        if any(api.kind is ApiKind.WEBSOCKET for api in self.model.apis.all):
            yield "WebSocket APIs are not served."
        if names := ", ".join(resource.name for resource in self.graph if resource.remote):
            yield f"The program does not show the resources of {names}, which another process declares."
        hosts = {way.target for way in self.reach.inbound if way.backend is None and "://" in way.target}
        if (names := ", ".join([*self.name_backends(), *sorted(hosts)])) and not self._options.backends:
            yield f"Requests to {names} are returned as JSON. Start your backend, and name it with --backend."
        if not self.apis:
            yield "No API is served: this stack declares none that can be served."
        yield from (f"{function}." for function in self._functions.values() if isinstance(function, str))
        yield from functions_by_arn.list_differences(self._named_by_arn, self._by_arn)
        if signatures.list_checking_functions(self.graph):
            yield _SIGNATURES
        if any(isinstance(function, Function) for function in self._functions.values()):
            yield _OTHER_CALLS
        private = any(api.is_private for api in self.apis)
        for resource in (endpoint.resource for endpoint in self.model.api_endpoints if private):
            if get_deployed_input(resource, "privateDnsEnabled") is not True:
                yield f"{resource.name} has no private DNS: on AWS, call the endpoint's own host name."
        yield from (f"{part['resource']}: {part['input']} is not served." for part in self.unread)

    def name_backends(self) -> dict[str, Resource]:
        """Machines and services at which requests end, by the names that the review gives them."""
        kinds = (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)
        return {self.model.names.find(end): end for end in self.reach.backends.values() if end.type in kinds}

    async def stop(self, *, replaced: bool = False) -> None:
        """End every process and close every port; the ports stay open if another stack takes them over."""
        await asyncio.gather(*(end() for end in self._cleanup))
        self._cleanup.clear()
        if not replaced:
            self._ports.close()
