"""An answer as Lambda must return it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import json
from binascii import b2a_base64
from json.encoder import encode_basestring, encode_basestring_ascii
from os import environ

from .answer import MOST_BYTES, Answer, Body, too_large
from .headers import Fields, end_to_end, values

Result = dict[str, object]

# Lambda's runtime for Python 3.12 and later writes characters as UTF-8, the one before as \uXXXX.
# https://github.com/aws/aws-lambda-python-runtime-interface-client
WRITES_ASCII = environ.get("AWS_EXECUTION_ENV", "") in ("", "AWS_Lambda_python3.11")
_PIECE = 16384
# For one character: \u0000 is six bytes, a pair of surrogates twelve.
_MOST_FOR_ASCII = 6
_MOST_FOR_ANY = 12
# Braces and the names of keys, generously. What quotes and commas add to a header is less than six times its bytes.
_FRAME_BYTES = 1024


def result(answer: Answer, *, joined: bool) -> Result:
    """The answer, with repeated headers `joined` as payload 2.0 wants them.

    Raises Refused when it is more than Lambda can return.
    """
    kept = end_to_end(answer.headers)
    made = _version_2(answer, kept) if joined else version_1(answer.status, kept)
    text = _text(answer.body, kept)
    # The usual case is decided by this sum alone: no byte takes more than six once written.
    if (len(answer.body) + answer.head_bytes) * _MOST_FOR_ASCII + _FRAME_BYTES > MOST_BYTES:
        room = MOST_BYTES - len(json.dumps({**made, "body": "", "isBase64Encoded": False}))
        if text is not None and not _fits(text, room):
            text = None
        if text is None and (len(answer.body) + 2) // 3 * 4 > room:
            raise too_large()
    if text is None:
        made["body"] = b2a_base64(answer.body, newline=False).decode()
    else:
        made["body"] = text
    made["isBase64Encoded"] = text is None
    return made


def version_1(status: int, kept: Fields) -> Result:
    """Every field by its name as it first came, with all of its values."""
    fields: dict[str, list[str]] = {}
    first: dict[str, list[str]] = {}
    for folded, name, value in kept:
        if folded in first:
            first[folded].append(value)
        else:
            fields[name] = first[folded] = [value]
    return {"statusCode": status, "multiValueHeaders": fields}


def _version_2(answer: Answer, kept: Fields) -> Result:
    """Values joined by commas (RFC 9110 5.3), save those of Set-Cookie, which cannot be (RFC 6265 3)."""
    fields: dict[str, str] = {}
    names: dict[str, str] = {}
    cookies: list[str] = []
    for folded, name, value in kept:
        if folded == "set-cookie":
            cookies.append(value)
        elif folded in names:
            fields[names[folded]] += f", {value}"
        else:
            names[folded] = name
            fields[name] = value
    made: Result = {"statusCode": answer.status, "headers": fields}
    if cookies:
        made["cookies"] = cookies
    return made


def _text(body: Body, headers: Fields) -> str | None:
    """The body as text, if its type is text and it can be; decoded so, it is the same bytes again at the caller's."""
    if not body:
        return ""
    if any(coding.strip().lower() != "identity" for coding in values(headers, "content-encoding")):
        return None
    kinds = values(headers, "content-type")
    if kinds and not _is_text(kinds[0]):
        return None
    try:
        return str(body, "utf-8")
    except UnicodeDecodeError:
        return None


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip(" \t").lower()
    return kind.startswith("text/") or kind.endswith(("+json", "+xml", "+yaml")) or kind in _TEXTS


# Text by another name than text/*. https://www.iana.org/assignments/media-types
_TEXTS = frozenset(
    f"application/{name}"
    for name in (
        "ecmascript",
        "graphql",
        "javascript",
        "json",
        "json-seq",
        "ld+json",
        "sql",
        "toml",
        "x-javascript",
        "x-ndjson",
        "x-www-form-urlencoded",
        "x-yaml",
        "xml",
        "xml-dtd",
        "yaml",
    )
)


def _fits(text: str, room: int) -> bool:
    """Whether the text takes at most `room` bytes in JSON. It is read only until that is sure."""
    most = _MOST_FOR_ASCII if text.isascii() else _MOST_FOR_ANY
    left = len(text) * most
    for start in range(0, len(text), _PIECE):
        if left <= room:
            return True
        piece = text[start : start + _PIECE]
        left += _written(piece) - len(piece) * most
    return left <= room


def _written(text: str) -> int:
    if WRITES_ASCII or text.isascii():
        return len(encode_basestring_ascii(text)) - 2
    return len(encode_basestring(text).encode()) - 2
