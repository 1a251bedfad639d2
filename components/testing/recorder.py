"""Records what a program declares, on the SDK's public mocks: `pulumi.runtime.set_mocks(monitor=…)`."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2

from ..recording import wire
from ..recording.values import UNKNOWN, Secret, reveal
from .values import open_value

_STACK: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Resource options as the program gave them. `protect` and `retain_on_delete` are inherited from the parent."""

    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool | None
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    additional_secret_outputs: tuple[str, ...]
    aliases: tuple[str, ...]
    """Names that the resource had before."""
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

    def __init__(self, mocks: pulumi.runtime.Mocks, *, known: bool) -> None:
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

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 # of the engine's protocol
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        assert urn not in self._resources, f"declared twice: {urn}"
        inputs = wire.read(request.object, wire.marked_or)
        made: dict[str, Any] = {}
        answered = request.custom or request.remote
        if answered:
            made = dict.fromkeys(request.additionalSecretOutputs, UNKNOWN)
        # The mocks answer for components too, so that each registration is in their list.
        identity, state = self.mocks.new_resource(_build_mock_args(request, inputs, request.importId))
        if self._known and answered:
            made |= {"id": identity, **{key: value for key, value in state.items() if key not in inputs}}
        for key in request.additionalSecretOutputs:
            made[key] = Secret(reveal(made.get(key, inputs.get(key))))
        self._keep(urn, request, inputs, made)
        answer = resource_pb2.RegisterResourceResponse(urn=urn, id=made.get("id", ""))
        answer.object.CopyFrom(request.object)
        wire.write({key: value for key, value in made.items() if key != "id"}, answer.object)
        return answer

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        inputs = wire.read(request.properties, wire.marked_or)
        identity, state = self.mocks.new_resource(_build_mock_args(request, inputs, request.id))
        self._keep(urn, request, inputs, {**state, "id": identity})
        answer = resource_pb2.ReadResourceResponse(urn=urn, id=identity or "")
        wire.write(state, answer.properties)
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._registered[request.urn] = wire.read(request.outputs, wire.marked_or)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call] # of the SDK

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        # The SDK's own would make an event loop for each of its threads, and close none.
        arguments = wire.read(request.args, wire.marked_or)
        result = self.mocks.call(pulumi.runtime.MockCallArgs(request.tok, open_value(arguments), request.provider))
        assert isinstance(result, dict)
        answer = resource_pb2.ResourceInvokeResponse()
        wire.write(result, getattr(answer, "return"))
        self._invokes.append(Invoke(request.tok, arguments, result))
        return answer

    def build_graph(self) -> Graph:
        """All that was declared until now."""
        resources = {urn: self._resources[urn] for urn in sorted(self._resources, key=self._sort_key)}
        for urn in self._registered.keys() & resources.keys():
            made = resources[urn]
            resources[urn] = replace(made, state={**made.state, **self._registered[urn]})
        exports = [outputs for urn, outputs in self._registered.items() if urn.split("::")[2] == _STACK]
        invokes = sorted(self._invokes, key=lambda invoke: (invoke.token, repr(invoke.arguments)))
        return Graph(resources, exports[-1] if exports else {}, tuple(invokes))

    def _sort_key(self, urn: str) -> tuple[str, ...]:
        parent = self._resources[urn].parent
        return (urn,) if parent is None else (*self._sort_key(parent), urn)

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
            property_dependencies={} if existing else _read_property_dependencies(request),
            options=_read_options(request, parent, existing=existing),
            provider=request.provider,
        )


def _build_mock_args(request: Any, inputs: Mapping[str, Any], identity: str) -> pulumi.runtime.MockResourceArgs:
    """Unknown inputs are left out, as the SDK's own monitor does."""
    return pulumi.runtime.MockResourceArgs(
        typ=request.type,
        name=request.name,
        inputs=open_value(inputs),
        provider=request.provider,
        resource_id=identity,
        custom=getattr(request, "custom", True),
    )


def _read_property_dependencies(request: Any) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(entry.urns)) for key, entry in sorted(request.propertyDependencies.items())}


def _read_options(request: Any, parent: Resource | None, *, existing: bool) -> Options:
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
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=tuple(alias.spec.name for alias in request.aliases if alias.spec.name),
        custom_timeouts={field.name: text for field, text in request.customTimeouts.ListFields()},
        hooks={field.name: tuple(names) for field, names in request.hooks.ListFields()},
    )


def record_program(
    program: Callable[[], object],
    mocks: pulumi.runtime.Mocks,
    *,
    project: str,
    stack: str,
    config: Mapping[str, str] | None,
    secret_keys: Sequence[str] = (),
    known: bool = True,
    preview: bool = True,
) -> Graph:
    """Runs a program, and returns what it declares. Raises errors of the program.

    `config` is as the CLI hands it to a program. If it is None, the config that was set before stays. If not `known`,
    no output of a provider is known, as in a first preview. In a preview, an output that the mocks lack is unknown.
    Otherwise it is None.
    """

    def run() -> Graph:
        recorder = Recorder(mocks, known=known)
        pulumi.runtime.set_mocks(mocks, project=project, stack=stack, preview=preview, monitor=recorder)
        if config is not None:
            pulumi.runtime.set_all_config(dict(config), list(secret_keys))
        pulumi.runtime.test(functools.partial(_run_and_export, program))()  # type: ignore[no-untyped-call] # of the SDK
        return recorder.build_graph()

    # The SDK keeps its settings, config and root resource in context variables.
    return contextvars.copy_context().run(run)


def _run_and_export(program: Callable[[], object]) -> None:
    program()
    stack = pulumi.runtime.get_root_resource()
    assert isinstance(stack, pulumi.runtime.stack.Stack)
    stack.register_outputs(dict(stack.outputs))
