"""Runs a Pulumi program as the CLI's language host would, against a recorder instead of an engine."""

import asyncio
import contextvars
import json
import logging
import os
import runpy
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pulumi.runtime import configure, set_all_config
from pulumi.runtime import settings as runtime_settings
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.stack import run_in_stack

from ..graph import REGION_ASSUMED, Graph
from ..graph.graph import partition_of
from .assemble import assemble
from .callbacks import Callbacks
from .engine_checks import cycles, missing_files
from .failure import ExitError, Failure
from .isolation import isolated
from .lookup_order import in_order
from .loop import own_loop, settled
from .mocks.location import Location
from .mocks.lookup_context import LookupContext
from .mocks.lookups import Lookups
from .mocks.resources import Resources
from .modules import own_modules
from .monitor import Recorder
from .other_stacks import OtherStacks
from .project_file import Project, load
from .stack_file import Stack
from .stand_in import json_of_stand_ins
from .unrun import Unrun

ACCOUNT: Final = "123456789012"
"""In place of the account, which only AWS knows; AWS's own documents use it."""

DEFAULT_REGION: Final = "us-east-1"
_PATIENCE: Final = 120.0
"""Seconds after which a program that waits for something that never comes is given up."""


class ProgramError(Exception):
    """The program, or what it declared, would fail under the real CLI; the message is what it would print."""


def run(
    project: Path | Project,
    stack: Stack,
    *,
    known: bool = True,
    strict: bool = True,
    patience: float = _PATIENCE,
    others: OtherStacks | None = None,
    reimport: bool = True,
) -> Graph:
    """The graph that the project's program declares for this stack.

    With `known`, providers' outputs are made up; without, they are unknown, as in the first real preview. `strict`
    makes a lookup without a planned answer and a file that does not exist errors; otherwise they are noted. `others`
    keeps what an earlier run learned of other stacks. Without `reimport` the program's modules stay imported, which is
    faster, and safe if none of them declares anything when it is imported.
    Raises ProgramError with the program's own message.
    """
    project = load(project) if isinstance(project, Path) else project
    others = others or OtherStacks(project)
    while True:
        # The outputs of another stack are evaluated after the run that wanted them, and the program runs again.
        once = _Once(project, stack, others, known=known, strict=strict, reimport=reimport)
        try:
            graph = once.run(patience)
        except ProgramError:
            if not others.find(once.recorder.recorded.references):
                raise
        else:
            if not others.find(once.recorder.recorded.references):
                return replace(graph, notes=(*graph.notes, *others.notes.values()))


class _Once:
    def __init__(
        self, project: Project, stack: Stack, others: OtherStacks, *, known: bool, strict: bool, reimport: bool
    ) -> None:
        self.project, self.stack, self.known, self.strict = project, stack, known, strict
        self.reimport = reimport
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
            known=known,
            stand_ins=bool(stack.stand_ins),
        )
        self.engine = _Engine()

    def run(self, patience: float) -> Graph:
        project, stack, recorded = self.project, self.stack, self.recorder.recorded
        failure, unrun = Failure(project, strict=self.strict), Unrun(project.root)
        with isolated(project.root) as isolation, failure.watched(), unrun.watched():
            # A context of its own: the SDK's settings, config and root resource are context variables.
            context = contextvars.copy_context()
            modules = own_modules(project.root, project.program) if self.reimport else nullcontext()
            try:
                with modules:
                    context.run(_evaluate, project, stack, self.recorder, self.engine, patience)
                    # While the program's modules are loaded. Without outputs most functions of an apply are not run.
                    unseen, missing_kinds = unrun.found() if self.known else ((), [])
            except Exception as error:  # any error of the program
                raise ProgramError(failure.explained(error, isolation, stack, self.lookups)) from error
        useless = project.answers.useless_lookups((one.token, one.arguments) for one in recorded.invokes)
        notes = [*stack.notes, *self.notes, *recorded.notes, *self.lookups.notes, *useless, *self.engine.warnings]
        notes += [*isolation.notes, *missing_kinds]
        graph = assemble(project.name, project.root, stack, self.location, recorded, tuple(dict.fromkeys(notes)))
        graph = replace(graph, unseen=unseen)
        missing = missing_files(graph, project.program) if self.known else []
        wrong = [*cycles(graph), *(missing if self.strict else [])] if self.known else []
        if wrong:
            raise ProgramError("\n".join(wrong))
        return replace(graph, notes=(*graph.notes, *missing))


@dataclass(frozen=True)
class Evaluation:
    """A stack evaluated both ways: with outputs made up, and with outputs unknown as in its first real preview."""

    known: Graph
    unknown: Graph

    @property
    def hidden(self) -> list[str]:
        """URNs that appear only when outputs are known: resources inside an `apply`, which a real preview misses."""
        return [urn for urn in self.known.resources if urn not in self.unknown.resources]


def evaluate(project: Path | Project, stack: Stack, *, strict: bool = True, patience: float = _PATIENCE) -> Evaluation:
    """Both runs of a stack. Raises ProgramError with the program's own message.

    If a foreign program (not `strict`) fails only while outputs are unknown, it is evaluated only with known ones.
    """
    project = load(project) if isinstance(project, Path) else project
    others = OtherStacks(project)
    known = run(project, stack, strict=strict, others=others, patience=patience)
    try:
        unknown = run(project, stack, known=False, strict=strict, others=others, patience=patience)
        return Evaluation(known, unknown)
    except ProgramError as error:
        if strict:
            raise
        first, *_ = str(error).splitlines()
        note = f"with outputs unknown, as in a first preview, the program fails: {first}"
        return Evaluation(replace(known, notes=(*known.notes, note)), known)


def _place(stack: Stack) -> tuple[Location, list[str]]:
    notes = []
    region = stack.config.get("aws:region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        region = DEFAULT_REGION
        notes.append(f"{REGION_ASSUMED}: {region} is assumed")
    allowed = stack.parsed.get("aws:allowedAccountIds")
    account = str(allowed[0]) if isinstance(allowed, list) and allowed else ACCOUNT
    return Location(region, account, partition_of(region)), notes


class _Engine(MockEngine):
    """Takes the program's log; warnings and errors are for the reader of the review."""

    def __init__(self) -> None:
        super().__init__(logging.getLogger("review.program"))
        self.warnings: list[str] = []

    def Log(self, request: Any) -> None:
        if request.severity >= 2 and not request.ephemeral:
            self.warnings.append(
                f"the program {'warned' if request.severity == 2 else 'logged an error'}: {request.message}"
            )

    def RequirePulumiVersion(self, request: Any) -> None:
        """Whichever CLI is used later checks its own version."""


def _evaluate(project: Project, stack: Stack, recorder: Recorder, engine: _Engine, patience: float) -> None:
    runtime_settings.ROOT.set(None)
    configure(
        MockSettings(  # type: ignore[no-untyped-call] # the SDK's class
            monitor=recorder,
            monitor_features=set(),
            engine=engine,
            project=project.name,
            stack=stack.name,
            # Programs guard side effects by this, so it is true even if outputs are known.
            dry_run=True,
            organization="organization",
            callbacks=None,
            package_refs={},
            base_providers_by_ref={},
            root_directory=str(project.root),
            lock=threading.Lock(),
            outputs=set(),
            legacy_apply_enabled=False,
            parallel=None,
        )
    )
    set_all_config(dict(stack.config), list(stack.secret_keys))

    async def program() -> None:
        _run_file(project.main)
        stack: Any = runtime_settings.get_root_resource()
        exported = dict(stack.outputs)
        await settled()
        # The SDK takes exports when the file, or its `pulumi.run`, has run: those of an `apply` come too late.
        if getattr(stack, "_async_program", None) is None:
            stack.outputs = exported

    async def main() -> None:
        runtime_settings.SETTINGS.callbacks = Callbacks(recorder)
        await asyncio.wait_for(run_in_stack(program), patience)

    with _as_the_cli(project), in_order(recorder.lookups.asked), own_loop() as loop:
        loop.run_until_complete(main())


def _run_file(main: Path) -> None:
    try:
        runpy.run_path(str(main), run_name="__main__")
    except SystemExit as leaving:
        # Caught here: asyncio lets it out past everything that waits for the run to settle.
        if leaving.code:
            raise ExitError(f"the program left with exit status {leaving.code}") from leaving


@contextmanager
def _as_the_cli(project: Project) -> Iterator[None]:
    """Working directory, import path and arguments as a real run has them, all put back after; and its environment."""
    path, argv, folder = list(sys.path), sys.argv, Path.cwd()
    for name in [name for name in os.environ if name.startswith("PULUMI_CONFIG")]:
        # The SDK falls back to these, so a developer's shell would change the review.
        del os.environ[name]
    os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "true"
    sys.path.insert(0, str(project.program))
    sys.argv = [str(project.main)]
    os.chdir(project.program)
    # Processes that the program starts write past sys.stdout, which is only for the report.
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr), json_of_stand_ins():
            yield
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.chdir(folder)
        sys.argv, sys.path[:] = argv, path
