"""Backends and Runtime APIs that do anything at all, right and wrong: the loop goes on, and never makes up a byte."""

import random
import socket
import struct

import pytest

from tests.forwarder.conftest import Start
from tests.forwarder.lambda_api import Hook, LambdaApi, Post, streaming, taken
from tests.forwarder.loopback import Wire
from tests.forwarder.setting import Serve, call

CASES = 60
HEAD = b"HTTP/1.1 200 OK\r\n"


def body(number: int) -> bytes:
    """The body that the backend has for a request: its length and bytes differ from any other's."""
    chance = random.Random(number)
    return chance.randbytes(chance.choice((0, 1, 7, 100, 5_000, 70_000, 400_000)))


def framed(chance: random.Random, whole: bytes) -> bytes:
    """The answer, its body framed in one of the three ways."""
    kind = chance.randrange(3)
    if kind == 0:
        return HEAD + b"Content-Length: %d\r\n\r\n" % len(whole) + whole
    if kind == 1:
        return HEAD + b"Connection: close\r\n\r\n" + whole
    said = bytearray(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    rest = memoryview(whole)
    while rest:
        size = min(len(rest), chance.choice((1, 2, 10, 1000, 65536, 300_000)))
        # Thousands of tiny chunks add nothing.
        size = max(size, len(rest) // 500)
        extension = chance.choice((b"", b"", b";a=b", b" ;x"))
        said += b"%x%s\r\n%s\r\n" % (size, extension, rest[:size])
        rest = rest[size:]
    return bytes(said) + b"0\r\n" + chance.choice((b"", b"", b"X-Trailer: 1\r\n")) + b"\r\n"


def spoilt(chance: random.Random, said: bytes) -> bytes:
    """The answer with something wrong with it."""
    at = chance.randrange(len(said))
    return chance.choice(
        (
            said[:at],
            said[:at] + chance.randbytes(3) + said[at:],
            said[:at] + bytes([said[at] ^ (1 << chance.randrange(8))]) + said[at + 1 :],
            said + b"HTTP/1.1 200 OK\r\n\r\n",
        )
    )


def backend(wire: Wire) -> None:
    """The path holds the seed, and whether the answer is spoilt."""
    while (request := wire.request()) is not None:
        _, kind, number = request.target.split("/")
        chance = random.Random(f"{kind}{number}")
        said = framed(chance, body(int(number)))
        closes = kind == "bad" or said.startswith(HEAD + b"Connection: close") or chance.random() < 0.1
        if kind == "bad":
            said = spoilt(chance, said)
        while said:
            size = chance.choice((1, 10, 1000, 100_000, 1_000_000))
            wire.send(said[:size])
            said = said[size:]
        if kind == "bad" and chance.random() < 0.3:
            wire.reset()
        if closes:
            return


def spoiler(chance: random.Random) -> Hook:
    """What a Runtime API does that does not take the response as it should."""

    def hang_up(connected: socket.socket, post: Post) -> bool:
        taking = chance.choice((0, 1, 100, 10_000, 200_000))
        connected.settimeout(0.05)
        try:
            while taking > 0 and (piece := connected.recv(taking)):
                taking -= len(piece)
            answer = chance.choice(
                (b"", b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 4", b"\x00")
            )
            connected.sendall(answer)
        except OSError:
            pass
        if chance.random() < 0.5:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connected.close()
        return True

    return hang_up


@pytest.mark.parametrize("seed", range(4))
def test_the_loop_goes_on_and_invents_nothing(serve: Serve, lambda_api: LambdaApi, start: Start, seed: int) -> None:
    chance = random.Random(seed)
    runtime = start(serve(backend).url)
    for turn in range(CASES):
        number = seed * CASES + turn
        kind = chance.choice(("good", "good", "bad", "bad", "gone"))
        path = f"/{'bad' if kind == 'bad' else 'good'}/{number}"
        lambda_api.on_response = spoiler(chance) if kind == "gone" else None
        method = chance.choice(("GET", "POST"))
        post = lambda_api.invoke(streaming(call(method, path)))
        if kind == "gone":
            continue
        got = taken(post)
        wanted = body(number)
        if method == "POST" and b"without an answer" in got.body:
            # The backend closed the kept connection while the request was under way, which is not sent twice.
            assert got.status == 502
        elif kind == "good":
            assert (got.status, got.body, got.error) == (200, wanted, None)
        elif got.status < 400 and got.error is None:
            # Spoilt where it does no harm, or within the body, which nobody can know.
            assert len(got.body) <= len(wanted) + 30
        assert runtime.process.poll() is None
    lambda_api.on_response = None
    assert taken(lambda_api.invoke(streaming(call(path=f"/good/{seed}")))).body == body(seed)
