"""TLS to the backend, loaded only for `https`, since it costs a cold start 8 ms and its certificates 20 more."""

import socket
import ssl
from collections.abc import Callable

# How a socket that never blocks says that it has to wait.
AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def securing() -> Callable[[socket.socket, str], socket.socket]:
    """A function that lays TLS over a socket connected to a host.

    Certificates and names are checked; SSL_CERT_FILE adds an authority of one's own.
    """
    context = ssl.create_default_context()

    def secure(opened: socket.socket, host: str) -> socket.socket:
        # A close without TLS's own word for it is an error, since it may cut an answer short (RFC 9112 9.8).
        return context.wrap_socket(opened, server_hostname=host, suppress_ragged_eofs=False)

    return secure
