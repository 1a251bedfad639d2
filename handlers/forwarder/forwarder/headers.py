"""Header fields as pairs from end to end: RFC 9110 5.3 lets a name repeat, and gives the order of values a meaning."""

from .refusal import Refused

Pairs = list[tuple[str, str]]

# RFC 9110 7.6.1 and its forerunner RFC 2616 13.5.1: they speak of this connection, not of the message. So does all that
# begins with `proxy-`.
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"))
# RFC 9110 5.6.2
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def end_to_end(pairs: Pairs) -> Pairs:
    """The fields that travel on; those that `Connection` names stay behind with it (RFC 9110 7.6.1)."""
    dropped = set(_HOP_BY_HOP)
    dropped.update(token.lower() for token in listed(pairs, "connection"))
    return [pair for pair in pairs if (name := pair[0].lower()) not in dropped and not name.startswith("proxy-")]


def values(pairs: Pairs, name: str) -> list[str]:
    """Every value of a field, whose name is given in lower case."""
    return [value for key, value in pairs if key.lower() == name]


def listed(pairs: Pairs, name: str) -> list[str]:
    """The members of a field that is a list, whether in one line or in several (RFC 9110 5.6.1)."""
    return [member for value in values(pairs, name) for part in value.split(",") if (member := part.strip(" \t"))]


def is_token(text: str) -> bool:
    """Whether it can be a method or the name of a field."""
    return (text.isascii() and text.replace("-", "").isalnum()) or (bool(text) and _TOKEN.issuperset(text))


def is_value(text: str) -> bool:
    """Whether it can be the value of a field: no control characters but the tab (RFC 9110 5.5)."""
    return text.isprintable() or not any((char < " " and char != "\t") or char == "\x7f" for char in text)


def checked(pairs: Pairs) -> Pairs:
    """The caller's fields without the white space around their values; raises Refused for what can be no field."""
    trimmed = []
    for name, value in pairs:
        if not is_token(name) or not is_value(value):
            raise Refused(400, "a header is malformed")
        trimmed.append((name, value.strip(" \t")))
    return trimmed


def encoded(line: str) -> bytes:
    """A field line in bytes: Latin-1, as HTTP has it from of old (RFC 9110 5.5), else UTF-8."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode()
