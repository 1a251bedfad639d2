"""The plan of an update, as `pulumi preview --json` prints it: the stack before it, after it, and the steps between.

A refresh has the same form: its old states are the stack's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pulumi.runtime.rpc import UNKNOWN as UNKNOWN_TEXT

from ..graph import Graph, Origin
from ..graph.graph import IDENTIFYING
from ..graph.ignored import list_root_keys
from ..graph.json_parsing import parse_config_value
from ..graph.prose import abbreviate_names, format_count
from ..recording.resources import STACK
from .document import PREVIEW, REFRESH, read_document, refuse
from .states import State, build_graph, name_of
from .values import convert_value

_GONE: Final = ("delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace")
_REPLACING: Final = ("create-replacement", "delete-replaced", "import-replacement", "read-replacement")
_CREATED: Final = ("create", "create-replacement")
_STABLE: Final = ("privateIp", *(key for key in IDENTIFYING if key != "qualifiedArn"))
"""Outputs that an update in place keeps. A plan has no others of what it updates."""

PlannedStep = Mapping[str, Any]
"""One step as the engine writes it. A state that it lacks is empty."""


def get_urns(step: PlannedStep) -> tuple[str, str]:
    """The resource's URN, and the one that it has before: another one, if an alias names it."""
    return step["urn"], str(step["oldState"].get("urn") or step["urn"])


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
        left = {step["urn"] for step in self.steps if step["op"] == "remove-pending-replace"}
        made = (get_urns(step) for step in self.steps if step["op"] == "create-replacement")
        return frozenset(urn for urns in made for urn in urns) - left

    @cached_property
    def before(self) -> Graph:
        """What stands, by the plan: the old state of each step."""
        states: dict[tuple[Any, Any], State] = {}
        for step in self.steps:
            if old := step["oldState"]:
                # A replacement has its old state in several steps, marked in some as what this plan deletes.
                here = {"delete": False, "pendingReplacement": False} if step["urn"] in self.replaced else {}
                states.setdefault((old["urn"], old.get("id")), {**old, **here})
        return build_graph([*states.values()], Origin.STATE, self.config)

    @cached_property
    def after(self) -> Graph:
        """What will stand."""
        staying = [step for step in self.steps if step["op"] not in _GONE]
        # The URN before counts as an alias, which is what it is.
        states = {
            step["urn"]: {**_build_new_state(step), "aliases": get_urns(step)} for step in staying if step["newState"]
        }
        notes = ["a plan does not contain the new outputs of the stack, so they are not reviewed"]
        if names := [name_of(step) for step in staying if step["urn"] not in states]:
            notes.append(f"{abbreviate_names(names)}: the plan does not contain the inputs, so they are not reviewed")
        return build_graph([*states.values()], Origin.PLAN, self.config, notes, outputs={})


def read_plan(file: str) -> Plan:
    """The plan in a file. Raises PlanFileError."""
    document = read_document(file, PREVIEW)
    if failed := list(_list_errors(document)):
        refuse(file, f"the preview failed, so the plan is not whole: {abbreviate_names(failed)}")
    steps = _read_steps(document)
    if missing := _describe_missing_flags(steps, document.get("changeSummary") or {}):
        refuse(file, f"{missing}; write it with `{PREVIEW}`")
    return Plan(steps, _read_config(document))


def read_refresh(command: str, content: bytes) -> Plan:
    """What a refresh printed. Raises PlanFileError."""
    document = read_document(command, REFRESH, content)
    if failed := list(_list_errors(document)):
        refuse(command, f"the refresh failed, so AWS was not read whole: {abbreviate_names(failed)}")
    return Plan(_read_steps(document), _read_config(document))


def _read_steps(document: Mapping[str, Any]) -> tuple[PlannedStep, ...]:
    given = ({key: value for key, value in step.items() if value is not None} for step in document.get("steps") or ())
    return tuple({"urn": "", "oldState": {}, "newState": {}, **step} for step in given)


def _read_config(document: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: convert_value(parse_config_value(text or "")) for key, text in (document.get("config") or {}).items()}


def simplify_path(path: str) -> str:
    """`tags.a.b` of `tags["a.b"]`."""
    return path.replace('["', ".").replace('"]', "").removeprefix(".")


def _list_errors(document: Mapping[str, Any]) -> Iterator[str]:
    for message in filter(None, document.get("diagnostics") or ()):
        if message.get("severity") == "error":
            first = next((line for line in str(message.get("message")).splitlines() if line.strip()), "")
            yield f"{name_of(message)}: {first}" if message.get("urn") else first


def _describe_missing_flags(steps: tuple[PlannedStep, ...], summary: Mapping[str, int | None]) -> str:
    """Why a plan is no whole graph."""
    same = sum(step["op"] == "same" for step in steps)
    if (left_out := (summary.get("same") or 0) - same) > 0:
        return f"{format_count(left_out, 'unchanged resource')} left out, for --show-sames was not given"
    single = {step["urn"] for step in steps if step["op"] in _REPLACING}
    if any(step["op"] == "replace" and step["urn"] not in single for step in steps):
        return "the single steps of a replacement are left out, for --show-replacement-steps was not given"
    return ""


def _build_new_state(step: PlannedStep) -> State:
    """The new state, with what the engine does not write into it before the step is done."""
    new: State = step["newState"]
    old: State = step["oldState"]
    if step["op"] in _CREATED or new.get("outputs") or new.get("type") == STACK:
        return new
    identity, outputs = new.get("id") or old.get("id"), old.get("outputs") or {}
    if step["op"] == "update" and new.get("custom"):
        # AWS keeps its own value of what is ignored.
        kept = (*_STABLE, *list_root_keys(new.get("ignoreChanges") or ()))
        return {**new, "id": identity, "outputs": {key: outputs[key] for key in kept if key in outputs}}
    # What is read, and what stays, has the outputs that it had.
    same = identity in (UNKNOWN_TEXT, old.get("id"))
    return {**new, "id": identity, "outputs": outputs} if same else new
