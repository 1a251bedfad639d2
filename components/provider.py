"""The components as a provider for programs in other languages: names, allowed texts and mistakes as they have them."""

import asyncio
import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin
from unittest.mock import patch

import pulumi
from pulumi.provider import ConstructResult
from pulumi.provider.experimental import component
from pulumi.provider.experimental.analyzer import (
    Analyzer,
    EnumValueDefinition,
    PropertyDefinition,
    PropertyType,
    TypeDefinition,
)
from pulumi.provider.experimental.schema import Property
from pulumi.provider.experimental.util import camel_case
from pulumi.provider.server import ComponentInitError

from .arguments import words
from .arguments.descriptions import read_field_texts
from .arguments.errors import ArgumentError, ArgumentErrors
from .arguments.kinds import UNIONS, is_required, plain_kinds

_NAME = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
# SDKs in other languages add `Args` to the types of arguments by themselves. https://github.com/pulumi/pulumi/issues/20315
_ARGS_TYPE = re.compile(r"(gatehouse:index:\w+)Args\b")
_ENUMS = {kind: name for name, kind in vars(words).items() if get_origin(kind) is Literal}


_OF_THE_NETWORK = ("egress", "endpointServices", "existingEndpointServices")
"""Outputs of PrivateNetwork that are known in every preview, and that decide what is declared for its clients."""


def _opened(value: Any) -> Any:
    """The value of an output that the engine sent with it. Another output as it is."""
    data = getattr(value, "_data", None)
    # Of the SDK: what the engine sends is done at once.
    if not isinstance(data, asyncio.Future) or not data.done():
        return value
    found = data.result()
    return found.value if found.is_known and not found.is_secret else value


class _Analyzer(Analyzer):
    """Pulumi's analyzer, which knows neither Literal nor Annotated, and no texts of bases."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.choices: list[PropertyDefinition] = []
        self.unions: dict[str, list[dict[str, Any]]] = {}
        """Types of a property that takes several, by its text."""

    def get_docstring(self, typ: type, name: str) -> str | None:
        return read_field_texts(typ).get(name) if is_dataclass(typ) else super().get_docstring(typ, name)

    def analyze_type(
        self, typ: Any, *, is_component_output: bool
    ) -> tuple[dict[str, PropertyDefinition], dict[str, str]]:
        # A component takes its arguments, or a mapping of them.
        kind = get_args(typ)[0] if get_origin(typ) in (Union, UnionType) else typ
        return super().analyze_type(kind, is_component_output=is_component_output)

    def analyze_property(self, arg: Any, typ: type, name: str, **options: Any) -> PropertyDefinition:
        if is_dataclass(typ):
            options["optional"] = not any(field.name == name and is_required(field) for field in fields(typ))
        if get_origin(arg) is Annotated:
            return self.analyze_property(get_args(arg)[0], typ, name, **options)
        if get_origin(arg) is Mapping and get_args(arg)[0] is not str:
            return self.analyze_property(Mapping[str, get_args(arg)[1]], typ, name, **options)  # type: ignore[misc]
        kinds = plain_kinds(arg) if get_origin(arg) in UNIONS else []
        if len(kinds) > 1:
            described = super().analyze_property(Any, typ, name, **options)
            branches = [str if get_origin(one) is Literal else one for one in kinds]
            found = [self.analyze_property(one, typ, name, **options) for one in branches]
            self.unions[described.description or ""] = [_without_text(one) for one in found]
            return described
        if get_origin(arg) is not Literal:
            return super().analyze_property(arg, typ, name, **options)
        described = super().analyze_property(str, typ, name, **options)
        definition = self.type_definitions.setdefault(_ENUMS[arg], _enum(_ENUMS[arg], get_args(arg)))
        described.type, described.ref = None, f"#/types/{self.name}:index:{definition.name}"
        self.choices.append(described)
        return described


def _without_text(definition: PropertyDefinition) -> dict[str, Any]:
    """A property as JSON schema, without its text and whether it is plain."""
    whole = json.dumps(Property.from_definition(definition).to_json())
    found: dict[str, Any] = json.loads(whole, object_hook=_given_keys)
    return found


def _given_keys(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None and key not in ("description", "plain")}


def _enum(name: str, values: Sequence[str]) -> TypeDefinition:
    members = [
        EnumValueDefinition(re.sub(r"\W", "_", value if value[0].isalpha() else f"V{value}").upper(), value)
        for value in values
    ]
    return TypeDefinition(name, PropertyType.STRING, {}, {}, __name__, str, f"One of {', '.join(values)}.", members)


class GatehouseProvider(component.ComponentProvider):
    """Serves the components."""

    def __init__(self, components: Iterable[type[pulumi.ComponentResource]], version: str) -> None:
        # The base class of the pinned SDK makes its analyzer by this name of its module, and takes none as an argument.
        with patch.object(component, "Analyzer", _Analyzer):
            super().__init__(list(components), "gatehouse", None, version)
        components_of, types_of = self._component_defs.values(), self._type_defs.values()
        mappings = [
            *(definition.inputs_mapping for definition in components_of),
            *(definition.properties_mapping for definition in types_of),
            *(definition.outputs_mapping for definition in components_of),
        ]
        self._names = {python: schema for mapping in mappings for schema, python in mapping.items()}
        # Texts come to the components as they are: they name all mistakes together, and what is allowed.
        for choice in cast(_Analyzer, self.analyzer).choices:
            choice.ref = None
        # So do numbers: Pulumi's own `int()` breaks with an Output.
        for values in (*(definition.inputs for definition in components_of), *(kind.properties for kind in types_of)):
            for value in values.values():
                if value.type is PropertyType.INTEGER:
                    value.type = PropertyType.NUMBER
        assert self.schema is not None
        self._unions = json.loads(_ARGS_TYPE.sub(r"\1", json.dumps(cast(_Analyzer, self.analyzer).unions)))
        self.schema = json.dumps(json.loads(_ARGS_TYPE.sub(r"\1", self.schema), object_hook=self._described))

    def _described(self, entry: dict[str, Any]) -> dict[str, Any]:
        # Python takes the indentation of docstrings away by itself from 3.13 on.
        text = entry.get("description")
        if text in self._unions and "$ref" in entry:
            del entry["$ref"]
            entry["oneOf"] = self._unions[text]
        return entry | {"description": self._spelled(inspect.cleandoc(text))} if isinstance(text, str) else entry

    def _spelled(self, text: str) -> str:
        """Names of arguments as other languages spell them."""
        return _NAME.sub(lambda match: self._names.get(match[0], match[0]), text)

    def construct(
        self, name: str, resource_type: str, inputs: Mapping[str, Any], options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """As Pulumi's own, which would hide a component's message on its arguments behind a traceback."""
        inputs = {key: _opened(value) if key in _OF_THE_NETWORK else value for key, value in inputs.items()}
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, ArgumentErrors):
                raise self._refused(error.inner.single) from None
            if isinstance(error.inner, ArgumentError):
                raise self._refused([error.inner]) from None
            raise

    def _refused(self, errors: Sequence[ArgumentError]) -> pulumi.InputPropertiesError:
        # Not a RunError: the server passes one on without the properties.
        spelled = [
            pulumi.InputPropertyErrorDetails(
                property_path=re.sub(r"\w+", lambda match: camel_case(match[0]), error.property_path),
                reason=self._spelled(error.reason),
            )
            for error in errors
        ]
        return pulumi.InputPropertiesError(f"{errors[0].component} has arguments to mend", spelled)
