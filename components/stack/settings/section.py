"""The base of every section of the settings: a frozen model in camelCase without other keys; its schema in words."""

import functools
import types
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_serializer,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticCustomError, core_schema

from ...argument_types import repeated
from .arguments import Source, complete, text_of
from .unknown import Unknown

REPEATABLE: Final[dict[str, JsonValue]] = {"repeatable": True}
"""Marks a list, by `json_schema_extra`, that may hold a member twice."""
NEVER_OFF: Final[dict[str, JsonValue]] = {"neverOff": True}
"""Marks an optional map, by `json_schema_extra`, whose absence does not mean none: `off` would be untrue."""
OFF: Final = "off"
"""Switches off what a map describes."""
HIDES: Final = "secret"
"""Marks, in the schema, a value that no message shows."""
IN_PLAIN = "secret_in_plain"
"""Type of the error for a secret that anybody can read in the file."""


class Section(BaseModel):
    """A part of the settings. A field states what its argument does not: see `arguments.py`."""

    arguments_of_fields: ClassVar[Mapping[str, tuple[type, str]]]
    """The arguments that fields stand for."""

    # Built when first read: no stack has all sections.
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, defer_build=True, arbitrary_types_allowed=True
    )

    def __init_subclass__(cls, arguments: type | None = None, defaults: type | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(
        cls, arguments: type | None = None, defaults: type | None = None, **kwargs: Any
    ) -> None:
        """Complete the fields from the `arguments` of a component and the dataclass of their `defaults`."""
        super().__pydantic_init_subclass__(**kwargs)
        source = Source(arguments, defaults) if arguments else None
        completed = {name: complete(name, field, source) for name, field in cls.model_fields.items()}
        inherited = getattr(cls, "arguments_of_fields", {})
        cls.arguments_of_fields = {**inherited, **{name: argument for name, argument in completed.items() if argument}}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The schema, with the texts of the arguments."""
        whole = handler(schema)
        properties = handler.resolve_ref_schema(whole)["properties"]
        for name, (arguments, argument) in cls.arguments_of_fields.items():
            field = cls.model_fields[name]
            text = text_of(arguments, argument, field.get_default(call_default_factory=True))
            properties[field.alias].setdefault("description", text)
        for name in cls.switches():
            described = properties[cls.model_fields[name].alias]
            described[OFF] = True
            if cls.model_fields[name].default is None:
                described["default"] = OFF
                described["description"] = described["description"].replace(" Defaults to none.", "")
        return whole

    @field_validator("*", mode="wrap")
    @classmethod
    def _read(cls, value: object, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> object:
        """Read `off` in place of a map as none; refuse true and false for numbers, and equal members of a list."""
        assert info.field_name is not None
        field = cls.model_fields[info.field_name]
        if isinstance(value, Unknown):
            return value
        if value == OFF and info.field_name in cls.switches():
            return None
        if isinstance(value, bool):
            taken = _types(field.annotation)
            # Python takes true and false for 1 and 0.
            if taken & {int, float} and bool not in taken:
                raise PydanticCustomError("number", "a number")
        valid = read(value)
        if isinstance(valid, list) and field.json_schema_extra != REPEATABLE and (twice := repeated(valid)):
            # Each would be declared a second time.
            remedy = f"take the repetition of {', '.join(map(str, twice))} out"
            raise PydanticCustomError("mistake", "{allowed}", {"allowed": "each member once", "remedy": remedy})
        return valid

    @field_serializer("*", mode="wrap")
    def _dumped(self, value: object, dump: SerializerFunctionWrapHandler) -> object:
        return value if isinstance(value, Unknown) else dump(value)

    @classmethod
    def switches(cls) -> list[str]:
        """The fields that `off` switches off: maps that may be absent."""
        return [
            name
            for name, field in cls.model_fields.items()
            if _is_optional_map(field.annotation) and field.json_schema_extra != NEVER_OFF
        ]

    @classmethod
    @functools.cache
    def json_schema(cls) -> Mapping[str, Any]:
        """The section as JSON schema, with defaults that are made each time."""
        return cls.model_json_schema(schema_generator=_WithAllDefaults)


def _types(annotation: Any) -> set[Any]:
    """The plain types that an annotation has at its outermost level."""
    inner = get_args(annotation)
    return {kind for part in inner for kind in _types(part)} if inner else {annotation}


def _is_optional_map(annotation: Any) -> bool:
    kinds = get_args(annotation)
    return types.NoneType in kinds and any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds)


class _WithAllDefaults(GenerateJsonSchema):
    def get_default_value(self, schema: core_schema.WithDefaultSchema) -> Any:
        factory = schema.get("default_factory")
        return factory() if callable(factory) else super().get_default_value(schema)  # type: ignore[call-arg] # ours take nothing


def parts(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models inside a section, each with its place: `domain`, `routes[]`, `plans.NAME`."""
    for alias, field in zip(aliases(model), model.model_fields.values(), strict=True):
        if inner := _first_model(field.annotation):
            origins = {get_origin(annotation) for annotation in (field.annotation, *get_args(field.annotation))}
            yield f"{alias}{'[]' if list in origins else '.NAME' if dict in origins else ''}", inner


def aliases(model: type[BaseModel]) -> list[str]:
    """The keys of a section as the stack file spells them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def located(schema: Mapping[str, Any], location: tuple[int | str, ...]) -> Mapping[str, Any]:
    """The JSON schema of the key at `location`."""
    node: Any = schema
    for part in location:
        node = dereferenced(schema, node)
        if isinstance(part, int):
            node = as_list(node).get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
            node = node if isinstance(node, dict) else {}
    return dereferenced(schema, node)


def as_list(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The branch of a union that is a list. A schema without one as it is."""
    return next((branch for branch in schema.get("anyOf", ()) if "items" in branch), schema)


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _first_model(part))), None)


def dereferenced(schema: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """`node` with its `$ref` followed and an optional's `null` branch taken away."""
    merged = dict(node)
    branches = [branch for branch in merged.pop("anyOf", []) if branch != {"type": "null"}]
    merged |= branches[0] if len(branches) == 1 else {"anyOf": branches} if branches else {}
    reference = merged.pop("$ref", None)
    if reference:
        merged = {**schema["$defs"][reference.rpartition("/")[2]], **merged}
    return merged


def words(root: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    """The values that a part of a JSON schema allows, in words; the same words serve messages and reference."""
    schema = dereferenced(root, node)
    if schema.pop(OFF, False):
        return f"{words(root, schema)}, or {OFF}"
    if "words" in schema:
        return str(schema["words"])
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return f"only {schema['const']}"
    if "anyOf" in schema:
        return ", or ".join(words(root, branch) for branch in schema["anyOf"])
    match schema.get("type"):
        case "integer":
            return "a whole number" + _range(schema)
        case "number":
            return "a number" + _range(schema)
        case "boolean":
            return "true or false"
        case "string":
            least = schema.get("minLength", 1)
            return "a text that is not empty" if least == 1 else f"a text of {least} characters or more"
        case "array":
            least, most = schema.get("minItems"), schema.get("maxItems")
            some = f" of {least} to {most}" if least else f" of at most {most}"
            size = some if most else " of one or more" if least else ""
            return f"a list{size}, each item {words(root, schema['items'])}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"a map, each value {words(root, schema['additionalProperties'])}"
        case "object" if schema.get("properties"):
            return f"a map with the keys {', '.join(schema.get('properties', {}))}"
        case "object":
            return "a map"
    return "a value of another type"


def _range(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    above = "above" if "exclusiveMinimum" in schema else "from"
    if low is not None and high is not None:
        return f" {above} {low:,} to {high:,}"
    if low is not None:
        return f" above {low:,}" if above == "above" else f" of at least {low:,}"
    return f" of at most {high:,}" if high is not None else ""
