"""The life of one stack of `make prove`: its phases, its rows, and its removal, whatever happened before."""

import contextlib
import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .probes import DIFFERENT, HELD, NOT_TRIED, Result, Site, ask_row, hide_private_values
from .table import Row, Table

STACK: Final = "pulumi:pulumi:Stack"
_TRIES: Final = 3
"""Of a destroy: Lambda and API Gateway release some resources late."""


class EngineError(Exception):
    """A command of the Pulumi CLI failed, or was interrupted. The text is the CLI's last line."""


DeleteKept = Callable[[list[Mapping[str, Any]]], tuple[list[str], list[str]]]
"""Deletes resources that a destroy keeps. Returns lines about what could not be deleted, and what stays on purpose."""


@dataclass(frozen=True)
class Removal:
    """What came of a destroy."""

    deployed: bool
    """Whether there was anything to destroy."""
    left: list[str]
    """What could not be removed, a line each."""
    kept: list[str]
    """What stays on purpose."""


@dataclass(kw_only=True)
class Life:
    """One stack of a run."""

    name: str
    table: Table
    config: Mapping[str, Any]
    engine: Any
    """An `automation.Deployment`."""
    site: Callable[[list[Mapping[str, Any]]], Site]
    """Makes the site of the resources."""
    delete_kept: DeleteKept
    say: Callable[[str], None]
    stopped: Callable[[], bool]
    came_up: Callable[[], object] = bool
    """Called when the first `up` has ended."""
    patience: float = 1
    removing: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    results: list[Result] = field(default_factory=list)
    removal: Removal | None = None

    def run(self) -> None:
        """Run every phase. The stack is removed also after a failure and after an interruption."""
        try:
            self._run_phases()
        finally:
            with self.lock:
                self.removing = True
                self.engine.allow()
            self.came_up()
            self.removal = remove(self.name, self.engine, self.delete_kept, self.say, careful=self.stopped())
            if self.removal.deployed:
                self._note("destroy", "; ".join(self.removal.left))

    def interrupt(self, *, removal: bool = False) -> None:
        """End the phase that runs. A removal goes on unless it is meant too."""
        with self.lock:
            if removal or not self.removing:
                self.engine.interrupt()

    def _run_phases(self) -> None:
        engine, config = self.engine, self.config
        engine.write(config)
        if not (self._run_phase("preview", engine.preview) and self._run_phase("up", engine.up)):
            return
        self.came_up()
        self._run_phase("again", lambda: engine.preview(unchanged=True))
        rows = self.table.list_rows(self.name)
        self._ask([row for row in rows if not row.change], "deployed")
        config = merge_config(config, self.table.update)
        engine.write(config)
        if not self._run_phase("update", engine.up):
            return
        self._ask([row for row in rows if not row.change], "updated")
        for row in (row for row in rows if row.change):
            config = merge_config(config, row.change)
            engine.write(config)
            if problem := self._try(f"update for {row.id}", engine.up):
                self._add_result(row, "updated", NOT_TRIED if self.stopped() else DIFFERENT, problem)
                return
            self._ask([row], "updated")
        self._run_phase("refresh", lambda: engine.refresh(unchanged=True))

    def _run_phase(self, phase: str, command: Callable[[], None]) -> bool:
        problem = self._try(phase, command)
        if not self.stopped():
            self._note(phase, problem)
        return not problem

    def _note(self, phase: str, problem: Any) -> None:
        for row in self.table.rows:
            if row.phase == phase and self.name in row.stacks:
                self._add_result(row, phase, DIFFERENT if problem else HELD, problem or None)

    def _add_result(self, row: Row, when: str, result: str, answer: Any, seconds: float = 0) -> None:
        answer_text = hide_private_values(answer)
        self.results.append(
            Result(row=row.id, stack=self.name, when=when, result=result, answer=answer_text, seconds=seconds)
        )

    def _try(self, step: str, command: Callable[[], None]) -> str:
        """Why a command failed. Empty if it did not. Nothing runs after a stop."""
        if self.stopped():
            return "stopped"
        self.say(f"{self.name}: {step}")
        try:
            command()
        except EngineError as error:
            self.say(f"{self.name}: {step} failed: {error}")
            return str(error)
        return ""

    def _ask(self, rows: list[Row], when: str) -> None:
        site = self.site(self.engine.list_resources())
        for row in rows:
            if self.stopped():
                return
            result, answer, seconds = ask_row(row, site, self.patience, self.stopped)
            self._add_result(row, when, result, answer, seconds)
            self.say(f"{self.name}: {row.id}: {result}")


def remove(name: str, engine: Any, delete_kept: DeleteKept, say: Callable[[str], None], *, careful: bool) -> Removal:
    """Destroy a stack. `careful` is for one that was interrupted."""
    say(f"{name}: destroy")
    problem, before = "", engine.list_resources()
    for attempt in range(_TRIES):
        try:
            if careful or attempt:
                with contextlib.suppress(EngineError):
                    engine.refresh()
            engine.destroy()
            break
        except EngineError as error:
            problem = hide_private_values(str(error))
            say(f"{name}: destroy failed: {problem}")
    # Also after a second interruption, so that what stays can be named.
    engine.allow()
    after = [each for each in engine.list_resources() if each["type"] != STACK]
    if not after:
        engine.forget()
    kept = {resource["urn"] for resource in after}
    left = [f"{name}: {_name_resource(resource)} ({problem})" for resource in after if resource.get("custom")]
    failed, stays = delete_kept(list(_list_retained(before, kept)))
    return Removal(bool(before), [*left, *(f"{name}: {line}" for line in failed)], stays)


def _list_retained(before: list[Mapping[str, Any]], kept: set[str]) -> Iterator[Mapping[str, Any]]:
    """Resources that the destroy left in AWS on purpose."""
    for resource in before:
        if resource.get("retainOnDelete") and resource["urn"] not in kept:
            yield resource


def _name_resource(resource: Mapping[str, Any]) -> str:
    urn, identity = str(resource["urn"]), resource.get("id")
    return f"{urn.rpartition('::')[2]} {urn.split('::')[2].rpartition('$')[2]}{f' {identity}' if identity else ''}"


def merge_config(config: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The config with a change. Lists are replaced; a key with null is removed."""
    new = copy.deepcopy(dict(config))
    for key, value in change.items():
        if isinstance(value, Mapping) and isinstance(new.get(key), Mapping):
            new[key] = merge_config(new[key], value)
        elif value is None:
            new.pop(key, None)
        else:
            new[key] = value
    return new
