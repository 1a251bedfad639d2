"""Builds the request for the backend."""

from .configuration import Configuration
from .event import Incoming
from .headers import Fields, encoded, end_to_end, is_value, listed, values
from .percent import PATH, encode
from .refusal import Refused
from .target import strip, target

# Written by the forwarder. The caller's values are dropped.
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
        # The names of `identity`, which are reserved even if `api.identity` is off.
        "x-amzn-request-context",
        "x-authenticated-principal",
        "x-authenticated-scope",
        "x-authenticated-userid",
        "x-credential-identifier",
        "x-gateway-request-id",
        "x-real-ip",
    )
)
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


def outgoing(incoming: Incoming, configuration: Configuration) -> Outgoing:
    """Returns the request to send. Raises Refused if it would not be a well-formed request for this backend."""
    path, prefix = incoming.path, incoming.mount
    depth = incoming.depth
    rest = strip(path, configuration.strip_prefix)
    if rest is not None:
        path, prefix = rest, prefix + configuration.strip_prefix
        depth = max(0, depth - configuration.strip_prefix.count("/"))
    backend = configuration.backend
    found = target(path, incoming.query, backend.base, decoded=incoming.decoded, floor=depth)
    kept = end_to_end(incoming.headers)
    host = incoming.host if configuration.forwards_host else ""
    lines = [f"{incoming.method} {found} HTTP/1.1", f"Host: {host or backend.authority}"]
    if incoming.body or incoming.method in _EXPECTING_BODY or listed(kept, "content-length"):
        lines.append(f"Content-Length: {len(incoming.body)}")
    lines += _forwarded(incoming, kept)
    lines += incoming.identity
    if prefix:
        lines.append(f"X-Forwarded-Prefix: {encode(prefix, PATH)}")
    if not is_value("".join(lines)):
        raise Refused(400, "the event is malformed")
    # Usually all names consist of letters, digits and hyphens, and one check of all names is enough.
    plain = "".join(kept).replace("-", "").isalnum()
    lines += [
        f"{name}: {value}"
        for folded, (name, sent) in kept.items()
        if folded not in REPLACED and (plain or not _is_ours(folded))
        for value in sent
    ]
    return Outgoing(incoming.method, _bytes(lines), incoming.body, prefix)


def _is_ours(folded: str) -> bool:
    """True if the field could be read as one that the forwarder sets: CGI does not distinguish `_` and `-`."""
    return "".join([char if char.isalnum() else "-" for char in folded]) in REPLACED


def _forwarded(incoming: Incoming, kept: Fields) -> list[str]:
    """Returns the X-Forwarded fields, from values that API Gateway guarantees."""
    chain = listed(kept, "x-forwarded-for")
    # In most cases API Gateway has already appended the source.
    if incoming.source and chain[-1:] != [incoming.source]:
        chain.append(incoming.source)
    # API Gateway is always called with TLS, on port 443.
    found = ["X-Forwarded-Proto: https", "X-Forwarded-Port: 443"]
    if chain:
        found.append(f"X-Forwarded-For: {', '.join(chain)}")
    if incoming.host:
        found.append(f"X-Forwarded-Host: {incoming.host}")
    if incoming.request_id and not values(kept, "x-request-id"):
        found.append(f"X-Request-Id: {incoming.request_id}")
    return found


def _bytes(lines: list[str]) -> bytes:
    head = "\r\n".join((*lines, "", ""))
    return head.encode() if head.isascii() else b"\r\n".join(map(encoded, (*lines, "", "")))
