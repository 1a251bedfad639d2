"""Builds the request for the backend."""

from .configuration import Configuration
from .event import Incoming
from .headers import count_controls, end_to_end, split_list
from .percent import PATH, consists_of, encode
from .refusal import Refused
from .target import build_target, strip

# The caller's values are dropped. The forwarder writes most of these fields itself.
REPLACED = frozenset(
    (
        "host",
        "content-length",
        # RFC 7239's form of the fields below. API Gateway does not set it.
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        # The names of `identity`, which are reserved even if `api.identity` is off, and those that backends written for
        # AWS Lambda Web Adapter trust.
        "x-amzn-lambda-context",
        "x-amzn-request-context",
        "x-authenticated-principal",
        "x-authenticated-scope",
        "x-authenticated-userid",
        "x-credential-identifier",
        "x-gateway-request-id",
        "x-real-ip",
        # CGI hands it to programs as HTTP_PROXY, which some obey (https://httpoxy.org).
        "proxy",
    )
)
# A name of these characters reads the same in CGI, which does not distinguish `_` and `-`, as in HTTP.
_PLAIN = b"0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# RFC 9110 8.6: for these methods a missing body is stated as well.
_EXPECTING_BODY = frozenset(("POST", "PUT", "PATCH"))


class Outgoing:
    """The bytes of a request."""

    __slots__ = ("body", "head", "method", "public_prefix")

    def __init__(self, method: str, head: bytes, body: bytes, public_prefix: str) -> None:
        self.method = method
        self.head = head
        self.body = body
        self.public_prefix = public_prefix
        """The part of the caller's path in front of the backend's path."""


def build_outgoing(incoming: Incoming, configuration: Configuration) -> Outgoing:
    """Returns the request to send. Raises Refused if it would not be a well-formed request for this backend."""
    path, prefix = incoming.path, incoming.mount
    depth = incoming.depth
    rest = strip(path, configuration.strip_prefix)
    if rest is not None:
        path, prefix = rest, prefix + configuration.strip_prefix
        depth = max(0, depth - configuration.strip_prefix.count("/"))
    backend = configuration.backend
    found = build_target(path, incoming.query, backend.base, decoded=incoming.decoded, floor=depth)
    method, body, kept = incoming.method, incoming.body, end_to_end(incoming.headers)
    host = (configuration.forwards_host and incoming.host) or backend.authority
    # API Gateway is always called with TLS, on port 443.
    lines = [f"{method} {found} HTTP/1.1", f"Host: {host}", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443"]
    chain = split_list(kept, "x-forwarded-for")
    # In most cases API Gateway has already appended the source.
    if incoming.source and chain[-1:] != [incoming.source]:
        chain.append(incoming.source)
    if chain:
        lines.append(f"X-Forwarded-For: {', '.join(chain)}")
    if incoming.host:
        lines.append(f"X-Forwarded-Host: {incoming.host}")
    if prefix:
        lines.append(f"X-Forwarded-Prefix: {encode(prefix, PATH)}")
    if incoming.request_id and "x-request-id" not in kept:
        lines.append(f"X-Request-Id: {incoming.request_id}")
    if body or method in _EXPECTING_BODY or split_list(kept, "content-length"):
        lines.append(f"Content-Length: {len(body)}")
    lines += incoming.identity
    if not consists_of("".join(kept), _PLAIN):
        kept = {folded: field for folded, field in kept.items() if not _is_ours(folded)}
    lines += [f"{name}: {value}" for folded, (name, sent) in kept.items() if folded not in REPLACED for value in sent]
    lines += ["", ""]
    # API Gateway decodes the caller's headers from UTF-8, see `headers.decode_utf_8`.
    head = "\r\n".join(lines).encode()
    if count_controls(head) != 2 * len(lines) - 2:
        raise Refused(400, "the event is malformed: its path, its request ID or a header has a control character")
    return Outgoing(method, head, body, prefix)


def _is_ours(folded: str) -> bool:
    """True if the field could be read as one that the forwarder sets, or as one of the connection."""
    read = "".join([char if char.isalnum() else "-" for char in folded])
    return read in REPLACED or not end_to_end({read: (read, [])})
