"""The base of every section of the settings, and what sections and arguments allow, as JSON schema and in words."""

import copy
import dataclasses
import functools
import inspect
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, ClassVar, Final, Literal, Self, get_args, get_origin

from ...arguments.descriptions import texts_of
from ...arguments.marks import NEVER_OFF, After, Key, ReadAs, Sized, Words
from ...arguments.reader import UNIONS, plain_kinds, required
from ...arguments.types import SECRET, Check, Some

OFF: Final = "off"
"""Switches off what a map describes."""
HIDES: Final = "secret"
"""Marks, in the schema, a value that no message shows."""
_SNAKE: Final = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
# Not one that is an example of a value.
_ADDRESS: Final = re.compile(r"(?<!`)\bhttps://\S+")
_DEFAULT: Final = r"\s*Defaults to {}\.(?=\s|$)"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the settings: the arguments of a component that it inherits, and what stack files have besides."""

    elsewhere: ClassVar[Collection[str]] = ()
    """Arguments that no stack file has: the topology gives them."""

    @property
    def written(self) -> Collection[str]:
        """The fields that the stack file has, in the order of their definition."""
        there = vars(self).get("_written", ())
        return [field.name for field in dataclasses.fields(self) if field.name in there]

    def changed(self, **fields: Any) -> Self:
        """The same section with other values."""
        other = copy.copy(self)
        for name, value in fields.items():
            object.__setattr__(other, name, value)
        return other

    def given(self, *others: str) -> dict[str, Any]:
        """The arguments that have a value, without those that only stack files have, and without `others`."""
        kinds = [kind for kind in type(self).__mro__[1:] if not issubclass(kind, Section)]
        known = {field.name for kind in kinds if dataclasses.is_dataclass(kind) for field in dataclasses.fields(kind)}
        names = [field.name for field in keys_of(type(self)).values() if field.name in known - {*others}]
        return {name: plain(value) for name in names if (value := getattr(self, name)) is not None}


def plain(value: Any) -> Any:
    """A value of a section as a program would give it: mappings and lists, without what is None."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in keys_of(type(value)).values()]
        return {name: plain(one) for name in names if (one := getattr(value, name)) is not None}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return list(map(plain, value)) if isinstance(value, list | tuple) else value


def to_camel(name: str) -> str:
    """A name of Python as a stack file spells it."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def camel(text: str) -> str:
    """A text about arguments as a stack file spells them."""
    return _SNAKE.sub(lambda name: to_camel(name[0]), text)


def keys_of(kind: Any) -> Mapping[str, "dataclasses.Field[Any]"]:
    """The fields of a section, or of arguments in one, by their keys in a stack file."""
    return _keys_of(kind)


@functools.cache
def _keys_of(kind: Any) -> Mapping[str, "dataclasses.Field[Any]"]:
    hidden = {"tags", *getattr(kind, "elsewhere", ())}
    sections = [one for one in kind.__mro__ if issubclass(one, Section)]
    # What a section says itself comes first.
    order = {name: None for one in sections for name in one.__annotations__}
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name not in hidden}
    listed = [fields[name] for name in order | fields if name in fields]
    return {_key(field): field for field in listed}


def _key(field: "dataclasses.Field[Any]") -> str:
    named = (mark.name for mark in _marks(field.type) if isinstance(mark, Key))
    return next(named, to_camel(field.name))


def _marks(kind: Any) -> tuple[Any, ...]:
    return get_args(kind)[1:] if get_origin(kind) is Annotated else ()


def is_switch(field: "dataclasses.Field[Any]") -> bool:
    """Whether `off` switches a field off: it is a map that may be absent."""
    kind, marks = field.type, _marks(field.type)
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    optional = get_origin(kind) in UNIONS and NoneType in get_args(kind)
    return optional and NEVER_OFF not in marks and any(map(dataclasses.is_dataclass, plain_kinds(kind)))


def parts(kind: Any) -> Iterator[tuple[str, Any]]:
    """The maps inside a section, each with its place: `domain`, `routes[]`, `plans.NAME`."""
    for key, field in keys_of(kind).items():
        for suffix, inner in _inner(field.type, ""):
            yield f"{key}{suffix}", inner


def _inner(kind: Any, suffix: str) -> Iterator[tuple[str, Any]]:
    origin, parameters = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        yield suffix, kind
    elif origin is Annotated:
        yield from _inner(parameters[0], suffix)
    elif origin in UNIONS:
        for one in plain_kinds(kind):
            yield from _inner(one, suffix)
    elif origin in (Sequence, Mapping):
        yield from _inner(parameters[-1], "[]" if origin is Sequence else ".NAME")


def json_schema(kind: Any) -> Mapping[str, Any]:
    """A section, or arguments in one, as JSON schema."""
    return _json_schema(kind)


@functools.cache
def _json_schema(kind: Any) -> Mapping[str, Any]:
    texts, properties = texts_of(kind), {}
    for key, field in keys_of(kind).items():
        described = schema_of(field.type)
        default = _default(field)
        if not required(field):
            described["default"] = default
        described["description"] = _text(texts.get(field.name, ""), default, stated=not required(field))
        if is_switch(field):
            described[OFF] = True
            if default is None:
                described["default"] = OFF
                described["description"] = described["description"].replace(" Defaults to none.", "")
        properties[key] = described
    needed = [key for key, field in keys_of(kind).items() if required(field)]
    about = _text(inspect.cleandoc(kind.__doc__ or ""), None, stated=False)
    return {"type": "object", "description": about, "properties": properties, "required": needed}


def _default(field: "dataclasses.Field[Any]") -> Any:
    made = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if dataclasses.is_dataclass(made):
        return {}
    return [{} if dataclasses.is_dataclass(one) else one for one in made] if isinstance(made, list | tuple) else made


def _text(text: str, default: Any, *, stated: bool) -> str:
    """The first paragraph on a field, without addresses, and without the default, which has a column of its own.

    Paragraphs that follow are for programs: outputs, names of resources, arguments that a topology fills in.
    """
    line = camel(" ".join(_ADDRESS.sub("", text.split("\n\n")[0]).split()))
    if not stated:
        return re.sub(_DEFAULT.format(".*?"), "", line)
    members = default if isinstance(default, list) else [default]
    shown = ", ".join(str(member).lower() if isinstance(member, bool) else str(member) for member in members)
    return re.sub(_DEFAULT.format(f"`?{re.escape(shown)}`?"), "", line)


_PLAIN: Final[Mapping[Any, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def schema_of(kind: Any) -> dict[str, Any]:
    """What an annotation allows, as JSON schema."""
    origin, parameters = get_origin(kind), get_args(kind)
    if origin is Annotated:
        kind = next((mark.kind for mark in parameters[1:] if isinstance(mark, ReadAs)), parameters[0])
        described = schema_of(kind)
        for mark in parameters[1:]:
            described |= _allowed(mark, described)
        return described
    if origin in UNIONS:
        branches = [schema_of(one) for one in plain_kinds(kind)]
        return branches[0] if len(branches) == 1 else {"anyOf": branches}
    if dataclasses.is_dataclass(kind):
        return dict(json_schema(kind))
    if origin is Literal:
        allowed = {"const": parameters[0]} if len(parameters) == 1 else {"enum": list(parameters)}
        return {"type": "string", **allowed}
    if origin is Sequence:
        return {"type": "array", "items": schema_of(parameters[0])}
    if origin is Mapping:
        values: Any = True if parameters[1] is Any else schema_of(parameters[1])
        return {"type": "object", "propertyNames": schema_of(parameters[0]), "additionalProperties": values}
    return {} if kind is Any else {"type": _PLAIN.get(kind, "string")}


def _allowed(mark: Any, described: Mapping[str, Any]) -> dict[str, Any]:
    """What a mark adds to a schema."""
    if mark == SECRET:
        return {HIDES: True}
    if isinstance(mark, Words):
        return {"words": mark.text}
    if mark is Some:
        return {"minItems": 1}
    if isinstance(mark, Sized):
        ends = ("minItems", "maxItems") if described.get("type") == "array" else ("minLength", "maxLength")
        return {end: at for end, at in zip(ends, (mark.least, mark.most), strict=True) if at}
    if isinstance(mark, Check) and (mark.low is not None or mark.high is not None):
        ends = ("exclusiveMinimum" if mark.above else "minimum", "maximum")
        return {end: at for end, at in zip(ends, (mark.low, mark.high), strict=True) if at is not None}
    return {"words": mark.words} if isinstance(mark, Check | After) and mark.words else {}


def located(schema: Mapping[str, Any], place: Sequence[int | str]) -> Mapping[str, Any]:
    """The JSON schema of the key at a place."""
    node: Any = schema
    for part in place:
        if isinstance(part, int):
            node = as_list(node).get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
            node = node if isinstance(node, dict) else {}
    found: Mapping[str, Any] = node
    return found


def as_list(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The branch of a union that is a list. A schema without one as it is."""
    return next((branch for branch in schema.get("anyOf", ()) if "items" in branch), schema)


def words(schema: Mapping[str, Any]) -> str:
    """The values that a part of a JSON schema allows, in words; the same words serve messages and reference."""
    if schema.get(OFF):
        return f"{words({**schema, OFF: False})}, or {OFF}"
    if "words" in schema:
        return str(schema["words"])
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return f"only {schema['const']}"
    if "anyOf" in schema:
        return ", or ".join(map(words, schema["anyOf"]))
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
            return f"a list{size}, each item {words(schema['items'])}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"a map, each value {words(schema['additionalProperties'])}"
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
