"""The plugin as the engine sees it."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import errors_pb2, provider_pb2, status_pb2

from ..serving import Plugin
from . import names
from .archives import Archives
from .journal import Journal
from .resource import CheckError, InitError, ResourceType
from .terraform_provider import OFFLINE, ProviderError, TerraformProvider
from .translate import Translation
from .wire import Secret, message, opened, plain


class AwsServicer(Plugin):
    """Answers the engine with what the provider answers."""

    def __init__(self, provider: TerraformProvider, endpoint: str, folder: Path) -> None:
        self._provider = provider
        self._endpoint = endpoint
        self._archives = Archives(folder)
        self._journal = Journal(folder / "journal.jsonl")
        self._types: dict[str, ResourceType] = {}
        self._lock = threading.Lock()

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "aws", "version": self.version}))

    def DiffConfig(self, request: Any, context: Any) -> Any:
        replaces = [key for key in ("region",) if key in request.olds.fields and request.olds[key] != request.news[key]]
        return provider_pb2.DiffResponse(replaces=replaces)

    def Configure(self, request: Any, context: Any) -> Any:
        config = opened(plain(request.args))
        settings: dict[str, Any] = {
            **OFFLINE,
            "region": config.get("region", OFFLINE["region"]),
            "skip_requesting_account_id": False,
            "endpoints": [dict.fromkeys(self._provider.services, self._endpoint)],
        }
        if tags := config.get("defaultTags"):
            settings["default_tags"] = [{"tags": (json.loads(tags) if isinstance(tags, str) else tags)["tags"]}]
        self._provider.configure(settings)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        resource_type = self._type(request.urn)
        news = plain(request.news)
        for name in sorted(resource_type.lacking & news.keys()):
            self._journal.note(operation="lacking", type=resource_type.name, property=name)
        with self._journal.entry("check", resource_type.name, request.urn):
            try:
                inputs = resource_type.check(
                    request.name or _logical(request.urn), plain(request.olds), news, request.randomSeed
                )
            except CheckError as error:
                failures = [provider_pb2.CheckFailure(property=name, reason=why) for name, why in error.failures]
                return provider_pb2.CheckResponse(failures=failures)
        return provider_pb2.CheckResponse(inputs=message(inputs))

    def Diff(self, request: Any, context: Any) -> Any:
        resource_type = self._type(request.urn)
        with self._journal.entry("diff", resource_type.name, request.urn), _refusals(context):
            change = resource_type.diff(plain(request.olds), plain(request.news), request.ignoreChanges)
        detailed = {
            name: provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.UPDATE) for name in change.changed
        }
        for path in change.replaced_by:
            detailed[path] = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.Kind.UPDATE_REPLACE)
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some if change.changed or change.replaced_by else none,
            diffs=sorted({_top(path) for path in change.changed}),
            replaces=sorted({_top(path) for path in change.replaced_by}),
            deleteBeforeReplace=change.delete_first,
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    def Create(self, request: Any, context: Any) -> Any:
        resource_type = self._type(request.urn)
        name = "plan" if request.preview else "create"
        pretended = resource_type.pretended and not request.preview
        with self._journal.entry(name, resource_type.name, request.urn, pretended=pretended), _refusals(context):
            identifier, outputs = resource_type.create(request.urn, plain(request.properties), preview=request.preview)
        return provider_pb2.CreateResponse(id=identifier, properties=message(outputs))

    def Update(self, request: Any, context: Any) -> Any:
        resource_type = self._type(request.urn)
        name = "plan update" if request.preview else "update"
        pretended = resource_type.pretended and not request.preview
        with self._journal.entry(name, resource_type.name, request.urn, pretended=pretended), _refusals(context):
            outputs = resource_type.update(
                plain(request.olds),
                plain(request.news),
                request.ignoreChanges,
                preview=request.preview,
                urn=request.urn,
            )
        return provider_pb2.UpdateResponse(properties=message(outputs))

    def Delete(self, request: Any, context: Any) -> Any:
        kind = self._type(request.urn)
        with self._journal.entry("delete", kind.name, request.urn, pretended=kind.pretended), _refusals(context):
            kind.delete(plain(request.properties))
        return empty_pb2.Empty()

    def Read(self, request: Any, context: Any) -> Any:
        kind = self._type(request.urn)
        with self._journal.entry("read", kind.name, request.urn, pretended=kind.pretended), _refusals(context):
            answer = kind.read(request.id, plain(request.properties), plain(request.inputs))
        if answer is None:
            return provider_pb2.ReadResponse()
        outputs, inputs = answer
        return provider_pb2.ReadResponse(id=request.id, properties=message(outputs), inputs=message(inputs))

    def Invoke(self, request: Any, context: Any) -> Any:
        name = names.lookup_name(request.tok, self._provider.has_data_source)
        translation = Translation(name, self._provider.data_source(name), names.types_of_result(request.tok))
        with self._journal.entry("lookup", name), _refusals(context):
            state = self._provider.read_data(name, translation.config(opened(plain(request.args))))
        answer = {**translation.outputs(state), "id": state.get("id")}
        for terraform, its in translation.properties.items():
            attribute = translation.schema.block.attributes.get(terraform)
            if attribute is not None and attribute.sensitive and answer.get(its.name) is not None:
                answer[its.name] = Secret(answer[its.name])
        return provider_pb2.InvokeResponse(**{"return": message(answer)})

    def _type(self, urn: str) -> ResourceType:
        token = urn.split("::")[2].rpartition("$")[2]
        with self._lock:
            if token not in self._types:
                self._types[token] = ResourceType(self._provider, token, self._archives)
            return self._types[token]


def _top(path: str) -> str:
    """The property at the top of a path."""
    return path.partition(".")[0].partition("[")[0]


def _logical(urn: str) -> str:
    return urn.split("::", 3)[3]


class _refusals:  # noqa: N801 # reads as a statement
    """What the provider refuses, as an error of the call; a half-made resource goes with it."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, InitError):
            details = any_pb2.Any()
            details.Pack(
                errors_pb2.ErrorCause(message=str(error))
                if not error.identifier
                else provider_pb2.ErrorResourceInitFailed(
                    id=error.identifier, properties=message(error.outputs), reasons=error.reasons
                )
            )
            status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error), details=[details])
            self._context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            self._context.abort(grpc.StatusCode.UNKNOWN, str(error))
        if isinstance(error, ProviderError):
            self._context.abort(grpc.StatusCode.UNKNOWN, str(error))
