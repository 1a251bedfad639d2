"""Local addresses in place of those that functions call: each relays to a backend, or refuses as the network would."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ..aws.compute.functions import read_environment
from ..graph import Resource
from ..graph.reading import as_text
from .asgi import HOST
from .exchange import Exchange, ExchangeReader
from .network import Network, Verdict
from .request import Say

_CHUNK: Final = 65_536
_MOST_EXCHANGES: Final = 200


class Relays:
    """Local addresses in place of those that functions call."""

    def __init__(self, network: Network, backend_of: Callable[[Verdict], str], say: Say) -> None:
        """`backend_of` gives the local `host:port` of a call that arrives."""
        self._network, self._backend_of, self._say = network, backend_of, say
        self.of: dict[str, list[Relay]] = {}
        """By the URN of the function."""

    async def build_variables(self, function: Resource) -> dict[str, str]:
        """The function's environment, with addresses of this machine in place of the network's."""
        variables: dict[str, str] = {}
        for name, value in read_environment(function).items():
            plain = as_text(value)
            verdict = self._network.trace_environment(function, plain)
            variables[name] = plain if verdict is None else await self._replace_address(function, plain, verdict)
        return variables

    async def _replace_address(self, function: Resource, url: str, verdict: Verdict) -> str:
        if verdict.blocked_by:
            self._say(f"{function.name}: {verdict.blocked_by}")
        relay = Relay(verdict, "" if verdict.blocked_by else self._backend_of(verdict))
        await relay.listen()
        self.of.setdefault(function.urn, []).append(relay)
        netloc = url.partition("://")[2].partition("/")[0]
        # The relay uses plain HTTP to a backend on this machine, also if the stack's backend uses TLS.
        return url.replace(netloc, f"{HOST}:{relay.port}", 1).replace("https://", "http://", 1)

    async def stop(self) -> None:
        for relays in self.of.values():
            for relay in relays:
                relay.close()


class Relay:
    """One address that a function calls: it forwards to a backend, or refuses as the network would."""

    def __init__(self, verdict: Verdict, target: str) -> None:
        """`target` is the backend's `host:port`; empty if the network blocks the call."""
        self.verdict, self._target = verdict, target
        self.sent = 0
        """Number of times that the function sent data."""
        self.down = ""
        """Why the backend got nothing of the last connection."""
        self.exchanges: deque[Exchange] = deque(maxlen=_MOST_EXCHANGES)
        """The last requests."""
        self.port = 0
        self._server: asyncio.Server | None = None

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

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
            self.down = describe_refusal(self._target)
            writer.transport.abort()
            return
        self.down = ""
        ends.append(outer)
        seen = ExchangeReader(self._target, self.exchanges)
        await asyncio.gather(
            self._copy(reader, outer, seen.read_request, sends=1), self._copy(inner, writer, seen.read_response)
        )

    async def _copy(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        show: Callable[[bytes], None],
        *,
        sends: int = 0,
    ) -> None:
        with suppress(ConnectionError, OSError):
            while data := await reader.read(_CHUNK):
                self.sent += sends
                show(data)
                writer.write(data)
                await writer.drain()
        with suppress(ConnectionError, OSError):
            if writer.can_write_eof():
                writer.write_eof()
            writer.close()


def describe_refusal(address: str) -> str:
    """The sentence for a backend that is down."""
    return f"{address} accepts no connections: start your backend, or name another by --backend"
