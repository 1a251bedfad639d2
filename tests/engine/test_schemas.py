"""Values that the stack files declare, beside AWS's own schemas of CloudFormation, which come with the emulator.

A value is compared if its resource has a type there of the same name, and its input a property. Pulumi's names have the
provider's spelling, so a resource or an input that CloudFormation calls otherwise is not compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft7Validator

from review.graph import UNKNOWN, Resource
from review.graph.json_text import of_config
from review.graph.reading import items
from review.tests.helpers.stacks import EXAMPLES, STACKS, graph_of

JSON = Mapping[str, Any]
FOUND: Final = find_spec("cfnlint")
pytestmark = pytest.mark.skipif(FOUND is None, reason="the emulator's packages are not installed")
SERVICES: Final = {
    "appautoscaling": "applicationautoscaling",
    "acm": "certificatemanager",
    "lb": "elasticloadbalancingv2",
    "vpc": "ec2",
}
"""Services of the provider, and their names in CloudFormation."""
LIMITS: Final = ("type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength")
LEAST: Final = 300
"""Different values that are compared at least, so that a mistake in the names does not pass as agreement."""


@cache
def schemas() -> Mapping[str, JSON]:
    """By service and kind, in small letters."""
    assert FOUND is not None
    assert FOUND.origin
    files = Path(FOUND.origin).parent.glob("data/schemas/resources/*.json")
    read = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return {schema["typeName"].partition("::")[2].replace("::", ".").lower(): schema for schema in read}


def schema_of(resource: Resource) -> JSON | None:
    service, kind = resource.type.split(":")[1].split("/")[0].lower(), resource.kind.lower()
    return schemas().get(f"{SERVICES.get(service, service)}.{kind}")


def limits(value: Any, schema: JSON, root: JSON, name: str) -> Iterator[tuple[str, Any, JSON]]:
    """Each value with a limit: its name, itself, and the part of the schema that it has to fit."""
    while "$ref" in schema:
        at: Any = root
        for key in schema["$ref"].removeprefix("#/").split("/"):
            at = at[key]
        schema = at
    if schema.get("type") in ("array", "object") and not isinstance(value, Mapping | list):
        # The SDK has a list of at most one as its member, and documents as text.
        value = of_config(value) if isinstance(value, str) else value
        if schema["type"] == "object" and not isinstance(value, Mapping):
            return
    if value is UNKNOWN or value is None:
        return
    if isinstance(value, Mapping):
        properties = {key.lower(): inner for key, inner in schema.get("properties", {}).items()}
        for key, inner in value.items():
            yield from limits(inner, properties.get(str(key).lower(), {}), root, f"{name}.{key}")
    elif isinstance(value, list) or schema.get("type") == "array":
        for inner in items(value):
            yield from limits(inner, schema.get("items", {}), root, name)
    elif kept := {key: schema[key] for key in LIMITS if key in schema}:
        yield name, value, kept


def test_every_declared_value_is_one_that_aws_admits() -> None:
    compared: set[tuple[str, str]] = set()
    refused = set()
    for stack in (*(f"Pulumi.{name}.yaml" for name in STACKS), *EXAMPLES):
        for resource in graph_of(stack):
            if (schema := schema_of(resource)) is None:
                continue
            for name, value, limit in limits(resource.inputs, schema, schema, resource.kind):
                compared.add((name, str(value)))
                if not Draft7Validator(limit).is_valid(value):
                    refused.add(f"{name}: {value} is not {json.dumps(limit)[:200]} ({resource.name} of {stack})")
    assert sorted(refused) == []
    assert len(compared) >= LEAST
