"""Builds components again from their arguments, in a process of its own: `python -m review.plan_files.rebuild`.

It reads a question from the standard input, and writes the answer to the standard output.
"""

import asyncio
import contextvars
import functools
import pickle
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..evaluate.mocks.location import Location
from ..evaluate.monitor import PreviewRecorder
from ..evaluate.project_file import Project, load
from ..evaluate.record import ACCOUNT
from ..evaluate.stack_file import Stack, from_document
from ..facts.statements import KEY
from ..graph import UNKNOWN, Secret, list_texts, reveal, reveal_all
from ..graph.graph import get_partition
from .replay import Answer, Key, Question, Rebuilt

_OUTLINE = "definition"
"""Input that a component adds to its arguments."""


class _Recorder(PreviewRecorder):
    """Answers with the outputs that the plan knows."""

    states: Mapping[Key, Mapping[str, Any]] = {}

    def answer_resource(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        outputs = super().answer_resource(urn, request, inputs)
        known = self.states.get((request.type, request.name), {})
        return {**outputs, **{key: value for key, value in known.items() if key not in inputs}}


def main() -> int:
    question: Question = pickle.load(sys.stdin.buffer)  # noqa: S301 # of the process that started this one
    sys.stdout.buffer.write(pickle.dumps(answer(question)))
    return 0


def answer(question: Question) -> Answer:
    """Builds each component by itself, so that one that cannot be built keeps none from the comparison."""
    rebuilt: dict[str, Mapping[Key, Rebuilt]] = {}
    failed: dict[str, str] = {}
    made_up: set[str] = set() if question.account else {ACCOUNT}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Pulumi.yaml").write_text(f"name: {question.project}\nruntime: python\n")
        (Path(folder) / "__main__.py").touch()
        project = load(Path(folder))
        stack = from_document(project, question.stack, {"config": {"aws:region": question.region}})
        for kind, name, arguments in question.components:
            recorder = _make_recorder(question, project, stack)
            try:
                _run(recorder, functools.partial(_declare, kind, name, arguments))
            except Exception as error:
                failed[name] = f"{type(error).__name__}: {error}"
                continue
            resources = recorder.list_resources()
            invented = [call for call in recorder.invokes if call.made_up]
            made_up |= {text for call in invented for text in list_texts(reveal_all(call.result)) if len(text) > 5}
            rebuilt[name] = {
                (each.type, each.name): Rebuilt(
                    each.inputs,
                    {
                        key: frozenset(resources[urn].name for urn in urns if urn in resources)
                        for key, urns in each.property_dependencies.items()
                    },
                )
                for each in resources.values()
            }
    return Answer(rebuilt, failed, frozenset(made_up))


def _make_recorder(question: Question, project: Project, stack: Stack) -> _Recorder:
    account = question.account or ACCOUNT
    place = Location(question.region, account, get_partition(question.region))
    recorder = _Recorder(project, stack, place, known=False, strict=False)
    recorder.states = question.states
    return recorder


def _run(recorder: _Recorder, program: Callable[[], None]) -> None:
    import pulumi

    def run() -> None:
        project, stack = recorder.project_name, recorder.stack_name
        pulumi.runtime.set_mocks(recorder.mocks, project=project, stack=stack, preview=True, monitor=recorder)
        pulumi.runtime.set_all_config({"aws:region": recorder.location.region}, [])
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call] # of the SDK

    contextvars.copy_context().run(run)


def _declare(kind: str, name: str, arguments: Mapping[str, Any]) -> None:
    import gatehouse  # type: ignore[import-not-found,unused-ignore] # the package whose components are compared

    given = {key: _to_input(value) for key, value in arguments.items() if key not in (KEY, _OUTLINE)}
    made = getattr(gatehouse, kind)(name, given)
    if given.get("deferred"):
        made.listen()


def _to_input(value: Any) -> Any:
    """A value of a plan as an argument: what is not known is an output."""
    import pulumi

    if value is UNKNOWN:
        return _make_unknown()
    if isinstance(value, Secret):
        inner = reveal(value)
        return pulumi.Output.secret(_make_unknown() if inner is UNKNOWN else _to_input(inner))
    if isinstance(value, Mapping):
        return {key: _to_input(inner) for key, inner in value.items()}
    return [_to_input(inner) for inner in value] if isinstance(value, list) else value


def _make_unknown() -> Any:
    import pulumi

    futures = []
    for result in (None, False, False):
        future: asyncio.Future[Any] = asyncio.get_event_loop().create_future()
        future.set_result(result)
        futures.append(future)
    return pulumi.Output(set(), *futures)


if __name__ == "__main__":
    sys.exit(main())
