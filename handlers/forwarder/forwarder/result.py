"""Builds the function's result from a response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import json
from os import environ

from .answer import MOST_BYTES, Answer
from .connection import Body
from .headers import Fields, end_to_end, list_values, split_list
from .refusal import too_large

Result = dict[str, object]

# Lambda's runtime for Python 3.12 and later writes characters as UTF-8, earlier ones write \uXXXX.
# https://github.com/aws/aws-lambda-python-runtime-interface-client
WRITES_ASCII = environ.get("AWS_EXECUTION_ENV", "") in ("", "AWS_Lambda_python3.11")
# Maximum for one byte: \u0000 has six.
_MOST_FOR_BYTE = 6
# Upper limit for braces and keys. Quotes and commas add less to a header than six times its bytes.
_FRAME_BYTES = 1024


def build_result(answer: Answer, *, joined: bool) -> Result:
    """Returns the result. `joined`: repeated headers are joined, as payload 2.0 requires.

    Raises Refused if the result exceeds the limit of Lambda.
    """
    kept = end_to_end(answer.headers)
    made = _build_version_2(answer.status, kept) if joined else build_version_1(answer.status, kept)
    text = _decode_text(answer.body, kept)
    # This sum decides the usual case: no byte takes more than six bytes in JSON.
    if (len(answer.body) + answer.head_bytes) * _MOST_FOR_BYTE + _FRAME_BYTES > MOST_BYTES:
        # Only large responses reach this line.
        from .json_size import fits_into

        room = MOST_BYTES - len(json.dumps({**made, "body": "", "isBase64Encoded": False}))
        if text is not None and not fits_into(text, room, ascii_only=WRITES_ASCII):
            text = None
        if text is None and (len(answer.body) + 2) // 3 * 4 > room:
            raise too_large()
    if text is None:
        from binascii import b2a_base64

        made["body"] = b2a_base64(answer.body, newline=False).decode()
    else:
        made["body"] = text
    made["isBase64Encoded"] = text is None
    return made


def build_version_1(status: int, kept: Fields) -> Result:
    """Returns all values of each field."""
    return {"statusCode": status, "multiValueHeaders": dict(kept.values())}


def _build_version_2(status: int, kept: Fields) -> Result:
    """Joins values with commas (RFC 9110 5.3), except those of Set-Cookie (RFC 6265 3)."""
    fields = {name: ", ".join(found) for name, found in kept.values()}
    made: Result = {"statusCode": status, "headers": fields}
    if "set-cookie" in kept:
        name, made["cookies"] = kept["set-cookie"]
        del fields[name]
    return made


def _decode_text(body: Body, headers: Fields) -> str | None:
    """Returns the body as text if its media type is text and it is valid UTF-8: the caller gets the same bytes."""
    if not body:
        return ""
    for coding in split_list(headers, "content-encoding"):
        if coding.lower() != "identity":
            return None
    for kind in list_values(headers, "content-type")[:1]:
        if not _is_text(kind):
            return None
    try:
        return str(body, "utf-8")
    except UnicodeDecodeError:
        return None


def _is_text(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip(" \t").lower()
    return kind in _TEXTS or kind.startswith("text/") or kind.endswith(("+json", "+xml", "+yaml"))


# Text types other than text/*. https://www.iana.org/assignments/media-types
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
