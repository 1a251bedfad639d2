"""Records what a program declares on mocks."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from ..recording import wire
from ..recording.recorder import Recorder
from ..recording.resources import Invoke, Resource
from .values import open_value


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
        """Returns the resource with this ID or ARN."""
        return next((resource for resource in self if identity in (resource.id, resource.state.get("arn"))), None)


class MocksRecorder(Recorder):
    """A recorder that answers with a program's mocks.

    If not `known`, no output of a provider is known, as in a first preview.
    """

    read_text = staticmethod(wire.detect_marker)

    def __init__(self, mocks: pulumi.runtime.Mocks, *, project: str, stack: str, known: bool) -> None:
        super().__init__(mocks, project=project, stack=stack)
        self._known = known

    def answer_resource(self, _urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        # The mocks are asked for components too, so that each registration is in their list.
        identity, state = self.mocks.new_resource(_build_mock_args(request, inputs, request.importId))
        made = {"id": identity, **{key: value for key, value in state.items() if key not in inputs}}
        return made if self._known else {}

    def answer_read(self, _urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        identity, state = self.mocks.new_resource(_build_mock_args(request, inputs, request.id))
        return {**state, "id": identity}

    def answer_lookup(self, request: Any, arguments: Mapping[str, Any]) -> Invoke:
        result = self.mocks.call(pulumi.runtime.MockCallArgs(request.tok, open_value(arguments), request.provider))
        assert isinstance(result, dict)
        return Invoke(request.tok, arguments, result)

    def build_graph(self) -> Graph:
        """Returns all that was declared until now."""
        invokes = sorted(self.invokes, key=lambda invoke: (invoke.token, repr(invoke.arguments)))
        return Graph(self.list_resources(), self.exports or {}, tuple(invokes))


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
        _ensure_event_loop()
        recorder = MocksRecorder(mocks, project=project, stack=stack, known=known)
        pulumi.runtime.set_mocks(mocks, project=project, stack=stack, preview=preview, monitor=recorder)
        if config is not None:
            pulumi.runtime.set_all_config(dict(config), list(secret_keys))
        pulumi.runtime.test(functools.partial(_run_and_export, program))()  # type: ignore[no-untyped-call] # of the SDK
        return recorder.build_graph()

    # The SDK keeps its settings, config and root resource in context variables.
    return contextvars.copy_context().run(run)


def _ensure_event_loop() -> None:
    """Gives the thread a loop: the SDK waits on the current one, and `asyncio.run` of another test leaves none."""
    try:
        asyncio.get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


def _run_and_export(program: Callable[[], object]) -> None:
    program()
    stack = pulumi.runtime.get_root_resource()
    assert isinstance(stack, pulumi.runtime.stack.Stack)
    stack.register_outputs(dict(stack.outputs))
