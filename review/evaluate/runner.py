"""Runs a Pulumi program as the CLI's language host would, against a recorder instead of an engine."""

import difflib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

from ..graph import Graph
from ..graph.graph import partition_of
from .claims import Claims
from .failure import explained, remedy_without_file
from .files import missing_files
from .host.stand_in import TEXT
from .mocks.location import Location
from .monitor import Recorder
from .problems import Problem, ProgramError, StackFileError
from .project_file import Project
from .stack_file import Stack
from .wire import readable

_ANY_REGION: Final = "us-east-1"  # for the mistakes of a stack without a region
ACCOUNT: Final = "123456789012"  # in place of the account, which only AWS knows; AWS's own documents use it
NOT_ISOLATED: Final = "the program could connect to the network: this system allows no network namespace"
_MOST_WARNINGS: Final = 100
_EFFECT: Final = (
    "what comes from them is unknown, and resources declared in an apply on them are missing here; "
    "review.answers.yaml can hold them"
)
Start = Callable[["Run"], None]  # runs a program. Raises ProgramError if that ended without a reason of its own
Made = TypeVar("Made")


def run(project: Project, stack: Stack, *, known: bool = True, strict: bool = True, start: Start) -> Graph:
    """The graph that the project's program declares for this stack. Raises ProgramError with the program's message.
    With `known`, providers' outputs are made up; else unknown, as in the first real preview. With `strict`, a lookup
    without an answer and a file that does not exist are errors, else notes.
    """
    return Run(project, stack, known=known, strict=strict).graph(start)


class Run:
    """One run of a program, also for the code that starts the program."""

    def __init__(self, project: Project, stack: Stack, *, known: bool, strict: bool) -> None:
        self.project, self._stack, self.known, self._strict = project, stack, known, strict
        self._lacking = _without_region(stack, project)
        self._location = _place(stack)
        self.recorder = Recorder(project, stack, self._location, known=known, strict=strict)
        self.claims = Claims(self.recorder.lookups.announce)
        self.refused = ""  # why the first request of the program that was refused was so
        self.errors: list[str] = []  # errors that the program logged. An SDK logs why it ends a process
        self._warnings: list[str] = []

    def graph(self, start: Start) -> Graph:
        """The graph that the program declares. Raises ProgramError, or StackFileError without a region.

        A program without a region runs too: what it reports about its config is reported with the region.
        """
        if self._lacking is None:
            return self._graph(start)
        with suppress(ProgramError):
            self._graph(start)
        if self.claims.failure and self.claims.failure.get("run error"):
            region, *_ = self._lacking.problems
            raise ProgramError(f"{region}\n\n{self.claims.failure.get('text', '')}")
        raise self._lacking

    def _graph(self, start: Start) -> Graph:
        project, stack, claims = self.project, self._stack, self.claims
        recorded, lookups = self.recorder.recorded, self.recorder.lookups
        start(self)
        if claims.failure is not None:
            refused, notes = self.refused, lookups.notes
            raise ProgramError(explained(claims.failure, project, stack, notes, strict=self._strict, refused=refused))
        useless = project.answers.useless_lookups((invoke.token, invoke.arguments) for invoke in recorded.invokes)
        notes = [*stack.notes, *recorded.notes, *lookups.notes, *useless, *self._warnings]
        notes += [f"outputs of the stack {name} are not known: {_EFFECT}" for name in recorded.unknown_references]
        notes += [] if claims.isolated else [NOT_ISOLATED]
        graph = recorded.graph(project.name, stack, self._location, tuple(dict.fromkeys(notes)))
        missing = missing_files(graph, project.program) if self.known else []
        if missing and self._strict:
            raise ProgramError("\n".join(missing))
        return replace(graph, notes=(*graph.notes, *missing))

    @property
    def program(self) -> dict[str, Any]:
        """The description that the program's process gets, as JSON."""
        return {
            "project": self.project.name,
            "stack": self._stack.name,
            "organization": "organization",
            "root": str(self.project.root),
            "older": self.project.older and [*map(str, self.project.older)],
            "main": str(self.project.main),
            "config": {**({} if self._strict else {"aws:region": self._location.region}), **self._stack.config},
            "secret_keys": list(self._stack.secret_keys),
        }

    def log(self, request: Any) -> None:
        """Keep warnings and errors of the engine's LogRequests for the reader of the review."""
        if request.severity >= 2 and not request.ephemeral and len(self._warnings) < _MOST_WARNINGS:
            kind = "warned" if request.severity == 2 else "logged an error"
            self.errors += [request.message.strip()] * (request.severity > 2)
            self._warnings.append(f"the program {kind}: {readable(request.message)}")


@dataclass(frozen=True)
class Evaluation:
    """A stack evaluated both ways: with outputs made up, and with outputs unknown as in its first real preview."""

    known: Graph
    unknown: Graph

    @property
    def hidden(self) -> list[str]:
        """URNs that appear only when outputs are known: resources inside an `apply`, which a real preview misses."""
        return [urn for urn in self.known.resources if urn not in self.unknown.resources]


def evaluate(project: Project, stack: Stack, *, strict: bool = True, start: Start) -> Evaluation:
    """Both runs of a stack; of a foreign program that fails with outputs unknown only one. Raises ProgramError."""
    once = partial(run, project, stack, strict=strict, start=start)
    later = in_thread(partial(once, known=False))  # each has a process of its own
    try:
        known = once(known=True)
    except Exception:
        wait([later])
        raise
    try:
        return Evaluation(known, later.result())
    except ProgramError as error:
        if strict:
            raise
        first, *_ = str(error).splitlines()
        note = f"with outputs unknown, as in a first preview, the program fails: {first}"
        return Evaluation(replace(known, notes=(*known.notes, note)), known)


def in_thread(call: Callable[[], Made]) -> Future[Made]:
    """Make a call in a thread that does not keep this process from ending: a program may never end."""
    result: Future[Made] = Future()

    def run_call() -> None:
        try:
            result.set_result(call())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=run_call, daemon=True).start()
    return result


def _region(stack: Stack) -> str:
    own = stack.config.get("aws:region", "").replace(TEXT, "")
    return own or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def _without_region(stack: Stack, project: Project) -> StackFileError | None:
    """The error for a stack without a region, for which `pulumi up` would fail too. None if it has one.

    Raises it if the stack has no file, whose program would report a mistake for each setting.
    """
    if _region(stack):
        return None
    if stack.is_empty:
        remedy = remedy_without_file(project, stack)
        raise StackFileError(stack.name, [Problem("", None, f"the stack has no file: {remedy}")])
    near = "".join(difflib.get_close_matches("aws:region", stack.config, n=1))
    written = f", and {near} is no key of the provider" if near else ""
    write = "write `aws:region: eu-west-1` under `config:`, with your region, or set AWS_REGION"
    return StackFileError(stack.name, [Problem("aws:region", None, f"it is not set{written}; {write}")])


def _place(stack: Stack) -> Location:
    region = _region(stack) or _ANY_REGION
    allowed = stack.parsed.get("aws:allowedAccountIds")
    account = str(allowed[0]) if isinstance(allowed, list) and allowed else ACCOUNT
    return Location(region, account, partition_of(region))
