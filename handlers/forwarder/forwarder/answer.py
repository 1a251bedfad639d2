"""Reads one HTTP/1.1 response (RFC 9112), with limits on everything that the backend controls."""

from .connection import MOST_HEAD_BYTES, Body, Connection, take_bytes
from .deadline import Deadline
from .headers import Fields, count_controls, decode_utf_8, parse_fields, split_list
from .refusal import Refused, Unanswered, malformed

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: the limit of a synchronous response.
MOST_BYTES = 6 * 1024 * 1024
# uvicorn and Node close an idle connection after 5 s. gunicorn's threads do after 2 s, which `is_fresh` sees unless the
# packet is lost while Lambda has frozen the process.
_IDLE_SECONDS = 4.0

# What `find_body_length` returns for a body whose length is not known at first.
CHUNKED = -1
TO_THE_END = -2


class Answer:
    """The backend's response."""

    __slots__ = ("body", "head_bytes", "headers", "idle_seconds", "status")

    def __init__(self, status: int, headers: Fields, body: Body, head_bytes: int = 0) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.head_bytes = head_bytes
        self.idle_seconds = 0.0
        """Seconds for which the connection can be kept for another request; 0 if it must be closed."""


class Head:
    """Status, headers, and true if every line ended with CRLF."""

    __slots__ = ("headers", "is_strict", "size", "status", "version")

    def __init__(self, raw: bytearray) -> None:
        """Raises Refused if this is not the head of a response."""
        self.size = len(raw)
        text = raw.decode("latin-1")
        lines = text.split("\r\n")
        self.is_strict = count_controls(raw) == 2 * len(lines) - 2
        # Nothing follows the last two line ends.
        headers = parse_fields(lines[1:-2]) if self.is_strict else None
        if headers is None:
            # Most backends write no such head.
            from .lenient import tidy_lines

            lines = tidy_lines(text)
            headers = parse_fields(lines[1:])
            if headers is None:
                raise malformed("a header that is none")
        self.headers = headers if raw.isascii() else decode_utf_8(headers)
        # RFC 9112 4 requires a space after the status; many servers omit it.
        self.version, _, rest = lines[0].partition(" ")
        status = rest.partition(" ")[0]
        known = self.version in ("HTTP/1.1", "HTTP/1.0") and len(status) == 3 and status.isascii() and status.isdigit()
        # RFC 9110 15: the first digit is 1 to 5.
        if not known or not "100" <= status <= "599":
            raise malformed("the status line")
        self.status = int(status)


def read_head(connection: Connection, deadline: Deadline) -> Head:
    """Returns the next head, interim or final. Raises Unanswered if the connection ends before its first byte."""
    data = connection.data
    searched = 0
    while not data or not (end := _end_of_head(data, searched)):
        if len(data) > MOST_HEAD_BYTES:
            raise malformed("its headers are too large")
        # The end may be split between two reads.
        searched = max(0, len(data) - 2)
        try:
            connection.fill(deadline)
        except (EOFError, Refused) as ended:
            if isinstance(ended, Refused) and (connection.heard or ended.status == 504):
                raise
            if connection.heard:
                raise malformed("it ends within its headers") from None
            raise Unanswered(untouched=not connection.sent) from None
    if end > MOST_HEAD_BYTES:
        raise malformed("its headers are too large")
    head = Head(data[:end])
    del data[:end]
    if head.status == 101:
        # RFC 9110 15.2.2: 101 is valid only if the request has Upgrade, and ours never has.
        raise malformed("it switches protocols")
    return head


def _end_of_head(data: bytearray, start: int) -> int:
    """Position of the head's end, or 0. RFC 9112 2.2: a recipient may accept a single line feed as a line end."""
    end = data.find(b"\n\r\n", start) + 3
    # A later one is part of the body.
    bare = data.find(b"\n\n", start, end if end > 2 else None) + 2
    return bare if bare > 1 else end if end > 2 else 0


def read_answer(connection: Connection, method: str, head: Head, deadline: Deadline, most: int = MOST_BYTES) -> Answer:
    """Returns the whole response of `head` (RFC 9112 6.3). Raises Refused if the body exceeds `most` bytes."""
    answer = Answer(head.status, head.headers, b"", head.size)
    length = find_body_length(method, head)
    try:
        if length < 0:
            # Many backends always send a length.
            from .chunks import read_chunks, read_to_the_end

            answer.body = (read_chunks if length == CHUNKED else read_to_the_end)(connection, deadline, most)
        elif length:
            answer.body = take_bytes(connection, length, deadline, most)
    except EOFError:
        raise unfinished_body() from None
    answer.idle_seconds = idle_seconds(connection, head, length)
    return answer


def find_body_length(method: str, head: Head) -> int:
    """Returns the body's length in bytes, CHUNKED, or TO_THE_END of the connection (RFC 9112 6.3)."""
    length = _parse_length(head.headers) if "content-length" in head.headers else None
    codings = split_list(head.headers, "transfer-encoding")
    if codings and (length is not None or head.version == "HTTP/1.0" or ",".join(codings).lower() != "chunked"):
        # RFC 9112 6.1 and 6.3: two lengths are an attempt to smuggle, and only chunked is supported.
        raise malformed("its length is given in two ways, or in one that was not requested")
    # RFC 9110 6.4.1
    if method == "HEAD" or head.status in (204, 304):
        return 0
    if codings:
        return CHUNKED
    return TO_THE_END if length is None else length


def _parse_length(headers: Fields) -> int:
    """RFC 9110 8.6: digits. A repeated equal number is accepted, and becomes one field with one value."""
    text = ",".join(headers["content-length"][1])
    if "," in text:
        lengths = set(split_list(headers, "content-length"))
        text = lengths.pop() if len(lengths) == 1 else ""
        headers["content-length"] = ("Content-Length", [text])
    if not (text.isdigit() and text.isascii() and len(text) < 20):
        raise malformed("its length")
    return int(text)


def idle_seconds(connection: Connection, head: Head, length: int) -> float:
    """Returns the seconds for which the connection can be kept after this response; 0 if it must be closed.

    See RFC 9112 9.3. The backend's hint `Keep-Alive: timeout=5` is respected.
    """
    if length == TO_THE_END or not head.is_strict or head.version != "HTTP/1.1" or connection.data:
        return 0.0
    headers = head.headers
    if "connection" in headers and "close" in [option.lower() for option in split_list(headers, "connection")]:
        return 0.0
    for hint in split_list(headers, "keep-alive"):
        name, _, seconds = hint.partition("=")
        if name.strip().lower() == "timeout" and seconds.strip().isdecimal():
            return max(0.0, float(seconds) - 1)
    return _IDLE_SECONDS


def unfinished_body() -> Refused:
    """The connection ended in the middle of the body."""
    return malformed("it ends within its body")
