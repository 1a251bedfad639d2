"""The URL of the backend. `components/facts` links to this file, so that both read a URL alike: it imports nothing."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
# RFC 3986 3.2.2: a name or an address. IPv6 addresses are in brackets.
_NAME = frozenset(_UNRESERVED + "_")
_ADDRESS = frozenset("0123456789ABCDEFabcdef:.")
# RFC 3986 3.3: characters of a path, and the slash between segments. A percent sign begins an encoded byte.
_PATH = frozenset(_UNRESERVED + "!$&'()*+,;=:@/")
_HEXADECIMAL = frozenset("0123456789ABCDEFabcdef")


def parse_url(url: str) -> tuple[bool, str, int, str] | None:
    """Returns TLS, host as it is written, port and base path; None if it is not `http(s)://host[:port][/base]`."""
    scheme, _, rest = url.partition("://")
    # RFC 3986 3.1: schemes are case-insensitive.
    scheme = scheme.lower()
    authority, slash, path = rest.partition("/")
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        host, colon, port = authority, "", ""
    default = _DEFAULT_PORTS.get(scheme, 0)
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0 if colon else default
    base = (slash + path).rstrip("/")
    is_host = is_bracketed(host) or (host and _NAME.issuperset(host))
    if not default or not is_host or not 0 < number < 65536 or not _is_base(base):
        return None
    return scheme == "https", host, number, base


def is_bracketed(host: str) -> bool:
    """True if the host is an IPv6 address in brackets."""
    return host.startswith("[") and host.endswith("]") and ":" in host and _ADDRESS.issuperset(host[1:-1])


def _is_base(path: str) -> bool:
    """True if the path is correctly encoded and has no dot segments, which would leave it."""
    plain, *encoded = path.split("%")
    if path[1:2] == "/" or not _PATH.issuperset(plain):
        return False
    for part in encoded:
        if len(part) < 2 or not _HEXADECIMAL.issuperset(part[:2]) or not _PATH.issuperset(part[2:]):
            return False
    # RFC 3986 2.3: %2E is a dot. Some servers split at an encoded slash or backslash, or drop parameters first.
    for code, character in (("2e", "."), ("2f", "/"), ("5c", "/")):
        path = path.replace(f"%{code}", character).replace(f"%{code.upper()}", character)
    return not any(segment.partition(";")[0] in (".", "..") for segment in path.split("/"))
