"""TLS to the backend. Loaded only for `https`: it adds 8 ms to a cold start, and its certificates 20 ms."""

import _socket
import socket
import ssl
from collections.abc import Callable

from .configuration import ConfigurationError

# Errors of a non-blocking socket that must wait.
AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


# https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error: self-signed, alone or in a chain, and no known issuer.
_UNKNOWN_AUTHORITY = (18, 19, 20, 21)
_EXPIRED = (9, 10)
_OTHER_NAME = (62, 64)


def load_tls(authority_pem: str) -> Callable[[_socket.socket, str], socket.socket]:
    """Returns a function that wraps a connected socket in TLS.

    Certificates and names are checked: against these authorities only if there are some, else against the public ones,
    to which SSL_CERT_FILE adds one. Raises ConfigurationError if the text has a broken certificate.
    """
    try:
        context = ssl.create_default_context(cadata=authority_pem or None)
    except (ssl.SSLError, ValueError):
        raise ConfigurationError("CERTIFICATE_AUTHORITY", "a broken certificate", "certificates as PEM") from None
    # Some Python versions ignore an unexpected end of TLS, which could truncate a response (RFC 9112 9.8).
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF

    def secure(opened: _socket.socket, host: str) -> socket.socket:
        timeout = opened.gettimeout()
        with socket.socket(fileno=opened.detach()) as plain:
            plain.settimeout(timeout)
            return context.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)

    return secure


def name_failure(error: OSError) -> str:
    """Returns the log's word for a failed handshake."""
    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    for word, codes in (("authority", _UNKNOWN_AUTHORITY), ("expired", _EXPIRED), ("name", _OTHER_NAME)):
        if code in codes:
            return f"tls-{word}"
    return "tls"
