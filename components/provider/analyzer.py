"""Pulumi's analyzer of components, extended by annotations, inherited texts and unions."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pulumi.provider.experimental.analyzer import (
    Analyzer,
    EnumValueDefinition,
    PropertyDefinition,
    PropertyType,
    TypeDefinition,
)
from pulumi.provider.experimental.schema import Property

from ..arguments import words
from ..arguments.descriptions import read_field_texts
from ..arguments.kinds import UNIONS, is_required, list_plain_kinds

_ENUMS = {kind: name for name, kind in vars(words).items() if get_origin(kind) is Literal}


class SchemaAnalyzer(Analyzer):
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
        kinds = list_plain_kinds(arg) if get_origin(arg) in UNIONS else []
        if len(kinds) > 1:
            described = super().analyze_property(Any, typ, name, **options)
            branches = [str if get_origin(one) is Literal else one for one in kinds]
            found = [self.analyze_property(one, typ, name, **options) for one in branches]
            self.unions[described.description or ""] = [_describe_type(one) for one in found]
            return described
        if get_origin(arg) is not Literal:
            return super().analyze_property(arg, typ, name, **options)
        described = super().analyze_property(str, typ, name, **options)
        definition = self.type_definitions.setdefault(_ENUMS[arg], _define_enum(_ENUMS[arg], get_args(arg)))
        described.type, described.ref = None, f"#/types/{self.name}:index:{definition.name}"
        self.choices.append(described)
        return described


def _describe_type(definition: PropertyDefinition) -> dict[str, Any]:
    """Returns a property as JSON schema, without its text and whether it is plain."""
    whole = json.dumps(Property.from_definition(definition).to_json())
    found: dict[str, Any] = json.loads(whole, object_hook=_drop_texts)
    return found


def _drop_texts(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None and key not in ("description", "plain")}


def _define_enum(name: str, values: Sequence[str]) -> TypeDefinition:
    members = [
        EnumValueDefinition(re.sub(r"\W", "_", value if value[0].isalpha() else f"V{value}").upper(), value)
        for value in values
    ]
    return TypeDefinition(name, PropertyType.STRING, {}, {}, __name__, str, f"One of {', '.join(values)}.", members)
