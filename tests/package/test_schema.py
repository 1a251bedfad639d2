"""The package's public interface: a change of it shows here, and every property has words.

After a change that is meant: `UPDATE_SNAPSHOTS=1 make test ARGS=tests/package`, and write the reason into CHANGELOG.md.
"""

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pulumi
import pytest

import components
from components.api.web_acl import MANAGED_RULE_GROUPS
from components.arguments import words
from components.facts.egress_modes import EGRESS_MODES
from components.facts.limits import ANY, METHODS
from components.facts.version import VERSION
from components.provider.gatehouse_provider import GatehouseProvider
from tests.helpers.stacks import ROOT

SNAPSHOT = Path(__file__).with_name("interface.txt")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(GatehouseProvider(components.COMPONENTS, VERSION).schema or "")
    return document


def kind_of(entry: dict[str, Any]) -> str:
    """A type in few words, `[string]` for a list of texts."""
    if "oneOf" in entry:
        return " | ".join(map(kind_of, entry["oneOf"]))
    if "items" in entry:
        return f"[{kind_of(entry['items'])}]"
    if "additionalProperties" in entry:
        return f"{{{kind_of(entry['additionalProperties'])}}}"
    return str(entry.get("$ref", entry.get("type"))).removeprefix("#/types/gatehouse:index:")


def described(schema: dict[str, Any]) -> Iterator[str]:
    """A line for each component and type, and one for its arguments and for its outputs, without the words.

    `!` is required. `=` is plain: the argument takes no output.
    """
    for name, entry in sorted({**schema["resources"], **schema["types"]}.items()):
        yield name
        for word, part, required in (("in", "inputProperties", "requiredInputs"), ("out", "properties", "required")):
            properties = [
                f"{key}{'!' * (key in entry.get(required, ()))}{'=' * bool(found.get('plain'))} {kind_of(found)}"
                for key, found in sorted(entry.get(part, {}).items())
            ]
            if properties:
                yield f"  {word} {', '.join(properties)}"


def test_the_interface_is_as_it_was(schema: dict[str, Any]) -> None:
    text = "".join(f"{line}\n" for line in described(schema))
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text)
    assert SNAPSHOT.read_text() == text, "the public interface changed: see the head of this file"


def test_every_component_type_and_property_has_words(schema: dict[str, Any]) -> None:
    for name, entry in {**schema["resources"], **schema["types"]}.items():
        properties = {**entry.get("inputProperties", {}), **entry.get("properties", {})}
        assert [key for key, found in properties.items() if not found.get("description")] == [], name
    assert all(entry.get("description") for entry in schema["resources"].values())


def test_tokens_are_those_of_the_classes(schema: dict[str, Any]) -> None:
    assert set(schema["resources"]) == {f"gatehouse:index:{component.__name__}" for component in components.COMPONENTS}
    for component in components.COMPONENTS:
        source = Path(sys.modules[component.__module__].__file__ or "").read_text()
        assert f'"gatehouse:index:{component.__name__}"' in source


def test_what_may_be_an_output_may_be_one_in_a_list(schema: dict[str, Any]) -> None:
    for resource in ("ApiConsumer", "Ec2Backend", "FargateBackend", "PrivateApiEndpoint", "ServerlessProxy"):
        ids = schema["resources"][f"gatehouse:index:{resource}"]["inputProperties"]["subnetIds"]
        assert (ids.get("plain"), ids["items"].get("plain")) == (None, None)


def test_allowed_texts_are_those_that_the_code_knows() -> None:
    assert get_args(words.Method) == (*METHODS, ANY)
    assert get_args(words.ManagedRules) == tuple(MANAGED_RULE_GROUPS)
    assert get_args(words.EgressMode) == tuple(EGRESS_MODES)


def test_the_version_is_one() -> None:
    for folder in (ROOT, ROOT / "review"):
        document = tomllib.loads((folder / "pyproject.toml").read_text())
        assert document["project"]["dynamic"] == ["version"]
        file = folder / document["tool"]["hatch"]["version"]["path"]
        assert file.resolve() == ROOT / "components" / "facts" / "version.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


@dataclass(frozen=True, kw_only=True)
class DescribedArgs:
    """Arguments."""

    description: pulumi.Input[str]
    """A text of the component."""


class Described(pulumi.ComponentResource):
    """A component with an argument that has the name of a schema's key."""

    def __init__(self, name: str, args: DescribedArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gatehouse:index:Described", name, {}, opts)


def test_an_argument_may_be_called_description() -> None:
    document = json.loads(GatehouseProvider([Described], VERSION).schema or "")
    (component,) = document["resources"].values()
    assert component["inputProperties"]["description"]["description"] == "A text of the component."
