"""Runs a Pulumi program as the CLI's language host would, against a recorder instead of an engine."""

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pulumi import RunError

from ..graph import REGION_ASSUMED, Graph
from ..graph.graph import partition_of
from .assemble import assemble
from .claims import Claims
from .engine_checks import cycles, missing_files
from .failure import explained
from .files import Files
from .host.stand_in import TEXT
from .mocks.location import Location
from .mocks.lookup_context import LookupContext
from .mocks.lookups import Lookups
from .mocks.resources import Resources
from .monitor import Recorder
from .other_stacks import OtherStacks
from .problems import ProgramError
from .project_file import Project, load
from .stack_file import Stack, read_stack
from .wire import readable

ACCOUNT: Final = "123456789012"
"""In place of the account, which only AWS knows; AWS's own documents use it."""

DEFAULT_REGION: Final = "us-east-1"
_PATIENCE: Final = 120.0
"""Seconds after which a program that waits for something that never comes is given up."""
_MOST_WARNINGS: Final = 100


@dataclass(kw_only=True)
class Run:
    """One run of a program, for whoever starts it."""

    project: Project
    program: dict[str, Any]
    """What the program's process gets, as JSON."""
    recorder: Recorder
    log: Callable[[Any], None]
    """Takes the engine's LogRequest."""
    claims: Claims
    patience: float
    files: Files
    refused: str = ""
    """Why the first request of the program that was refused was so."""
    exceeded: str = ""
    """The limit of what a program may send that was broken."""
    errors: list[str] = field(default_factory=list)
    """Errors that the program logged. An SDK logs why it ends a process."""
    call_back: Callable[[Any, bytes], bytes] | None = None
    """Calls a callback of the program."""
    notes: tuple[str, ...] = ()
    """What the program's process was not kept from."""


Start = Callable[[Run], None]
"""Runs a program. Raises ProgramError if that ended without a reason of its own."""


def run(
    project: Path | Project,
    stack: Stack,
    *,
    known: bool = True,
    strict: bool = True,
    patience: float = _PATIENCE,
    others: OtherStacks | None = None,
    start: Start,
) -> Graph:
    """The graph that the project's program declares for this stack.

    With `known`, providers' outputs are made up; without, they are unknown, as in the first real preview. `strict`
    makes a lookup without a planned answer and a file that does not exist errors; otherwise they are noted. `others`
    keeps what an earlier run learned of other stacks.
    Raises ProgramError with the program's own message.
    """
    project = load(project) if isinstance(project, Path) else project
    others = others or _others(project, start)
    while True:
        # The outputs of another stack are evaluated after the run that wanted them, and the program runs again.
        once = _Once(project, stack, others, known=known, strict=strict)
        try:
            graph = once.run(start, patience)
        except ProgramError:
            if not others.find(once.recorder.recorded.unknown_references):
                raise
        else:
            if not others.find(once.recorder.recorded.unknown_references):
                return replace(graph, notes=(*graph.notes, *others.notes.values()))


def _others(project: Project, start: Start) -> OtherStacks:
    def outputs(other: Project, stack: str, others: OtherStacks) -> Mapping[str, Any]:
        return run(other, read_stack(other, stack), strict=False, others=others, start=start).exports

    return OtherStacks(project, outputs)


class _Once:
    def __init__(self, project: Project, stack: Stack, others: OtherStacks, *, known: bool, strict: bool) -> None:
        self.project, self.stack, self.known, self.strict = project, stack, known, strict
        self.location, self.notes = _place(stack)
        resources = Resources(self.location)
        context = LookupContext(self.location, json.dumps(dict(stack.config)))
        self.lookups = Lookups(context, resources.made, project.answers.lookup, strict=strict)
        self.recorder = Recorder(
            project.name,
            stack.name,
            resources,
            self.lookups,
            others.outputs,
            self._call_back,
            known=known,
            stand_ins=bool(stack.stand_ins),
        )
        self.warnings: list[str] = []

    def run(self, start: Start, patience: float) -> Graph:
        project, stack, recorded = self.project, self.stack, self.recorder.recorded
        claims = Claims(self.lookups.asked)
        self._run = run = Run(
            project=project,
            program=self._program(),
            recorder=self.recorder,
            log=self._log,
            claims=claims,
            patience=patience,
            files=Files(str(project.program)),
        )
        try:
            start(run)
        except ProgramError:
            raise
        except Exception as error:  # any error of the program
            raise ProgramError(self._explained(run, error)) from error
        if claims.failure is not None:
            raise ProgramError(self._explained(run))
        # Without outputs most functions of an apply are not run.
        unseen, missing_kinds = claims.unseen() if self.known else ((), [])
        useless = project.answers.useless_lookups((one.token, one.arguments) for one in recorded.invokes)
        notes = [*stack.notes, *self.notes, *recorded.notes, *self.lookups.notes, *useless, *self.warnings]
        notes += [*claims.attempts, *claims.started, *missing_kinds, *run.notes]
        graph = assemble(project.name, project.root, stack, self.location, recorded, tuple(dict.fromkeys(notes)))
        graph = replace(graph, unseen=unseen)
        missing = missing_files(graph, project.program) if self.known else []
        wrong = [*cycles(graph), *(missing if self.strict else [])] if self.known else []
        if wrong:
            raise ProgramError("\n".join(wrong))
        return replace(graph, notes=(*graph.notes, *missing))

    def _call_back(self, callback: Any, asked: bytes) -> bytes:
        assert self._run.call_back is not None
        return self._run.call_back(callback, asked)

    def _program(self) -> dict[str, Any]:
        return {
            "project": self.project.name,
            "stack": self.stack.name,
            "organization": "organization",
            "root": str(self.project.root),
            "main": str(self.project.main),
            "config": {**({} if self.strict else {"aws:region": self.location.region}), **self.stack.config},
            "secret_keys": list(self.stack.secret_keys),
        }

    def _explained(self, run: Run, error: Exception | None = None) -> str:
        failure = run.claims.failure or {"text": str(error), "own": isinstance(error, RunError)}
        return explained(failure, self.project, self.stack, self.lookups.notes, strict=self.strict, refused=run.refused)

    def _log(self, request: Any) -> None:
        """Warnings and errors are for the reader of the review."""
        if request.severity >= 2 and not request.ephemeral and len(self.warnings) < _MOST_WARNINGS:
            kind = "warned" if request.severity == 2 else "logged an error"
            self._run.errors += [request.message.strip()] * (request.severity > 2)
            self.warnings.append(f"the program {kind}: {readable(request.message)}")


@dataclass(frozen=True)
class Evaluation:
    """A stack evaluated both ways: with outputs made up, and with outputs unknown as in its first real preview."""

    known: Graph
    unknown: Graph

    @property
    def hidden(self) -> list[str]:
        """URNs that appear only when outputs are known: resources inside an `apply`, which a real preview misses."""
        return [urn for urn in self.known.resources if urn not in self.unknown.resources]


def evaluate(
    project: Path | Project, stack: Stack, *, strict: bool = True, patience: float = _PATIENCE, start: Start
) -> Evaluation:
    """Both runs of a stack. Raises ProgramError with the program's own message.

    If a foreign program (not `strict`) fails only while outputs are unknown, it is evaluated only with known ones.
    """
    project = load(project) if isinstance(project, Path) else project
    others = _others(project, start)

    def once(known: bool) -> Graph:
        return run(project, stack, known=known, strict=strict, others=others, patience=patience, start=start)

    # Each has a process of its own.
    with ThreadPoolExecutor(1) as beside:
        later = beside.submit(once, False)
        known = once(True)
        try:
            return Evaluation(known, later.result())
        except ProgramError as error:
            if strict:
                raise
            first, *_ = str(error).splitlines()
            note = f"with outputs unknown, as in a first preview, the program fails: {first}"
            return Evaluation(replace(known, notes=(*known.notes, note)), known)


def _place(stack: Stack) -> tuple[Location, list[str]]:
    notes = []
    region = (
        stack.config.get("aws:region", "").replace(TEXT, "")
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
    )
    if not region:
        region = DEFAULT_REGION
        notes.append(f"{REGION_ASSUMED}: {region} is assumed")
    allowed = stack.parsed.get("aws:allowedAccountIds")
    account = str(allowed[0]) if isinstance(allowed, list) and allowed else ACCOUNT
    return Location(region, account, partition_of(region)), notes
