"""Percent-encoding, RFC 3986."""

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# RFC 3986 2.3: what means the same encoded or not, and so is never encoded.
UNRESERVED = _LETTERS + b"0123456789-._~"
# RFC 3986 3.3: what a path may hold, the slash between segments, and the sign of what is encoded already.
PATH = UNRESERVED + b"!$&'()*+,;=:@/%"
# All that can be seen, for targets that are taken over byte for byte, save what would end the path.
VISIBLE = bytes(byte for byte in range(0x21, 0x7F) if byte not in b"?#")
# What is taken over of a query: signatures over a URL hold only if `a[]=2` stays as it is (RFC 3986 3.4 would have it
# encoded). A number sign would end it, and some servers read a backslash as a slash.
QUERY = VISIBLE.replace(b"\\", b"") + b"?"
_HEXADECIMAL = frozenset("0123456789ABCDEFabcdef")


def encode(text: str, keep: bytes) -> str:
    """`text` with every byte of its UTF-8 written as %XX that is not in `keep`.

    Raises UnicodeEncodeError for half a surrogate pair, which has no UTF-8.
    """
    data = text.encode()
    if not data.translate(None, keep):
        return text
    return "".join(chr(byte) if byte in keep else f"%{byte:02X}" for byte in data)


def decode(text: str) -> str:
    """`text` with each %XX as the byte that it stands for, and the bytes read as UTF-8."""
    first, *rest = text.split("%")
    data = bytearray(first.encode())
    for part in rest:
        data += bytes((int(part[:2], 16),)) + part[2:].encode() if _encodes(part) else b"%" + part.encode()
    return data.decode(errors="replace")


def encode_again(path: str) -> str:
    """A path that a gateway has decoded. A % that begins no encoding was one itself, encoded (RFC 3986 2.4)."""
    if "%" in path:
        first, *rest = path.split("%")
        path = first + "".join(("%" if _encodes(part) else "%25") + part for part in rest)
    return encode(path, PATH)


def _encodes(part: str) -> bool:
    return len(part) > 1 and part[0] in _HEXADECIMAL and part[1] in _HEXADECIMAL
