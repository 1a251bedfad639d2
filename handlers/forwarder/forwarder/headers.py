"""Header fields. RFC 9110 5.3 lets a name repeat, and the order of its values has a meaning."""

# Saves loading the file of `collections.abc`.
from _collections_abc import Collection, Sequence

from .percent import consists_of

# By the name in lower case (RFC 9110 5.1): the name as it was first sent, and its values in their order. RFC 9110 5.3:
# the order of fields with different names has no meaning.
Fields = dict[str, tuple[str, list[str]]]

# RFC 9110 7.6.1 and RFC 2616 13.5.1: fields of the connection, not of the message. So are all fields that begin with
# `proxy-`.
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"))
# RFC 9110 5.6.2
_TOKEN = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# RFC 9110 5.5: the control characters that no field contains.
_CONTROLS = bytes((*range(9), *range(10, 32), 127))


def end_to_end(fields: Fields) -> Fields:
    """Returns the fields to pass on, without `Connection` and the fields that it names (RFC 9110 7.6.1)."""
    dropped = _HOP_BY_HOP
    if "connection" in fields:
        dropped = dropped.union([token.lower() for token in listed(fields, "connection")])
    if dropped.isdisjoint(fields) and "proxy-" not in " ".join(fields):
        return fields
    return {
        folded: field for folded, field in fields.items() if folded not in dropped and not folded.startswith("proxy-")
    }


def values(fields: Fields, name: str) -> list[str]:
    """Returns each value of a field. The name is in lower case."""
    return fields[name][1] if name in fields else []


def listed(fields: Fields, name: str) -> list[str]:
    """Returns the members of a list field, from one line or several (RFC 9110 5.6.1)."""
    if name not in fields:
        return []
    return [member for value in fields[name][1] for part in value.split(",") if (member := part.strip(" \t"))]


def is_token(text: str) -> bool:
    """True if the text can be a method or a field name."""
    return text != "" and consists_of(text, _TOKEN)


def checked(pairs: Collection[Sequence[str]]) -> Fields | None:
    """Returns fields with trimmed values. None if one has no valid name, or no value.

    `controls` finds the characters that no value has.
    """
    try:
        fields = {name.lower(): (name, [value.strip(" \t")]) for name, value in pairs}
    except ValueError:
        return None
    # Joined names are a token if each name is, and none is empty.
    if pairs and ("" in fields or not is_token("".join([pair[0] for pair in pairs]))):
        return None
    if len(fields) < len(pairs):
        # A name repeats.
        fields = {}
        for name, value in pairs:
            fields.setdefault(name.lower(), (name, []))[1].append(value.strip(" \t"))
    return fields


def controls(data: bytes | bytearray) -> int:
    """Returns the number of control characters, without tabs. A head has two for each line, which ends with CRLF."""
    return len(data) - len(data.translate(None, _CONTROLS))


def encoded(line: str) -> bytes:
    """Returns a field line as bytes, in Latin-1 (RFC 9110 5.5) or, if that is impossible, in UTF-8."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode()
