"""Percent-encoding, RFC 3986."""

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# RFC 3986 2.3: unreserved characters, which are never encoded.
UNRESERVED = _LETTERS + b"0123456789-._~"
# RFC 3986 3.3: characters of a path, the slash between segments, and the percent sign of existing encodings.
PATH = UNRESERVED + b"!$&'()*+,;=:@/%"
# All visible characters except those that end the path, for targets that are copied byte for byte.
VISIBLE = bytes(byte for byte in range(0x21, 0x7F) if byte not in b"?#")
# Characters of a query that are copied: a signature over a URL stays valid only if `a[]=2` is unchanged, although RFC
# 3986 3.4 requires an encoding. A number sign would end the query; some servers read a backslash as a slash.
QUERY = VISIBLE.replace(b"\\", b"") + b"?"
_SEGMENTS = PATH.replace(b"%", b"")
_HEXADECIMAL = frozenset("0123456789ABCDEFabcdef")


def consists_of(text: str, allowed: bytes) -> bool:
    """True if the text has no other characters. Takes less time than a set of characters."""
    return not text.encode("utf-8", "surrogatepass").translate(None, allowed)


def encode(text: str, keep: bytes) -> str:
    """Returns `text` in UTF-8 with each byte that is not in `keep` written as %XX.

    Raises UnicodeEncodeError for half of a surrogate pair, which UTF-8 cannot encode.
    """
    data = text.encode()
    if not data.translate(None, keep):
        return text
    return "".join(chr(byte) if byte in keep else f"%{byte:02X}" for byte in data)


def decode(text: str) -> str:
    """Returns `text` with each %XX decoded, and the bytes read as UTF-8."""
    first, *rest = text.split("%")
    data = bytearray(first.encode())
    for part in rest:
        data += bytes((int(part[:2], 16),)) + part[2:].encode() if _is_encoded(part) else b"%" + part.encode()
    return data.decode(errors="replace")


def encode_again(path: str) -> str:
    """Encodes a path that a gateway has decoded once. Each % in it was an encoded % (RFC 3986 2.4)."""
    return encode(path, _SEGMENTS)


def _is_encoded(part: str) -> bool:
    return len(part) > 1 and part[0] in _HEXADECIMAL and part[1] in _HEXADECIMAL
