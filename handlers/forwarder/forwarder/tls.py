"""TLS to the backend, loaded only for `https`, since it costs a cold start 8 ms and its certificates 20 more."""

import socket
import ssl

# How a socket that never blocks says that it has to wait.
AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

# Certificates and names are checked; SSL_CERT_FILE adds an authority of one's own.
_CONTEXT = ssl.create_default_context()


def secure(opened: socket.socket, host: str) -> socket.socket:
    """TLS over a connected socket. A close without TLS's own word for it is an error: it may cut an answer short."""
    return _CONTEXT.wrap_socket(opened, server_hostname=host, suppress_ragged_eofs=False)
