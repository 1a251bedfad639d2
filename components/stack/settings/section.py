"""The base of every section of the settings, and what sections and arguments allow, as JSON schema and in words."""

import copy
import dataclasses
import functools
import inspect
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Annotated, Any, ClassVar, Final, Self, get_args, get_origin

from ...arguments.descriptions import read_field_texts
from ...arguments.kinds import UNIONS, is_required, list_plain_kinds
from ...arguments.marks import NEVER_OFF, Key
from ...arguments.schema import OFF, build_schema

# In an address, words are not names of arguments.
_SNAKE: Final = re.compile(r"https?://\S+|\b[a-z]+(?:_[a-z]+)+\b")
# Not one that is an example of a value.
_ADDRESS: Final = re.compile(r"(?<!`)\bhttps://\S+")
_DEFAULT: Final = r"\s*Defaults to {}\.(?=\s|$)"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the settings: the arguments of a component that it inherits, and what stack files have besides."""

    set_by_topology: ClassVar[Collection[str]] = ()
    """Arguments that no stack file has: the topology computes them."""

    @property
    def fields_in_file(self) -> Collection[str]:
        """The fields that the stack file has, in the order of their definition."""
        there = vars(self).get("_fields_in_file", ())
        return [field.name for field in dataclasses.fields(self) if field.name in there]

    def copy_with(self, **fields: Any) -> Self:
        """The same section with other values."""
        other = copy.copy(self)
        for name, value in fields.items():
            object.__setattr__(other, name, value)
        return other

    def read_arguments(self, *others: str) -> dict[str, Any]:
        """Returns the arguments that have a value, without those that only stack files have, and without `others`."""
        kinds = [kind for kind in type(self).__mro__[1:] if not issubclass(kind, Section)]
        known = {field.name for kind in kinds if dataclasses.is_dataclass(kind) for field in dataclasses.fields(kind)}
        names = [field.name for field in fields_by_key(type(self)).values() if field.name in known - {*others}]
        return {name: to_plain(value) for name in names if (value := getattr(self, name)) is not None}


def to_plain(value: Any) -> Any:
    """A value of a section as a program would give it: mappings and lists, without what is None."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in fields_by_key(type(value)).values()]
        return {name: to_plain(one) for name in names if (one := getattr(value, name)) is not None}
    if isinstance(value, Mapping):
        return {key: to_plain(one) for key, one in value.items()}
    return list(map(to_plain, value)) if isinstance(value, list | tuple) else value


def to_camel(name: str) -> str:
    """A name of Python as a stack file spells it."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def convert_to_camel(text: str) -> str:
    """A text about arguments as a stack file spells them."""
    return _SNAKE.sub(lambda name: name[0] if "://" in name[0] else to_camel(name[0]), text)


def convert_quoted_to_camel(text: str) -> str:
    """A text with names of arguments in backticks, as a stack file spells them. It may hold the user's values."""
    return re.sub(r"`([a-z_]+)`", lambda name: f"`{to_camel(name[1])}`", text)


def fields_by_key(kind: Any) -> Mapping[str, "dataclasses.Field[Any]"]:
    """The fields of a section, or of arguments in one, by their keys in a stack file."""
    return _fields_by_key(kind)


@functools.cache
def _fields_by_key(kind: Any) -> Mapping[str, "dataclasses.Field[Any]"]:
    hidden = {"tags", *getattr(kind, "set_by_topology", ())}
    # What a section says itself comes first, then what its component says itself.
    order = {name: None for one in filter(dataclasses.is_dataclass, kind.__mro__) for name in one.__annotations__}
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name not in hidden}
    listed = [fields[name] for name in order | fields if name in fields]
    return {_key_name(field): field for field in listed}


def _key_name(field: "dataclasses.Field[Any]") -> str:
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
    return optional and NEVER_OFF not in marks and any(map(dataclasses.is_dataclass, list_plain_kinds(kind)))


def list_maps(kind: Any) -> Sequence[tuple[str, Any]]:
    """Returns the maps inside a section, each with its place: `domain`, `routes[]`, `plans.NAME`."""
    return _list_maps(kind)


@functools.cache
def _list_maps(kind: Any) -> Sequence[tuple[str, Any]]:
    return tuple(
        (f"{key}{suffix}", inner)
        for key, field in fields_by_key(kind).items()
        for suffix, inner in _find_maps(field.type, "")
    )


def _find_maps(kind: Any, suffix: str) -> Iterator[tuple[str, Any]]:
    origin, parameters = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        yield suffix, kind
    elif origin is Annotated:
        yield from _find_maps(parameters[0], suffix)
    elif origin in UNIONS:
        for one in list_plain_kinds(kind):
            yield from _find_maps(one, suffix)
    elif origin in (Sequence, Mapping):
        yield from _find_maps(parameters[-1], "[]" if origin is Sequence else ".NAME")


def build_json_schema(kind: Any) -> Mapping[str, Any]:
    """Returns a section, or arguments in one, as JSON schema."""
    return _build_json_schema(kind)


@functools.cache
def _build_json_schema(kind: Any) -> Mapping[str, Any]:
    texts, properties = read_field_texts(kind), {}
    for key, field in fields_by_key(kind).items():
        described = build_schema(field.type, build_json_schema)
        default = _default_value(field)
        if not is_required(field):
            described["default"] = default
        described["description"] = _shorten_text(texts.get(field.name, ""), default, stated=not is_required(field))
        if is_switch(field):
            described[OFF] = True
            if default is None:
                described["default"] = OFF
                described["description"] = described["description"].replace(" Defaults to none.", "")
        properties[key] = described
    needed = [key for key, field in fields_by_key(kind).items() if is_required(field)]
    about = _shorten_text(inspect.cleandoc(kind.__doc__ or ""), None, stated=False)
    return {"type": "object", "description": about, "properties": properties, "required": needed}


def _default_value(field: "dataclasses.Field[Any]") -> Any:
    made = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if dataclasses.is_dataclass(made):
        return {}
    return [{} if dataclasses.is_dataclass(one) else one for one in made] if isinstance(made, list | tuple) else made


def _shorten_text(text: str, default: Any, *, stated: bool) -> str:
    """The first paragraph on a field, without addresses, and without the default, which has a column of its own.

    Paragraphs that follow are for programs: outputs, names of resources, arguments that a topology fills in.
    """
    line = convert_to_camel(" ".join(_ADDRESS.sub("", text.split("\n\n")[0]).split()))
    if not stated:
        return re.sub(_DEFAULT.format(".*?"), "", line)
    members = default if isinstance(default, list) else [default]
    shown = ", ".join(str(member).lower() if isinstance(member, bool) else str(member) for member in members)
    digits = f"|{default:,}" if isinstance(default, int) and not isinstance(default, bool) else ""
    return re.sub(_DEFAULT.format(f"`?(?:{re.escape(shown)}{digits})`?"), "", line)
