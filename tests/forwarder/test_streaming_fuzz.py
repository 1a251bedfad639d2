"""Backends that do anything at all, right and wrong: the loop goes on, and never makes up a byte."""

import random

import pytest

from tests.forwarder.conftest import Start
from tests.forwarder.lambda_api import LambdaApi, streaming
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
    said, rest = HEAD + b"Transfer-Encoding: chunked\r\n\r\n", whole
    while rest:
        # Thousands of tiny chunks add nothing.
        size = max(min(len(rest), chance.choice((1, 10, 1000, 65536, 300_000))), len(rest) // 500)
        said += b"%x%s\r\n%s\r\n" % (size, chance.choice((b"", b";a=b", b" ;x")), rest[:size])
        rest = rest[size:]
    return said + b"0\r\n" + chance.choice((b"", b"X-Trailer: 1\r\n")) + b"\r\n"


def spoilt(chance: random.Random, said: bytes) -> bytes:
    """The answer with something wrong with it."""
    at = chance.randrange(len(said))
    turned = bytes([said[at] ^ (1 << chance.randrange(8))])
    more = said[:at] + chance.randbytes(3) + said[at:]
    return chance.choice((said[:at], more, said[:at] + turned + said[at + 1 :], said + b"HTTP/1.1 200 OK\r\n\r\n"))


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


@pytest.mark.parametrize("seed", range(3))
def test_the_loop_goes_on_and_invents_nothing(serve: Serve, lambda_api: LambdaApi, start: Start, seed: int) -> None:
    chance = random.Random(seed)
    start(serve(backend).url)
    for number in range(seed * CASES, (seed + 1) * CASES):
        kind, method = chance.choice(("good", "bad")), chance.choice(("GET", "POST"))
        got = lambda_api.streamed(streaming(call(method, f"/{kind}/{number}")))
        wanted = body(number)
        if method == "POST" and b"without an answer" in got.body:
            # The backend closed the kept connection while the request was under way, which is not sent twice.
            assert got.status == 502
        elif kind == "good":
            assert (got.status, got.body, got.error) == (200, wanted, None)
        elif got.status < 400 and got.error is None:
            # Spoilt where it does no harm, or within the body, which nobody can know.
            assert len(got.body) <= len(wanted) + 30
    assert lambda_api.streamed(streaming(call(path=f"/good/{seed}"))).body == body(seed)
