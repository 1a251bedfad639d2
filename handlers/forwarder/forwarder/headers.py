"""Header fields, always as a list: RFC 9110 5.3 lets a name repeat, and the order of its values has a meaning."""

# Saves loading the file of `collections.abc`.
from _collections_abc import Iterable

from .refusal import Refused

# Name in lower case for comparisons (RFC 9110 5.1), name as it was sent, value.
Field = tuple[str, str, str]
Fields = list[Field]

# RFC 9110 7.6.1 and RFC 2616 13.5.1: fields of the connection, not of the message. So are all fields that begin with
# `proxy-`.
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"))
# RFC 9110 5.6.2
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def end_to_end(fields: Fields) -> Fields:
    """Returns the fields to pass on, without `Connection` and the fields that it names (RFC 9110 7.6.1)."""
    dropped = _HOP_BY_HOP.union([token.lower() for token in listed(fields, "connection")])
    return [field for field in fields if field[0] not in dropped and not field[0].startswith("proxy-")]


def values(fields: Fields, name: str) -> list[str]:
    """Returns each value of a field. The name is in lower case."""
    return [value for folded, _, value in fields if folded == name]


def listed(fields: Fields, name: str) -> list[str]:
    """Returns the members of a list field, from one line or several (RFC 9110 5.6.1)."""
    found = values(fields, name)
    return [member for value in found for part in value.split(",") if (member := part.strip(" \t"))] if found else found


def is_token(text: str) -> bool:
    """True if the text can be a method or a field name."""
    return (text.isascii() and text.replace("-", "").isalnum()) or (bool(text) and _TOKEN.issuperset(text))


def is_value(text: str) -> bool:
    """True if the text can be a field value, or several: no control character except the tab (RFC 9110 5.5)."""
    return text.isprintable() or not any((char < " " and char != "\t") or char == "\x7f" for char in text)


def checked(pairs: Iterable[tuple[str, str]]) -> Fields:
    """Returns the caller's fields with trimmed values. Raises Refused if one of them is not a valid field."""
    fields = [(name.lower(), name, value.strip(" \t")) for name, value in pairs]
    # Joined names are a token if each name is; the same holds for values.
    names = [name for name, _, _ in fields]
    if (
        not all(names)
        or (names and not is_token("".join(names)))
        or not is_value("".join([line[2] for line in fields]))
    ):
        raise Refused(400, "a header is malformed")
    return fields


def encoded(line: str) -> bytes:
    """Returns a field line as bytes, in Latin-1 (RFC 9110 5.5) or, if that is impossible, in UTF-8."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode()
