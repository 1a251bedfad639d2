"""The request for the backend, ready to be sent."""

from .configuration import Configuration
from .event import Incoming
from .headers import Fields, encoded, end_to_end, is_value, listed, values
from .percent import PATH, encode
from .refusal import Refused
from .target import strip, target

# Written for this hop, whatever the caller sent.
REPLACED = frozenset(
    (
        "host",
        "content-length",
        # RFC 7239's form of the fields below, which the gateway does not vouch for.
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-proto",
        # Those of `identity`, also while the backend is not to get them.
        "x-amzn-request-context",
        "x-authenticated-principal",
        "x-authenticated-scope",
        "x-authenticated-userid",
        "x-credential-identifier",
        "x-gateway-request-id",
        "x-real-ip",
    )
)
# RFC 9110 8.6: these give a body a meaning, so that its absence is sent too.
_EXPECTING_BODY = frozenset(("POST", "PUT", "PATCH"))


class Outgoing:
    """A request as it goes over the wire."""

    __slots__ = ("body", "head", "method", "public_prefix")

    def __init__(self, method: str, head: bytes, body: bytes, public_prefix: str) -> None:
        self.method = method
        self.head = head
        self.body = body
        self.public_prefix = public_prefix
        """The prefix of the caller's path in front of the backend's."""


def outgoing(incoming: Incoming, configuration: Configuration) -> Outgoing:
    """The request to send. Raises Refused if that would be no well-formed request for this backend."""
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
    lines += [f"{name}: {value}" for folded, name, value in kept if not _is_ours(folded)]
    if incoming.body or incoming.method in _EXPECTING_BODY or listed(kept, "content-length"):
        lines.append(f"Content-Length: {len(incoming.body)}")
    lines += _forwarded(incoming, kept)
    lines += incoming.identity
    if prefix:
        lines.append(f"X-Forwarded-Prefix: {encode(prefix, PATH)}")
    return Outgoing(incoming.method, _bytes(lines), incoming.body, prefix)


def _is_ours(folded: str) -> bool:
    """Whether the field may be mistaken for one that the forwarder vouches for: CGI reads `_` and `-` as one."""
    if folded in REPLACED:
        return True
    plain = folded.replace("-", "")
    return not plain.isalnum() and "".join([char if char.isalnum() else "-" for char in folded]) in REPLACED


def _forwarded(incoming: Incoming, kept: Fields) -> list[str]:
    """Who called, and how: fields that the gateway vouches for."""
    chain = listed(kept, "x-forwarded-for")
    # On most paths API Gateway has appended the source itself.
    if incoming.source and chain[-1:] != [incoming.source]:
        chain.append(incoming.source)
    # API Gateway is called by TLS on its one port, and not otherwise.
    found = ["X-Forwarded-Proto: https", "X-Forwarded-Port: 443"]
    if chain:
        found.append(f"X-Forwarded-For: {', '.join(chain)}")
    if incoming.host:
        found.append(f"X-Forwarded-Host: {incoming.host}")
    if incoming.request_id and not values(kept, "x-request-id"):
        found.append(f"X-Request-Id: {incoming.request_id}")
    return found


def _bytes(lines: list[str]) -> bytes:
    """The head. What came from the gateway and not in a header is checked here, at the last place where it can be."""
    if not is_value("".join(lines)):
        raise Refused(400, "the event is malformed")
    head = "\r\n".join((*lines, "", ""))
    return head.encode() if head.isascii() else b"\r\n".join(map(encoded, (*lines, "", "")))
