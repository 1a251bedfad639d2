"""New connections to the backend."""

# The modules below `socket` and `threading`, which would add 2 and 1 ms to every cold start for enums, files and
# selectors that are not needed here.
from _socket import IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, getaddrinfo, socket

from .configuration import Backend
from .connection import Addresses, Connection
from .deadline import Deadline
from .refusal import Refused


class Dialer:
    """Opens connections, with TLS for https."""

    def __init__(self, backend: Backend) -> None:
        """For https, loads TLS once, before the first request. This takes about 30 ms."""
        self._backend = backend
        self._again: tuple[type[BaseException], ...] = (BlockingIOError,)
        self._secure = None
        if backend.tls:
            from . import tls

            self._again, self._secure = tls.AGAIN, tls.load_tls(backend.authority_pem)
            self._name_failure = tls.name_failure

    def open(self, deadline: Deadline) -> Connection:
        """Connects to the first address that accepts. Raises Refused with 502 or 504."""
        addresses = _find_addresses(self._backend, deadline)
        failed = Refused(502, "the backend's name has no address", "dns")
        for position, (family, kind, protocol, _, address) in enumerate(addresses):
            # An address that does not respond must not use up the time of the addresses after it.
            share = deadline.remaining_seconds() / (len(addresses) - position)
            try:
                opened = socket(family, kind, protocol)
            except OSError:
                failed = Refused(502, "the backend cannot be reached", "unreachable")
                continue
            try:
                opened.settimeout(share)
                opened.connect(address)
                return self._prepare(opened, deadline)
            except TimeoutError:
                failed = Refused(504, "the backend did not answer in time", "timeout")
            except (ConnectionRefusedError, ConnectionResetError):
                failed = Refused(502, "the backend refuses connections", "refused")
            except OSError:
                failed = Refused(502, "the backend cannot be reached", "unreachable")
            except Refused as refused:
                failed = refused
            opened.close()
        raise failed

    def _prepare(self, opened: socket, deadline: Deadline) -> Connection:
        """Prepares a connected socket."""
        # Head and body may be sent in two pieces; the second must not wait for the acknowledgment of the first.
        opened.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        if self._secure is not None:
            opened.settimeout(deadline.remaining_seconds())
            try:
                opened = self._secure(opened, self._backend.host)
            except TimeoutError:
                raise
            except OSError as error:
                kind = self._name_failure(error)
                raise Refused(502, "no TLS connection to the backend can be made", kind) from None
        opened.setblocking(False)
        return Connection(opened, self._again, plain=self._secure is None)


def _find_addresses(backend: Backend, deadline: Deadline) -> Addresses:
    if ":" in backend.host or backend.host.replace(".", "").isdigit():
        return look_up(backend.host, backend.port)
    # The address of an instance needs no resolver.
    from .resolver import resolve

    return resolve(lambda: look_up(backend.host, backend.port), deadline)


def look_up(host: str, port: int) -> Addresses:
    """Returns the addresses. The list is empty if the name does not resolve."""
    try:
        # As bytes, so that the codec for international names is not loaded: the host is ASCII.
        return getaddrinfo(host.encode(), port, type=SOCK_STREAM)
    except OSError:
        return []
