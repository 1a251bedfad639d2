"""The engine's side of a mocked run: every request is kept, answered, and refused where the engine would refuse it."""

import json
import threading
from collections.abc import Mapping
from typing import Any, Final

from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2

from ..aws.catalog.catalog import find_row, may_shape_traffic, normalize_token
from ..aws.catalog.tables import load_table
from ..graph import STACK_REFERENCE, UNKNOWN, Invoke, Secret, reveal
from ..recording import wire
from ..recording.marks import UNKNOWN_TEXT
from .assemble import ROOT_TYPE, Recorded, chain
from .callbacks import call_back
from .host.call_error import CallError
from .host.stand_in import TEXT
from .mocks.location import Location
from .mocks.lookups import Lookups
from .mocks.resources import Resources
from .mocks.sdk_types import converted, fields
from .project_file import Project
from .stack_file import Stack

_PLAIN: Final = frozenset(
    load_table("plain_texts")
)  # parts in traffic of types whose texts shape it, and are no passwords
_LONGEST_NAME: Final = 10_000  # letters of a name or a type, once for each of its aliases


class _NoMocks(Mocks):
    """The recorder answers itself."""

    def new_resource(self, args: MockResourceArgs) -> Any: ...

    def call(self, args: MockCallArgs) -> Any: ...


class Recorder(MockMonitor):
    """Answers a program as the engine would in a preview, on the SDK's own monitor for tests.

    With `known`, outputs that a provider would compute are made up, else unknown. `None` is an empty answer of any
    type.
    """

    def __init__(self, project: Project, stack: Stack, place: Location, *, known: bool, strict: bool) -> None:
        super().__init__(_NoMocks())
        self.project, self.stack, self.location, self.known = project, stack, place, known
        self.recorded = Recorded(project.root, stack.parsed.get("aws:defaultTags"))
        self.answers = Resources(place)
        config = json.dumps(dict(stack.config))
        self.lookups = Lookups(place, config, self.answers.made, project.answers.lookup, strict=strict)
        self._lock, self._stack_callbacks = threading.Lock(), list[Any]()
        self._urns: set[str] = set()  # of all resources, with the stack's own

    def RegisterResource(self, request: Any) -> Any:
        urn = self._named(request)
        if request.type == ROOT_TYPE:
            self._urns.add(urn)
            return resource_pb2.RegisterResourceResponse(urn=urn)
        # In the engine's order: the resource's own, its ancestors', the stack's. A resource that is only read has none.
        inherited = [
            transform for above in self.recorded.above(request.parent) for transform in getattr(above, "transforms", ())
        ]
        for callback in (*request.transforms, *inherited, *self._stack_callbacks):
            answer = call_back(callback, _transform_request(request).SerializeToString())
            changed = resource_pb2.TransformResponse.FromString(answer)
            request.object.CopyFrom(changed.properties)
            if changed.HasField("options"):
                _apply_options(changed.options, request)
        types = load_table("input_types")["types"].get(normalize_token(request.type), {})
        inputs = converted(wire.read(request.object), types)
        if self.stack.stand_ins and may_shape_traffic(request.type):
            inputs = _without_stand_ins(inputs, text=find_row(request.type).role in _PLAIN)
        with self._lock:
            self._admit(urn, request)
            region = self._region(inputs, request.provider)
            state = self._outputs(urn, request, inputs, region)
            self.recorded.add(urn, request, inputs, {**inputs, **wire.read(state)}, region)
        identity = state.pop("id", None)
        answer = resource_pb2.RegisterResourceResponse(urn=urn, unknown=True)
        if isinstance(identity, str):
            answer.id = identity
        wire.write({**inputs, **state}, answer.object)
        return answer

    def _outputs(self, urn: str, request: Any, inputs: Mapping[str, Any], region: str) -> dict[str, Any]:
        if not request.custom and not request.remote:
            return {}
        # The SDK does not learn that a remote component's outputs are unknown, so they are all named.
        secret = [*request.additionalSecretOutputs]
        outputs = dict.fromkeys([*(["id"] if request.custom else fields(request.type)), *secret], UNKNOWN)
        outputs |= {key: inputs[key] for key in secret if key in inputs}
        if self.known:
            key = urn.partition("::")[2].partition("::")[2]
            answer = self.answers.answer(key, request.type, request.name, inputs, region)
            if not request.custom:
                answer.pop("id", None)
            outputs |= answer
        computed = load_table("computed_in_blocks")["types"].get(normalize_token(request.type), {})
        text = UNKNOWN_TEXT if self.known else UNKNOWN
        for key in inputs.keys() & computed:
            outputs[key] = _completed(outputs.get(key, inputs[key]), computed[key], text)
        return outputs | {key: Secret(reveal(outputs[key])) for key in secret}

    def _named(self, request: Any) -> str:
        """The resource's URN. As in the engine, its parent must be there: so no resource is above itself."""
        if request.parent and request.parent not in self._urns:
            raise CallError(f"could not find parent resource {request.parent}")
        for kind, text in (("name", request.name), ("type", request.type)):  # which each alias would have once more
            if len(text) * max(len(getattr(request, "aliases", ())), 1) > _LONGEST_NAME:
                raise CallError(f"the {kind} {text[:20]}… has more than {_LONGEST_NAME:,} characters with its aliases")
        request.name = wire.readable(request.name)
        kinds = chain(request.parent, request.type)
        return f"urn:pulumi:{self.stack.name}::{self.project.name}::{kinds}::{request.name}"

    def _admit(self, urn: str, request: Any) -> None:
        """Take a new resource. As in the engine, all that it depends on must be there: so none depends on itself."""
        if urn in self._urns:
            raise CallError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
        if absent := {*request.dependencies} - self._urns:
            raise CallError(f"could not find {min(absent)}, on which {urn} depends")
        self._urns.add(urn)

    def _region(self, inputs: Mapping[str, Any], provider: str) -> str:
        """The resource's own region, else its provider's, else the stack's."""
        declared = self.recorded.resources.get(provider.rpartition("::")[0])
        regions = (inputs.get("region"), declared.inputs.get("region") if declared else None)
        return next((region for region in regions if isinstance(region, str) and region), self.location.region)

    def ReadResource(self, request: Any) -> Any:
        urn = self._named(request)
        inputs = wire.read(request.properties)
        identity = wire.unknown_or(request.id)
        with self._lock:
            self._admit(urn, request)
            region = self._region(inputs, request.provider)
            state: dict[str, Any] = {"id": identity}
            if isinstance(identity, str) and not request.type.startswith("pulumi:"):
                # A preview really reads, so these are known in both kinds of run.
                state = self.answers.read(identity, urn, request.type, request.name, inputs)
            if request.type == STACK_REFERENCE:
                state |= self._other_stack(str(identity))
            self.recorded.add(urn, request, inputs, {**inputs, **state}, region)
        state.pop("id", None)
        answer = resource_pb2.ReadResourceResponse(urn=urn, id=request.id, unknown=True)
        answer.properties.CopyFrom(request.properties)
        wire.write(state, answer.properties)
        return answer

    def _other_stack(self, name: str) -> dict[str, Any]:
        if (outputs := self.project.answers.stacks.get(name)) is None:
            self.recorded.unknown_references.append(name)
            return {"outputs": UNKNOWN}
        secret = [key for key, value in outputs.items() if isinstance(value, Secret)]
        return {"outputs": {key: reveal(value) for key, value in outputs.items()}, "secretOutputNames": secret}

    def Invoke(self, request: Any) -> Any:
        arguments = wire.read(request.args)
        with self._lock:
            if request.tok == "pulumi:pulumi:getResource":
                state = self.recorded.resources[arguments["urn"]].state
                result = {"urn": arguments["urn"], "id": state.get("id", ""), "state": state}
            else:
                before = len(self.lookups.invented)
                result = self.lookups.answer(request.tok, arguments, self._region(arguments, request.provider))
                made_up = len(self.lookups.invented) > before
                self.recorded.invokes.append(Invoke(request.tok, arguments, wire.read(wire.write(result)), made_up))
        answer = resource_pb2.ResourceInvokeResponse()
        wire.write(result, getattr(answer, "return"))
        return answer

    def Call(self, request: Any) -> Any:
        self.recorded.notes.append(f"method {request.tok} of another process was not called: its result is unknown")
        answer = provider_pb2.CallResponse()
        wire.write({"result": UNKNOWN}, getattr(answer, "return"))
        return answer

    def RegisterResourceOutputs(self, request: Any) -> None:
        with self._lock:
            self.recorded.outputs[request.urn] = wire.read(request.outputs)

    def RegisterStackTransform(self, request: Any) -> None:
        self._stack_callbacks.append(request)

    def RegisterStackInvokeTransform(self, request: Any) -> None:  # noqa: ARG002 # the protocol's method has it
        self.recorded.notes.append("invoke transforms are not run by the review")

    def ExistsResource(self, _request: Any) -> Any:
        """Only AWS knows it."""
        return resource_pb2.ExistsResourceResponse(unknown=True)

    def RegisterPackage(self, request: Any) -> Any:
        return resource_pb2.RegisterPackageResponse(ref=request.name)


_OPTIONS: Final = {
    name: resource_pb2.TransformResourceOptions.DESCRIPTOR.fields_by_name[name].json_name
    for name in (
        *("aliases", "additional_secret_outputs", "custom_timeouts", "deleted_with"),
        *("ignore_changes", "protect", "replace_on_changes", "retain_on_delete"),
    )
}
"""Options as transforms call them, and as requests do."""
_KEPT: Final = {"import": "importId", "provider": "provider"}  # those that stay if a transform gives none


def _transform_request(request: Any) -> Any:
    """The request that a transform gets of a registration."""
    given = {field.name: value for field, value in request.ListFields()}
    options: dict[str, Any] = {ours: given[theirs] for ours, theirs in {**_OPTIONS, **_KEPT}.items() if theirs in given}
    if request.deleteBeforeReplaceDefined:
        options["delete_before_replace"] = request.deleteBeforeReplace
    options |= {"depends_on": request.dependencies, "version": request.version}
    same = {name: getattr(request, name) for name in ("type", "name", "custom", "parent")}
    changeable = resource_pb2.TransformResourceOptions(**options)
    return resource_pb2.TransformRequest(**same, properties=request.object, options=changeable)


def _apply_options(options: Any, request: Any) -> None:
    fields = {field.name: value for field, value in options.ListFields()}
    for theirs in _OPTIONS.values():
        request.ClearField(theirs)
    changed = {theirs: fields[ours] for ours, theirs in {**_OPTIONS, **_KEPT}.items() if ours in fields}
    if "delete_before_replace" in fields:
        changed |= {"deleteBeforeReplace": options.delete_before_replace, "deleteBeforeReplaceDefined": True}
    more = [urn for urn in options.depends_on if urn not in request.dependencies]
    request.MergeFrom(resource_pb2.RegisterResourceRequest(**changed, dependencies=more))


def _completed(value: Any, computed: Any, text: Any) -> Any:
    """A block that a program gives, with what the provider computes in it: `text`, or unknown if it is no text."""
    match value:
        case Secret(value=inner):
            return Secret(_completed(inner, computed, text))
        case list():
            return [_completed(member, computed, text) for member in value]
        case Mapping() if isinstance(computed, Mapping):
            named = {name: _completed(value.get(name), inner, text) for name, inner in computed.items()}
            return {**value, **{name: value for name, value in named.items() if value is not None}}
    if value is not None or isinstance(computed, Mapping):
        return value
    return UNKNOWN if computed is None else text


def _without_stand_ins(value: Any, *, text: bool) -> Any:
    """An input with `UNKNOWN` in place of stand-ins for encrypted values: 0, false and, with `text`, texts."""
    if isinstance(value, Secret) and value.value in (0, False) and isinstance(value.value, bool | int | float):
        return Secret(UNKNOWN)
    if isinstance(value, Secret):
        return Secret(_without_stand_ins(value.value, text=text))
    if isinstance(value, dict):
        return {key: _without_stand_ins(inner, text=text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_stand_ins(inner, text=text) for inner in value]
    return UNKNOWN if text and isinstance(value, str) and TEXT in value else value
