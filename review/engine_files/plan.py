"""The plan of an update, as `pulumi preview --json` prints it: the stack before it, after it, and the steps between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_TEXT

from ..graph import Graph, Origin
from ..graph.given import roots
from ..graph.graph import IDENTIFYING
from ..graph.prose import count, few
from .document import PREVIEW, read_document, refuse
from .resources import STACK, State, graph_of, name_of, parsed_config, pending

_GONE: Final = ("delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace")
_REPLACING: Final = ("create-replacement", "delete-replaced", "import-replacement", "read-replacement")
_CREATED: Final = ("create", "create-replacement")
_SHOWN: Final = 5
_STABLE: Final = ("privateIp", *(key for key in IDENTIFYING if key != "qualifiedArn"))
"""Outputs that an update in place keeps. A plan has no others of what it updates."""
_STATE: Final = "it is a state: review it with --state"
_OTHERS: Final = {"deployment": _STATE, "checkpoint": _STATE, "sequence": f"it is no plan; write it with `{PREVIEW}`"}


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    """One step of the engine."""

    operation: str
    urn: str
    old: State
    """Empty if there is none."""
    new: State
    differing: tuple[str, ...]
    """Inputs that differ, dotted as deep as they do."""
    replacing: tuple[str, ...]
    """Inputs that make the engine replace the resource."""

    @property
    def urns(self) -> tuple[str, str]:
        """The resource's URN, and the one that it has before: another one, if an alias names it."""
        return self.urn, str(self.old.get("urn") or self.urn)


@dataclass(frozen=True)
class Plan:
    """A whole plan, in the engine's order."""

    steps: tuple[PlannedStep, ...]
    config: Mapping[str, Any]

    @cached_property
    def replaced(self) -> frozenset[str]:
        """URNs of what this plan replaces, in contrast to what an earlier update left half replaced.

        What is replaced under another name has two, and is deleted under the old one.
        """
        left = {step.urn for step in self.steps if step.operation == "remove-pending-replace"}
        made = [step for step in self.steps if step.operation == "create-replacement"]
        return frozenset(urn for step in made for urn in step.urns) - left

    @cached_property
    def before(self) -> Graph:
        """What stands, by the plan: the old state of each step."""
        states: dict[tuple[Any, Any], State] = {}
        for step in self.steps:
            if old := step.old:
                # A replacement has its old state in several steps, marked in some as what this plan deletes.
                here = {"delete": False, "pendingReplacement": False} if step.urn in self.replaced else {}
                states.setdefault((old["urn"], old.get("id")), {**old, **here})
        return graph_of([*pending(states.values())], Origin.STATE, self.config)

    @cached_property
    def after(self) -> Graph:
        """What will stand."""
        staying = [step for step in self.steps if step.operation not in _GONE]
        states = {step.urn: _after(step) for step in staying if step.new}
        notes = ["a plan does not contain the new outputs of the stack, so they are not reviewed"]
        if names := [name_of({"urn": step.urn}) for step in staying if step.urn not in states]:
            notes.append(f"{few(names)}: the plan does not contain the inputs, so they are not reviewed")
        return graph_of([*states.values()], Origin.PLAN, self.config, notes, outputs={})


def read_plan(file: str) -> Plan:
    """The plan in a file. Raises EngineFileError."""
    document = read_document(file, "plan", PREVIEW, _OTHERS)
    if failed := [*_errors(document)]:
        more = f"\n  and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        refuse(file, "the preview failed, so the plan is not whole:\n  " + "\n  ".join(failed[:_SHOWN]) + more)
    steps, summary = document.get("steps"), document.get("changeSummary")
    if steps is None and summary is None:
        refuse(file, f"it is no plan of a preview; write it with `{PREVIEW}`")
    if missing := _missing_flags(steps or (), summary or {}):
        refuse(file, f"{missing}; write it with `{PREVIEW}`")
    return Plan(tuple(map(_step, steps or ())), parsed_config(document.get("config") or {}))


def _errors(document: Mapping[str, Any]) -> Iterator[str]:
    for said in filter(None, document.get("diagnostics") or ()):
        if said.get("severity") == "error":
            first = next((line for line in str(said.get("message")).splitlines() if line.strip()), "")
            yield f"{name_of(said)}: {first}" if said.get("urn") else first


def _missing_flags(steps: Sequence[Mapping[str, Any]], summary: Mapping[str, int | None]) -> str:
    """Why a plan is no whole graph."""
    same = sum(one["op"] == "same" for one in steps)
    if (left_out := (summary.get("same") or 0) - same) > 0:
        return f"{count(left_out, 'unchanged resource')} left out, for --show-sames was not given"
    single = {one.get("urn") for one in steps if one["op"] in _REPLACING}
    if any(one["op"] == "replace" and one.get("urn") not in single for one in steps):
        return "the single steps of a replacement are left out, for --show-replacement-steps was not given"
    return ""


def _step(given: Mapping[str, Any]) -> PlannedStep:
    return PlannedStep(
        operation=given["op"],
        urn=str(given.get("urn")),
        old=given.get("oldState") or {},
        new=given.get("newState") or {},
        differing=tuple(given.get("detailedDiff") or given.get("diffReasons") or ()),
        replacing=tuple(given.get("replaceReasons") or ()),
    )


def _after(step: PlannedStep) -> State:
    """The new state, with what the engine does not write into it before the step is done."""
    new, old = step.new, step.old
    if step.operation in _CREATED or new.get("outputs") or new.get("type") == STACK:
        return new
    identity, outputs = new.get("id") or old.get("id"), old.get("outputs") or {}
    if step.operation == "update" and new.get("custom"):
        # AWS keeps its own value of what is ignored.
        kept = (*_STABLE, *roots(new.get("ignoreChanges") or ()))
        return {**new, "id": identity, "outputs": {key: outputs[key] for key in kept if key in outputs}}
    # What is read, and what stays, has the outputs that it had.
    same = identity in (UNKNOWN_TEXT, old.get("id"))
    return {**new, "id": identity, "outputs": outputs} if same else new
