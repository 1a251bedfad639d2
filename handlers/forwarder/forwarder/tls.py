"""TLS to the backend, loaded only for `https`, since it costs a cold start 8 ms and its certificates 20 more."""

import _socket
import socket
import ssl
from collections.abc import Callable

# Errors of a socket that never blocks and has to wait.
AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def securing() -> Callable[[_socket.socket, str], socket.socket]:
    """A function that lays TLS over a connected socket, whose place it takes.

    Certificates and names are checked; SSL_CERT_FILE adds an authority of one's own.
    """
    context = ssl.create_default_context()
    # Some Pythons pass over a close without TLS's own word for it, which may cut an answer short (RFC 9112 9.8).
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF

    def secure(opened: _socket.socket, host: str) -> socket.socket:
        timeout = opened.gettimeout()
        with socket.socket(fileno=opened.detach()) as plain:
            plain.settimeout(timeout)
            return context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)

    return secure
