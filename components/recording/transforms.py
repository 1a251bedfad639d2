"""Runs transforms of a program, which its SDK serves on a port of this machine.

https://www.pulumi.com/docs/iac/concepts/options/transforms/
"""

import functools
from collections.abc import Iterable
from typing import Any, Final

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from .call_error import CallError

_SECONDS: Final = 30.0
_OPTIONS: Final = {
    name: resource_pb2.TransformResourceOptions.DESCRIPTOR.fields_by_name[name].json_name
    for name in (
        *("aliases", "additional_secret_outputs", "custom_timeouts", "deleted_with"),
        *("hooks", "ignore_changes", "protect", "replace_on_changes", "retain_on_delete"),
    )
}
"""Options as transforms call them, and as requests do."""
_KEPT: Final = {
    **{"import": "importId", "provider": "provider", "providers": "providers", "version": "version"},
    **{"plugin_download_url": "pluginDownloadURL", "plugin_checksums": "pluginChecksums", "hide_diff": "hideDiffs"},
    **{"replace_with": "replace_with", "replacement_trigger": "replacement_trigger"},
}
"""Options that stay if a transform gives none."""


def transform(request: Any, callbacks: Iterable[Any]) -> None:
    """Changes a RegisterResourceRequest as these transforms answer, in their order. Raises CallError if one fails."""
    for callback in callbacks:
        answer = call_back(callback, _build_transform_request(request).SerializeToString())
        changed = resource_pb2.TransformResponse.FromString(answer)
        request.object.CopyFrom(changed.properties)
        if changed.HasField("options"):
            _apply_options(changed.options, request)


def call_back(callback: Any, packed: bytes) -> bytes:
    """Returns the answer of a callback to a request. Raises CallError."""
    request = callback_pb2.CallbackInvokeRequest(token=callback.token, request=packed)
    try:
        return bytes(_open_stub(callback.target).Invoke(request, timeout=_SECONDS).response)
    except grpc.RpcError as error:
        raise CallError(f"a callback of the program failed: {error.details()}") from error


@functools.cache
def _open_stub(target: str) -> Any:
    return callback_pb2_grpc.CallbacksStub(grpc.insecure_channel(target))


def _build_transform_request(request: Any) -> Any:
    """Returns the request that a transform gets of a registration."""
    present = {field.name: value for field, value in request.ListFields()}
    options: dict[str, Any] = {
        ours: present[theirs] for ours, theirs in {**_OPTIONS, **_KEPT}.items() if theirs in present
    }
    if request.deleteBeforeReplaceDefined:
        options["delete_before_replace"] = request.deleteBeforeReplace
    options |= {"depends_on": request.dependencies}
    same = {name: getattr(request, name) for name in ("type", "name", "custom", "parent")}
    changeable = resource_pb2.TransformResourceOptions(**options)
    return resource_pb2.TransformRequest(**same, properties=request.object, options=changeable)


def _apply_options(options: Any, request: Any) -> None:
    fields = {field.name: value for field, value in options.ListFields()}
    changed = {theirs: fields[ours] for ours, theirs in {**_OPTIONS, **_KEPT}.items() if ours in fields}
    for theirs in {*_OPTIONS.values(), *changed}:
        request.ClearField(theirs)
    if "delete_before_replace" in fields:
        changed |= {"deleteBeforeReplace": options.delete_before_replace, "deleteBeforeReplaceDefined": True}
    more = [urn for urn in options.depends_on if urn not in request.dependencies]
    request.MergeFrom(resource_pb2.RegisterResourceRequest(**changed, dependencies=more))
