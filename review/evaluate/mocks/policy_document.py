"""`aws.iam.get_policy_document`, which needs no AWS to answer: the provider puts the JSON together itself."""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from ...graph.graph import grouped


def render(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The result of the lookup: documents it builds on, its own statements, then what overrides both by Sid."""
    given = [
        *map(_statements_of, arguments.get("sourcePolicyDocuments") or []),
        [_statement(entry) for entry in arguments.get("statements") or []],
        *map(_statements_of, arguments.get("overridePolicyDocuments") or []),
    ]
    head = {"Version": arguments.get("version") or "2012-10-17"}
    head |= {"Id": arguments["policyId"]} if arguments.get("policyId") else {}
    document = {**head, "Statement": functools.reduce(_merged, given)}
    text = json.dumps(document, indent=2)
    return {"json": text, "minifiedJson": json.dumps(document, separators=(",", ":")), "id": str(len(text))}


def _statements_of(text: str) -> list[dict[str, Any]]:
    statements = json.loads(text).get("Statement", []) if text else []
    return statements if isinstance(statements, list) else [statements]


def _merged(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_sid = {entry["Sid"]: entry for entry in second if entry.get("Sid")}
    kept = [by_sid.pop(entry.get("Sid", ""), entry) for entry in first]
    return kept + [entry for entry in second if not entry.get("Sid") or entry["Sid"] in by_sid]


def _statement(entry: Mapping[str, Any]) -> dict[str, Any]:
    made = {"Sid": entry["sid"]} if entry.get("sid") else {}
    made["Effect"] = entry.get("effect") or "Allow"
    written = {key: write(entry[key]) for key, write in _ELEMENTS.items() if entry.get(key)}
    return made | {f"{key[0].upper()}{key[1:-1]}": element for key, element in written.items()}


def _one_or_list(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _principals(entries: list[Mapping[str, Any]]) -> Any:
    if any(entry.get("type") == "*" for entry in entries):
        return "*"
    principals = grouped((entry["type"], name) for entry in entries for name in entry.get("identifiers") or [])
    return {kind: _one_or_list(values) for kind, values in principals.items()}


def _conditions(entries: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    conditions: dict[str, dict[str, Any]] = {}
    for entry in entries:
        conditions.setdefault(entry["test"], {})[entry["variable"]] = _one_or_list(entry.get("values") or [])
    return conditions


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
_ELEMENTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("actions", "notActions", "resources", "notResources"), _one_or_list),
    **dict.fromkeys(("principals", "notPrincipals"), _principals),
    "conditions": _conditions,
}
"""How elements of a statement are written, by the lookup's argument. IAM calls `notActions` `NotAction`."""
