"""Header fields in a list from end to end: RFC 9110 5.3 lets a name repeat, and gives the order of values a meaning."""

# `collections.abc` without its own file.
from _collections_abc import Iterable

from .refusal import Refused

# Name in lower case, by which it is known (RFC 9110 5.1), name as it was sent, value.
Field = tuple[str, str, str]
Fields = list[Field]

# RFC 9110 7.6.1 and its forerunner RFC 2616 13.5.1: they speak of this connection, not of the message. So does all that
# begins with `proxy-`.
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"))
# RFC 9110 5.6.2
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def end_to_end(fields: Fields) -> Fields:
    """The fields that travel on; those that `Connection` names stay behind with it (RFC 9110 7.6.1)."""
    dropped = _HOP_BY_HOP.union([token.lower() for token in listed(fields, "connection")])
    return [field for field in fields if field[0] not in dropped and not field[0].startswith("proxy-")]


def values(fields: Fields, name: str) -> list[str]:
    """Every value of a field, whose name is given in lower case."""
    return [value for folded, _, value in fields if folded == name]


def listed(fields: Fields, name: str) -> list[str]:
    """The members of a field that is a list, whether in one line or in several (RFC 9110 5.6.1)."""
    found = values(fields, name)
    return [member for value in found for part in value.split(",") if (member := part.strip(" \t"))] if found else found


def is_token(text: str) -> bool:
    """Whether it can be a method or the name of a field."""
    return (text.isascii() and text.replace("-", "").isalnum()) or (bool(text) and _TOKEN.issuperset(text))


def is_value(text: str) -> bool:
    """Whether it can be the value of a field, or several of them: no control character but the tab (RFC 9110 5.5)."""
    return text.isprintable() or not any((char < " " and char != "\t") or char == "\x7f" for char in text)


def checked(pairs: Iterable[tuple[str, str]]) -> Fields:
    """The caller's fields without the white space around their values; raises Refused for what can be no field."""
    fields = [(name.lower(), name, value.strip(" \t")) for name, value in pairs]
    # All names together are a token if each is, and all values together can be a value.
    names = [name for name, _, _ in fields]
    if (
        not all(names)
        or (names and not is_token("".join(names)))
        or not is_value("".join([line[2] for line in fields]))
    ):
        raise Refused(400, "a header is malformed")
    return fields


def encoded(line: str) -> bytes:
    """A field line in bytes: Latin-1, as HTTP has it from of old (RFC 9110 5.5), else UTF-8."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode()
