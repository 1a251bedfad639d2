"""Header fields. RFC 9110 5.3 lets a name repeat, and the order of its values has a meaning."""

# By the name in lower case (RFC 9110 5.1): the name as it was first sent, and its values in their order. RFC 9110 5.3:
# the order of fields with different names has no meaning.
Fields = dict[str, tuple[str, list[str]]]

# RFC 9110 7.6.1 and RFC 2616 13.5.1: fields of the connection, not of the message. So are all fields that begin with
# `proxy-`.
_HOP_BY_HOP = frozenset(("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"))
# RFC 9110 5.6.2
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def end_to_end(fields: Fields) -> Fields:
    """Returns the fields to pass on, without `Connection` and the fields that it names (RFC 9110 7.6.1)."""
    dropped = _HOP_BY_HOP.union([token.lower() for token in listed(fields, "connection")])
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
    return (text.isascii() and text.replace("-", "").isalnum()) or (bool(text) and _TOKEN.issuperset(text))


def is_value(text: str) -> bool:
    """True if the text can be a field value, or several: no control character except the tab (RFC 9110 5.5)."""
    return text.isprintable() or not any((char < " " and char != "\t") or char == "\x7f" for char in text)


def checked(pairs: list[tuple[str, str]]) -> Fields | None:
    """Returns fields with trimmed values. None if one of them is not a valid field."""
    # Joined names are a token if each name is, and none is empty; the same holds for values.
    names = [name for name, _ in pairs]
    if pairs and not (all(names) and is_token("".join(names)) and is_value("".join([value for _, value in pairs]))):
        return None
    fields: Fields = {}
    for name, value in pairs:
        fields.setdefault(name.lower(), (name, []))[1].append(value.strip(" \t"))
    return fields


def encoded(line: str) -> bytes:
    """Returns a field line as bytes, in Latin-1 (RFC 9110 5.5) or, if that is impossible, in UTF-8."""
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode()
