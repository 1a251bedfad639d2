"""How a component reads its arguments: all mistakes in them are refused together, before anything is registered."""

import dataclasses
import difflib
import inspect
import types
from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

import pulumi

from .argument_types import DISTINCT, REPEATABLE, SECRET, Check, repeated
from .faults import Fault

Arguments = TypeVar("Arguments")
Given: TypeAlias = Arguments | Mapping[str, Any]
"""What a component takes: its arguments, or a mapping of them."""
_NOT_SHOWN = "(not shown)"
_PLAIN: Any = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", Any: "any value"}


class ArgumentError(pulumi.RunError, pulumi.InputPropertyError):
    """An argument that the caller can fix. The CLI prints only the message of a RunError, without a traceback."""

    def __init__(self, component: str, key: str, got: object, want: str) -> None:
        self.component = component
        shown = got if got == _NOT_SHOWN else repr(list(got) if isinstance(got, tuple) else got)
        reason = f"got {shown}; {want}"
        pulumi.InputPropertyError.__init__(self, key, reason)
        Exception.__init__(self, f"{component}: {key}: {reason}")


class ArgumentErrors(pulumi.RunError, pulumi.InputPropertiesError):
    """Several arguments that the caller can fix, shown like one."""

    def __init__(self, errors: Sequence[ArgumentError]) -> None:
        self.single = errors
        details = [
            pulumi.InputPropertyErrorDetails(property_path=error.property_path, reason=error.reason) for error in errors
        ]
        pulumi.InputPropertiesError.__init__(self, "\n".join(map(str, errors)), details)


def refuse(errors: Iterable[ArgumentError]) -> None:
    """Raises what there is: nothing, one ArgumentError, or all of them as one ArgumentErrors."""
    listed = list(errors)
    if len(listed) > 1:
        raise ArgumentErrors(listed)
    if listed:
        raise listed[0]


def as_errors(component: str, faults: Iterable[Fault]) -> Iterable[ArgumentError]:
    """Mistakes as the component reports them."""
    for key, got, allowed, remedy in faults:
        yield ArgumentError(component, key, got, f"{allowed}; {remedy}" if remedy else allowed)


def resolve(kind: type[Arguments], args: Arguments | Mapping[str, Any]) -> Arguments:
    """`args`, an instance of the dataclass `kind` or a mapping of its fields, with everything in it as its type says.

    Raises ArgumentError or ArgumentErrors for keys that the component does not know or cannot do without, for values of
    the wrong type, and then for what its `faults` finds in values that are sound by themselves.
    """
    component = kind.__name__.removesuffix("Args")
    reader = _Reader(component)
    resolved: Arguments = reader.read(kind, args, "")
    refuse(reader.errors)
    find = getattr(resolved, "faults", None)
    refuse(as_errors(component, find() if find else ()))
    return resolved


def frozen(kind: Any, value: Any) -> Any:
    """`value`, a mapping that was read already, as the dataclass `kind`; its fields likewise, and lists as tuples."""
    origin, parameters = get_origin(kind), get_args(kind)
    if origin in (Annotated, Union, types.UnionType):
        return frozen(parameters[0], value)
    if dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
        kinds = {field.name: field.type for field in dataclasses.fields(kind)}
        return kind(**{key: frozen(kinds[key], one) for key, one in value.items()})  # type: ignore[operator] # a class
    if origin is Sequence and isinstance(value, Sequence):
        return tuple(frozen(parameters[0], part) for part in value)
    if origin is Mapping and isinstance(value, Mapping):
        return {key: frozen(parameters[1], part) for key, part in value.items()}
    return value


def required(field: "dataclasses.Field[Any]") -> bool:
    """Whether a field has no default."""
    return field.default is field.default_factory is dataclasses.MISSING


class _Reader:
    """Reads values by the annotations of a dataclass, and keeps the mistakes."""

    def __init__(self, component: str) -> None:
        self.component = component
        self.errors: list[ArgumentError] = []

    def read(self, kind: Any, value: Any, path: str, *, secret: bool = False, repeatable: bool = False) -> Any:
        """`value` without what is None, and with whole numbers as such: the component provider gives floats."""
        origin, parameters = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self._checked(parameters, value, path, secret)
        if origin in (Union, types.UnionType):
            inner = next((get_args(one)[0] for one in parameters if get_origin(one) is Awaitable), None)
            if inner is not None and _comes_later(value):
                return value
            return self.read(inner or parameters[0], value, path, secret=secret)
        if kind is Any:
            return value
        if _comes_later(value):
            return self._refused(path, "an Output", "a plain value: it decides what is declared")
        if dataclasses.is_dataclass(kind):
            return self._fields(kind, value, path)
        if origin is Literal:
            if value not in parameters:
                empty = "; an empty list for none" if value == "none" and path.endswith("]") else ""
                quoted = f"; quote it: '{value}'" if str(value) in parameters else ""
                self._refused(path, value, f"{_words(kind)}{empty}{quoted}")
            return value
        if not _fits(origin or kind, value):
            return self._refused(path, _NOT_SHOWN if secret else value, _words(kind))
        if origin is Mapping:
            return {key: self.read(parameters[1], one, _under(path, key), secret=secret) for key, one in value.items()}
        if origin is Sequence:
            read = [self.read(parameters[0], member, f"{path}[{at}]", secret=secret) for at, member in enumerate(value)]
            if not repeatable:
                self._distinct(path, read, secret or SECRET in get_args(parameters[0]))
            return tuple(read)
        return int(value) if kind is int else value

    def _distinct(self, path: str, members: Iterable[object], secret: bool) -> None:
        for member in repeated(members):
            self._refused(path, _NOT_SHOWN if secret else member, "each member once; take the repetition out")

    def _checked(self, parameters: Sequence[Any], value: Any, path: str, secret: bool) -> Any:
        """A value of an Annotated type."""
        kind, *marks = parameters
        secret = secret or SECRET in marks
        before = len(self.errors)
        read = self.read(kind, value, path, secret=secret, repeatable=REPEATABLE in marks)
        if DISTINCT in marks and isinstance(read, Mapping):
            self._distinct(path, read.values(), secret)
        if len(self.errors) == before and not _comes_later(value):
            for check in (mark for mark in marks if isinstance(mark, Check)):
                try:
                    check.run(read)
                except ValueError as error:
                    self._refused(path, _NOT_SHOWN if secret else read, str(error))
        return read

    def _fields(self, kind: Any, value: Any, path: str) -> Any:
        fields = {field.name: field for field in dataclasses.fields(kind)}
        if isinstance(value, kind):
            # A default may be a value that nobody can give.
            value = {name: part for name, part in vars(value).items() if part is not fields[name].default}
        if not isinstance(value, Mapping):
            # Only what is known by its name is known to be no secret.
            return self._refused(path or "args", None if value is None else _NOT_SHOWN, _words(kind))
        before = len(self.errors)
        for key in value:
            if key not in fields:
                self._refused(_under(path, key), _NOT_SHOWN, _near(str(key), sorted(fields)))
        for key in sorted(key for key, field in fields.items() if required(field) and value.get(key) is None):
            self._refused(_under(path, key), None, "it is required")
        written = {key: part for key, part in value.items() if key in fields and part is not None}
        read = {key: self.read(fields[key].type, part, _under(path, key)) for key, part in written.items()}
        return kind(**read) if len(self.errors) == before else None

    def _refused(self, path: str, got: object, want: str) -> None:
        self.errors.append(ArgumentError(self.component, path, got, want))


def _words(kind: Any) -> str:
    """The values that a type allows."""
    origin, parameters = get_origin(kind), get_args(kind)
    if dataclasses.is_dataclass(kind):
        return f"a mapping of {', '.join(sorted(field.name for field in dataclasses.fields(kind)))}"
    if origin is Literal:
        return f"one of {', '.join(map(str, parameters))}"
    if origin is Mapping:
        return f"a mapping, each value {_words(parameters[1])}"
    if origin is Sequence:
        return f"a list, each item {_words(parameters[0])}"
    checked = (mark.words for mark in parameters[1:] if isinstance(mark, Check) and mark.words)
    return _PLAIN.get(kind) or next(checked, "") or _words(parameters[0])


def _fits(kind: type, value: object) -> bool:
    """Whether a plain value, a list or a mapping is of a type. To Python, True is an int, and a text a sequence."""
    if isinstance(value, bool | str):
        return isinstance(value, kind) and kind in (bool, str)
    whole = isinstance(value, float) and value.is_integer()
    return (kind is int and whole) or isinstance(value, (int, float) if kind is float else kind)


def _comes_later(value: object) -> bool:
    return isinstance(value, pulumi.Output) or inspect.isawaitable(value)


def _under(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _near(key: str, known: Sequence[str]) -> str:
    """The key that an unknown one may mean: `subnet_ids` by `private_subnet_ids`."""
    near = [name for name in known if name in key]
    if len(near) == 1 and "_" not in near[0]:
        # `target_port` may mean `backend_port` as well as `port`.
        near += [name for name in known if name.endswith(f"_{near[0]}")]
    near = near or difflib.get_close_matches(key, known, n=1)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else f"known arguments: {', '.join(known)}"


def inputs(args: Any, secrets: Collection[str] = ()) -> dict[str, Any]:
    """`args` as a component's inputs, with the values of the keys in `secrets` marked as secret, however deep.

    The engine writes a component's inputs into the state: what is not marked would be there in plain text.
    """
    return {key: _input(value, key in secrets, secrets) for key, value in given(args).items()}


def given(args: Any) -> Mapping[str, Any]:
    """Arguments by name: a mapping as it is, and of a dataclass the fields that have a value."""
    if isinstance(args, Mapping):
        return args
    return {field.name: value for field in dataclasses.fields(args) if _is_given(value := getattr(args, field.name))}


def _is_given(value: object) -> bool:
    return value is not None and not (isinstance(value, str | tuple | list | Mapping) and not value)


def _input(value: Any, marked: bool, secrets: Collection[str]) -> Any:
    if isinstance(value, Mapping) or dataclasses.is_dataclass(value):
        return {key: _input(part, marked or key in secrets, secrets) for key, part in given(value).items()}
    if isinstance(value, list | tuple) and any(map(dataclasses.is_dataclass, value)):
        value = [_input(part, False, secrets) for part in value]
    return pulumi.Output.secret(value) if marked else value


def first(ids: pulumi.Input[Sequence[pulumi.Input[str]]]) -> pulumi.Output[str]:
    """The first of several ids. Of a list it is known before the others are."""
    if isinstance(ids, Sequence):
        return pulumi.Output.from_input(ids[0])
    together: pulumi.Output[Sequence[str]] = pulumi.Output.from_input(ids)  # type: ignore[arg-type] # awaitables too
    return together.apply(lambda known: known[0])
