"""How a component reads its arguments: all mistakes in them are refused together, before anything is registered."""

import dataclasses
import difflib
import inspect
from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import pulumi

from .errors import HIDDEN_VALUE, ArgumentError, as_errors, refuse
from .kinds import UNIONS, find_plain_type, is_required, list_plain_kinds, takes_outputs
from .marks import DISTINCT, REPEATABLE, SECRET, Before, Check, Form, Sized, find_repeated, is_limit
from .schema import build_schema, describe_schema

Arguments = TypeVar("Arguments")


def resolve(kind: type[Arguments], args: Arguments | Mapping[str, Any]) -> Arguments:
    """Returns `args` as an instance of the dataclass `kind`, each value converted to the type of its field.

    `args` is an instance of `kind` or a mapping of its fields. Raises ArgumentError or ArgumentErrors for unknown keys,
    missing required keys and values of the wrong type. If there are none, `find_faults` of the dataclass checks
    combinations of values.
    """
    component = kind.__name__.removesuffix("Args")
    reader = Reader(component)
    resolved: Arguments = reader.read(kind, args, ())
    refuse(reader.errors)
    find = getattr(resolved, "find_faults", None)
    refuse(as_errors(component, find() if find else ()))
    return resolved


Place = tuple[str | int, ...]
"""The keys and list positions under which a value is found."""


class Reader:
    """Reads values by the annotations of a dataclass, and keeps the mistakes."""

    placeholder: Any = None
    """The placeholder for a wrong value, and for a list or mapping that contains one."""

    def __init__(self, component: str) -> None:
        self.component = component
        self.errors: list[Any] = []

    def read(
        self,
        kind: Any,
        value: Any,
        place: Place,
        *,
        secret: bool = False,
        repeatable: bool = False,
        described: Any = None,
    ) -> Any:
        """`value` without entries that are None. Whole floats become ints, since the component provider sends floats.

        `described` is the type that an error message describes, if it is not `kind`.
        """
        origin, parameters = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.read_annotated(kind, value, place, secret)
        if origin in UNIONS:
            kinds = list_plain_kinds(kind)
            if _is_output(value):
                if any(get_origin(one) is Awaitable for one in parameters):
                    return self._check_size_once_known(parameters, value, place)
                kinds = [*filter(takes_outputs, kinds), *kinds][:1]
            return self.read(_choose_kind(kinds, value), value, place, secret=secret, described=described)
        if kind is Any:
            return value
        if dataclasses.is_dataclass(kind):
            return self._read_fields(kind, value, place)
        if origin is Literal:
            return value if value in parameters else self.note_wrong(place, value, kind, secret=secret)
        if _is_output(value) or not _is_of_kind(origin or kind, value):
            return self.note_wrong(place, value, described or kind, secret=secret)
        if origin is Mapping:
            names = [self.read(parameters[0], key, (*place, key)) for key in value]
            read = {key: self.read(parameters[1], one, (*place, key), secret=secret) for key, one in value.items()}
            return self._or_placeholder(read, [*names, *read.values()])
        if origin is Sequence:
            members = [self.read(parameters[0], one, (*place, at), secret=secret) for at, one in enumerate(value)]
            whole = self._or_placeholder(tuple(members), members)
            twice = [] if repeatable or whole is self.placeholder else find_repeated(members)
            secret = secret or SECRET in get_args(parameters[0])
            return self.note_repeated(place, whole, twice, secret=secret) if twice else whole
        return int(value) if kind is int else value

    def read_annotated(self, annotated: Any, value: Any, place: Place, secret: bool) -> Any:
        """Returns a value of an Annotated type, after the checks of the type's marks."""
        kind, *marks = get_args(annotated)
        secret = secret or SECRET in marks
        for mark in marks:
            value = mark.run(value) if isinstance(mark, Before) else value
        errors_before = len(self.errors)
        described = annotated if any(isinstance(mark, Check) for mark in marks) else None
        read = self.read(kind, value, place, secret=secret, repeatable=REPEATABLE in marks, described=described)
        if len(self.errors) > errors_before or read is self.placeholder:
            return read
        if _is_output(read):
            once_known = any(isinstance(mark, Check) and mark.outputs for mark in marks)
            return self._check_once_known(annotated, read, place, secret) if once_known else read
        if DISTINCT in marks and isinstance(read, Mapping) and (twice := find_repeated(read.values())):
            read = self.note_repeated(place, read, twice, secret=secret)
        for mark in marks:
            try:
                read = self.apply_mark(mark, read)
            except ValueError as error:
                return self.note_refused(place, read, annotated, mark, error, secret=secret)
        return read

    def _check_size_once_known(self, kinds: Sequence[Any], value: Any, place: Place) -> Any:
        """An output of a list that checks how many members it has once it is known. Without a limit, it is `value`."""
        limited = [kind for kind in kinds if any(isinstance(mark, Sized) for mark in get_args(kind)[1:])]
        if not limited:
            return value
        size = next(mark for mark in get_args(limited[0])[1:] if isinstance(mark, Sized))

        def check(known: Any) -> Any:
            if isinstance(known, Sequence) and not isinstance(known, str) and not size.fits(known):
                reader = Reader(self.component)
                reader.note_wrong(place, list(known), limited[0], secret=False)
                refuse(reader.errors)
            return known

        return pulumi.Output.from_input(value).apply(check)

    def _check_once_known(self, annotated: Any, value: Any, place: Place, secret: bool) -> "pulumi.Output[Any]":
        """An output that checks its value when it is known, and raises ArgumentError with the same message."""
        output: pulumi.Output[Any] = pulumi.Output.from_input(value)

        async def check(known: Any) -> Any:
            if known is None:
                return known
            reader = Reader(self.component)
            read = reader.read(annotated, known, place, secret=secret or await output.is_secret())
            refuse(reader.errors)
            return read

        return output.apply(check)

    def apply_mark(self, mark: Any, value: Any) -> Any:
        """Apply one mark to a value, and return the result. Raises ValueError if the mark refuses the value."""
        if isinstance(mark, Sized) and not mark.fits(value):
            raise ValueError
        if isinstance(mark, Form):
            return mark.run(value)
        if isinstance(mark, Check):
            mark.run(value)
        return value

    def _or_placeholder(self, whole: Any, parts: Iterable[Any]) -> Any:
        return self.placeholder if any(part is self.placeholder for part in parts) else whole

    def _read_fields(self, kind: Any, value: Any, place: Place) -> Any:
        keys = self.fields_by_key(kind)
        if isinstance(value, kind):
            # Defaults are left out, because some of them would not pass the checks of their own field.
            value = {
                key: part for key, field in keys.items() if (part := getattr(value, field.name)) is not field.default
            }
        if not isinstance(value, Mapping):
            return self.note_wrong(place, value, kind, secret=False)
        present = {key: part for key, part in value.items() if key in keys and not self.is_left_out(keys[key], part)}
        unknown = {key: self.find_nearest_key(key, kind, place) for key in value if key not in keys}
        for key in sorted(key for key, field in keys.items() if is_required(field) and key not in present):
            if key not in unknown.values():
                self.note_missing((*place, key), keys[key])
        read = {keys[key].name: self.read(keys[key].type, part, (*place, key)) for key, part in present.items()}
        for key, near in unknown.items():
            self.note_unknown((*place, key), near, kind)
        meant = {keys[near].name for near in unknown.values() if near in keys.keys() - present.keys()}
        return self.build(kind, read, meant)

    def fields_by_key(self, kind: Any) -> Mapping[str, "dataclasses.Field[Any]"]:
        """The fields of a dataclass, by the keys under which values are given."""
        return {field.name: field for field in dataclasses.fields(kind)}

    def build(self, kind: Any, read: Mapping[str, Any], _meant: Collection[str]) -> Any:
        """Returns the dataclass. `_meant`: fields whose keys were probably misspelled, for subclasses."""
        return self.placeholder if self.errors else kind(**read)

    def note_wrong(self, place: Place, value: object, kind: Any, *, secret: bool) -> Any:
        """Record the error for a value of the wrong type. Returns the placeholder."""
        if _is_output(value):
            remedy = "take an output of another stack by way of the config"
            return self._note(place, "an Output", f"a plain value: it decides what is declared; {remedy}")
        if get_origin(kind) is Literal:
            empty = "; an empty list for none" if value == "none" and isinstance(place[-1], int) else ""
            quoted = f"; quote it: '{value}'" if str(value) in get_args(kind) else ""
            return self._note(place, value, f"{describe_schema(build_schema(kind))}{empty}{quoted}")
        # A value in the place of a mapping of arguments may contain secrets, so it is not shown.
        secret = secret or (dataclasses.is_dataclass(kind) and value is not None)
        return self._note(place, HIDDEN_VALUE if secret else value, describe_schema(build_schema(kind)))

    def is_left_out(self, _field: "dataclasses.Field[Any]", part: object) -> bool:
        """Whether a key counts as omitted."""
        return part is None

    def find_nearest_key(self, _key: str, _kind: Any, _place: Place) -> str:
        """A hook for subclasses: returns the known key that an unknown key probably means, or an empty string.

        The known key then does not count as missing.
        """
        return ""

    def note_unknown(self, place: Place, _near_key: str, kind: Any) -> None:
        """Record the error for an unknown key."""
        self._note(place, HIDDEN_VALUE, suggest_key(str(place[-1]), sorted(self.fields_by_key(kind))))

    def note_missing(self, place: Place, _field: "dataclasses.Field[Any]") -> None:
        """Record the error that a required key is missing."""
        self._note(place, None, "it is required")

    def note_refused(self, place: Place, value: object, kind: Any, mark: Any, why: ValueError, *, secret: bool) -> Any:
        """Record the error for a value that a mark of its type refuses. Returns the placeholder."""
        allowed = describe_schema(build_schema(kind)) if is_limit(mark) else str(why)
        return self._note(place, HIDDEN_VALUE if secret else value, allowed)

    def note_repeated(self, place: Place, whole: Any, twice: Sequence[object], *, secret: bool) -> Any:
        """Record errors for members that occur more than once. Returns `whole`."""
        for member in twice:
            self._note(place, HIDDEN_VALUE if secret else member, "each member once; take the repetition out")
        return whole

    def _note(self, place: Place, got: object, want: str) -> Any:
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
        self.errors.append(ArgumentError(self.component, path or "args", got, want))
        return self.placeholder


def _choose_kind(kinds: Sequence[Any], value: object) -> Any:
    """Returns the type in a union that fits the value, or else the type that the error message describes."""
    literal = (one for one in kinds if get_origin(one) is Literal and value in get_args(one))
    text_or_list = isinstance(value, str | list | tuple)
    alike = (one for one in kinds if text_or_list == (find_plain_type(one) in (str, Sequence)))
    return next(literal, None) or next(alike, kinds[0])


def _is_of_kind(kind: type, value: object) -> bool:
    """Whether the value is of the type `kind`. isinstance is not enough: True is an int, and a str is a Sequence."""
    if isinstance(value, bool | str):
        return isinstance(value, kind) and kind in (bool, str)
    whole = isinstance(value, float) and value.is_integer()
    return (kind is int and whole) or isinstance(value, (int, float) if kind is float else kind)


def _is_output(value: object) -> bool:
    return isinstance(value, pulumi.Output) or inspect.isawaitable(value)


def suggest_key(key: str, known: Sequence[str]) -> str:
    """A suggestion for an unknown key: for `private_subnet_ids` it is `subnet_ids`."""
    near = [name for name in known if name in key]
    if len(near) == 1 and "_" not in near[0]:
        # `target_port` may mean `backend_port` as well as `port`.
        near += [name for name in known if name.endswith(f"_{near[0]}")]
    near = near or difflib.get_close_matches(key, known, n=1)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"known arguments: {', '.join(known)}"
