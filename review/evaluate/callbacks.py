"""Calls callbacks of a program, such as transforms, which its SDK serves on a port of this machine."""

import functools
from typing import Any, Final

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc

from .host.call_error import CallError

_SECONDS: Final = 30.0


def call_back(callback: Any, packed: bytes) -> bytes:
    """The answer of a callback to a request. Raises CallError."""
    request = callback_pb2.CallbackInvokeRequest(token=callback.token, request=packed)
    try:
        return bytes(_stub(callback.target).Invoke(request, timeout=_SECONDS).response)
    except grpc.RpcError as error:
        raise CallError(f"a callback of the program failed: {error.details()}") from error


@functools.cache
def _stub(target: str) -> Any:
    return callback_pb2_grpc.CallbacksStub(grpc.insecure_channel(target))
