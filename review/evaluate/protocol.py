"""The engine's side of the protocol: serves a recorder to one program on a Unix socket, and calls its callbacks.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi import RunError
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, engine_pb2, engine_pb2_grpc, resource_pb2_grpc

from ..graph.prose import printable
from .files import FILES
from .host.python import TELL
from .runner import Run

_THREADS: Final = 32
"""A request waits in one while its transforms run, and they may register resources as well."""
_OPTIONS: Final = [("grpc.max_receive_message_length", 64 << 20), ("grpc.so_reuseport", 0)]
_CALLBACK_SECONDS: Final = 30.0
_LAST_PORT: Final = 65_535
_SERVICE, _METHOD = TELL.strip("/").split("/")


@contextmanager
def served(run: Run, address: str, own: Path, connect: Callable[[int], socket.socket]) -> Iterator[None]:
    """Within, the run's recorder answers at the address. `connect` opens a connection to a port of the program."""
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_OPTIONS)
    monitor: Any = _Servicer(run, run.recorder)
    engine: Any = _Servicer(run, _Engine(run))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    tell = grpc.unary_unary_rpc_method_handler(_answer(run, lambda claim: _told(run, claim)))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, {_METHOD: tell}),))
    server.add_insecure_port(address)
    callbacks = _Callbacks(own, connect)
    run.call_back = callbacks.call
    server.start()
    try:
        yield
    finally:
        server.stop(None).wait()
        callbacks.close()


def _told(run: Run, claim: bytes) -> bytes:
    run.claims.take(json.loads(claim))
    return b""


class _Engine:
    """The engine's other service."""

    def __init__(self, run: Run) -> None:
        self._run, self._root = run, ""

    def Log(self, request: Any) -> Any:
        self._run.log(request)
        return empty_pb2.Empty()

    def SetRootResource(self, request: Any) -> Any:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def GetRootResource(self, _request: Any) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def RequirePulumiVersion(self, _request: Any) -> Any:
        """Whichever CLI is used later checks its own version."""
        return engine_pb2.RequirePulumiVersionResponse()

    def StartDebugging(self, _request: Any) -> Any:
        return empty_pb2.Empty()


class _Servicer:
    """Hands the requests of a service on to the methods of an object."""

    def __init__(self, run: Run, answers: Any) -> None:
        self._run, self._answers = run, answers

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._answers, name, None)
        return _answer(self._run, method) if method else _unimplemented


def _unimplemented(_request: Any, context: Any) -> None:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, "the review has no such method")


def _answer(run: Run, method: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: Any) -> Any:
        FILES.set(run.files)
        try:
            return method(request)
        except Exception as error:  # a program may send anything
            known = isinstance(error, RunError | grpc.RpcError | OSError)
            said = str(error) if known else f"the review cannot read a request of the program ({type(error).__name__})"
            run.refused.append(said)
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, said)

    return answer


class _Callbacks:
    """Calls callbacks of the program, whose server listens on the loopback of its own network."""

    def __init__(self, folder: Path, connect: Callable[[int], socket.socket]) -> None:
        self._folder, self._connect = folder, connect
        self._channels: dict[int, tuple[socket.socket, grpc.Channel]] = {}
        self._unreachable: dict[int, str] = {}
        self._lock = threading.Lock()

    def call(self, callback: Any, asked: bytes) -> bytes:
        port = callback.target.rpartition(":")[2]
        if not port.isdecimal() or int(port) > _LAST_PORT:
            raise RunError(f"the program serves callbacks at {printable(callback.target)!r}, which is no port")
        with self._lock:
            if int(port) not in self._channels:
                self._channels[int(port)] = self._opened(int(port))
        request = callback_pb2.CallbackInvokeRequest(token=callback.token, request=asked)
        try:
            stub = callback_pb2_grpc.CallbacksStub(self._channels[int(port)][1])
            return bytes(stub.Invoke(request, timeout=_CALLBACK_SECONDS).response)
        except grpc.RpcError as error:
            absent = self._unreachable.get(int(port))
            why = f"the program serves nothing at port {port} ({absent})" if absent else error.details()
            raise RunError(f"a callback of the program failed: {why}") from error

    def _opened(self, port: int) -> tuple[socket.socket, grpc.Channel]:
        """A socket of our own whose connections lead to the port: gRPC takes addresses, and no open connection."""
        path = str(self._folder / f"callbacks-{port}")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        threading.Thread(target=self._lead, args=(server, port), daemon=True).start()
        return server, grpc.insecure_channel(f"unix:{path}", options=[("grpc.default_authority", "127.0.0.1")])

    def _lead(self, server: socket.socket, port: int) -> None:
        with suppress(OSError):  # the end
            while True:
                ours, _ = server.accept()
                try:
                    theirs = self._connect(port)
                except OSError as error:
                    self._unreachable[port] = str(error)
                    ours.close()
                else:
                    threading.Thread(target=_join, args=(ours, theirs), daemon=True).start()

    def close(self) -> None:
        for server, channel in self._channels.values():
            channel.close()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()


def _join(ours: socket.socket, theirs: socket.socket) -> None:
    """Hand all bytes of two connections on, until both ended."""
    with ours, theirs:
        back = threading.Thread(target=_copy, args=(theirs, ours), daemon=True)
        back.start()
        _copy(ours, theirs)
        back.join()


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while part := one.recv(1 << 16):
            other.sendall(part)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
