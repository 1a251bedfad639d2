"""Records one run of a program: what it declares, as a graph, or the message of its failure."""

import difflib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from pulumi import RunError

from ..graph import Graph
from ..graph.graph import get_partition
from ..graph.prose import make_printable
from ..recording.call_error import CallError
from ..recording.wire import shorten_outputs
from .failure import format_failure, suggest_stack_file
from .files import list_missing_files
from .host.stand_in import TEXT
from .job import Job
from .mocks.location import Location, list_allowed_accounts
from .monitor import PreviewRecorder
from .problems import Problem, ProgramError, StackFileError
from .project_file import Project
from .stack_file import Stack
from .watch import Watch

_ANY_REGION: Final = "us-east-1"  # for the mistakes of a stack without a region
ACCOUNT: Final = "123456789012"  # in place of the account, which only AWS knows; AWS's own documents use it
NOT_ISOLATED: Final = "the program could connect to the network: this system allows no network namespace"
_MOST_WARNINGS: Final = 100
_EFFECT: Final = (
    "what comes from them is unknown, and resources declared in an apply on them are missing here; "
    "review.answers.yaml can hold them"
)


class Run:
    """One run of a program, which `execute` runs on the `monitor` and the `engine` of this run.

    Without `isolated`, the program could connect to the network.
    """

    def __init__(self, job: Job, execute: Callable[["Run"], None], *, isolated: bool) -> None:
        self.job, self._execute, self._isolated = job, execute, isolated
        self._lacking = _find_region_error(job.stack, job.project)
        self._location = _find_location(job.stack)
        self.recorder = PreviewRecorder(job.project, job.stack, self._location, known=job.known, strict=job.strict)
        self.monitor, self.engine = _Monitor(self.recorder), _Engine()
        self._watch = Watch(job.project.root, self.recorder.lookups.note_lookup, isolated=isolated)
        self.recorder.provenances = self._watch.provenances
        self.recorder.lookup_declarers = self._watch.lookup_declarers
        self.recorder.stack_outputs = self._watch.stack_outputs

    def graph(self) -> Graph:
        """The graph that the program declares. Raises ProgramError, or StackFileError without a region.

        A program without a region runs too: what it reports about its config is reported with the region.
        """
        if self._lacking is None:
            return self._build_graph()
        with suppress(ProgramError):
            self._build_graph()
        failure = self._watch.failure
        if failure and failure.get("run error"):
            region, *_ = self._lacking.problems
            raise ProgramError(f"{region}\n\n{failure.get('text', '')}")
        raise self._lacking

    def _build_graph(self) -> Graph:
        project, stack, strict = self.job.project, self.job.stack, self.job.strict
        recorder, lookups = self.recorder, self.recorder.lookups
        self._watch.watch(lambda: self._execute(self))
        if self._watch.failure is not None:
            failure, refused = self._watch.failure, self.monitor.refused
            raise ProgramError(format_failure(failure, self.job, lookups.notes, refused=refused))
        if self.monitor.refused:
            raise ProgramError(self.monitor.refused)
        useless = project.answers.describe_useless_lookups(
            (invoke.token, invoke.arguments) for invoke in recorder.invokes
        )
        notes = [*stack.notes, *recorder.notes, *lookups.notes, *useless, *self.engine.warnings]
        notes += [f"outputs of the stack {name} are not known: {_EFFECT}" for name in recorder.unknown_references]
        notes += [] if self._isolated else [NOT_ISOLATED]
        graph = recorder.build_graph(tuple(dict.fromkeys(notes)))
        missing = list_missing_files(graph, project.program) if self.job.known else []
        if missing and strict:
            raise ProgramError("\n".join(missing))
        skipped = tuple(self._watch.list_skipped()) if self.job.known else ()
        return replace(graph, notes=(*graph.notes, *missing), skipped=skipped)

    @property
    def config(self) -> dict[str, str]:
        """The config that the program gets."""
        region = {} if self.job.strict else {"aws:region": self._location.region}
        return {**region, **self.job.stack.config}


class _Monitor:
    """The recorder as the SDK's monitor, whose refusals the SDK takes for the engine's."""

    def __init__(self, recorder: PreviewRecorder) -> None:
        self._recorder = recorder
        self.refused = ""  # why the first request that was refused was so

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        def answer(request: Any) -> Any:
            try:
                return getattr(self._recorder, name)(request)
            except Exception as error:  # a program may send anything
                message = f"the review cannot read a request ({type(error).__name__})"
                if isinstance(error, CallError):
                    message = make_printable(str(error))
                self.refused = self.refused or message
                raise RunError(message) from error

        return answer


FORMATTED_OUTPUT: Final = (
    "the program formats an output as text, by str() or in an f-string: the SDK's help is deployed in its place, and"
    " the review reads the text as not known; use Output.format, Output.concat or Output.json_dumps"
)
"""In place of the SDK's warning, which names no remedy that fits a policy."""


class _Engine:
    """The engine's log. It keeps warnings and errors for the reader of the review."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def Log(self, request: Any) -> None:
        if request.severity >= 2 and not request.ephemeral and len(self.warnings) < _MOST_WARNINGS:
            kind = "warned" if request.severity == 2 else "logged an error"
            message = shorten_outputs(request.message)
            said = FORMATTED_OUTPUT if message.strip() == "[output]" else f"the program {kind}: {message}"
            if said != FORMATTED_OUTPUT or said not in self.warnings:
                self.warnings.append(said)

    def RequirePulumiVersion(self, request: Any) -> None:
        """Whichever CLI is used later checks its own version."""


def _find_region(stack: Stack) -> str:
    own = stack.config.get("aws:region", "").replace(TEXT, "")
    return own or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""


def _find_region_error(stack: Stack, project: Project) -> StackFileError | None:
    """The error for a stack without a region, for which `pulumi up` would fail too. None if it has one.

    Raises it if the stack has no file, whose program would report a mistake for each setting.
    """
    if _find_region(stack):
        return None
    if stack.is_empty:
        remedy = suggest_stack_file(project, stack)
        raise StackFileError(stack.name, [Problem("", None, f"the stack has no file: {remedy}")])
    near = "".join(difflib.get_close_matches("aws:region", stack.config, n=1))
    state = "it is empty" if near == "aws:region" else "it is not set"
    hint = f", and {near} is no key of the provider" if near not in {"", "aws:region"} else ""
    write = "write `aws:region: eu-west-1` under `config:`, with your region, or set AWS_REGION"
    return StackFileError(stack.name, [Problem("aws:region", None, f"{state}{hint}; {write}")])


def _find_location(stack: Stack) -> Location:
    region = _find_region(stack) or _ANY_REGION
    account = next(iter(list_allowed_accounts(stack.parsed)), ACCOUNT)
    return Location(region, account, get_partition(region))
