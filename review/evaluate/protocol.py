"""The engine's side of the protocol: serves a recorder to one program on a Unix socket, and calls its callbacks."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import grpc
from google.protobuf.message_factory import GetMessageClass

from ..graph.prose import printable
from .files import FILES
from .host.messages import TELL, CallError, callback_pb2, callback_pb2_grpc, engine_pb2, resource_pb2
from .runner import Run, beside

_THREADS: Final = 32  # a request waits in one while its transforms run, and they may register resources as well
_MOST_BYTES: Final = 32 << 20
_MOST_REQUESTS: Final = 50_000
_MOST_VALUES: Final = 2_000_000
"""Of one run. The review keeps requests in its own memory, several times as large, and an empty value is not small."""
_MARKS: Final = (b"\x0a", b"\x12", b"\x8a", b"\x92")
"""One is before each value of a list, a struct or a map, as protobuf numbers fields 1 and 2. Texts have some too."""
_OPTIONS: Final = [
    ("grpc.max_receive_message_length", 16 << 20),
    ("grpc.so_reuseport", 0),
    ("grpc.max_allowed_incoming_connections", 64),  # each is an open file of this process; an SDK has three
    # What no thread reads yet waits with the program, but for 64 KiB of each request.
    ("grpc.max_concurrent_streams", 100),
    ("grpc.http2.bdp_probe", 0),
]
_MOST_PORTS: Final = 16
_CALLBACK_SECONDS: Final = 30.0
_LAST_PORT: Final = 65_535


@contextmanager
def served(run: Run, address: str, own: Path, connect: Callable[[int], socket.socket]) -> Iterator[None]:
    """Within, the run's recorder answers at the address. `connect` opens a connection to a port of the program."""
    services, callbacks = _Services(run), _Callbacks(own, connect)
    run.recorder.call_back = lambda callback, asked: services.counted(callbacks.call(callback, asked))
    # Signals raise in the main thread. gRPC waits without end for a server that was half started or half stopped.
    server = beside(lambda: _started(services, address)).result()
    try:
        yield
    finally:
        beside(lambda: server.stop(None).wait()).result()
        callbacks.close()


def _started(services: grpc.GenericRpcHandler, address: str) -> grpc.Server:
    server = grpc.server(ThreadPoolExecutor(_THREADS), (services,), options=_OPTIONS)
    server.add_insecure_port(address)
    server.start()
    return server


# https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto
class _Services(grpc.GenericRpcHandler):  # type: ignore[misc] # gRPC has no types
    """Counts each request of a program, then reads it and hands it on to the recorder or to the engine's service."""

    def __init__(self, run: Run) -> None:
        self._run, self._bytes, self._requests, self._values = run, _MOST_BYTES, _MOST_REQUESTS, _MOST_VALUES
        self._lock = threading.Lock()
        self._methods = {TELL: self._handler(lambda claim: run.claims.take(json.loads(claim)), bytes)}
        monitor, engine = (module.DESCRIPTOR.services_by_name for module in (resource_pb2, engine_pb2))
        # SDKs keep the root resource themselves, and whichever CLI is used later checks its own version.
        logs = SimpleNamespace(Log=run.log, SetRootResource=lambda _: None, RequirePulumiVersion=lambda _: None)
        for service, answers in ((monitor["ResourceMonitor"], run.recorder), (engine["Engine"], logs)):
            for method in service.methods:
                if answer := getattr(answers, method.name, None):
                    read = GetMessageClass(method.input_type).FromString
                    self._methods[f"/{service.full_name}/{method.name}"] = self._handler(answer, read)

    def service(self, call: Any) -> Any:
        """How a method is answered. None for one that the review does not have."""
        return self._methods.get(call.method)

    def _handler(self, method: Callable[[Any], Any], read: Callable[[bytes], Any]) -> Any:
        run = self._run

        def answer(request: bytes, context: Any) -> bytes:
            FILES.set(run.files)
            try:
                answered = method(read(self.counted(request)))
            except Exception as error:  # a program may send anything
                known = isinstance(error, CallError | grpc.RpcError | OSError)
                said = printable(str(error)) if known else f"the review cannot read a request ({type(error).__name__})"
                run.refused = run.refused or said
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, said)
            return b"" if answered is None else bytes(answered.SerializeToString())

        return grpc.unary_unary_rpc_method_handler(answer)

    def counted(self, sent: bytes) -> bytes:
        """What the program sent: a request, or what a callback of it answered. Raises CallError if that is too much."""
        with self._lock:
            self._bytes -= len(sent)
            self._requests -= 1
            self._values -= sum(map(sent.count, _MARKS))
        if min(self._bytes, self._requests, self._values) < 0:
            most = f"{_MOST_REQUESTS:,} requests, {_MOST_BYTES >> 20} MiB and {_MOST_VALUES:,} values"
            self._run.exceeded = f"the program sent more than {most}, the most that a review keeps"
            raise CallError(self._run.exceeded)
        return sent


class _Callbacks:
    """Calls callbacks of the program, whose server listens on the loopback of its own network."""

    def __init__(self, folder: Path, connect: Callable[[int], socket.socket]) -> None:
        self._folder, self._connect = folder, connect
        self._channels: dict[int, grpc.Channel] = {}
        self._lock = threading.Lock()

    def call(self, callback: Any, asked: bytes) -> bytes:
        port = callback.target.rpartition(":")[2]
        if not port.isdecimal() or int(port) > _LAST_PORT:
            raise CallError(f"the program serves callbacks at {printable(callback.target)!r}, which is no port")
        with self._lock:
            if int(port) not in self._channels:
                if len(self._channels) == _MOST_PORTS:
                    raise CallError(f"the program serves callbacks at more than {_MOST_PORTS} ports")
                self._channels[int(port)] = self._opened(int(port))
        request = callback_pb2.CallbackInvokeRequest(token=callback.token, request=asked)
        try:
            stub = callback_pb2_grpc.CallbacksStub(self._channels[int(port)])
            return bytes(stub.Invoke(request, timeout=_CALLBACK_SECONDS).response)
        except grpc.RpcError as error:
            raise CallError(f"a callback of the program failed: {error.details()}") from error

    def _opened(self, port: int) -> grpc.Channel:
        """A channel by an open connection, which leads to the port: gRPC takes addresses only."""
        try:
            theirs = self._connect(port)
        except OSError as error:
            why = f"the program serves nothing at port {port} ({error})"
            raise CallError(f"a callback of the program failed: {why}") from error
        server, path = socket.socket(socket.AF_UNIX), str(self._folder / f"callbacks-{port}")
        server.bind(path)
        server.listen()
        threading.Thread(target=_lead, args=(server, theirs), daemon=True).start()
        return grpc.insecure_channel(f"unix:{path}", options=[("grpc.default_authority", "127.0.0.1")])

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()


def _lead(server: socket.socket, theirs: socket.socket) -> None:
    """Join the one connection that gRPC makes to an open one, until both ended. It makes another, which is refused."""
    with server:
        ours, _ = server.accept()
    with ours, theirs:
        back = threading.Thread(target=_copy, args=(theirs, ours), daemon=True)
        back.start()
        _copy(ours, theirs)
        back.join()


def _copy(connection: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while part := connection.recv(1 << 16):
            other.sendall(part)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
