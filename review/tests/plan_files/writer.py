"""Writes the graph of an evaluation as the engine would: a state, and the plan of a preview. For tests only."""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pulumi.runtime import rpc

from review.graph import UNKNOWN, Asset, Graph, Resource, Secret, reveal_all

JSON = dict[str, Any]


def value(given: Any, *, plan: bool) -> Any:
    """A property value. A plan hides each secret, and a state encrypts it."""
    match given:
        case Secret():
            return "[secret]" if plan else {rpc._special_sig_key: rpc._special_secret_sig, "ciphertext": "djE6"}
        case Asset():
            kind = rpc._special_archive_sig if given.archive else rpc._special_asset_sig
            parts = {"path": given.path, "text": value(given.text, plan=plan), "uri": given.uri}
            inner = {"assets": value(given.members, plan=plan)} if given.members else {}
            if given.archive and given.path and given.place.is_file():
                parts["hash"] = hashlib.sha256(given.place.read_bytes()).hexdigest()
            return {rpc._special_sig_key: kind, **{key: part for key, part in parts.items() if part}, **inner}
        case Mapping():
            return {key: value(inner, plan=plan) for key, inner in given.items()}
        case list() | tuple():
            return [value(inner, plan=plan) for inner in given]
        case _ if given is UNKNOWN:
            return rpc.UNKNOWN
    return given


def resource(graph: Graph, one: Resource, *, plan: bool = False, made: bool = True) -> JSON:
    """A resource as a plan and a state have it. Without `made` it is yet to be created."""
    options = one.options
    default = f"{_head(graph)}pulumi:providers:aws::default_7_51_1::0a1b2c3d"
    filled = {key: one.state[key] for key in ("name",) if key in one.state and key not in one.inputs and one.custom}
    inputs = {**value(one.inputs, plan=plan), **value(filled, plan=plan), "__defaults": list(filled)}
    outputs = value(one.state, plan=plan) if made or one.existing else {}
    written = {
        "urn": one.urn,
        "custom": one.custom,
        "type": one.type,
        "id": value(reveal_all(one.id), plan=plan) if one.custom and (made or one.existing) else "",
        "inputs": {} if one.existing else inputs,
        "outputs": {**outputs, "__meta": '{"schema_version": "1"}'} if outputs else {},
        "parent": one.parent or f"{_head(graph)}pulumi:pulumi:Stack::{graph.project}-{graph.stack}",
        "external": one.existing,
        "protect": options.protect,
        "retainOnDelete": options.retain_on_delete,
        "customTimeouts": {key: seconds(text) for key, text in options.custom_timeouts.items()},
        "ignoreChanges": list(options.ignore_changes),
        "replaceOnChanges": list(options.replace_on_changes),
        "additionalSecretOutputs": list(options.additional_secret_outputs),
        "dependencies": list(one.dependencies),
        "propertyDependencies": {key: list(urns) for key, urns in one.property_dependencies.items()},
        "provider": (one.provider or default) if one.custom else "",
        "resourceHooks": {"".join(map(str.title, key.split("_"))): list(names) for key, names in options.hooks.items()},
        "sourcePosition": "project:///" + one.source.replace(":", "#") if one.source else "",
    }
    # As Go's omitempty.
    return {key: held for key, held in written.items() if held or key in ("urn", "custom", "type")}


def seconds(text: str) -> int:
    """Seconds of a timeout such as `60m`."""
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]]


def _head(graph: Graph) -> str:
    return f"urn:pulumi:{graph.stack}::{graph.project}::"


def _root(graph: Graph, *, plan: bool) -> list[JSON]:
    stack, default = "pulumi:pulumi:Stack", "pulumi:providers:aws"
    return [
        {
            "urn": f"{_head(graph)}{stack}::{graph.project}-{graph.stack}",
            "custom": False,
            "type": stack,
            "outputs": value(dict(graph.exports), plan=plan),
        },
        {
            "urn": f"{_head(graph)}{default}::default_7_51_1",
            "custom": True,
            "type": default,
            "id": "0a1b2c3d",
            "inputs": {"region": graph.region, "version": "7.51.1", "__internal": {}},
        },
    ]


def state(graph: Graph, *, more: Iterable[JSON] = ()) -> JSON:
    """What `pulumi stack export` prints."""
    resources = [*_root(graph, plan=False), *(resource(graph, one) for one in graph), *more]
    return {"version": 3, "deployment": {"manifest": {}, "resources": resources, "pending_operations": []}}


def plan(graph: Graph, *, operation: str = "same") -> JSON:
    """What a preview with both flags prints, in which each resource has the same operation."""
    steps: list[JSON] = [
        {"op": operation, "urn": one["urn"], "oldState": one, "newState": {**one, "outputs": {}}}
        for one in _root(graph, plan=True)
    ]
    for found in graph:
        new = resource(graph, found, plan=True, made=operation != "create")
        step = {"op": "read" if found.existing else operation, "urn": found.urn, "newState": new}
        steps.append(step if operation == "create" else {**step, "oldState": new})
    config = {key: _text(value(held, plan=True)) for key, held in graph.config.items()}
    counted = sum(step["op"] == operation for step in steps)
    return {"config": config, "steps": steps, "diagnostics": [], "changeSummary": {operation: counted}}


def refresh(
    graph: Graph, changes: Mapping[str, Mapping[str, Any] | None] | None = None, named: Container[str] | None = None
) -> JSON:
    """What `pulumi refresh --preview-only --json` prints. `changes` has by name what AWS has otherwise.

    The engine's own difference names `named` of these; all if omitted.
    """
    document = plan(graph, operation="refresh")
    for step in document["steps"]:
        step["oldState"] = step.get("oldState") or step["newState"]
        if (name := step["urn"].rpartition("::")[2]) in (changes or {}):
            held = (changes or {})[name]
            if held is None:
                step |= {"op": "delete", "newState": None}
                continue
            new, changed = step["newState"], value(held, plan=True)
            step["newState"] = {**new, "outputs": {**new["outputs"], **changed}}
            said = [key for key in changed if named is None or key in named]
            step |= {"op": "update", "detailedDiff": {key: {"kind": "update", "inputDiff": False} for key in said}}
    return document


def _text(given: Any) -> str:
    return given if isinstance(given, str) else json.dumps(given)


def saved(document: JSON, path: Path) -> str:
    path.write_text(json.dumps(document))
    return str(path)


def without_secrets(graph: Graph) -> Graph:
    """The graph with unknown values in place of secrets, which a plan and a state hide."""
    hidden = {urn: replace(one, inputs=_hidden(one.inputs)) for urn, one in graph.resources.items()}
    return replace(graph, resources=hidden)


def _hidden(value: Any) -> Any:
    match value:
        case Secret():
            return Secret(UNKNOWN)
        case Mapping():
            return {key: _hidden(inner) for key, inner in value.items()}
        case list():
            return [_hidden(member) for member in value]
    return value
