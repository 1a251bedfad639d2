"""Header fields. RFC 9110 5.3 lets a name repeat, and the order of its values has a meaning."""

from .percent import consists_of

# By the name in lower case (RFC 9110 5.1): the name as it was first sent, and its values in their order. RFC 9110 5.3:
# the order of fields with different names has no meaning.
Fields = dict[str, tuple[str, list[str]]]

# RFC 9110 7.6.1 and RFC 2616 13.5.1: fields of the connection, not of the message. So are all fields that begin with
# `proxy-`.
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"))
# Response fields with references, and how they write them. `location` rewrites them, and is imported at the first one.
# RFC 9110 10.2.2 and 8.7, RFC 8288, RFC 6265, and for the others https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers
# and the documents of htmx, Turbo, Inertia and Unpoly.
REFERENCES = {
    "access-control-allow-origin": "sources",
    "content-location": "reference",
    "content-security-policy": "sources",
    "content-security-policy-report-only": "sources",
    "hx-location": "reference",
    "hx-push-url": "reference",
    "hx-redirect": "reference",
    "hx-replace-url": "reference",
    "link": "bracketed",
    "location": "reference",
    "operation-location": "reference",
    "refresh": "refresh",
    "report-to": "quoted",
    "reporting-endpoints": "quoted",
    "service-worker-allowed": "reference",
    "set-cookie": "cookie",
    "sourcemap": "reference",
    "timing-allow-origin": "sources",
    "turbo-location": "reference",
    "uri": "reference",
    "www-authenticate": "challenge",
    "x-frame-options": "sources",
    "x-inertia-location": "reference",
    "x-sourcemap": "reference",
    "x-up-location": "reference",
}
# RFC 9110 5.6.2
_TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# RFC 9110 5.5: the control characters that no field contains.
_CONTROLS = bytes((*range(9), *range(10, 32), 127))


def end_to_end(fields: Fields) -> Fields:
    """Returns the fields to pass on, without `Connection` and the fields that it names (RFC 9110 7.6.1)."""
    dropped = _HOP_BY_HOP
    if "connection" in fields:
        dropped = dropped.union([token.lower() for token in split_list(fields, "connection")])
    if dropped.isdisjoint(fields) and "proxy-" not in " ".join(fields):
        return fields
    return {
        folded: field for folded, field in fields.items() if folded not in dropped and not folded.startswith("proxy-")
    }


def list_values(fields: Fields, name: str) -> list[str]:
    """Returns each value of a field. The name is in lower case."""
    return fields[name][1] if name in fields else []


def split_list(fields: Fields, name: str) -> list[str]:
    """Returns the members of a list field, from one line or several (RFC 9110 5.6.1)."""
    if name not in fields:
        return []
    return [member for value in fields[name][1] for part in value.split(",") if (member := part.strip(" \t"))]


def is_token(text: str) -> bool:
    """True if the text can be a method or a field name."""
    return text != "" and consists_of(text, _TOKEN)


def build_fields(names: list[str], found: list[str]) -> Fields | None:
    """Returns fields of names and their values, which are trimmed. None if a name is not valid."""
    fields = {name.lower(): (name, [value.strip(" \t")]) for name, value in zip(names, found, strict=True)}
    # Joined names are a token if each name is, and none is empty.
    if names and ("" in fields or not is_token("".join(names))):
        return None
    if len(fields) < len(names):
        # A name repeats.
        fields = {}
        for name, value in zip(names, found, strict=True):
            fields.setdefault(name.lower(), (name, []))[1].append(value.strip(" \t"))
    return fields


def parse_fields(lines: list[str]) -> Fields | None:
    """Returns the fields of lines that were decoded as Latin-1. None if a line is not a field."""
    fields: Fields = {}
    for line in lines:
        name, colon, value = line.partition(":")
        folded = name.lower()
        if not colon:
            return None
        if folded in fields:
            fields[folded][1].append(value.strip(" \t"))
        else:
            fields[folded] = (name, [value.strip(" \t")])
    # No other character of Latin-1 has an ASCII letter as its lower case, so this checks the names as they were sent.
    return None if "" in fields or (fields and not is_token("".join(fields))) else fields


def count_controls(data: bytes | bytearray) -> int:
    """Returns the number of control characters, without tabs. A head has two for each line, which ends with CRLF."""
    return len(data) - len(data.translate(None, _CONTROLS))


def decode_utf_8(fields: Fields) -> Fields:
    """Returns fields that were decoded as Latin-1 with the values in UTF-8 decoded, for a head that is not ASCII.

    RFC 9110 5.5 leaves the encoding open. AWS decodes the values in events from UTF-8: oven-sh/bun#22994 has a city's
    name through API Gateway, honojs/hono#4432 U+012B through a load balancer. If API Gateway encodes results alike, the
    caller gets the backend's bytes. A value that is not UTF-8 is read as Latin-1. AWS documents neither. To settle
    it, send the bytes E9 and C3 A9 in a header each way through an API.
    """
    return {folded: (name, [_as_utf_8(value) for value in found]) for folded, (name, found) in fields.items()}


def _as_utf_8(value: str) -> str:
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value
