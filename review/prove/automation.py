"""Stacks of `make prove` through Pulumi's Automation API, with commands that can be interrupted."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pulumi.automation import CommandResult, LocalWorkspace, LocalWorkspaceOptions, PulumiCommand, Stack
from pulumi.automation.errors import CommandError, InvalidVersionError, StackNotFoundError

from ..evaluate.project_file import Project
from .life import EngineError

__all__ = ["Cli", "Deployment", "InvalidVersionError", "create", "find_cli_version", "list_deployments"]
_INIT: Final = ["stack", "init"]
_SUMMARY: Final = re.compile("error: (update|preview|refresh|destroy) failed")
_EXCEPTION: Final = re.compile(r"[\w.]*(Error|Exception): ")
_SELECT: Final = ["stack", "select"]


class Cli(PulumiCommand):
    """The Pulumi CLI in a session of its own, so that Ctrl-C reaches it only through `interrupt`."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log, self._lock, self._stopped = log, threading.Lock(), False
        self._process: subprocess.Popen[str] | None = None

    def run(self, args: list[str], cwd: str, additional_env: Mapping[str, str], *_: Any, **__: Any) -> CommandResult:
        """Runs a command. Raises CommandError if it fails or if commands are stopped."""
        words = [*args, "--no-select"] if args[:2] == _INIT else args
        # The project's selected stack stays: the command ends likewise if there is no such stack.
        words = ["stack", *args[2:]] if args[:2] == _SELECT else words
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        with self._lock:
            if self._stopped:
                raise CommandError(CommandResult("", "stopped", 1))
            process = subprocess.Popen(  # noqa: S603 # the user's own CLI
                [self.command, "--non-interactive", *words],
                cwd=cwd,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                start_new_session=True,
            )
            self._process = process
        try:
            out, err = process.communicate()
        except KeyboardInterrupt:
            # Of the main thread, outside of a run.
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"$ pulumi {' '.join(words[:2])}\n{out if words[:2] != ['stack', 'export'] else ''}{err}\n")
        if process.returncode:
            error = StackNotFoundError if "no stack named" in err else CommandError
            raise error(CommandResult(out, err, process.returncode))
        return CommandResult(out.rstrip("\n"), err, 0)

    def interrupt(self) -> None:
        """End the command that runs, as Ctrl-C does, and start no other. The second call ends it at once."""
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGINT)

    def allow(self) -> None:
        with self._lock:
            self._stopped = False


class Deployment:
    """One stack. `stack` is one of the Automation API."""

    def __init__(self, stack: Any, cli: Any, file: Path) -> None:
        self._stack, self._cli, self._file = stack, cli, file

    def write(self, config: Mapping[str, Any]) -> None:
        """Write the stack file, and keep what the CLI has added to it."""
        kept = yaml.safe_load(self._file.read_text(encoding="utf-8")) if self._file.exists() else None
        text = yaml.safe_dump({**(kept or {}), "config": dict(config)}, sort_keys=False)
        self._file.write_text(text, encoding="utf-8")

    def preview(self, *, unchanged: bool = False) -> None:
        self._run("preview", expect_no_changes=unchanged)

    def up(self) -> None:
        self._run("up")

    def refresh(self, *, unchanged: bool = False) -> None:
        self._run("refresh", **({"expect_no_changes": True} if unchanged else {"clear_pending_creates": True}))

    def destroy(self) -> None:
        self._run("destroy")

    def list_resources(self) -> list[Mapping[str, Any]]:
        deployment = self._run("export_stack").deployment or {}
        return list(deployment.get("resources") or [])

    def forget(self) -> None:
        name, workspace = self._stack.name, self._stack.workspace
        _translate_error(lambda: workspace.remove_stack(name, preserve_config=True))
        self._file.unlink(missing_ok=True)

    def interrupt(self) -> None:
        self._cli.interrupt()

    def allow(self) -> None:
        self._cli.allow()

    def unlock(self) -> None:
        """Remove the lock of a run that died. Fails without one."""
        try:
            self._run("cancel")
        except EngineError:
            return

    def _run(self, command: str, **options: Any) -> Any:
        return _translate_error(lambda: getattr(self._stack, command)(**options))


def _translate_error(command: Any) -> Any:
    try:
        return command()
    except CommandError as error:
        raise EngineError(_find_last_line(str(error))) from None


def _find_last_line(text: str) -> str:
    """The CLI's error, with the exception of a program."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    messages = [line for line in lines if line.startswith("error:") and not _SUMMARY.fullmatch(line)] or lines
    raised = [line for line in lines if _EXCEPTION.match(line)] if messages and messages[-1].endswith(":") else []
    return " ".join([*messages[-1:], *raised[-1:]]).removeprefix("stderr: ") or "it printed nothing"


def _make_workspace(project: Project, log: Path, environment: Mapping[str, str]) -> tuple[LocalWorkspace, Cli]:
    cli = Cli(log)
    options = LocalWorkspaceOptions(work_dir=str(project.root), env_vars=dict(environment), pulumi_command=cli)
    return LocalWorkspace(**vars(options)), cli


def create(project: Project, name: str, log: Path, environment: Mapping[str, str]) -> Deployment:
    """A new stack. Raises EngineError."""
    workspace, cli = _make_workspace(project, log, environment)
    stack = _translate_error(lambda: Stack.create(name, workspace))
    return Deployment(stack, cli, project.stack_dir / f"Pulumi.{name}.yaml")


def list_deployments(project: Project, prefix: str, log: Path, environment: Mapping[str, str]) -> dict[str, Deployment]:
    """The stacks of earlier runs by name. Raises EngineError."""
    workspace, _ = _make_workspace(project, log, environment)
    stacks = {}
    for summary in _translate_error(workspace.list_stacks):
        name = summary.name.rpartition("/")[2]
        if name.startswith(prefix):
            inner, cli = _make_workspace(project, log, environment)
            stack = _translate_error(lambda name=name, inner=inner: Stack.select(name, inner))
            stacks[name] = Deployment(stack, cli, project.stack_dir / f"Pulumi.{name}.yaml")
    return stacks


def find_cli_version() -> str:
    """Version of the CLI. Raises InvalidVersionError for one that the SDK does not know."""
    return str(PulumiCommand().version)
