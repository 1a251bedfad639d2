"""The components as a provider for programs in other languages: names, allowed texts and mistakes as they have them."""

import asyncio
import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from unittest.mock import patch

import pulumi
from pulumi.provider import ConstructResult
from pulumi.provider.experimental import component
from pulumi.provider.experimental.analyzer import PropertyType
from pulumi.provider.experimental.util import camel_case
from pulumi.provider.server import ComponentInitError

from ..arguments.errors import ArgumentError, ArgumentErrors
from ..facts.statements import WORDS
from .analyzer import SchemaAnalyzer

_NAME = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
# SDKs in other languages add `Args` to the types of arguments by themselves. https://github.com/pulumi/pulumi/issues/20315
_ARGS_TYPE = re.compile(r"(gatehouse:index:\w+)Args\b")
_OF_THE_NETWORK = ("egress", "endpointServices", "existingEndpointServices")
"""Outputs of PrivateNetwork that are known in every preview, and that decide what is declared for its clients."""


_REACH = "gatehouse:index:Reach"


def _build_reach_type() -> dict[str, Any]:
    """The type of the input `reach`, which each component registers itself and no program gives."""
    parts = {camel_case(word): {"$ref": "pulumi.json#/Any", "description": text} for word, text in WORDS.items()}
    text = "What a component states of its reach, as its input `reach` in plans, in the state and for policy packs."
    return {"description": text, "properties": parts}


def _open_output(value: Any) -> Any:
    """The value of an output that the engine sent with it. Another output as it is."""
    data = getattr(value, "_data", None)
    # Of the SDK: what the engine sends is done at once.
    if not isinstance(data, asyncio.Future) or not data.done():
        return value
    found = data.result()
    return found.value if found.is_known and not found.is_secret else value


class GatehouseProvider(component.ComponentProvider):
    """Serves the components."""

    def __init__(self, components: Iterable[type[pulumi.ComponentResource]], version: str) -> None:
        # The base class of the pinned SDK makes its analyzer by this name of its module, and takes none as an argument.
        with patch.object(component, "Analyzer", SchemaAnalyzer):
            super().__init__(list(components), "gatehouse", None, version)
        components_of, types_of = self._component_defs.values(), self._type_defs.values()
        mappings = [
            *(definition.inputs_mapping for definition in components_of),
            *(definition.properties_mapping for definition in types_of),
            *(definition.outputs_mapping for definition in components_of),
        ]
        self._names = {python: schema for mapping in mappings for schema, python in mapping.items()}
        # Texts come to the components as they are: they name all mistakes together, and what is allowed.
        for choice in cast(SchemaAnalyzer, self.analyzer).choices:
            choice.ref = None
        # So do numbers: Pulumi's own `int()` breaks with an Output.
        for values in (*(definition.inputs for definition in components_of), *(kind.properties for kind in types_of)):
            for value in values.values():
                if value.type is PropertyType.INTEGER:
                    value.type = PropertyType.NUMBER
        assert self.schema is not None
        self._unions = json.loads(_ARGS_TYPE.sub(r"\1", json.dumps(cast(SchemaAnalyzer, self.analyzer).unions)))
        document = json.loads(_ARGS_TYPE.sub(r"\1", self.schema), object_hook=self._describe)
        document["types"][_REACH] = {"type": "object", **self._describe(_build_reach_type())}
        self.schema = json.dumps(document)

    def _describe(self, entry: dict[str, Any]) -> dict[str, Any]:
        # Python takes the indentation of docstrings away by itself from 3.13 on.
        text = entry.get("description")
        if not isinstance(text, str):  # an argument of this name, in a map of arguments
            return entry
        if text in self._unions and "$ref" in entry:
            del entry["$ref"]
            entry["oneOf"] = self._unions[text]
        return entry | {"description": self._spell(inspect.cleandoc(text))}

    def _spell(self, text: str) -> str:
        """Names of arguments as other languages spell them."""
        return _NAME.sub(lambda match: self._names.get(match[0], match[0]), text)

    def construct(
        self, name: str, resource_type: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """As Pulumi's own, which would hide a component's message on its arguments behind a traceback."""
        inputs = {key: _open_output(value) if key in _OF_THE_NETWORK else value for key, value in inputs.items()}
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, ArgumentErrors):
                raise self._report(error.inner.single) from None
            if isinstance(error.inner, ArgumentError):
                raise self._report([error.inner]) from None
            raise

    def _report(self, errors: Sequence[ArgumentError]) -> pulumi.InputPropertiesError:
        # Not a RunError: the server passes one on without the properties.
        spelled = [
            pulumi.InputPropertyErrorDetails(
                property_path=re.sub(r"\w+", lambda match: camel_case(match[0]), error.property_path),
                reason=self._spell(error.reason),
            )
            for error in errors
        ]
        return pulumi.InputPropertiesError(f"{errors[0].component} has arguments to mend", spelled)
