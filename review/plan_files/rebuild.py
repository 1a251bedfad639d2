"""Builds components again from their arguments, in a process of its own: `python launch.py --rebuild`.

It reads a question from the standard input, and writes the answer to the standard output.
"""

import asyncio
import contextvars
import functools
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..aws.catalog.catalog import make_token
from ..evaluate.job import dump, load_job
from ..evaluate.mocks import Answered
from ..evaluate.mocks.location import Location
from ..evaluate.monitor import PreviewRecorder
from ..evaluate.project_file import Project, load
from ..evaluate.record import ACCOUNT
from ..evaluate.stack_file import Stack, from_document
from ..facts.statements import KEY
from ..graph import UNKNOWN, Secret, list_texts, reveal, reveal_all
from ..graph.graph import get_partition
from ..graph.reading import as_mapping
from .replay import Answer, Arguments, Key, Question, Rebuilt

_LISTENER = make_token("lb.getListener")


class _Recorder(PreviewRecorder):
    """Answers with the outputs that the plan knows."""

    states: Mapping[Key, Mapping[str, Any]] = {}

    def answer_resource(self, urn: str, request: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        outputs = super().answer_resource(urn, request, inputs)
        known = self.states.get((request.type, request.name), {})
        return {**outputs, **{key: value for key, value in known.items() if key not in inputs}}


def main() -> int:
    question: Question = load_job(sys.stdin.buffer.read())
    sys.stdout.buffer.write(dump(answer(question)))
    return 0


def answer(question: Question) -> Answer:
    """Builds each component by itself, so that one that cannot be built keeps none from the comparison."""
    rebuilt: dict[Key, Mapping[Key, Rebuilt]] = {}
    made_up: set[str] = set() if question.account else {ACCOUNT}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Pulumi.yaml").write_text(f"name: {question.project}\nruntime: python\n")
        (Path(folder) / "__main__.py").touch()
        project = load(Path(folder))
        stack = from_document(project, question.stack, {"config": {"aws:region": question.region}})
        for kind, name, arguments, further in question.components:
            recorder = _make_recorder(question, project, stack, kind, arguments)
            try:
                _run(recorder, functools.partial(_declare, kind, name, arguments, further))
            except Exception:  # noqa: S112 # the plan says by itself that it could not be built
                continue
            resources = recorder.list_resources()
            invented = [call for call in recorder.invokes if call.made_up]
            made_up |= {text for call in invented for text in list_texts(reveal_all(call.result)) if len(text) > 5}
            rebuilt[kind, name] = {
                (each.type, each.name): Rebuilt(
                    each.inputs,
                    {
                        key: frozenset(resources[urn].name for urn in urns if urn in resources)
                        for key, urns in each.property_dependencies.items()
                    },
                    frozenset(each.options.ignore_changes),
                )
                for each in resources.values()
                if not each.existing
            }
    return Answer(rebuilt, frozenset(made_up - {question.account}))


def _make_recorder(question: Question, project: Project, stack: Stack, kind: str, arguments: Arguments) -> _Recorder:
    """Look-ups find what the arguments name. The component has refused other findings when the plan was made."""
    account = question.account or ACCOUNT
    place = Location(question.region, account, get_partition(question.region))
    recorder = _Recorder(project, stack, place, known=False, strict=False)
    recorder.states = question.states
    recorder.lookups.config = json.dumps(reveal_all(arguments), default=str)
    port = as_mapping(reveal_all(arguments.get(KEY))).get("port")
    is_found = kind == "ExistingIngress" and isinstance(port, int)
    protocol = "HTTP" if arguments.get("server_name") is None else "HTTPS"
    listener = Answered({"port": port, "protocol": protocol}, frozenset()) if is_found else None
    recorder.lookups.given = lambda token, *_: listener if token == _LISTENER else None
    return recorder


def _run(recorder: _Recorder, program: Callable[[], None]) -> None:
    import pulumi

    def run() -> None:
        project, stack = recorder.project_name, recorder.stack_name
        pulumi.runtime.set_mocks(recorder.mocks, project=project, stack=stack, preview=True, monitor=recorder)
        pulumi.runtime.set_all_config({"aws:region": recorder.location.region}, [])
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call] # of the SDK

    contextvars.copy_context().run(run)


def _declare(kind: str, name: str, arguments: Arguments, further: Mapping[str, Arguments]) -> None:
    import gatehouse  # type: ignore[import-not-found,unused-ignore] # the package whose components are compared

    made = getattr(gatehouse, kind)(name, _to_inputs(arguments))
    if arguments.get("deferred"):
        made.listen()
    for service, own in further.items():
        made.add_service(service, **_to_inputs(own)).listen()


def _to_inputs(arguments: Arguments) -> dict[str, Any]:
    return {key: _to_input(value) for key, value in arguments.items() if key != KEY}


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
