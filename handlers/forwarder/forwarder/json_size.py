"""The size of text in JSON."""

from json.encoder import encode_basestring, encode_basestring_ascii

_PIECE = 16384
# Maximum for one character: \u0000 has six bytes, a surrogate pair twelve.
_MOST_FOR_ASCII = 6
_MOST_FOR_ANY = 12


def fits_into(text: str, room: int, *, ascii_only: bool) -> bool:
    """True if the text takes at most `room` bytes in JSON. Reads only as much as needed."""
    most = _MOST_FOR_ASCII if text.isascii() else _MOST_FOR_ANY
    left = len(text) * most
    for start in range(0, len(text), _PIECE):
        if left <= room:
            return True
        piece = text[start : start + _PIECE]
        left += _measure_json(piece, ascii_only=ascii_only) - len(piece) * most
    return left <= room


def _measure_json(text: str, *, ascii_only: bool) -> int:
    if ascii_only:
        return len(encode_basestring_ascii(text)) - 2
    return len(encode_basestring(text).encode()) - 2
