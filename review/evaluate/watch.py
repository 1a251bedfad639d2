"""Watches one run of a program: its lookups, the fields of its classes, and the reason why it failed."""

import errno
import itertools
import re
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pulumi
import pulumi.resource as declaring
from pulumi import runtime
from pulumi.runtime import resource as registering

from ..recording.resources import PROGRAM
from .host import applies, types
from .host.modules import ProgramFiles, note_calls, replace_attributes
from .host.provenance import PROVENANCE, Provenance, Transformations, find_declarer
from .host.stand_in import parse_stand_ins
from .mocks import sdk_types

_FRAMES: Final = 10
_WRAPPER: Final = "components.arguments.keywords"
"""Wraps the constructors of this project's components: nothing is declared there."""
_RESOURCE: Final = re.compile(r"(?:resource:? [`']|urn:pulumi:\S*::)([^`']+)[`']")
"""A resource's name in a message of the SDK, for errors without a line of the program on their stack."""
_SDKS: Final = ("boto3", "botocore", "aiobotocore")
_UNREACHABLE: Final = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
"""Errors of a connection from a process that has no network."""
_DECLARATIONS: Final = ("register_resource", "read_resource")
_INVOKES: Final = ("invoke", "invoke_output")
_OUTPUTS: Final = ("get_output", "require_output", "get_output_details")
_ADVICE: Final = "skip that call if pulumi.runtime.is_dry_run(), or look the value up by a Pulumi function"


class ExitError(Exception):
    """The program left by itself."""


class Watch:
    """Watches one run: `announce` is called with each lookup's token and `id`, in the program's order."""

    def __init__(self, root: Path, announce: Callable[[str, str | None], None], *, isolated: bool) -> None:
        self._announce, self._own, self._isolated = announce, ProgramFiles(root), isolated
        self.failure: Mapping[str, Any] | None = None
        """The parts of the review's message. None if the program did not fail."""
        self.lookup_declarers: dict[str, str] = {}
        """By token, whether only components look up by it."""
        self.stack_outputs: set[tuple[str, str]] = set()
        """Names of stack references with those of the outputs that the program reads of them."""
        self.provenances: dict[int, Provenance] = {}
        """Of resources, by the number that their stack trace has."""
        self._transformations, self._registering, self._numbers = (
            Transformations(),
            threading.local(),
            itertools.count(),
        )
        self._reported: set[str] = set()
        self._declared: dict[str, str] = {}  # line of the program, by the name of the resource that it declared last
        self._waiting: dict[int, Any] = {}
        """Functions of an `apply` whose value is not known."""
        self._raised: dict[int, tuple[BaseException, list[str]]] = {}
        """Errors of functions in an `apply`, and their lines; asyncio drops that when it hands the error on."""

    def watch(self, run: Callable[[], None]) -> None:
        """Run a program, and keep the reason why it failed."""
        reference = pulumi.StackReference
        noted = replace_attributes(
            *((declaring, name, note_calls(self._note_resource, vars(declaring)[name])) for name in _DECLARATIONS),
            *((runtime, name, note_calls(self._note_lookup, getattr(runtime, name))) for name in _INVOKES),
            *((reference, name, note_calls(self._note_output, vars(reference)[name])) for name in _OUTPUTS),
            # The SDK reads every frame and its line of code at each declaration, a quarter of the time of a run.
            (registering, "_get_stack_trace", self._trace),
            (
                declaring,
                "ResourceTransformationArgs",
                note_calls(self._transformations.note_arguments, declaring.ResourceTransformationArgs),
            ),
        )
        try:
            with noted, applies.watch_applies(self._note_error, self._waiting), parse_stand_ins():
                run()
        except Exception as error:
            self.failure = self._describe_failure(error)

    def list_skipped(self) -> list[str]:
        """Lines of the functions of an `apply` that may declare resources and did not run."""
        found = (one for one in self._waiting.values() if applies.may_declare(one, self._own.has))
        codes = (one.__code__ for one in found if hasattr(one, "__code__"))
        return sorted({self._own.format_line(code.co_filename, code.co_firstlineno) for code in codes})

    def _note_resource(self, resource: Any, token: str, name: str, *more: Any, **_options: Any) -> None:
        self._declared[name] = self._own.find_caller(traceback.walk_stack(sys._getframe(1)))
        props, opts, typed, _package = more[-4:]
        declarer = find_declarer(traceback.walk_stack(sys._getframe(1)))
        altered = self._transformations.list_altered(resource, props, opts, typed)
        self._registering.number = next(self._numbers)
        self.provenances[self._registering.number] = Provenance(declarer, altered)
        if isinstance(resource, pulumi.ComponentResource) and token not in self._reported:
            self._reported.add(token)
            kind: Any = type(resource)
            sdk_types.report(token, types.list_properties(kind))

    def _note_lookup(self, token: str, arguments: Any, *_: Any, **_options: Any) -> None:
        """Announce a lookup when the program makes it: a thread pool sends them in any order."""
        declarer = find_declarer(traceback.walk_stack(sys._getframe(1)))
        if self.lookup_declarers.get(token) != PROGRAM:
            self.lookup_declarers[token] = declarer
        identity = arguments.get("id") if isinstance(arguments, Mapping) else None
        self._announce(token, identity if isinstance(identity, str) else None)
        if token not in self._reported and (placeholders := types.make_lookup_result(token)):
            self._reported.add(token)
            sdk_types.report(token, placeholders)

    def _note_output(self, stack: Any, name: Any) -> None:
        """Note an output of another stack: two that are not known are told apart only by their names."""
        self.stack_outputs.add((stack._name, name if isinstance(name, str) else "of a computed name"))

    def _note_error(self, error: BaseException) -> None:
        """Note an error of a function in an `apply`."""
        self._raised[id(error)] = error, self._trim_frames(error)

    def _trace(self) -> Any:
        """The nearest line of the program above the constructors of the resource, by the SDK's own count of three."""
        frame, constructors = sys._getframe(1).f_back, 0
        while frame is not None and constructors < 3:
            constructors += frame.f_code.co_name == "__init__"
            frame = frame.f_back
        while frame is not None and frame.f_globals.get("__name__") == _WRAPPER:
            frame = frame.f_back
        line = self._own.find_nearest(traceback.walk_stack(frame) if frame else ())
        from pulumi.runtime.proto import source_pb2

        positions = [source_pb2.SourcePosition(uri=Path(line[0]).as_uri(), line=line[1])] if line else []
        positions.append(source_pb2.SourcePosition(uri=PROVENANCE, line=self._registering.number))
        return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position) for position in positions])

    def _describe_failure(self, error: BaseException) -> dict[str, Any]:
        """The parts of the review's message."""
        own = isinstance(error, (pulumi.RunError, ExitError))
        # Where no line of the program led to it: the lines that declared the resources which the message names.
        named = (self._declared.get(name, "") for name in _RESOURCE.findall(str(error)))
        return {
            "refused": self._explain_aws_call(error) or self._explain_network_call(error),
            "own": own,
            "run error": isinstance(error, pulumi.RunError),
            "config": isinstance(error, pulumi.ConfigMissingError),
            "text": str(error) if own else f"{type(error).__name__}: {error}",
            "frames": self._list_frames(error) or [f"  at {line}" for line in dict.fromkeys(named) if line],
        }

    def _explain_aws_call(self, error: BaseException) -> str:
        """Why the program failed, if a call of AWS's own SDK failed; empty if it failed for another reason."""
        for cause in list_causes(error):
            if type(cause).__module__.partition(".")[0] in _SDKS:
                line = self._own.find_caller(reversed([*traceback.walk_tb(cause.__traceback__)]))
                here = f" at {line}" if line else ""
                return f"the program called AWS itself{here}: a review has no credentials, and calls nothing; {_ADVICE}"
        return ""

    def _explain_network_call(self, error: BaseException) -> str:
        """Why the program failed, if a connection to another machine failed; empty if it failed for another reason."""
        for cause in list_causes(error):
            unreachable = isinstance(cause, OSError) and cause.errno in _UNREACHABLE
            if self._isolated and (unreachable or isinstance(cause, socket.gaierror)):
                line = self._own.find_caller(reversed([*traceback.walk_tb(error.__traceback__)]))
                here = f" at {line}" if line else ""
                return f"the program called the network{here}: {cause}; the review runs it offline; {_ADVICE}"
        return ""

    def _list_frames(self, error: BaseException) -> list[str]:
        """Lines of the program that led to the error, as the CLI trims them; first and last ones if they are many."""
        for cause in list_causes(error):
            _, noted = self._raised.get(id(cause), (None, []))
            if lines := noted or self._trim_frames(cause):
                return lines if len(lines) <= _FRAMES else [*lines[:1], "  …", *lines[2 - _FRAMES :]]
        return []

    def _trim_frames(self, error: BaseException) -> list[str]:
        own = self._own
        frames = (frame for frame in traceback.extract_tb(error.__traceback__) if own.has(frame.filename))
        lines = [
            f"  at {own.format_line(frame.filename, frame.lineno)}, in {frame.name}: {frame.line}" for frame in frames
        ]
        if isinstance(error, SyntaxError) and error.filename and own.has(error.filename):
            lines.append(f"  at {own.format_line(error.filename, error.lineno)}: {(error.text or '').strip()}")
        return lines


def list_causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, each once: an SDK may chain errors in a circle."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        seen.add(id(cause))
        chained = (link for link in (cause.__cause__, cause.__context__) if link is not None)
        cause = next((link for link in chained if id(link) not in seen), None)
