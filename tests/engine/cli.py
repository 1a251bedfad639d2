"""The Pulumi CLI on a copy of the project, with its state in a folder of this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from .processes import PROCESSES

ROOT: Final = Path(__file__).parents[2]
PASSPHRASE: Final = "of tests alone"
_FOLDERS: Final = ("components", "handlers", "review", "examples")
_PROGRAM: Final = (*_FOLDERS, "__main__.py", "Pulumi.yaml")
_KEPT_OF_SHELL: Final = re.compile("PATH|HOME|LANG|TMPDIR|GATEHOUSE_.*")
"""What a plugin on PATH reads of its own begins with GATEHOUSE_."""
_LONGEST_SECONDS: Final = 900
_TIMED_OUT: Final = 124  # as timeout(1) has it

# Configuration of the plugin besides the endpoint: these credentials belong to nobody.
_FOR_EMULATOR: Final = {
    "aws:skipCredentialsValidation": True,
    "aws:skipMetadataApiCheck": True,
    "aws:s3UsePathStyle": True,
}
_DRIFT: Final = ("update", "delete")
_UNCLEAR: Final = "policy CANNOT-TELL-"
# A plugin may be on PATH.
_EXPECTED_WARNINGS: Final = (": using pulumi-resource-",)
_SAME: Final = ("same", "read", "read-replacement", "refresh")


@dataclass(frozen=True)
class Step:
    """One step of the engine."""

    operation: str
    urn: str
    changed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.split("::", 3)[3]

    @property
    def type(self) -> str:
        """The resource's type."""
        return self.urn.split("::")[2].rpartition("$")[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a command of the CLI did."""

    command: tuple[str, ...]
    status: int
    seconds: float
    steps: list[Step]
    errors: list[str]
    violations: frozenset[tuple[str, str]]
    """Policy and resource, by name; `-` for the stack."""
    text: str
    warnings: Sequence[str] = ()

    @property
    def faults(self) -> list[str]:
        """Its errors if it failed, and its warnings: hooks that could not find something out give them."""
        failed = (self.errors or [self.text.strip()[-2000:]]) if self.status else []
        return [*failed, *(f"warning: {warning}" for warning in self.warnings)]

    @property
    def unclear(self) -> list[str]:
        """What the policy pack could not judge."""
        return [error for error in self.errors if error.startswith(_UNCLEAR)]

    @property
    def changes(self) -> list[Step]:
        """The steps that change something."""
        return [step for step in self.steps if step.operation not in _SAME]


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The CLI, a project folder, and an emulator. The CLI finds the AWS plugin on PATH, or fetches it."""

    pulumi: Path
    folder: Path
    endpoint: str
    python: Path = ROOT / ".venv" / "bin"
    """Folder of the Python that runs packages, which the CLI finds on PATH."""

    @property
    def project(self) -> Path:
        """The copy of the project."""
        return self.folder / "project"

    def prepare(self) -> None:
        """Make the copy and the state's folder."""
        for name in ("project", "state", "home", "events"):
            (self.folder / name).mkdir(parents=True)
        self.copy_program(ROOT)
        (self.project / ".venv").symlink_to(ROOT / ".venv")

    def copy_program(self, folder: Path) -> None:
        """Copy the program of a folder in place of the one that is there. Stack files stay."""
        for name in _PROGRAM:
            source, target = folder / name, self.project / name
            if target.is_dir():
                shutil.rmtree(target)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, target)

    def write_stack(self, stack: str, content: str) -> None:
        """Write a stack's config. The salt that the CLI has added to it stays."""
        path = self.project / f"Pulumi.{stack}.yaml"
        salt = ""
        if path.exists():
            salt = "".join(line for line in path.read_text().splitlines(True) if line.startswith("encryptionsalt:"))
        document = yaml.safe_load(content)
        document["config"] |= _FOR_EMULATOR
        path.write_text(yaml.safe_dump(document, sort_keys=False) + salt)

    def run(self, *command: str, stack: str | None = None, cwd: Path | None = None) -> Outcome:
        """Run a command to its end."""
        log = self.folder / "events" / f"{time.monotonic_ns()}.json"
        whole = self._command(command, stack, log)
        started = time.monotonic()
        status, said = self._ended(whole, cwd or self.project)
        events = _read_events(log)
        return Outcome(
            command=command,
            status=status,
            seconds=time.monotonic() - started,
            steps=events.steps,
            errors=events.errors or ([said[1].strip()] if status else []),
            violations=frozenset(events.violations),
            text="".join(said),
            warnings=events.warnings,
        )

    def interrupted(self, *command: str, stack: str, after: float) -> int:
        """Run a command and press ctrl-C after some seconds; returns its status."""
        with PROCESSES.started(
            self._command(command, stack, self.folder / "events" / "interrupted.json"),
            cwd=self.project,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(after)
            process.send_signal(signal.SIGINT)
            return process.wait(_LONGEST_SECONDS)

    def _ended(self, command: Sequence[str], cwd: Path) -> tuple[int, tuple[str, str]]:
        """Run a process to its end; returns its status, and its output and errors."""
        with PROCESSES.started(
            command,
            cwd=cwd,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                said = process.communicate(timeout=_LONGEST_SECONDS)
            except subprocess.TimeoutExpired:
                advice = "on a loaded machine run fewer cases at a time (--jobs)"
                return _TIMED_OUT, ("", f"it was ended after {_LONGEST_SECONDS} s; {advice}")
            return process.returncode, said

    def state(self, stack: str, *, secrets: bool = False, cwd: Path | None = None) -> list[dict[str, Any]]:
        """The resources in a stack's state; `secrets` shows what is encrypted."""
        exported = self.run("stack", "export", *(["--show-secrets"] if secrets else []), stack=stack, cwd=cwd)
        return list(json.loads(exported.text)["deployment"].get("resources") or [])

    def _command(self, command: Sequence[str], stack: str | None, log: Path) -> list[str]:
        named = ["--stack", stack] if stack else []
        logged = [f"--event-log={log}"] if command[0] in ("preview", "up", "refresh", "destroy") else []
        return [str(self.pulumi), *command, "--non-interactive", *named, *logged]

    def variables(self) -> dict[str, str]:
        """The environment: nothing of the shell that could name an account, a backend or a proxy."""
        kept = {name: value for name, value in os.environ.items() if _KEPT_OF_SHELL.fullmatch(name)}
        path = os.pathsep.join([str(self.pulumi.parent), str(self.python), kept.get("PATH", "")])
        return {
            **kept,
            "PATH": path,
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",
            "PULUMI_ERROR_OUTPUT_STRING": "true",
            # Read by the plugin and by the program's hooks.
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def _step(metadata: dict[str, Any]) -> Step:
    changed = tuple(sorted(metadata.get("detailedDiff") or metadata.get("diffs") or ()))
    return Step(metadata["op"], metadata["urn"], changed)


@dataclass
class _Events:
    """What a log of events has, in its order."""

    steps: list[Step] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    violations: list[tuple[str, str]] = field(default_factory=list)


def _read_events(log: Path) -> _Events:
    """The engine's steps, its errors and warnings, and the policies that were violated."""
    events = _Events()
    refreshed: set[str] = set()
    for line in log.read_text().splitlines() if log.exists() else ():
        event = json.loads(line)
        if begun := event.get("resourcePreEvent"):
            events.steps.append(_step(begun["metadata"]))
            if begun["metadata"]["op"] == "refresh":
                refreshed.add(begun["metadata"]["urn"])
        # What has drifted a refresh knows only afterwards.
        ended = event.get("resOutputsEvent")
        if ended and ended["metadata"]["urn"] in refreshed and ended["metadata"]["op"] in _DRIFT:
            events.steps.append(_step(ended["metadata"]))
        if said := event.get("diagnosticEvent"):
            sentence = f"{said.get('urn', '').rpartition('::')[2]}: {said['message'].strip()}"
            if said["severity"] == "error":
                events.errors.append(sentence)
            elif said["severity"] == "warning" and not any(words in sentence for words in _EXPECTED_WARNINGS):
                events.warnings.append(sentence)
        if violation := event.get("policyEvent"):
            events.errors.append(f"policy {violation['policyName']}: {violation['message'].strip()}")
            urn = violation.get("resourceUrn", "")
            whole = "::pulumi:pulumi:Stack::" in urn or not urn
            events.violations.append((violation["policyName"], "-" if whole else urn.split("::", 3)[3]))
    return events
