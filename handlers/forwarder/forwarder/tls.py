"""TLS to the backend. Loaded only for `https`: it adds 8 ms to a cold start, and its certificates 20 ms."""

import _socket
import socket
import ssl
from collections.abc import Callable

# Errors of a non-blocking socket that must wait.
AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


def load_tls() -> Callable[[_socket.socket, str], socket.socket]:
    """Returns a function that wraps a connected socket in TLS.

    Certificates and names are checked. SSL_CERT_FILE adds a certificate authority.
    """
    context = ssl.create_default_context()
    # Some Python versions ignore an unexpected end of TLS, which could truncate a response (RFC 9112 9.8).
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF

    def secure(opened: _socket.socket, host: str) -> socket.socket:
        timeout = opened.gettimeout()
        with socket.socket(fileno=opened.detach()) as plain:
            plain.settimeout(timeout)
            return context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)

    return secure
