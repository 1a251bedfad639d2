"""Judges by the review's reachability which calls arrive, and relays those of functions to local backends."""

import asyncio
import math
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ..aws import types
from ..aws.api import Api, Call
from ..aws.dns import Address
from ..graph import Resource
from ..graph.reading import mapping, peek, text
from ..reach import Reach
from ..reach.onward import Onward
from ..reach.path import Path
from .asgi import HOST, bound
from .request import Say

CHECK_SECONDS: Final = 5.0
"""How long a connection to a backend may take that checks whether it runs."""
_FRESH_SECONDS: Final = 1.0
"""Time after an answer of a backend in which it is not checked, so that a check costs no time under load."""
_CHUNK: Final = 65_536


@dataclass(frozen=True)
class Verdict:
    """Whether a call arrives, by which hops, and at which backends."""

    hops: tuple[str, ...]
    backends: tuple[Resource, ...]
    """Machines that it may arrive at, where the graph holds them."""
    blocked_by: str = ""
    """The first obstacle; empty if a path is open."""
    groups: tuple[Resource, ...] = ()
    """Target groups on the way, whose health checks apply."""


class Network:
    """The network of one stack."""

    def __init__(self, reach: Reach, *, lenient: bool) -> None:
        self._model, self._lenient = reach.model, lenient
        self._behind: dict[tuple[str, str], Verdict] = {}
        self._onward = Onward(reach.model, reach.connections)

    def to_function(self, api: Api, call: Call) -> str:
        """Why API Gateway may not invoke the function of a call. Empty if it may."""
        function, names = call.integration.function, self._model.names
        if function is None or call.integration.has_credentials or self._lenient:
            return ""
        if self._model.permissions.for_call(function, api, call) is not None:
            return ""
        return (
            f"no permission lets {names.of(api.resource)} invoke {names.of(function)}: declare "
            "aws.lambda_.Permission with the API's execution ARN as source_arn"
        )

    def behind(self, api: Api, call: Call) -> Verdict:
        """The path of a call from the API through a VPC link."""
        key = (api.resource.urn, call.name)
        if key not in self._behind:
            self._behind[key] = self._verdict(list(self._onward.behind(api, call)))
        return self._behind[key]

    def from_function(self, function: Resource, address: Address) -> Verdict:
        """The path of a function's call to an address of its environment."""
        return self._verdict(list(self._onward.called_by(function, address)))

    def _verdict(self, paths: list[Path]) -> Verdict:
        passable = [path for path in paths if path.open or self._lenient]
        chosen = passable or paths
        if not chosen:
            return Verdict((), (), "nothing is behind the integration")
        first = chosen[0]
        backends = {path.backend.urn: path.backend for path in chosen if path.backend is not None}
        hops = tuple(dict.fromkeys([*(hop.name for hop in first.hops if hop.name), *first.end()]))
        groups = tuple({group.urn: group for group in self._groups(first)}.values())
        return Verdict(hops, tuple(backends.values()), "" if passable else first.blocked_by, groups)

    def _groups(self, path: Path) -> Iterator[Resource]:
        for hop in path.hops:
            if hop.resource is not None and hop.resource.type in types.LOAD_BALANCER:
                for listener in self._model.balancers.listeners(hop.resource):
                    yield from self._model.balancers.groups(listener)


class Relays:
    """Local addresses in place of those that functions call."""

    def __init__(self, network: Network, backend_of: Callable[[Verdict], str], say: Say) -> None:
        """`backend_of` gives the local `host:port` of a call that arrives."""
        self._network, self._backend_of, self._say = network, backend_of, say
        self.of: dict[str, list[Relay]] = {}
        """By the URN of the function."""

    async def variables(self, function: Resource) -> dict[str, str]:
        """The function's environment, with addresses of this machine in place of the network's."""
        found: dict[str, str] = {}
        for name, value in mapping(peek(function, "environment", "variables")).items():
            plain = text(value)
            address = Address.of(plain)
            found[name] = plain if address is None else await self._local(function, plain, address)
        return found

    async def _local(self, function: Resource, url: str, address: Address) -> str:
        verdict = self._network.from_function(function, address)
        if verdict.blocked_by:
            self._say(f"{function.name} → {address.host}:{address.port}: {verdict.blocked_by}")
        relay = Relay(verdict, "" if verdict.blocked_by else self._backend_of(verdict))
        await relay.listen()
        self.of.setdefault(function.urn, []).append(relay)
        netloc = url.partition("://")[2].partition("/")[0]
        # The relay uses plain HTTP to a backend on this machine, also if the stack's backend uses TLS.
        return url.replace(netloc, f"{HOST}:{relay.port}", 1).replace("https://", "http://", 1)

    async def stop(self) -> None:
        for relay in (one for found in self.of.values() for one in found):
            relay.close()


class Relay:
    """One address that a function calls: it forwards to a backend, or refuses as the network would."""

    def __init__(self, verdict: Verdict, target: str) -> None:
        """`target` is the backend's `host:port`; empty if the network blocks the call."""
        self.verdict, self._target = verdict, target
        self.sent = 0
        """How often the function sent something."""
        self._socket = bound()
        self.port = int(self._socket.getsockname()[1])
        self._server: asyncio.Server | None = None
        self._following = asyncio.Lock()
        self._answered = -math.inf
        """When the backend last sent something."""

    async def listen(self) -> None:
        self._server = self._server or await asyncio.start_server(self._serve, sock=self._socket)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None
        self._socket.close()

    async def follow(self) -> str:
        """Listen only if the backend does: the function's connection is refused like on AWS. Returns why it does not.

        An accepted connection that ends is a reset, which sends the reader to another fault.
        """
        if time.monotonic() - self._answered < _FRESH_SECONDS:
            return ""
        async with self._following:
            if not self._target or await accepts(self._target):
                await self.listen()
                return ""
            if self._server is not None:
                self.close()
                # The function keeps the address, so nothing else on this machine may get it meanwhile.
                self._socket = bound(self.port)
            return refusal(self._target)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        try:
            await self._forward(reader, ends)
        except asyncio.CancelledError:
            # The gateway ends, and no connection outlives its loop.
            for end in ends:
                end.transport.abort()
            raise

    async def _forward(self, reader: asyncio.StreamReader, ends: list[asyncio.StreamWriter]) -> None:
        """Forward a connection, and put the one to the backend beside it."""
        (writer,) = ends
        self.sent += 1
        if not self._target:
            # A packet that a security group drops has no answer: the caller waits until its own time-out.
            with suppress(ConnectionError):
                await reader.read()
            writer.close()
            return
        host, _, port = self._target.rpartition(":")
        try:
            inner, outer = await asyncio.open_connection(host, int(port))
        except OSError:
            writer.transport.abort()
            return
        ends.append(outer)
        await asyncio.gather(self._copy(reader, outer, sends=True), self._copy(inner, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, sends: bool = False) -> None:
        with suppress(ConnectionError, OSError):
            while data := await reader.read(_CHUNK):
                if sends:
                    self.sent += 1
                else:
                    self._answered = time.monotonic()
                writer.write(data)
                await writer.drain()
        with suppress(ConnectionError, OSError):
            if writer.can_write_eof():
                writer.write_eof()
            writer.close()


async def accepts(address: str) -> bool:
    """Whether something on this machine accepts connections at `host:port`."""
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), CHECK_SECONDS)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def refusal(address: str) -> str:
    """The sentence for a backend that is down."""
    return f"{address} accepts no connections: start your backend, or name another by --backend"
