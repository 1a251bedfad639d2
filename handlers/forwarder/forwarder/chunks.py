"""Bodies without a length: in chunks (RFC 9112 7.1), or to the end of the connection."""

from .connection import MOST_HEAD_BYTES, PIECE, Connection, take_bytes
from .deadline import Deadline
from .refusal import malformed, too_large

_MOST_LINE_BYTES = 4096
_HEXADECIMAL = frozenset(b"0123456789ABCDEFabcdef")


def read_chunks(connection: Connection, deadline: Deadline, most: int) -> bytearray:
    """Returns the whole body. Raises Refused if it exceeds `most` bytes."""
    body = bytearray()
    while size := read_chunk_size(connection, deadline):
        if len(body) + size > most:
            raise too_large()
        body += take_bytes(connection, size, deadline, most)
        end_chunk(connection, deadline)
    skip_trailers(connection, deadline)
    return body


def read_to_the_end(connection: Connection, deadline: Deadline, most: int) -> bytearray:
    """Returns the whole body. Raises Refused if it exceeds `most` bytes."""
    data = connection.data
    try:
        while len(data) <= most:
            connection.fill(deadline, PIECE)
    except EOFError:
        return data
    raise too_large()


def read_chunk_size(connection: Connection, deadline: Deadline) -> int:
    """Returns the size of the next chunk, and 0 after the last one (RFC 9112 7.1).

    A single line feed does not end a line here: two readers of one response could otherwise find different chunks.
    """
    digits = _read_line(connection, deadline).partition(b";")[0].rstrip(b" \t")
    if not digits or len(digits) > 16 or not _HEXADECIMAL.issuperset(digits):
        raise malformed("the size of a chunk")
    return int(digits, 16)


def end_chunk(connection: Connection, deadline: Deadline) -> None:
    """Reads the line end after a chunk's bytes."""
    if _read_line(connection, deadline):
        raise malformed("a chunk longer than its size")


def skip_trailers(connection: Connection, deadline: Deadline) -> None:
    """Reads to the end of a chunked message. RFC 9110 6.5.1: trailers can be discarded."""
    room = MOST_HEAD_BYTES
    while line := _read_line(connection, deadline):
        room -= len(line)
        if room < 0:
            raise malformed("its trailers are too large")


def _read_line(connection: Connection, deadline: Deadline) -> bytes:
    data = connection.data
    while (end := data.find(b"\r\n")) < 0:
        if len(data) > _MOST_LINE_BYTES:
            raise malformed("a line that is too long")
        connection.fill(deadline)
    line = bytes(data[:end])
    del data[: end + 2]
    if b"\n" in line or b"\r" in line or len(line) > _MOST_LINE_BYTES:
        raise malformed("a line that does not end as it should")
    return line
