"""Why a program failed: one message of at most thirty lines, which names a line of the program."""

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pulumi
import pulumi.resource as declaring
import pulumi.runtime.resource as registering
from pulumi.runtime.proto import source_pb2

from .isolation import Isolation, causes
from .mocks.lookup_context import ANSWERS_FILE
from .mocks.lookups import Lookups
from .modules import belongs, replaced
from .project_file import Project
from .stack_file import Stack, most_like, stacks

_ENCRYPTED: Final = "it is in an encrypted section"
"""In messages of our own settings, in place of a value."""
_LINES: Final = 30
_FRAMES: Final = 10
_RESOURCE: Final = re.compile(r"(?:resource:? [`']|urn:pulumi:\S*::)([^`']+)[`']")
"""How the SDK names a resource in the message of an error that no line of the program is on the stack of."""


class ExitError(Exception):
    """The program left by itself."""


class Failure:
    """Watches one run, and explains its exception."""

    def __init__(self, project: Project, *, strict: bool) -> None:
        self.project, self.strict = project, strict
        self._own: dict[str, Path | None] = {}
        """Each file that had a frame, if it is the program's: a stack has a hundred thousand frames of few files."""
        self._declared: dict[str, str] = {}
        """Line of the program, by the name of the resource that it declared last."""
        self._raised: dict[int, tuple[BaseException, list[str]]] = {}
        """Errors of functions in an `apply`, and their lines; asyncio drops that when it hands the error on."""

    def watched(self) -> AbstractContextManager[None]:
        """Within, it is noted which line declares what."""
        register, apply = vars(declaring)["register_resource"], pulumi.Output.apply

        def noted(resource: Any, type_: str, name: str, *arguments: Any, **options: Any) -> Any:
            line = self._nearest(sys._getframe(1))
            self._declared[name] = f"{line[0].relative_to(self.project.root)}:{line[1]}" if line else ""
            return register(resource, type_, name, *arguments, **options)

        def applied(output: Any, function: Any, *arguments: Any, **options: Any) -> Any:
            def watched(value: Any) -> Any:
                try:
                    return function(value)
                except Exception as error:
                    self._raised[id(error)] = error, self._traced(error)
                    raise

            return apply(output, watched, *arguments, **options)

        return replaced(
            (declaring, "register_resource", noted),
            (pulumi.Output, "apply", applied),
            # Here the SDK reads every frame and its line of code at each declaration, a quarter of the time of a run.
            (registering, "_get_stack_trace", self._trace),
        )

    def _trace(self) -> Any:
        """The nearest line of the program above the constructors of the resource, by the SDK's own count of three."""
        frame, constructors = sys._getframe(1).f_back, 0
        while frame is not None and constructors < 3:
            constructors += frame.f_code.co_name == "__init__"
            frame = frame.f_back
        line = self._nearest(frame)
        positions = [source_pb2.SourcePosition(uri=line[0].as_uri(), line=line[1])] if line else []
        return source_pb2.StackTrace(frames=[source_pb2.StackFrame(pc=position) for position in positions])

    def _nearest(self, frame: FrameType | None) -> tuple[Path, int] | None:
        """File and line of the nearest frame of the program."""
        while frame is not None:
            file = frame.f_code.co_filename
            if file not in self._own:
                path = Path(file)
                self._own[file] = path if belongs(path, self.project.root) else None
            if own := self._own[file]:
                return own, frame.f_lineno
            frame = frame.f_back
        return None

    def explained(self, error: BaseException, isolation: Isolation, stack: Stack, lookups: Lookups) -> str:
        """The message for the reader of the review."""
        refused = isolation.explained(error)
        if refused:
            return refused
        if isinstance(error, TimeoutError) and not self._frames(error):
            return (
                "the program did not finish in time: something that it waits for never comes, "
                "such as an output that depends on itself"
            )
        absent = []
        missing = pulumi.RunError if self.strict else pulumi.ConfigMissingError
        if isinstance(error, missing) and stack.is_empty:
            absent.append(f"the stack {stack.name} has no file: {_others(self.project, stack)}")
            if self.strict:
                # Each setting that is required would be one mistake more.
                return absent[0]
        own = isinstance(error, pulumi.RunError | ExitError)
        lines = str(error).splitlines() if own else f"{type(error).__name__}: {error}".splitlines()
        frames = self._frames(error) or self._declaration(str(error))
        # Our own settings name the key that is wrong; the line that read it would be noise.
        where = [] if self.strict and own else frames
        hints = list(self._hints(error, stack, lookups))
        room = _LINES - len(absent) - len(where) - len(hints)
        # A report of the settings has all mistakes at once; another program's message may be anything.
        if len(lines) > room and not (self.strict and own):
            lines = [*lines[: room - 1], f"… ({len(lines) - room + 1} more lines)"]
        return "\n".join([*absent, *lines, *where, *hints])

    def _frames(self, error: BaseException) -> list[str]:
        """Lines of the program that led to the error, as the CLI trims them; first and last ones if they are many."""
        for cause in causes(error):
            _, kept = self._raised.get(id(cause), (None, []))
            found = kept or self._traced(cause)
            if found:
                return found if len(found) <= _FRAMES else [*found[:1], "  …", *found[2 - _FRAMES :]]
        return []

    def _traced(self, error: BaseException) -> list[str]:
        root, found = self.project.root, []
        for frame in traceback.extract_tb(error.__traceback__):
            path = Path(frame.filename)
            if belongs(path, root):
                found.append(f"  at {path.relative_to(root)}:{frame.lineno}, in {frame.name}: {frame.line}")
        if isinstance(error, SyntaxError) and error.filename and belongs(Path(error.filename), root):
            place = Path(error.filename).relative_to(root)
            found.append(f"  at {place}:{error.lineno}: {(error.text or '').strip()}")
        return found

    def _declaration(self, message: str) -> list[str]:
        """The line that declared the resource which a message names."""
        named = (self._declared.get(name, "") for name in _RESOURCE.findall(message))
        return [f"  at {line}" for line in dict.fromkeys(named) if line]

    def _hints(self, error: BaseException, stack: Stack, lookups: Lookups) -> Iterator[str]:
        if stack.secret_keys and _ENCRYPTED in str(error):
            yield f"a review has stand-ins for encrypted values: write one that fits, by its path, into {ANSWERS_FILE}"
        if isinstance(error, pulumi.RunError | ExitError):
            return
        if stack.stand_ins:
            yield f"{', '.join(stack.stand_ins)}: encrypted, so a stand-in: {ANSWERS_FILE} can hold another"
        yield from lookups.notes


def _others(project: Project, stack: Stack) -> str:
    """The remedy for a stack without a file: name one that has it, or write it."""
    if near := most_like(project, stack.name):
        return f"did you mean {near}?"
    names = ", ".join(stacks(project))
    return f"those with one are {names}" if names else f"write its config into Pulumi.{stack.name}.yaml"
