"""A stack that is served: its gateways, functions and backends, with a server for each API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from ..evaluate.project_file import Project
from ..graph import Graph, Resource
from ..graph.reading import as_text
from ..reach.statements import Statements, describe
from . import functions_by_arn
from .apis import ServedApi, list_served_apis
from .asgi import Application as AsgiApplication
from .asgi import Ports, Server, guard_application
from .authorization import Authorization
from .backends import Backends, echo, make_local_client, refuse_aws_calls
from .callers import Callers
from .functions import Function
from .gateway import Gateway
from .integrations import Integrations
from .issuer import Issuer
from .keys import Buckets, Keys
from .network import Network
from .relays import Relays
from .request import OnTrace, Say
from .unpacked import UnsupportedRuntimeError
from .unread import Unread, list_faults_of_document, list_unread

_PAGE: Final = "the page"
_BACKENDS: Final = ("Ec2Backend", "FargateBackend")
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
        self.statements = Statements(graph)
        self.network = Network(graph, self.statements)
        self.apis = list_served_apis(self.statements, self.network.list_unstated)
        self.issuer: Issuer = replaced.issuer if replaced else Issuer()
        self._ports: Ports = replaced._ports if replaced else Ports(options.port)
        self._is_first = replaced is None
        clock = {"clock": options.clock} if options.clock else {}
        self.keys: Keys = Keys(graph, replaced.keys if replaced else None)
        self.buckets = Buckets(**clock)
        self._cleanup: list[Callable[[], Awaitable[None]]] = []
        self._functions: dict[str, Function | str] = {}
        self._named_by_arn = functions_by_arn.list_undeclared(self.apis)
        self._by_arn: dict[str, Resource] = {}
        """Those that folders of this machine serve."""
        self.unread = [*dict.fromkeys(self._list_unread())]
        """What is not served, each once."""
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
        # Each call has its route's own time-out.
        client = make_local_client()
        self._cleanup.append(client.aclose)
        backends = Backends(options.backends, await self._serve(echo), self.name_backends(), client)
        relays = Relays(self.network, backends.find_address, self._say)
        self._cleanup.append(relays.stop)
        self._by_arn = functions_by_arn.read_folders(options.functions, self._named_by_arn, self.graph.region)
        await self._start_functions(relays)
        integrations = Integrations(
            self.graph, self.network, backends, self._functions, self._by_arn, relays.of, client
        )
        authorization = Authorization(self.issuer, integrations.call_authorizer, self.graph.region)
        for place, api in enumerate(self.apis):
            callers = Callers(self.graph, self.statements, api)
            gateway = Gateway(
                api, self.graph.account, callers, self.keys, authorization, integrations, self.buckets, self._on_trace
            )
            self.gateways.append(gateway)
            self.urls[api.name] = f"http://{await self._serve(gateway, api.name, place)}"

    async def _start_functions(self, relays: Relays) -> None:
        """Prepare each function that a route or an authorizer calls."""
        called = {function.urn: function for function in (*self._list_called(), *self._by_arn.values())}
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

    def _list_called(self) -> Iterator[Resource]:
        """Functions of the stack that a route or an authorizer calls."""
        for route in (route for api in self.apis for route in api.routes):
            yield from filter(None, (route.function, route.authorizer and route.authorizer.function))

    async def _serve(self, served: AsgiApplication, name: str = "", place: int | None = None) -> str:
        """Serve an application: on the port of a name, or on a free one."""
        server = Server(served)
        self._cleanup.append(server.stop)
        return await server.start(self._ports.listen(name, place) if name else None)

    def make_client(self, seconds: float | None = None) -> httpx.AsyncClient:
        """A client that calls the APIs."""
        return make_local_client(seconds)

    def _list_unread(self) -> Iterator[Unread]:
        served = [child for api in self.apis for child in self._list_declared(api)]
        parts = [self.statements.find_owner(one.urn) for one in self._list_called()]
        for api in self.apis:
            parts += map(self.statements.find, (ref for to in api.part.get_map("to").values() for ref in to.values()))
            parts += [self.statements.find_owner(urn) for urn in self._list_backends(api)]
        served += [self.graph.resources[urn] for part in parts if part for urn in self.statements.list_members(part)]
        yield from list_unread(self.graph, self.statements, [*served, *self._list_called()])
        for api in self.apis:
            name, kind = api.resource.name, api.resource.kind
            yield from (Unread(name, kind, fault) for fault in list_faults_of_document(api.document))
            for route in api.routes:
                yield from (Unread(name, kind, f"{route.name}: {fault}") for fault in route.unserved)

    def _list_declared(self, api: ServedApi) -> list[Resource]:
        return self.graph.list_children(api.part.resource.urn)

    def _list_backends(self, api: ServedApi) -> Iterator[str]:
        """Components at which the ways of an API end."""
        for route in api.routes:
            if route.kind == "HTTP_PROXY" and not route.unserved:
                yield from (backend.urn for backend in self.network.trace_link(api, route).backends)

    def describe_unserved(self) -> Iterator[str]:
        """Sentences on what differs here from AWS."""
        if any(api.part.get("firewall") for api in self.apis):
            yield "The rules of the web ACL are not evaluated."
        if names := ", ".join(resource.name for resource in self.graph if resource.remote):
            yield f"The program does not show the resources of {names}, which another process declares."
        names = ", ".join([*self.name_backends(), *self._list_foreign_hosts()])
        if names and not self._options.backends:
            yield f"Requests to {names} are returned as JSON. Start your backend, and name it with --backend."
        if not self.apis:
            yield "No API is served: no ApiFront of this stack declares one."
        yield from (f"{function}." for function in self._functions.values() if isinstance(function, str))
        yield from functions_by_arn.list_differences(self._named_by_arn, self._by_arn)
        if any(self.network.find_checks(api, route) for api in self.apis for route in api.routes):
            yield _SIGNATURES
        if any(isinstance(function, Function) for function in self._functions.values()):
            yield _OTHER_CALLS
        for part in self.statements.list_of("PrivateApiEndpoint") if any(api.is_private for api in self.apis) else ():
            if part.get("privateDns") is False:
                yield f"{part.name} has no private DNS: on AWS, call the endpoint's own host name."
        yield from (f"{one}." for one in self.unread)

    def _list_foreign_hosts(self) -> list[str]:
        """Servers outside the stack that its forwarders call."""
        proxies = self.statements.list_of("ServerlessProxy")
        urls = {url for proxy in proxies if isinstance(url := proxy.get("to", "url"), str)}
        for part in self.statements.list_of("ExistingIngress"):
            urls.add(as_text(part.get("listener")) or describe(self.graph, part.get("listener")))
        return sorted(urls)

    def name_backends(self) -> dict[str, Resource]:
        """Backends of the stack, by the names that the review gives them."""
        return {part.name: part.resource for part in self.statements.list_of(*_BACKENDS)}

    async def stop(self, *, replaced: bool = False) -> None:
        """End every process and close every port; the ports stay open if another stack takes them over."""
        await asyncio.gather(*(end() for end in self._cleanup))
        self._cleanup.clear()
        if not replaced:
            self._ports.close()
