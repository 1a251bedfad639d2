"""A section read from the stack file, and the mistakes in it."""

import dataclasses
import functools
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from types import NoneType
from typing import Annotated, Any, Final, get_args, get_origin

import yaml

from ...arguments.kinds import UNIONS, find_plain_type, is_required, list_plain_kinds
from ...arguments.marks import After, ReadAs, RefusedError, is_limit
from ...arguments.reader import Place, Reader
from ...arguments.schema import HIDES, OFF, as_list, describe_schema, find_schema
from ...arguments.secrets import BLANK, IN_PLAIN
from ...arguments.words import Off
from .mistakes import ENCRYPTED, HIDDEN, NOTHING, Mistake, did_you_mean, hide_unless_harmless, qualify
from .section import Section, build_json_schema, convert_quoted_to_camel, fields_by_key
from .sections import describe_unknown_key, find_near_key, list_kinds
from .unknown import Unknown

_STAND_IN: Final = "a review without the CLI takes {secure: v1:stand-in:of-an-encrypted-value}"
_WORDS_FOR_OFF: Final = ("none", "null", "no", "false", "-")
_TRUTHS: Final = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)
_UNKNOWN: Final = Unknown()


def read(name: str, model: type[Section], raw: dict[str, Any], *, secret: bool) -> tuple[Any, list[Mistake]]:
    """The section, with Unknown in place of wrong values or, if nothing in it can be read, of all; and its mistakes.

    `secret`: the top-level key is encrypted, so show no value.
    """
    reader = _SectionReader(name, model, raw, encrypted=secret)
    return reader.read(model, raw, ()), reader.errors


class _SectionReader(Reader):
    """Reads a section of a stack file: keys in camelCase, `off`, texts for numbers, and Unknown for what is wrong."""

    placeholder = _UNKNOWN

    def __init__(self, name: str, model: type[Section], raw: Mapping[str, Any], *, encrypted: bool) -> None:
        super().__init__(name)
        self.model, self.raw, self.encrypted = model, raw, encrypted

    @functools.cached_property
    def schema(self) -> Mapping[str, Any]:
        """Of the section, for messages. It takes its texts from the source, which a right config needs not."""
        return build_json_schema(self.model)

    def fields_by_key(self, kind: Any) -> Mapping[str, Any]:
        return fields_by_key(kind)

    def read(self, kind: Any, value: Any, place: Place, **options: Any) -> Any:
        if value == OFF and place and find_schema(self.schema, place).get(OFF) and not _keeps_off(kind):
            return None
        return super().read(kind, _convert(kind, value), place, **options)

    def read_annotated(self, annotated: Any, value: Any, place: Place, secret: bool) -> Any:
        for mark in get_args(annotated)[1:]:
            if isinstance(mark, ReadAs):
                read = self.read(mark.kind, value, place, secret=secret)
                return read if read is self.placeholder else mark.made(read)
        return super().read_annotated(annotated, value, place, secret)

    def apply_mark(self, mark: Any, value: Any) -> Any:
        if isinstance(mark, After):
            return mark.run(value, self.raw, self.encrypted) if mark.in_context else mark.run(value)
        return super().apply_mark(mark, value)

    def build(self, kind: Any, read: Mapping[str, Any], meant: Collection[str]) -> Any:
        wrong = {field.name for field in fields_by_key(kind).values() if is_required(field)} | {*meant}
        made = kind(**_fill_other_fields(kind), **dict.fromkeys(wrong - read.keys(), self.placeholder), **read)
        object.__setattr__(made, "_fields_in_file", {*read, *meant})
        return made

    def note_wrong(self, place: Place, value: object, kind: Any, *, secret: bool) -> Any:
        if not place:
            return self.placeholder
        schema = find_schema(self.schema, place)
        hidden = secret or _has_keys(value) or _holds_secret(schema)
        if hint := _find_slip(schema, value):  # A slip of a word of the settings is no secret, also beside one.
            return self._keep(place, value, False, describe_schema(schema), hint, schema, shown=True)
        return self._keep(
            place, value, hidden, describe_schema(schema), self._choose_remedy(schema, value, kind, hidden), schema
        )

    def is_left_out(self, field: Any, part: object) -> bool:
        kind = field.type
        while get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        # As if it were not written, unless there has to be a value.
        return part is None and NoneType in get_args(kind)

    def find_nearest_key(self, key: str, kind: Any, place: Place) -> str:
        others = [] if place else [one for other in list_kinds(self.model).values() for one in fields_by_key(other)]
        return find_near_key(key, [*fields_by_key(kind), *others])

    def note_unknown(self, place: Place, near: str, kind: Any) -> None:
        key, known = str(place[-1]), fields_by_key(kind)
        remedy = "" if near in known or not near else self._describe_other_kind(key, near)
        got = ENCRYPTED if self.encrypted else self._visible_value(place, near)
        self.errors.append(describe_unknown_key(self._format_place(place).removesuffix(key), key, got, known, remedy))

    def _visible_value(self, place: Place, near: str) -> object:
        """The value of an unknown key, if it is a number, a truth value or a word of the settings, and the key is no
        slip of one that holds a secret."""
        value: Any = self.raw
        for part in place:
            value = value[part]
        slip = near and _holds_secret(find_schema(self.schema, (*place[:-1], near)))
        return HIDDEN if slip else hide_unless_harmless(str(place[-1]), value, _list_words(self.model))

    def note_missing(self, place: Place, _field: Any) -> None:
        schema = find_schema(self.schema, place)
        remedy = f"{self._encrypt_command(place)}; {_STAND_IN}" if HIDES in schema else ""
        allowed = f"{describe_schema(schema)}; it is required"
        self.errors.append(Mistake(self._format_place(place), NOTHING, allowed, remedy, schema.get("description", "")))

    def note_refused(self, place: Place, value: object, _kind: Any, mark: Any, why: ValueError, *, secret: bool) -> Any:
        schema = find_schema(self.schema, place)
        hidden = secret or _has_keys(value) or (not isinstance(value, str) and _holds_secret(schema))
        if is_limit(mark):
            value = int(value) if isinstance(value, float) and value.is_integer() else value
            return self._keep(place, value, hidden, describe_schema(schema), "", schema)
        if isinstance(why, RefusedError):
            allowed, remedy = why.allowed, convert_quoted_to_camel(why.remedy)
        else:
            allowed = mark.words or str(why)
            remedy = str(why).removeprefix(allowed).lstrip("; ")
        if allowed == IN_PLAIN:
            form = "write {secure: …}: " if isinstance(value, dict) else ""
            remedy = f"{form}take it out of the file and of its history, then {self._encrypt_command(place)}"
            return self._keep(place, value, hidden, allowed, remedy)
        if allowed == BLANK:
            return self._keep(place, value, hidden, allowed, f"{self._encrypt_command(place)}, and enter it")
        # A remedy may hold the value: "did you mean http://…?"
        return self._keep(place, value, hidden, allowed, "" if self.encrypted else remedy)

    def note_repeated(self, place: Place, whole: Any, twice: Sequence[object], *, secret: bool) -> Any:
        remedy = f"take the repetition of {', '.join(map(str, twice))} out"
        hidden = secret or self.encrypted
        return self._keep(place, list(whole), secret, "each member once", "" if hidden else remedy)

    def _keep(
        self,
        place: Place,
        value: object,
        hidden: bool,
        allowed: str,
        remedy: str,
        schema: Mapping[str, Any] | None = None,
        *,
        shown: bool = False,
    ) -> Any:
        got = ENCRYPTED if self.encrypted and not shown else HIDDEN if hidden else value
        meaning = schema.get("description", "") if schema else ""
        self.errors.append(Mistake(self._format_place(place), got, allowed, remedy, meaning))
        return self.placeholder

    def _choose_remedy(self, schema: Mapping[str, Any], value: object, kind: Any, hidden: bool) -> str:
        """What to do about a value of the wrong type."""
        shown = not (hidden or self.encrypted)
        if "enum" in schema and not self.encrypted:
            if isinstance(value, int | float) and str(value) in schema["enum"]:
                return f'quote it: "{value}"; YAML takes it for a number'
            return did_you_mean(value, schema["enum"]) if value is not None else ""
        if schema.get(OFF) and str(value).lower() in _WORDS_FOR_OFF:
            return f"write {OFF}"
        if schema.get("properties"):
            example = _suggest_map(kind, value) if shown else ""
            return f"write {example}" if example else "write its keys below it: docs/settings.md has them"
        if shown and isinstance(value, str) and "items" in as_list(schema):
            return f"write a list: [{value}]"
        quotable = find_plain_type(kind) in (str, *UNIONS) and isinstance(value, int | float)
        return "quote it, since YAML takes it for another type" if quotable else ""

    def _describe_other_kind(self, key: str, near: str) -> str:
        """Returns the remedy for an unknown key that another kind of the section has."""
        title, kind = next(
            (title, kind) for title, kind in list_kinds(self.model).items() if near in fields_by_key(kind)
        )
        belongs = f"{near} belongs to {title[0].lower()}{title[1:]}"
        if near != key:
            return f"did you mean {near}? {belongs}"
        own = fields_by_key(self.model).keys() - fields_by_key(kind).keys()
        other = " and ".join(key for key in self.raw if key in own)
        return f"{belongs}: take out {near}, or {other or 'write that kind'}"

    def _encrypt_command(self, place: Place) -> str:
        return f"`pulumi config set --secret --path '{self._format_place(place)}'`"

    def _format_place(self, place: Place) -> str:
        keys = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
        return qualify(self.component) + "".join(keys)


def _suggest_map(kind: Any, value: object) -> str:
    """A section with a text as the value of its first key. Empty if that key does not take the text."""
    kinds = (
        list_plain_kinds(kind)
        if get_origin(find_plain_type(kind)) in UNIONS or find_plain_type(kind) in UNIONS
        else [kind]
    )
    model = next((find_plain_type(one) for one in kinds if dataclasses.is_dataclass(find_plain_type(one))), None)
    if model is None or not isinstance(value, str):
        return ""
    key, field = next(iter(fields_by_key(model).items()))
    trial = _SectionReader("", model, {key: value}, encrypted=False)
    trial.read(field.type, value, (key,))
    return "" if trial.errors else yaml.safe_dump({key: value}, default_flow_style=True).strip()


def _convert(kind: Any, value: Any) -> Any:
    """A value that stands for one of the type: YAML and the CLI have texts for numbers, and numbers for truths."""
    if get_origin(kind) in UNIONS:
        others = (_convert(find_plain_type(one), value) for one in list_plain_kinds(kind))
        return next((other for other in others if other is not value), value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is bool and value in (0, 1) and not isinstance(value, bool):
        return bool(value)
    if not isinstance(value, str):
        return value
    if kind is bool:
        return _TRUTHS.get(value.lower(), value)
    try:
        return kind(value) if kind in (int, float) else value
    except ValueError:
        return value


def _keeps_off(kind: Any) -> bool:
    """Whether `off` is a value of the type, and not the same as no value."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return Off in (kind, *get_args(kind))


def _fill_other_fields(kind: Any) -> dict[str, Any]:
    """Something in place of the required arguments that the topology gives."""
    known = {field.name for field in fields_by_key(kind).values()}
    fields = (field for field in dataclasses.fields(kind) if field.name not in known and is_required(field))
    return {field.name: "" for field in fields}


def _find_slip(schema: Mapping[str, Any], value: object) -> str:
    """Returns the remedy for a text that is nearly one of the words that a key takes. Empty for any other."""
    return did_you_mean(value, schema["enum"]) if "enum" in schema and isinstance(value, str) else ""


def _has_keys(value: object) -> bool:
    """Whether a wrong value holds keys, which are all unknown."""
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_has_keys, value)))


def _holds_secret(schema: Mapping[str, Any]) -> bool:
    """Whether a key of a JSON schema is a secret, or has one in it."""
    inner = (*schema.get("properties", {}).values(), schema.get("additionalProperties"), schema.get("items"))
    return HIDES in schema or any(_holds_secret(part) for part in inner if isinstance(part, dict))


def _list_words(model: Any) -> Set[str]:
    """Returns every word that a value of the section may be."""
    return _words_of(model)


@functools.cache
def _words_of(model: Any) -> Set[str]:
    return frozenset(_find_words(build_json_schema(model)))


def _find_words(schema: object) -> Iterator[str]:
    """Yields every word that a value of the section may be."""
    if isinstance(schema, Mapping):
        yield from (word for word in schema.get("enum", ()) if isinstance(word, str))
        for part in schema.values():
            yield from _find_words(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from _find_words(part)
