"""What streaming through the forwarder costs on top of a plain relay of sockets, in one run.

Between the same backend and this process are in turn: a relay that passes bytes on and knows nothing of HTTP, with
its connection to the backend kept as ours is, and the forwarder's loop as Lambda starts it, whose Runtime API this
process plays. Measured are the time from the request to the first byte of the body, for a backend that answers at once
and for one that thinks for some milliseconds, as a fast model does; the throughput of 100 MB; the memory that takes.

    python dev/bench/streaming.py [--calls 300] [--rounds 15]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "handlers" / "forwarder"
sys.path.insert(0, str(ROOT))

from dev.bench.judge import Judge, row, tenth  # noqa: E402

THINKING: Final = {"at once": 0, "after 1 ms": 1, "after 5 ms": 5}
MEGABYTES: Final = 100
FRAMINGS: Final = ("length", "chunked")
TURN: Final = 20
WARM: Final = 3
# What ours may add to the time until the first byte, however long the backend takes.
MOST_FIRST_BYTE_MICROSECONDS: Final = 150.0
LEAST_THROUGHPUT: Final = 0.7
MOST_GROWTH_MEGABYTES: Final = 4.0

BACKEND: Final = """
import socket, sys, threading, time
def serve(connected):
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data, piece = b"", bytes(1 << 20)
    while True:
        while b"\\r\\n\\r\\n" not in data:
            came = connected.recv(65536)
            if not came:
                return
            data += came
        _, kind, number = data.split(b" ", 2)[1].split(b"/")
        data = data.partition(b"\\r\\n\\r\\n")[2]
        head = b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n"
        chunked = head + b"Transfer-Encoding: chunked\\r\\n\\r\\n"
        if kind == b"first":
            if int(number):
                time.sleep(int(number) / 1000)
            connected.sendall(chunked + b"9\\r\\ndata: 1\\n\\n\\r\\n0\\r\\n\\r\\n")
        elif kind == b"length":
            connected.sendall(head + b"Content-Length: %d\\r\\n\\r\\n" % (int(number) << 20))
            for _ in range(int(number)):
                connected.sendall(piece)
        else:
            connected.sendall(chunked)
            for _ in range(int(number)):
                connected.sendall(b"100000\\r\\n" + piece + b"\\r\\n")
            connected.sendall(b"0\\r\\n\\r\\n")
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"""

RELAY: Final = """
import select, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
one = listener.accept()[0]
other = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
for end in (one, other):
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
ways = {one.fileno(): (one, other), other.fileno(): (other, one)}
poll = select.poll()
for number in ways:
    poll.register(number, select.POLLIN)
while True:
    for number, _ in poll.poll():
        source, target = ways[number]
        data = source.recv(65536)
        if not data:
            sys.exit()
        target.sendall(data)
"""

Call = Callable[[str], float]


@contextlib.contextmanager
def process(script: str, *arguments: str) -> Iterator[int]:
    """The port that a script of its own listens at."""
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield int(started.stdout.readline())
        finally:
            started.kill()


class Relayed:
    """The caller's end of the relay."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._room = memoryview(bytearray(1 << 18))

    def first(self, path: str) -> float:
        """Seconds to the first byte of the body."""
        began = time.perf_counter()
        self._ask(path)
        data = b""
        while not data.partition(b"\r\n\r\n")[2]:
            data += self._socket.recv(65536)
        taken = time.perf_counter() - began
        while not data.endswith(b"0\r\n\r\n"):
            data += self._socket.recv(65536)
        return taken

    def whole(self, path: str) -> float:
        """Seconds to the end of the body."""
        began = time.perf_counter()
        self._ask(path)
        left = MEGABYTES << 20
        while left > 0:
            left -= self._socket.recv_into(self._room)
        taken = time.perf_counter() - began
        # What is framing and not body.
        time.sleep(0.05)
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv_into(self._room, flags=socket.MSG_DONTWAIT):
                pass
        return taken

    def _ask(self, path: str) -> None:
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: backend.invalid\r\nAccept: text/event-stream\r\n\r\n".encode()
        )


class Streamed:
    """Lambda's end of the loop."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._room = memoryview(bytearray(1 << 18))
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._listener.getsockname()[1]}",
            "BACKEND_URL": f"http://127.0.0.1:{port}",
        }
        command = [str(FOLDER / "streaming-runtime"), sys.executable]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)

    def first(self, path: str) -> float:
        """Seconds to the first byte of the body."""
        invocation = self._invocation(path)
        began = time.perf_counter()
        self._lambda.sendall(invocation)
        data = b""
        while len(data.partition(bytes(8))[2].partition(b"data")[1]) == 0:
            data += self._lambda.recv(65536)
        taken = time.perf_counter() - began
        self._finish(data)
        return taken

    def whole(self, path: str) -> float:
        """Seconds to the end of the body."""
        invocation = self._invocation(path)
        began = time.perf_counter()
        self._lambda.sendall(invocation)
        data = b""
        while not data.partition(bytes(8))[1]:
            data += self._lambda.recv(4096)
        left = MEGABYTES << 20
        while left > 0:
            count = self._lambda.recv_into(self._room)
            left -= count
            data = data[-10:] + bytes(self._room[:count][-10:])
        taken = time.perf_counter() - began
        self._finish(data)
        return taken

    def memory(self, key: str) -> float:
        """Megabytes: VmRSS is what it has, VmHWM the most that it has had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith(key)).split()[1]) / 1024

    def _finish(self, data: bytes) -> None:
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data = data[-10:] + self._lambda.recv(65536)
        self._lambda.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        self._lambda.close()

    def _invocation(self, path: str) -> bytes:
        """Once the loop waits for it, on a connection that is new after each response that streams."""
        self._lambda, _ = self._listener.accept()
        self._lambda.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._lambda.recv(65536)
        payload = json.dumps(_event(path)).encode()
        fields = (
            "HTTP/1.1 200 OK",
            "Content-Type: application/json",
            "Lambda-Runtime-Aws-Request-Id: 77375676-xmpl-4b79-853a-f982474efe18",
            f"Lambda-Runtime-Deadline-Ms: {int(time.time() * 1000) + 900_000}",
            f"Content-Length: {len(payload)}",
        )
        return "\r\n".join((*fields, "", "")).encode() + payload


def _event(path: str) -> dict[str, Any]:
    headers = {
        "Accept": ["text/event-stream"],
        "Host": ["abcde12345.execute-api.eu-west-1.amazonaws.com"],
        "User-Agent": ["curl/8.5.0"],
        "X-Forwarded-For": ["198.51.100.7"],
        "X-Api-Key": ["0123456789abcdef0123456789abcdef"],
    }
    context = {
        "path": f"/live{path}",
        "resourcePath": "/{proxy+}",
        "requestId": "77375676-xmpl-4b79-853a-f982474efe18",
        "identity": {"sourceIp": "198.51.100.7"},
    }
    return {
        "path": path,
        "httpMethod": "GET",
        "multiValueHeaders": headers,
        "multiValueQueryStringParameters": None,
        "stageVariables": {"streaming": "ANY:/~proxy=900"},
        "requestContext": context,
        "body": None,
        "isBase64Encoded": False,
    }


def first_byte(relay: Call, ours: Call, count: int, judge: Judge) -> None:
    """Print times to the first byte, and judge what ours adds to the relay's."""
    for label, milliseconds in THINKING.items():
        taken: dict[str, list[float]] = {"relay": [], "ours": []}
        for _ in range(count // TURN):
            judge.sample()
            for name, call in (("relay", relay), ("ours", ours)):
                for turn in range(WARM + TURN):
                    seconds = call(f"/first/{milliseconds}")
                    if turn >= WARM:
                        taken[name].append(seconds * 1e6)
        print(f"first byte, backend answers {label}; the floor is the relay")
        for name, times in taken.items():
            print(row(name, times, taken["relay"]))
        more = tenth(taken["ours"]) - tenth(taken["relay"])
        print(f"  ours adds {more:.0f} µs")
        judge.most(f"first byte {label}, more than the relay's", more, MOST_FIRST_BYTE_MICROSECONDS, " µs")


def throughput(relay: Call, ours: Call, rounds: int, judge: Judge) -> None:
    """Print megabytes a second, and judge the median of their ratios in pairs."""
    for framing in FRAMINGS:
        taken: dict[str, list[float]] = {"relay": [], "ours": []}
        for _ in range(rounds):
            judge.sample()
            for name, call in (("relay", relay), ("ours", ours)):
                taken[name].append(MEGABYTES / call(f"/{framing}/{MEGABYTES}"))
        ratio = statistics.median([mine / plain for mine, plain in zip(taken["ours"], taken["relay"], strict=True)])
        print(f"{MEGABYTES} MB, {framing}")
        for name, rates in taken.items():
            print(f"  {name:<6} median {statistics.median(rates):6.0f} MB/s   best {max(rates):6.0f} MB/s")
        print(f"  ours has {ratio:.2f} of the relay's throughput, in the median pair")
        judge.least(f"{MEGABYTES} MB {framing}, of the relay's throughput", ratio, LEAST_THROUGHPUT)


def main() -> int:
    """Measure all of it. Returns 1 if a goal is missed, 2 if the machine was too busy to judge, else 0."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=300)
    options.add_argument("--rounds", type=int, default=15)
    chosen = options.parse_args()
    judge = Judge()
    with process(BACKEND) as port, process(RELAY, str(port)) as relay_port:
        relay, ours = Relayed(relay_port), Streamed(port)
        try:
            first_byte(relay.first, ours.first, chosen.calls, judge)
            before = ours.memory("VmRSS")
            throughput(relay.whole, ours.whole, chosen.rounds, judge)
            growth = ours.memory("VmHWM") - before
        finally:
            ours.process.kill()
            ours.process.wait()
    print(f"memory while {MEGABYTES} MB pass: {growth:+.1f} MB")
    judge.most("memory", growth, MOST_GROWTH_MEGABYTES, " MB")
    return judge.status()


if __name__ == "__main__":
    sys.exit(main())
