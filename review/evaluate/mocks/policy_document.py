"""`aws.iam.get_policy_document`, which needs no AWS to answer: the provider puts the JSON together itself.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

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
    statements = functools.reduce(_merged, given)
    document: dict[str, Any] = {"Version": arguments.get("version") or "2012-10-17"}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    document["Statement"] = statements
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
    return made | {name: write(entry[key]) for key, (name, write) in _ELEMENTS.items() if entry.get(key)}


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


_ELEMENTS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "actions": ("Action", _one_or_list),
    "notActions": ("NotAction", _one_or_list),
    "resources": ("Resource", _one_or_list),
    "notResources": ("NotResource", _one_or_list),
    "principals": ("Principal", _principals),
    "notPrincipals": ("NotPrincipal", _principals),
    "conditions": ("Condition", _conditions),
}
"""Elements of a statement as IAM calls them, and how they are written, by the lookup's argument."""
