"""What a program declares, recorded on Pulumi's own mocks by a monitor that is passed to `set_mocks`."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pulumi
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2

from components.testing import Mocks

# How the engine marks values: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
_MARK: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
_STACK: Final = "pulumi:pulumi:Stack"


class Unknown:
    """A value that is known only after a deployment. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the program marked secret."""

    value: Any = field(repr=False)


@dataclass(frozen=True)
class Asset:
    """A file, a text or an archive that an input carries."""

    path: str = ""
    text: Any = ""
    members: Mapping[str, Any] = field(default_factory=dict)
    archive: bool = False


def reveal(value: Any) -> Any:
    """A value without its mark."""
    return value.value if isinstance(value, Secret) else value


class ProgramError(Exception):
    """A program raised an error. The message is the error's."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Resource options as the program gave them. `protect` and `retain_on_delete` are inherited from the parent."""

    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool | None
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    custom_timeouts: Mapping[str, str]
    hooks: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration. Keys of `inputs` and `state` are the provider's (`cidrBlock`)."""

    urn: str
    type: str
    name: str
    parent: str | None
    """URN of the parent; None at the top of the stack."""
    custom: bool
    """False for a component."""
    existing: bool
    """True if the program only reads it."""
    inputs: Mapping[str, Any]
    state: Mapping[str, Any]
    """Inputs, ID and outputs; for a component, the outputs that it registered."""
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, tuple[str, ...]]
    options: Options
    provider: str

    @property
    def id(self) -> Any:
        """The ID. `UNKNOWN` in a first preview."""
        return self.state.get("id", UNKNOWN)

    @property
    def kind(self) -> str:
        """Last part of the type token: `Vpc`."""
        return self.type.rpartition(":")[2]


@dataclass(frozen=True)
class Invoke:
    """A lookup and its result."""

    token: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]


@dataclass(frozen=True)
class Graph:
    """Everything that one run of a program declared."""

    resources: Mapping[str, Resource]
    """By URN, parents before children, otherwise sorted."""
    exports: Mapping[str, Any]
    invokes: tuple[Invoke, ...]

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def of_type(self, *types: str) -> list[Resource]:
        """Resources of these type tokens."""
        return [resource for resource in self if resource.type in types]

    def find(self, identity: Any) -> Resource | None:
        """The resource with this ID or ARN."""
        return next((resource for resource in self if identity in (resource.id, resource.state.get("arn"))), None)


class Recorder(MockMonitor):
    """Records registrations with their options, and answers with a program's mocks.

    If not `known`, no output of a provider is known, as in a first preview.
    """

    def __init__(self, mocks: Mocks, *, known: bool) -> None:
        super().__init__(mocks)
        self._known = known
        self._resources: dict[str, Resource] = {}
        self._registered: dict[str, Mapping[str, Any]] = {}
        self._invokes: list[Invoke] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """As the engine writes it: with the types of all parents, without the stack's."""
        above = "".join(parent.split("::")[2:3])
        types = type_ if above in ("", _STACK) else f"{above}${type_}"
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{types}::{name}"

    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        assert urn not in self._resources, f"declared twice: {urn}"
        inputs = _read(request.object)
        made: dict[str, Any] = {}
        answered = request.custom or request.remote
        if answered:
            made = dict.fromkeys(request.additionalSecretOutputs, UNKNOWN)
        # The mocks answer for components too, so that each registration is in their list.
        identity, state = self.mocks.new_resource(_mock_args(request, inputs, request.importId))
        if self._known and answered:
            made |= {"id": identity, **{key: value for key, value in state.items() if key not in inputs}}
        for key in request.additionalSecretOutputs:
            made[key] = Secret(reveal(made.get(key, inputs.get(key))))
        self._keep(urn, request, inputs, made)
        answer = resource_pb2.RegisterResourceResponse(urn=urn, id=made.get("id", ""))
        answer.object.CopyFrom(request.object)
        answer.object.update(_written({key: value for key, value in made.items() if key != "id"}))
        return answer

    def ReadResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        inputs = _read(request.properties)
        identity, state = self.mocks.new_resource(_mock_args(request, inputs, request.id))
        self._keep(urn, request, inputs, {**state, "id": identity})
        answer = resource_pb2.ReadResourceResponse(urn=urn, id=identity or "")
        answer.properties.update(_written(state))
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:
        self._registered[request.urn] = _read(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call] # of the SDK

    def Invoke(self, request: Any) -> Any:
        # The SDK's own would make an event loop for each of its threads, and close none.
        arguments = _read(request.args)
        result = self.mocks.call(pulumi.runtime.MockCallArgs(request.tok, _plain(arguments), request.provider))
        assert isinstance(result, dict)
        answer = resource_pb2.ResourceInvokeResponse()
        getattr(answer, "return").update(_written(result))
        self._invokes.append(Invoke(request.tok, arguments, result))
        return answer

    def graph(self) -> Graph:
        """All that was declared until now."""
        resources = {urn: self._resources[urn] for urn in sorted(self._resources, key=self._place)}
        for urn in self._registered.keys() & resources.keys():
            made = resources[urn]
            resources[urn] = replace(made, state={**made.state, **self._registered[urn]})
        exports = [outputs for urn, outputs in self._registered.items() if urn.split("::")[2] == _STACK]
        invokes = sorted(self._invokes, key=lambda invoke: (invoke.token, repr(invoke.arguments)))
        return Graph(resources, exports[-1] if exports else {}, tuple(invokes))

    def _place(self, urn: str) -> tuple[str, ...]:
        parent = self._resources[urn].parent
        return (urn,) if parent is None else (*self._place(parent), urn)

    def _keep(self, urn: str, request: Any, inputs: Mapping[str, Any], made: Mapping[str, Any]) -> None:
        existing = isinstance(request, resource_pb2.ReadResourceRequest)
        parent = self._resources.get(request.parent)
        self._resources[urn] = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=parent.urn if parent else None,
            custom=existing or request.custom,
            existing=existing,
            inputs=inputs,
            state={**inputs, **made},
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={} if existing else _named(request),
            options=_options(request, parent, existing=existing),
            provider=request.provider,
        )


def _mock_args(request: Any, inputs: Mapping[str, Any], identity: str) -> pulumi.runtime.MockResourceArgs:
    """Unknown inputs are left out, as the SDK's own monitor does."""
    plain = {key: value for key, value in _plain(inputs).items() if value is not None}
    return pulumi.runtime.MockResourceArgs(
        typ=request.type,
        name=request.name,
        inputs=plain,
        provider=request.provider,
        resource_id=identity,
        custom=getattr(request, "custom", True),
    )


def _named(request: Any) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(entry.urns)) for key, entry in sorted(request.propertyDependencies.items())}


def _options(request: Any, parent: Resource | None, *, existing: bool) -> Options:
    if existing:
        request = resource_pb2.RegisterResourceRequest()
    protect = request.protect if request.HasField("protect") else bool(parent and parent.options.protect)
    kept = request.retainOnDelete if request.HasField("retainOnDelete") else False
    return Options(
        protect=protect,
        retain_on_delete=kept or bool(parent and parent.options.retain_on_delete),
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(dict.fromkeys(request.ignoreChanges)),
        replace_on_changes=tuple(request.replaceOnChanges),
        custom_timeouts={field.name: text for field, text in request.customTimeouts.ListFields()},
        hooks={field.name: tuple(names) for field, names in request.hooks.ListFields()},
    )


def _read(sent: Any) -> dict[str, Any]:
    """Values of a struct, with `UNKNOWN` and `Secret` in place of the engine's marks."""
    return {key: _value(inner) for key, inner in sent.items()}


def _value(sent: Any) -> Any:
    if isinstance(sent, Struct):
        return _marked(sent) if _MARK in sent else _read(sent)
    if isinstance(sent, float):
        return int(sent) if sent.is_integer() else sent
    if isinstance(sent, str):
        # A program may have put an unknown value into a longer text.
        return UNKNOWN if pulumi.runtime.rpc.UNKNOWN in sent else sent
    return sent if sent is None or isinstance(sent, bool) else [_value(member) for member in sent]


def _marked(sent: Struct) -> Any:
    if sent[_MARK] == _SECRET:
        return Secret(_value(sent["value"]))
    values = {key: _value(inner) for key, inner in sent.items() if key != _MARK}
    if sent[_MARK] in (_ASSET, _ARCHIVE):
        text, members = values.get("text", ""), values.get("assets", {})
        return Asset(values.get("path", ""), text, members, archive=sent[_MARK] == _ARCHIVE)
    return values.get("id", values.get("urn")) if sent[_MARK] == _RESOURCE else values


def _plain(value: Any) -> Any:
    """A value without marks: None where it is unknown."""
    match value:
        case Secret(value=inner):
            return _plain(inner)
        case Unknown():
            return None
        case Mapping():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(member) for member in value]
    return value


def _written(value: Any) -> Any:
    """The inverse of `_read`, for outputs."""
    match value:
        case Secret(value=inner):
            return {_MARK: _SECRET, "value": _written(inner)}
        case Unknown():
            return pulumi.runtime.rpc.UNKNOWN
        case Mapping():
            return {key: _written(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_written(member) for member in value]
    return value


@contextmanager
def own_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop for one run of a program. Whatever the program left running ends with it."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_default_executor())
        asyncio.set_event_loop(None)
        loop.close()


def evaluate(
    program: Callable[[], object],
    mocks: Mocks,
    *,
    config: Mapping[str, str] | None = None,
    secret: tuple[str, ...] = (),
    known: bool = True,
    stack: str = "test",
) -> Graph:
    """Runs a program, with `secret` the keys of its config that are encrypted. Raises ProgramError if it fails."""

    def run() -> Graph:
        recorder = Recorder(mocks, known=known)
        # A preview, so that an output that the mocks lack is unknown and not None.
        pulumi.runtime.set_mocks(mocks, project="gatehouse", stack=stack, preview=True, monitor=recorder)
        pulumi.runtime.set_all_config(dict(config or {}), list(secret))
        pulumi.runtime.test(functools.partial(_exporting, program))()  # type: ignore[no-untyped-call] # of the SDK
        return recorder.graph()

    with own_loop():
        try:
            # The SDK keeps its settings, config and root resource in context variables.
            return contextvars.copy_context().run(run)
        except AssertionError:
            raise
        except Exception as error:
            raise ProgramError(str(error)) from error


def _exporting(program: Callable[[], object]) -> None:
    program()
    stack = pulumi.runtime.get_root_resource()
    assert isinstance(stack, pulumi.runtime.stack.Stack)
    stack.register_outputs(dict(stack.outputs))
