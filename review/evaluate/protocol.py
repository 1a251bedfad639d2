"""The engine's side of the protocol: serves a recorder to one program on a Unix socket, and calls its callbacks."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import grpc
from google.protobuf.message_factory import GetMessageClass

from ..graph.prose import printable
from .host.messages import CLAIM_METHOD, CallError, callback_pb2, callback_pb2_grpc, engine_pb2, resource_pb2
from .runner import Run, in_thread
from .wire import BASE

_THREADS: Final = 32  # a request waits in one while its transforms run, and they may register resources as well
_OPTIONS: Final = [
    ("grpc.max_receive_message_length", 16 << 20),
    ("grpc.so_reuseport", 0),
    ("grpc.max_allowed_incoming_connections", 64),  # each is an open file of this process; an SDK has three
    # Requests that no thread reads yet wait with the program, except for 64 KiB of each.
    ("grpc.max_concurrent_streams", 100),
    ("grpc.http2.bdp_probe", 0),
]
_CALLBACK_SECONDS: Final = 30.0


@contextmanager
def served(run: Run, folder: Path) -> Iterator[None]:
    """Within, the run's recorder answers on the socket `recorder` in the process's folder."""
    services, callbacks = _Services(run), _Callbacks(folder)
    run.recorder.call_back = callbacks.call
    # Signals raise in the main thread. gRPC waits without end for a server that was half started or half stopped.
    server = in_thread(lambda: _started(services, f"unix:{folder}/recorder")).result()
    try:
        yield
    finally:
        in_thread(lambda: server.stop(None).wait()).result()
        callbacks.close()


def _started(services: grpc.GenericRpcHandler, address: str) -> grpc.Server:
    server = grpc.server(ThreadPoolExecutor(_THREADS), (services,), options=_OPTIONS)
    server.add_insecure_port(address)
    server.start()
    return server


# https://github.com/pulumi/pulumi/blob/master/proto/pulumi/resource.proto
class _Services(grpc.GenericRpcHandler):  # type: ignore[misc] # gRPC has no types
    """Reads each request of a program and hands it on to the recorder or to the engine's service."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._methods = {CLAIM_METHOD: self._handler(lambda claim: run.claims.take(json.loads(claim)), bytes)}
        monitor, engine = (module.DESCRIPTOR.services_by_name for module in (resource_pb2, engine_pb2))
        # SDKs keep the root resource themselves, and whichever CLI is used later checks its own version.
        logs = SimpleNamespace(Log=run.log, SetRootResource=lambda _: None, RequirePulumiVersion=lambda _: None)
        for service, answers in ((monitor["ResourceMonitor"], run.recorder), (engine["Engine"], logs)):
            for method in service.methods:
                if answer := getattr(answers, method.name, None):
                    read = GetMessageClass(method.input_type).FromString
                    self._methods[f"/{service.full_name}/{method.name}"] = self._handler(answer, read)

    def service(self, call: Any) -> Any:
        """The handler of a method; None for a method that the review does not have."""
        return self._methods.get(call.method)

    def _handler(self, method: Callable[[Any], Any], read: Callable[[bytes], Any]) -> Any:
        run = self._run

        def answer(request: bytes, context: Any) -> bytes:
            BASE.set(str(run.project.program))
            try:
                answered = method(read(request))
            except Exception as error:  # a program may send anything
                message = f"the review cannot read a request ({type(error).__name__})"
                if isinstance(error, CallError | grpc.RpcError | OSError):
                    message = printable(str(error))
                run.refused = run.refused or message
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
            return b"" if answered is None else bytes(answered.SerializeToString())

        return grpc.unary_unary_rpc_method_handler(answer)


class _Callbacks:
    """Calls callbacks of the program, whose server listens on a Unix socket as well: see `host/network.py`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def call(self, callback: Any, packed: bytes) -> bytes:
        port = callback.target.rpartition(":")[2]
        if not port.isdecimal():
            raise CallError(f"the program serves callbacks at {printable(callback.target)!r}, which is no port")
        address, options = f"unix:{self._folder}/callbacks-{port}", [("grpc.default_authority", "127.0.0.1")]
        with self._lock:
            if port not in self._channels:
                self._channels[port] = grpc.insecure_channel(address, options=options)
        request = callback_pb2.CallbackInvokeRequest(token=callback.token, request=packed)
        try:
            stub = callback_pb2_grpc.CallbacksStub(self._channels[port])
            return bytes(stub.Invoke(request, timeout=_CALLBACK_SECONDS).response)
        except grpc.RpcError as error:
            raise CallError(f"a callback of the program failed: {error.details()}") from error

    def close(self) -> None:
        for channel in self._channels.values():
            channel.close()
