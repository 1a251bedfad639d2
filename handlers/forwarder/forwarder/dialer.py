"""New connections to the backend."""

# What `socket` and `threading` are made of. Their enums, files and selectors, of which nothing is needed here, would
# cost every cold start 2 and 1 ms.
# `collections.abc` without its own file.
from _collections_abc import Sequence
from _socket import IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, getaddrinfo, socket

from .configuration import Backend
from .connection import Connection
from .deadline import Deadline
from .refusal import Refused

# What `getaddrinfo` gives: family, type, protocol, canonical name, address.
Addresses = Sequence[tuple[int, int, int, str, tuple[object, ...]]]


class Dialer:
    """Opens connections, by TLS for https."""

    def __init__(self, backend: Backend) -> None:
        """Loads what TLS needs, some 30 ms, once and before the first request."""
        self._backend = backend
        self._again: tuple[type[BaseException], ...] = (BlockingIOError,)
        self._secure = None
        if backend.tls:
            from . import tls

            self._again, self._secure = tls.AGAIN, tls.securing()

    def open(self, deadline: Deadline) -> Connection:
        """A connection to the first address that takes it. Raises Refused with 502 or 504."""
        addresses = _addresses(self._backend, deadline)
        failed = Refused(502, "the backend's name has no address", "dns")
        for position, (family, kind, protocol, _, address) in enumerate(addresses):
            # A dead address may not use up the time of those after it.
            share = deadline.left() / (len(addresses) - position)
            try:
                opened = socket(family, kind, protocol)
            except OSError:
                failed = Refused(502, "the backend cannot be reached", "unreachable")
                continue
            try:
                opened.settimeout(share)
                opened.connect(address)
                return self._ready(opened, deadline)
            except TimeoutError:
                failed = Refused(504, "the backend did not answer in time", "timeout")
            except ConnectionRefusedError:
                failed = Refused(502, "the backend refuses connections", "refused")
            except OSError:
                failed = Refused(502, "the backend cannot be reached", "unreachable")
            except Refused as refused:
                failed = refused
            opened.close()
        raise failed

    def _ready(self, opened: socket, deadline: Deadline) -> Connection:
        """What is left to do once TCP is connected."""
        # A head and its body may go in two pieces, and the second is not to wait until the first is acknowledged.
        opened.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        if self._secure is not None:
            opened.settimeout(deadline.left())
            try:
                opened = self._secure(opened, self._backend.host)
            except TimeoutError:
                raise
            except OSError:
                raise Refused(502, "no TLS connection to the backend can be made", "tls") from None
        opened.setblocking(False)
        return Connection(opened, self._again, gathers=self._secure is None)


def _addresses(backend: Backend, deadline: Deadline) -> Addresses:
    if ":" in backend.host or backend.host.replace(".", "").isdigit():
        return look_up(backend.host, backend.port)
    # The address of an instance needs no resolver.
    from .resolver import resolve

    return resolve(backend.host, backend.port, deadline)


def look_up(host: str, port: int) -> Addresses:
    """The addresses; none for a name that does not resolve."""
    try:
        # As bytes, so that no codec for international names is loaded: the host is ASCII.
        return getaddrinfo(host.encode(), port, type=SOCK_STREAM)
    except OSError:
        return []
