"""Records what a program declares, on the SDK's public monitor for tests: `pulumi.runtime.set_mocks(monitor=…)`."""

import abc
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pulumi.runtime.mocks import MockMonitor, Mocks
from pulumi.runtime.proto import resource_pb2

from . import wire
from .call_error import CallError
from .options import list_changed_options, read_options, read_others
from .resources import STACK, Invoke, Options, Resource, chain_types, sort_parents_first
from .transforms import transform
from .values import UNKNOWN, Secret, reveal, reveal_all

_LONGEST_NAME: Final = 10_000  # letters of a name or a type, once for each of its aliases


class Recorder(MockMonitor, abc.ABC):
    """Keeps each request of a program, and refuses by CallError what the engine would refuse.

    Subclasses answer in `answer_resource`, `answer_read` and `answer_lookup`, one request at a time. Their answers may
    have `UNKNOWN`, `Secret` and `Asset` in them.
    """

    read_text: Callable[[str], Any] = staticmethod(wire.detect_unknown)
    """How texts of requests are read, of `recording.wire`."""

    def __init__(self, mocks: Mocks, *, project: str, stack: str) -> None:
        super().__init__(mocks)
        self.project_name, self.stack_name = project, stack
        self.declared: dict[str, Resource] = {}
        """By URN, each resource with the state that the program got."""
        self.invokes: list[Invoke] = []
        self._requests: dict[str, Any] = {}
        self._outputs: dict[str, dict[str, Any]] = {}  # that components and the stack registered
        self._urns: set[str] = set()  # of all resources, with the stack's own
        self._stack_transforms_served: list[Any] = []
        self._lock = threading.Lock()

    @abc.abstractmethod
    def answer_resource(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Returns ID and outputs of a new resource. Those of a component of this program reach nobody."""

    @abc.abstractmethod
    def answer_read(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Returns ID and outputs of a resource that exists and that the program reads."""

    @abc.abstractmethod
    def answer_lookup(self, request: Any, arguments: Mapping[str, Any]) -> Invoke:
        """Returns a lookup with its result."""

    def read_inputs(self, request: Any) -> dict[str, Any]:
        """Returns the inputs of a new resource."""
        return wire.read(request.object, self.read_text)

    @property
    def exports(self) -> dict[str, Any] | None:
        """The stack's outputs, which the SDK registers at the end of the program's file. None before that."""
        return next((values for urn, values in self._outputs.items() if urn.split("::")[2:3] == [STACK]), None)

    def list_resources(self) -> dict[str, Resource]:
        """All resources by URN, parents before children and otherwise sorted: requests come as threads send them."""
        parents = {urn: request.parent for urn, request in self._requests.items()}
        resources = {urn: self.declared[urn] for urn in sort_parents_first(parents)}
        for urn in self._outputs.keys() & resources.keys():
            if not (resource := resources[urn]).custom:
                resources[urn] = replace(resource, state={**resource.state, **self._outputs[urn]})
        return resources

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        return f"urn:pulumi:{self.stack_name}::{self.project_name}::{chain_types(parent, type_)}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 # of the engine's protocol
        urn = self._name(request)
        if request.type == STACK:
            self._urns.add(urn)
            return resource_pb2.RegisterResourceResponse(urn=urn)
        # In the engine's order: the resource's own, its ancestors', the stack's. A resource that is only read has none.
        inherited = [one for above in self._list_above(request.parent) for one in getattr(above, "transforms", ())]
        altered = _transform(request, (*request.transforms, *inherited, *self._stack_transforms_served))
        inputs = self.read_inputs(request)
        with self._lock:
            self._admit(urn, request)
            outputs = self._answer(urn, request, inputs)
            resource = self.describe(urn, request, inputs, {**inputs, **wire.read(outputs)})
            self._keep(urn, request, replace(resource, altered=resource.altered | altered))
        identity = outputs.pop("id", None)
        answer = resource_pb2.RegisterResourceResponse(urn=urn)
        if isinstance(identity, str):
            answer.id = identity
        wire.write({**inputs, **outputs}, answer.object)
        return answer

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        urn = self._name(request)
        inputs = wire.read(request.properties, self.read_text)
        with self._lock:
            self._admit(urn, request)
            state = self.answer_read(urn, request, inputs)
            self._keep(urn, request, self.describe(urn, request, inputs, {**inputs, **state}))
        identity = state.pop("id", None)
        answer = resource_pb2.ReadResourceResponse(urn=urn, id=identity if isinstance(identity, str) else request.id)
        answer.properties.CopyFrom(request.properties)
        wire.write(state, answer.properties)
        return answer

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        arguments = wire.read(request.args, self.read_text)
        result: Mapping[str, Any]
        with self._lock:
            if request.tok == "pulumi:pulumi:getResource":
                state = self.declared[arguments["urn"]].state
                result = {"urn": arguments["urn"], "id": state.get("id", ""), "state": state}
            else:
                invoke = self.answer_lookup(request, arguments)
                result = invoke.result
                sent = wire.read(wire.write(result))
                options = read_others(request)
                self.invokes.append(replace(invoke, result=sent, provider=request.provider, options=options))
        answer = resource_pb2.ResourceInvokeResponse()
        wire.write(result, getattr(answer, "return"))
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        with self._lock:
            self._outputs[request.urn] = wire.read(request.outputs, self.read_text)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call] # of the SDK

    def RegisterStackTransform(self, request: Any) -> Any:  # noqa: N802
        self._stack_transforms_served.append(request)
        return super().RegisterStackTransform(request)  # type: ignore[no-untyped-call] # of the SDK

    def describe(self, urn: str, request: Any, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Resource:
        """Returns the resource that a request registers or reads."""
        read, above = isinstance(request, resource_pb2.ReadResourceRequest), self.declared.get(request.parent)
        custom = read or request.custom
        sources = {} if read else request.propertyDependencies
        return Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            parent=above.urn if above else None,
            custom=custom,
            remote=not read and request.remote,
            inputs=inputs,
            state=state,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies={key: tuple(sorted(entry.urns)) for key, entry in sorted(sources.items())},
            options=self._read_options(request, above),
            provider=self._find_provider(request) if custom else request.provider,
            existing=read,
        )

    def _name(self, request: Any) -> str:
        """Returns the resource's URN. As in the engine, its parent must be there: so no resource is above itself."""
        if request.parent and request.parent not in self._urns:
            raise CallError(f"could not find parent resource {request.parent}")
        for kind, text in (("name", request.name), ("type", request.type)):  # which each alias would have once more
            if len(text) * max(len(getattr(request, "aliases", ())), 1) > _LONGEST_NAME:
                raise CallError(f"the {kind} {text[:20]}… has more than {_LONGEST_NAME:,} characters with its aliases")
        request.name = wire.shorten_outputs(request.name)
        return self.make_urn(request.parent, request.type, request.name)

    def _admit(self, urn: str, request: Any) -> None:
        """Takes a new resource. As in the engine, all that it depends on must be there: so none depends on itself."""
        if urn in self._urns:
            raise CallError(f"Duplicate resource URN '{urn}'; try giving it a unique name")
        if absent := {*request.dependencies} - self._urns:
            raise CallError(f"could not find {min(absent)}, on which {urn} depends")
        self._urns.add(urn)

    def _answer(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        answered = self.answer_resource(urn, request, inputs)
        if not request.custom and not request.remote:
            return {}
        secret = [*request.additionalSecretOutputs]
        outputs = {**{key: inputs.get(key, UNKNOWN) for key in secret}, **answered}
        return outputs | {key: Secret(reveal(outputs[key])) for key in secret}

    def _keep(self, urn: str, request: Any, resource: Resource) -> None:
        self.declared[urn], self._requests[urn] = resource, request

    def _list_above(self, parent: str) -> Iterator[Any]:
        """Yields the requests of all above a resource, the nearest first, without the stack's own."""
        while parent in self._requests:
            yield self._requests[parent]
            parent = self._requests[parent].parent

    def _find_provider(self, request: Any) -> str:
        """The engine gives a resource its nearest ancestor's provider for the resource's package."""
        package = request.type.partition(":")[0]
        above = (getattr(ancestor, "providers", {}) for ancestor in self._list_above(request.parent))
        inherited = (str(providers[package]) for providers in above if package in providers)
        return str(request.provider) or next(inherited, "")

    def _read_options(self, request: Any, above: Resource | None) -> Options:
        if isinstance(request, resource_pb2.ReadResourceRequest):
            return Options(
                additional_secret_outputs=tuple(request.additionalSecretOutputs), others=read_others(request)
            )
        return read_options(
            request, above.options if above else Options(), lambda alias: self._read_alias(alias, request)
        )

    def _read_alias(self, alias: Any, request: Any) -> str:
        """Returns the URN that an alias names. What it leaves out is the resource's own."""
        if alias.WhichOneof("alias") == "urn":
            return str(alias.urn)
        spec = alias.spec
        parent = "" if spec.WhichOneof("parent") == "noParent" else spec.parentUrn or request.parent
        types = chain_types(parent, spec.type or request.type)
        project, stack = spec.project or self.project_name, spec.stack or self.stack_name
        return f"urn:pulumi:{stack}::{project}::{types}::{spec.name or request.name}"


def _transform(request: Any, callbacks: tuple[Any, ...]) -> frozenset[str]:
    """Runs transforms. Returns the inputs and options that they changed."""
    if not callbacks:
        return frozenset()
    before = resource_pb2.RegisterResourceRequest()
    before.CopyFrom(request)
    transform(request, callbacks)
    # A transform gives secrets back in another wrapping.
    old, new = (reveal_all(wire.read(state.object)) for state in (before, request))
    options = [f"option {key}" for key in list_changed_options(before, request)]
    return frozenset([key for key in {*old, *new} if old.get(key) != new.get(key)] + options)
